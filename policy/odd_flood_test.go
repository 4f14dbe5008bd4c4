package policy_test

import (
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// TestFloodOfCommands writes a thousand comments and commands within an hour:
// what the bot writes is bounded, and it forgets them the day after.
func TestFloodOfCommands(t *testing.T) {
	r := oddRules(t, "languages: [en, es]")
	others := map[string][]string{"kind": {"lost-email", "lost-2fa"}, "language": {"es", "en"}, "username": {"ann", "bob"}}
	for name, ev := range map[string]policy.Event{
		"the requester's /status":   oddCommand(oddAuthor, 100, "status"),
		"the requester's /help":     oddCommand(oddAuthor, 100, "help"),
		"a stranger's /help":        oddCommand(99, 100, "help"),
		"the requester's /kind":     oddCommand(oddAuthor, 100, "kind", "lost-email"),
		"the requester's /registry": oddCommand(oddAuthor, 100, "registry", "pypi"),
		"the requester's /language": oddCommand(oddAuthor, 100, "language", "es"),
		"the requester's /username": oddCommand(oddAuthor, 100, "username", "ann"),
		"the requester's bumps":     {Kind: policy.Commented, Actor: policy.Actor{ID: oddAuthor}, Comment: 100},
	} {
		q := oddRequest(t, r)
		q.Form = r.Form(q.Issue)
		effects := 0
		for i := range 1000 {
			if words := others[ev.Command.Name]; words != nil {
				ev.Command.Args = words[i%2 : i%2+1]
			}
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

// TestFloodLeavesRoom lets strangers call for help all day: the requester still
// gets a receipt, and a stranger one no more.
func TestFloodLeavesRoom(t *testing.T) {
	r := oddRules(t)
	q := oddRequest(t, r)
	q.Form = r.Form(q.Issue)
	for i := range 100 {
		q.Memory = r.Decide(q, oddCommand(99, int64(100+i), "help"), oddStart()).Memory
	}
	if d := r.Decide(q, oddCommand(99, 300, "help"), oddStart()); len(d.Effects) > 0 {
		t.Errorf("the stranger's next: got %v, want nothing", d.Effects)
	}
	for name, ev := range map[string]policy.Event{
		"the requester's comment": {Kind: policy.Commented, Actor: policy.Actor{ID: oddAuthor}, Comment: 301},
		"a command of staff":      oddCommand(oddAgent, 302, "assign", "ada"),
	} {
		d := r.Decide(q, ev, oddStart())
		if _, ok := first(d.Effects).(policy.React); !ok {
			t.Errorf("%s: got %v, want a receipt first", name, d.Effects)
		}
	}
}

// first is nil where there is none.
func first(effects []policy.Effect) policy.Effect {
	if len(effects) == 0 {
		return nil
	}
	return effects[0]
}
