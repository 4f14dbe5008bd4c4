package policy_test

import (
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// TestCommandBeforeOpening loses the webhook of the opening: the command that
// tells of the request runs, once, by the time at which it was given.
func TestCommandBeforeOpening(t *testing.T) {
	r := oddRules(t)
	q := oddRequest(t, r)
	q.Memory, q.Issue.Labels = policy.Memory{}, []string{r.Requests.Label}
	later := oddStart().Add(100 * 24 * time.Hour)
	ev := oddCommand(oddAgent, 100, "ask", "detail")
	ev.At = later
	got := oddDecide(r, q, ev, later).Memory
	if got.State != policy.Asked || !got.Since.Equal(later) {
		t.Errorf("got %q since %v, want asked since %v", got.State, got.Since, later)
	}
}
