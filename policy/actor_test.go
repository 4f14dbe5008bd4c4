package policy_test

import (
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/policy"
)

// TestOldLogin lets somebody else act under the login that the requester has,
// as after a renaming: nothing of the requester's is theirs.
func TestOldLogin(t *testing.T) {
	r := exampleRules()
	q := triaged(r)
	q.Issue.Author.Login = "ann"
	q.Form = r.Form(q.Issue)
	for name, ev := range map[string]policy.Event{
		"a command": commanded(99, 100, "withdraw"),
		"a comment": {Kind: policy.Commented, Comment: 100},
		"closing":   {Kind: policy.ClosedHand},
	} {
		ev.Actor = policy.Actor{ID: 99, Login: "ann"}
		q := q
		if ev.Kind == policy.ClosedHand {
			q.Issue.Open, q.Issue.ClosedBy = false, 0
		}
		d := r.Decide(q, ev, firstDay())
		want := policy.Triage
		if ev.Kind == policy.ClosedHand {
			want = policy.Closed
		}
		if d.Memory.State != want || len(d.Memory.Receipts) > 0 {
			t.Errorf("%s: got %q, receipts %v; want %q, and none", name, d.Memory.State, d.Memory.Receipts, want)
		}
	}
}

// TestUnverifiedKeepsNoText gives a command with a made-up name while nobody
// can be checked: the name is a stranger's text, and gets no answer.
func TestUnverifiedKeepsNoText(t *testing.T) {
	r := exampleRules()
	q := triaged(r)
	q.Form = r.Form(q.Issue)
	for name, effects := range map[string]int{"canary-0123456789abcdef": 0, "help": 0, "withdraw": 0, "deny": 2} {
		ev := commanded(99, 100, name)
		ev.Kind = policy.Unverified
		d := r.Decide(q, ev, firstDay())
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
