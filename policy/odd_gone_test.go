package policy_test

import (
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// TestGoneWakesNoMore ends a request while a notification waits for the limit,
// and then the issue is deleted: nothing may wake it again.
func TestGoneWakesNoMore(t *testing.T) {
	r := oddRules(t)
	q := oddRequest(t, r)
	for i := range 10 {
		q = oddDecide(r, q, oddCommand(oddAuthor, int64(100+i), "deny"), oddStart())
	}
	q = oddDecide(r, q, oddCommand(oddAgent, 200, "deny", "abuse"), oddStart())
	if q.Memory.State != policy.Denied || len(q.Memory.Held) == 0 || q.Memory.WakeAt.IsZero() {
		t.Fatalf("got state %q, %d held, wake at %v: want denied with a notification that waits", q.Memory.State, len(q.Memory.Held), q.Memory.WakeAt)
	}
	got := r.Decide(q, policy.Event{Kind: policy.Gone}, q.Memory.WakeAt.Add(time.Hour)).Memory
	if !got.WakeAt.IsZero() || len(got.Held) != 0 {
		t.Errorf("after the issue is gone: wake at %v with %d held, want neither", got.WakeAt, len(got.Held))
	}
}
