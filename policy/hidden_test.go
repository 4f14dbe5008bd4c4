package policy

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/parser"
)

// Whatever hidden characters people write, in a title, an answer, a comment, a
// command or a login, nothing that staff or anybody else reads has one: no
// text, no title at the desk, no effect or reason as a log shows it, and nothing
// that is remembered and printed by the queue.
func TestNothingHiddenIsShown(t *testing.T) {
	rules := withDesk(twoRegistries(t))
	bodies := storyBodies(t)
	hidden := []string{
		"\u200b", "\u200d", "\u202e", "\u2066", "\ufeff", "\u00ad", "\u061c", "\U000e0041", "\ufe0f", "\u034f", "\u3164", "\u2800",
		"\u00a0", "\u2028", "\ue000", "\x1b", "\x07", "\r", "\u0430", "\uff41",
	}
	rapid.Check(t, func(t *rapid.T) {
		dirty := func(name, text string) string {
			at := rapid.IntRange(0, len(text)).Draw(t, name)
			return text[:at] + rapid.SampledFrom(hidden).Draw(t, name+" hides") + text[at:]
		}
		w := newWorld(rules, time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
		ann := whois("ann")
		ann.Login = dirty("login", "ann")
		body := bodies[rapid.SampledFrom([]string{"complete", "hacked", "no-name", "email-as-name"}).Draw(t, "body")]
		for i := range rapid.IntRange(1, 6).Draw(t, "places") {
			body = dirty(fmt.Sprint("body", i), body)
		}
		w.open(ann, body, rules.Requests.Label)
		w.issue.Title = dirty("title", "Account recovery")
		shown := func(d Decision) { nothingHidden(t, rules, d) }
		shown(w.hand(w.touch(ann, Opened)))
		for _, line := range []string{"/username jbber", "/registry testpypi", "/kind compromised", "/usernam x", "/assign hal", "/ask detail", "/deny abuse"} {
			who := ann
			if rapid.Bool().Draw(t, "staff") {
				who = whois("ada")
				who.Login = dirty("their login", "ada")
			}
			w.now = w.now.Add(time.Minute)
			shown(w.hand(w.says(who, dirty("line", line))))
		}
	})
}

// nothingHidden looks at everything that a decision brings before people.
func nothingHidden(t *rapid.T, rules *Rules, d Decision) {
	var all []string
	for _, e := range d.Effects {
		all = append(all, e.String())
		if text := textOf(e); text.Name != "" {
			body, err := rules.Render(text)
			if err != nil {
				t.Fatal(err)
			}
			all = append(all, body, rules.RenderTitle(text))
		}
		if a, ok := e.(Assign); ok {
			all = append(all, a.Add...)
		}
	}
	for _, r := range d.Reasons {
		all = append(all, r.String())
	}
	remembered, err := json.Marshal(d.Memory)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range append(all, string(remembered)) {
		if i := strings.IndexFunc(text, parser.Hidden); i >= 0 || parser.Visible(text) != text {
			t.Fatalf("a hidden character at %d of\n%+q", i, text)
		}
	}
}
