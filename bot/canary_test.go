package bot_test

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// TestCanaries: a word that people write anywhere is never stored, logged or
// repeated, however the delivery ends.
func TestCanaries(t *testing.T) {
	const canary = "canary-7f3a9"
	w := newWorld(t, setup{})
	n, err := w.repo.OpenIssue("ann", bottest.Draft{
		Title:  "Title " + canary,
		Body:   body(canary+"@example.org", "My password is "+canary) + "\n### " + canary + "\n\n" + canary,
		Labels: []string{w.rules.Requests.Label, "label-" + canary},
	})
	w.must(err)
	w.settle()
	w.later(time.Minute)
	w.must(w.repo.Label(n, "ada", "other-"+canary))
	w.must(w.repo.EditTitle(n, "ann", "New "+canary))
	for _, c := range [][2]string{
		{"ann", "My password is " + canary},
		{"ann", "/" + canary},
		{"ann", "/" + canary + " " + canary},
		{"ann", "/username " + canary + " or-not"},
		{"ann", "/username " + canary + "@example.org"},
		{"ann", "/help " + canary},
		{"ann", "/status\n\n" + canary},
		{"hal", "/ask " + canary},
		{"hal", "Please do not write " + canary},
		{"ada", "/deny " + canary},
		{"ada", "/assign " + canary + "!"},
		{"mallory", "/complete " + canary},
		{"mallory", canary},
	} {
		id := w.say(n, c[0], c[1])
		w.later(time.Minute)
		w.must(w.repo.EditComment(id, c[0], c[1]+" "+canary))
		w.settle()
	}
	for _, f := range []bottest.Fault{
		{Status: 500, On: "GET issue"},
		{Status: 422, On: "GET comment", Times: 5},
		{Status: 422, On: "POST reaction", Times: 5},
		{Kind: bottest.FaultCut, On: "GET comment", Times: 2},
	} {
		w.fake.Fail(f)
	}
	w.say(n, "ann", "/"+canary)
	w.soon()
	w.soon()
	w.fake.Send("issues", []byte(`{"action":"`+canary+`"}`))
	w.fake.Send(canary, []byte(`{"`+canary))
	w.later(time.Hour)
	w.must(w.bot.Reconcile(w.Context()))
	w.settle()

	seen := map[string][]byte{"the log": []byte(w.log.String())}
	for _, file := range []string{w.path, w.path + "-wal"} {
		b, err := os.ReadFile(file)
		w.must(err)
		seen[file[strings.LastIndex(file, "/"):]] = b
	}
	var ours strings.Builder
	for _, c := range w.ours(n) {
		ours.WriteString(c.Body)
	}
	seen["our comments"] = []byte(ours.String())
	for where, text := range seen {
		if len(text) < 500 {
			t.Errorf("%s has only %d bytes: nothing can be learnt from it", where, len(text))
		}
		if i := bytes.Index(text, []byte(canary)); i >= 0 {
			t.Errorf("%s repeats what people wrote: %q", where, text[max(0, i-100):min(len(text), i+50)])
		}
	}
}
