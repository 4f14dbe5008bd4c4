package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/bot/webhook"
)

// Each delivery is another one, GitHub's in size and form, and the webhook
// takes it in; so does the baseline. One third opens issues.
func TestLoad(t *testing.T) {
	l, err := newLoad()
	if err != nil {
		t.Fatal(err)
	}
	const all = 300
	l.sign(all)
	clock := func() time.Time { return time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC) }
	st, err := store.Open(t.Context(), store.Options{Database: ":memory:", Clock: clock})
	if err != nil {
		t.Fatal(err)
	}
	defer st.Close()
	hook, err := newHook(st, clock)
	if err != nil {
		t.Fatal(err)
	}
	events := map[string]int{}
	for n := range all {
		var raw []byte
		raw, template := l.body(n, raw)
		var payload struct{ Action string }
		if err := json.Unmarshal(raw, &payload); err != nil {
			t.Fatal(err)
		}
		events[template.event+"."+payload.Action]++
		if size := len(raw); size < 9_000 || size > 15_000 {
			t.Errorf("a delivery has %d bytes, GitHub's have about 11,000", size)
		}
		for name, h := range map[string]http.Handler{baseline: http.HandlerFunc(verifyOnly), "the webhook": hook} {
			r := httptest.NewRequest(http.MethodPost, "/webhook", bytes.NewReader(raw))
			r.Header.Set("Content-Type", "application/json")
			r.Header.Set("X-GitHub-Event", template.event)
			r.Header.Set("X-GitHub-Delivery", fmt.Sprint(n))
			r.Header.Set("X-Hub-Signature-256", fmt.Sprintf("sha256=%x", l.macs[n]))
			w := httptest.NewRecorder()
			if h.ServeHTTP(w, r); w.Code != http.StatusAccepted {
				t.Fatalf("delivery %d: %s answered %d %s", n, name, w.Code, w.Body)
			}
		}
	}
	if got := fmt.Sprint(events); got != "map[issue_comment.created:66 issue_comment.edited:67 issues.edited:67 issues.opened:100]" {
		t.Errorf("got %s", got)
	}
	if added := hook.Counts()[webhook.Added]; added != all {
		t.Errorf("%d of %d were added", added, all)
	}
}

func TestQuantile(t *testing.T) {
	s := sent{count: 4, span: 2 * time.Second, took: []time.Duration{1, 2, 3, 4}}
	if p50, p99 := s.quantile(0.5), s.quantile(0.99); p50 != 3 || p99 != 4 || s.rate() != 2 {
		t.Errorf("got %d, %d at a rate of %v, want 3, 4 and 2", p50, p99, s.rate())
	}
	if got := median([]int{5, 1, 3}, func(n int) int { return n }); got != 3 {
		t.Errorf("got median %d, want 3", got)
	}
}

// What a server used is what its first process, the children of that, and those
// that have ended used, whatever their names are.
func TestOfFamily(t *testing.T) {
	// Fields 14 to 17 of proc(5), of which the last two are of children that have ended.
	const rest = " S %d 1 1 0 -1 4194304 10 20 30 40 100 20 3 4 20 0 1 0 500 1000 100"
	for _, c := range []struct {
		line string
		want int64
	}{
		{fmt.Sprintf("70 (postgres)"+rest, 1), 127},
		{fmt.Sprintf("71 (a) R 9 (b c)"+rest, 70), 120},
		{fmt.Sprintf("72 (postgres)"+rest, 7), 0},
	} {
		if got, err := ofFamily(c.line, 70); err != nil || got != c.want {
			t.Errorf("%s: got %d and %v, want %d", c.line, got, err, c.want)
		}
	}
	if _, err := ofFamily("70 (postgres) S 1", 70); err == nil {
		t.Error("a line with too few fields has no error")
	}
}
