package policy_test

import (
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/policy"
)

// TestUnverifiedKeepsNoText gives a command with a made-up name while nobody
// can be checked: the name is a stranger's text, and gets no answer.
func TestUnverifiedKeepsNoText(t *testing.T) {
	r := oddRules(t)
	q := oddRequest(t, r)
	q.Form = r.Form(q.Issue)
	for name, effects := range map[string]int{"canary-0123456789abcdef": 0, "help": 0, "withdraw": 0, "deny": 2} {
		ev := oddCommand(99, 100, name)
		ev.Kind = policy.Unverified
		d := r.Decide(q, ev, oddStart())
		if len(d.Effects) != effects {
			t.Errorf("/%s: got effects %v, want %d", name, d.Effects, effects)
		}
		for _, reason := range d.Reasons {
			if strings.Contains(reason.String(), "canary") {
				t.Errorf("/%s: the reason %s repeats it", name, reason)
			}
		}
	}
}
