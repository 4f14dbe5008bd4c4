package policy_test

import (
	"testing"

	"github.com/recoverybot/recoverybot/policy"
)

// TestAssignmentsAddUp shows that of two /assign before the first is made both count.
func TestAssignmentsAddUp(t *testing.T) {
	if policy.Supersedes(policy.Assign{Add: []string{"bob"}}.Key()) {
		t.Error("a second assignment makes the first needless, which names somebody else")
	}
}
