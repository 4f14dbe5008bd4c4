package policy_test

import (
	"testing"

	"github.com/recoverybot/recoverybot/policy"
)

// TestEditLost loses the webhook of the edit that completes a form: neither
// the reconcile pass nor the clock goes on asking for what is there.
func TestEditLost(t *testing.T) {
	r := oddRules(t)
	for _, kind := range []policy.EventKind{policy.Seen, policy.Tick} {
		q := oddRequest(t, r)
		q.Memory, q.Issue.Body, q.Issue.Labels = policy.Memory{}, "### PyPI Username\n\n_No response_\n", []string{r.Requests.Label}
		q = oddDecide(r, q, policy.Event{Kind: policy.Opened, Actor: q.Issue.Author}, oddStart())
		if q.Memory.State != policy.Incomplete {
			t.Fatalf("got %q, want incomplete", q.Memory.State)
		}
		q.Issue.Body = oddBody
		got := oddDecide(r, q, policy.Event{Kind: kind}, q.Memory.WakeAt).Memory
		if got.State != policy.Triage || got.Turn != policy.Staff {
			t.Errorf("%s: got %q, turn of %q, want triage, turn of staff", kind, got.State, got.Turn)
		}
	}
}
