package policy_test

import (
	"testing"

	"github.com/recoverybot/recoverybot/policy"
)

// TestStaleClosesNothing decides on a snapshot that is known to be old: that
// it is closed there, or has no intake label, ends nothing.
func TestStaleClosesNothing(t *testing.T) {
	r := oddRules(t)
	q := oddRequest(t, r)
	q.Issue.Open, q.Issue.Labels, q.Facts.Stale = false, nil, true
	got := oddDecide(r, q, policy.Event{Kind: policy.Tick}, oddStart())
	if got.Memory.State != policy.Triage {
		t.Errorf("got %q, want triage", got.Memory.State)
	}
	got.Issue.Open, got.Issue.Labels, got.Facts.Stale = true, []string{r.Requests.Label}, false
	if got = oddDecide(r, got, policy.Event{Kind: policy.Seen}, oddStart()); len(got.Memory.Flags) != 0 {
		t.Errorf("after a fresh snapshot: got flags %v, want none", got.Memory.Flags)
	}
}
