package policy_test

import (
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// TestFloodOfCommands writes a thousand comments and commands within an hour:
// what the bot writes is bounded, and it forgets them the day after.
func TestFloodOfCommands(t *testing.T) {
	r := oddRules(t)
	for name, ev := range map[string]policy.Event{
		"the requester's /status": oddCommand(oddAuthor, 100, "status"),
		"the requester's /help":   oddCommand(oddAuthor, 100, "help"),
		"a stranger's /help":      oddCommand(99, 100, "help"),
		"the requester's bumps":   {Kind: policy.Commented, Actor: policy.Actor{ID: oddAuthor}, Comment: 100},
	} {
		q := oddRequest(t, r)
		q.Form = r.Form(q.Issue)
		effects := 0
		for i := range 1000 {
			d := r.Decide(q, ev, oddStart().Add(time.Duration(i)*3*time.Second))
			q.Memory = d.Memory
			effects += len(d.Effects)
		}
		if effects == 0 || effects > 60 {
			t.Errorf("%s: got %d effects, want some, and 60 at most", name, effects)
		}
		if d := r.Decide(q, ev, oddStart().Add(26*time.Hour)); len(d.Effects) == 0 {
			t.Errorf("%s: a day later there is no answer", name)
		}
	}
}
