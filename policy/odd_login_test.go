package policy_test

import (
	"testing"

	"github.com/recoverybot/recoverybot/policy"
)

// TestOldLogin lets somebody else act under the login that the requester has,
// as after a renaming: nothing of the requester's is theirs.
func TestOldLogin(t *testing.T) {
	r := oddRules(t)
	q := oddRequest(t, r)
	q.Issue.Author.Login = "ann"
	q.Form = r.Form(q.Issue)
	for name, ev := range map[string]policy.Event{
		"a command": oddCommand(99, 100, "withdraw"),
		"a comment": {Kind: policy.Commented, Comment: 100},
		"closing":   {Kind: policy.ClosedHand},
	} {
		ev.Actor = policy.Actor{ID: 99, Login: "ann"}
		q := q
		if ev.Kind == policy.ClosedHand {
			q.Issue.Open, q.Issue.ClosedBy = false, 0
		}
		d := r.Decide(q, ev, oddStart())
		want := policy.Triage
		if ev.Kind == policy.ClosedHand {
			want = policy.Closed
		}
		if d.Memory.State != want || len(d.Memory.Receipts) > 0 {
			t.Errorf("%s: got %q, receipts %v; want %q, and none", name, d.Memory.State, d.Memory.Receipts, want)
		}
	}
}
