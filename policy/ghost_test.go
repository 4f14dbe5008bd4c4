package policy

import "testing"

// TestGhostsAreNotOnePerson (security requirements 17 and 27): GitHub gives the
// issues of all deleted accounts to one user. Two of them are no duplicate.
func TestGhostsAreNotOnePerson(t *testing.T) {
	for _, nobody := range []int64{0, 10137} {
		c := newTown(t)
		first, second := c.opens(nobody, "jbber"), c.opens(nobody, "jbber")
		c.is(first, Triage, FlagCollision)
		c.is(second, Held, FlagCollision)
	}
}
