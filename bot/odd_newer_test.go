package bot_test

import (
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// TestLabelNotThereYet reads an issue without our label, before and after our
// own last write to it shows: only then was the label taken away.
func TestLabelNotThereYet(t *testing.T) {
	const label = "recovery: triage"
	for name, c := range map[string]struct {
		wrote    time.Duration // our last write, after the snapshot
		pending  []policy.Effect
		restored bool
	}{
		"the snapshot is older than our write":  {time.Second, nil, false},
		"the snapshot is as old as our write":   {0, nil, false},
		"the snapshot is newer than our write":  {-time.Second, nil, true},
		"a write of ours is not made by now":    {-time.Second, []policy.Effect{policy.React{Comment: 1, Content: "eyes"}}, false},
		"the label itself is about to be added": {-time.Second, []policy.Effect{policy.Labels{Add: []string{label}}}, false},
	} {
		s := &oddStore{work: bot.Work{
			Case: bot.Case{
				Ref: oddRef(), LastWrite: oddNow().Add(c.wrote), Pending: c.pending,
				Memory: policy.Memory{State: policy.Triage, Turn: policy.Staff, Since: oddNow(), Label: label},
			},
			Delivery: &bot.Delivery{
				ID: 1, Event: "reconcile", Action: "seen", ObjectID: 501, ObjectUpdatedAt: oddNow(), ReceivedAt: oddNow(),
			},
		}}
		g := oneIssue{&oddGitHub{}, policy.Issue{
			ID: 501, Number: 7, Open: true, Author: policy.Actor{ID: 11, Login: "ann"},
			CreatedAt: oddNow(), UpdatedAt: oddNow(), Public: true,
		}}
		b := oddBot(t, s, g.oddGitHub)
		b.GitHub = g
		if _, err := b.StepCase(t.Context(), oddRef().CaseKey); err != nil {
			t.Fatal(err)
		}
		if len(s.results) != 1 {
			t.Fatalf("%s: got %d decisions and pauses %v, want one decision", name, len(s.results), s.pauses)
		}
		if got := s.results[0].Decision.Memory.Restored; got != c.restored {
			t.Errorf("%s: restored %v, want %v; effects %v", name, got, c.restored, s.results[0].Decision.Effects)
		}
	}
}
