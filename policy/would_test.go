package policy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWould tells a decision with each kind of effect: nothing of it names a
// person, and nothing is told twice.
func TestWould(t *testing.T) {
	d := Decision{
		Reasons: []Reason{{Code: "command", Args: []string{"ask"}}, {Code: "command"}, {Code: "turn"}},
		Effects: []Effect{
			Comment{Name: "status", Text: Text{Name: TextStatus}},
			Comment{Name: "notify:3", Text: Text{Name: TextReminder, Author: "ann"}},
			Labels{Add: []string{"a", "b"}, Remove: []string{"c"}},
			Close{Reason: "completed"},
			Reopen{},
			React{Comment: 7, Content: "eyes"},
			Mask{},
			Mask{Comment: 7},
			Assign{Add: []string{"ada"}},
			Desk{Open: true},
			Comment{Name: "notify:4", Desk: true, Text: Text{Name: TextDigest}},
			React{Content: "+1", Desk: true},
			Desk{},
		},
	}
	want := []Would{
		{WouldRule, "command"},
		{WouldRule, "turn"},
		{WouldStatus, ""},
		{WouldNotify, string(TextReminder)},
		{WouldLabel, "+a"},
		{WouldLabel, "+b"},
		{WouldLabel, "-c"},
		{WouldClose, "completed"},
		{WouldReopen, ""},
		{WouldReact, "eyes"},
		{WouldMask, "issue"},
		{WouldMask, "comment"},
		{WouldAssign, ""},
		{WouldDesk, "issue"},
		{WouldDesk, string(TextDigest)},
		{WouldDesk, "+1"},
	}
	got := d.Would()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	kinds := map[WouldKind]bool{}
	for _, w := range got {
		kinds[w.Kind] = true
	}
	for _, k := range WouldKinds() {
		if !kinds[k] {
			t.Errorf("no effect of kind %s", k)
		}
	}
	if got := wouldOf(nil); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}
