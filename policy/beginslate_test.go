package policy

import (
	"slices"
	"testing"
)

// TestOldCommentsAreRead (security requirement 12): where an issue becomes a
// request late, what its comments hold is read.
func TestOldCommentsAreRead(t *testing.T) {
	rules := twoRegistries(t)
	for _, s := range []State{None, Ignored} {
		w := brought(t, rules, s)
		w.memory.Intake = false // the label was taken off
		w.issue.Labels = append(slices.Clone(w.issue.Labels), rules.Requests.Label)
		for _, kind := range []EventKind{Labeled, Seen} {
			q, ev := w.request(Event{Kind: kind, Actor: whois("hal")})
			if !rules.Needs(q, ev).LastWord {
				t.Errorf("%q, %s: the comments are not read", s, kind)
			}
		}
	}
	w := brought(t, rules, Triage)
	if q, ev := w.request(Event{Kind: Labeled, Actor: whois("hal")}); rules.Needs(q, ev).LastWord {
		t.Error("the comments of a request are read again")
	}
}
