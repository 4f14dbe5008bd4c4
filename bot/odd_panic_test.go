package bot_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// TestPanicTellsNothing panics while a delivery is decided: that delivery
// waits and counts the failure, and nothing of what the panic said is stored.
func TestPanicTellsNothing(t *testing.T) {
	s := &oddStore{work: bot.Work{
		Case:     bot.Case{Ref: oddRef()},
		Delivery: &bot.Delivery{ID: 1, Event: "issues", Action: "opened", ObjectID: 501, SenderID: 11, ObjectUpdatedAt: oddNow(), ReceivedAt: oddNow()},
	}}
	b := oddBot(t, s, nil)
	b.GitHub = oneIssue{&oddGitHub{}, policy.Issue{ID: 501, Number: 7, Open: true, CreatedAt: oddNow(), UpdatedAt: oddNow()}}
	b.Rules.Requests.Generations = nil // which no policy can have: reading the form panics
	if _, err := b.StepCase(t.Context(), oddRef().CaseKey); err != nil {
		t.Fatal(err)
	}
	for i := range s.pauses {
		s.pauses[i].Until = s.pauses[i].Now
	}
	want := []bot.Pause{{Until: oddNow(), Now: oddNow(), Class: "deciding panicked", Counted: true}}
	if diff := cmp.Diff(want, s.pauses); diff != "" || len(s.results) > 0 {
		t.Errorf("%d decisions, want none; pauses (-want +got):\n%s", len(s.results), diff)
	}
}
