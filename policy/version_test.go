package policy_test

import (
	"testing"

	"github.com/recoverybot/recoverybot/policy"
)

// TestVersionOfTheLastDecision changes the policy between two decisions: what
// is remembered says which one took the last.
func TestVersionOfTheLastDecision(t *testing.T) {
	r := exampleRules()
	q := triaged(r)
	if got := q.Memory.Policy; got == "" || got != r.Version {
		t.Errorf("a new request: got version %q, want %q", got, r.Version)
	}
	for name, ev := range map[string]policy.Event{
		"a tick":                     {Kind: policy.Tick},
		"an issue that is gone":      {Kind: policy.Gone},
		"a comment":                  {Kind: policy.Commented, Actor: policy.Actor{ID: annID}, Comment: 100},
		"a command that is refused":  commanded(adaID, 101, "deny"),
		"a command that is obeyed":   commanded(adaID, 102, "ignore"),
		"something by somebody else": {Kind: policy.Commented, Actor: policy.Actor{ID: 99}, Comment: 103},
	} {
		q.Memory.Policy = "before"
		if got := decided(r, q, ev, firstDay()).Memory.Policy; got != r.Version {
			t.Errorf("%s: got version %q, want %q", name, got, r.Version)
		}
	}
}
