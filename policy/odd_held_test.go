package policy_test

import (
	"slices"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// TestHeldIsOvertaken denies while notifications wait for the limit, and opens
// again: nobody is told of a denial that is none any more.
func TestHeldIsOvertaken(t *testing.T) {
	r := oddRules(t)
	q := oddRequest(t, r)
	for i := range 10 {
		q = oddDecide(r, q, oddCommand(oddAuthor, int64(100+i), "deny"), oddStart())
	}
	q = oddDecide(r, q, oddCommand(oddAgent, 200, "deny", "abuse"), oddStart())
	q = oddDecide(r, q, oddCommand(oddAuthor, 201, "reopen"), oddStart())
	if q.Memory.State != policy.Triage || len(q.Memory.Held) != 0 {
		t.Errorf("got %q with %d held, want triage with none", q.Memory.State, len(q.Memory.Held))
	}
}

// TestHeldIsNotForgotten lets another notification come before the tick that
// would have released the one that waits: both go, in order.
func TestHeldIsNotForgotten(t *testing.T) {
	r := oddRules(t)
	q := oddRequest(t, r)
	for i := range 10 {
		q = oddDecide(r, q, oddCommand(oddAuthor, int64(100+i), "deny"), oddStart())
	}
	q = oddDecide(r, q, oddCommand(oddAgent, 200, "deny", "abuse"), oddStart())
	q.Form = r.Form(q.Issue)
	d := r.Decide(q, oddCommand(oddAuthor, 202, "done"), oddStart().Add(48*time.Hour))
	var got []string
	for _, e := range d.Effects {
		if c, ok := e.(policy.Comment); ok && c.Name != "status" {
			got = append(got, string(c.Text.Name))
		}
	}
	if want := []string{"denied", "refused"}; !slices.Equal(got, want) || len(d.Memory.Held) != 0 {
		t.Errorf("got %v, %d still held; want %v", got, len(d.Memory.Held), want)
	}
}
