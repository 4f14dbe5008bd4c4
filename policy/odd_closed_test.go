package policy_test

import (
	"testing"

	"github.com/recoverybot/recoverybot/policy"
)

// TestWhoClosed tells withdrawals from closings by others. Nobody is not
// somebody, even if the author is nobody too; and of two closings the last counts.
func TestWhoClosed(t *testing.T) {
	r := oddRules(t)
	for name, c := range map[string]struct {
		author, closedBy, sender int64
		want                     policy.State
	}{
		"the author":                         {oddAuthor, oddAuthor, oddAuthor, policy.Withdrawn},
		"the author, GitHub says no more":    {oddAuthor, 0, oddAuthor, policy.Withdrawn},
		"nobody knows, the author deleted":   {0, 0, 0, policy.Closed},
		"staff, after the author and reopen": {oddAuthor, oddAgent, oddAuthor, policy.Closed},
	} {
		q := oddRequest(t, r)
		q.Issue.Open, q.Issue.Author.ID, q.Issue.ClosedBy = false, c.author, c.closedBy
		ev := policy.Event{Kind: policy.ClosedHand, Actor: policy.Actor{ID: c.sender}}
		if got := oddDecide(r, q, ev, oddStart()).Memory.State; got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
