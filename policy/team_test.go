package policy_test

import (
	"os"
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/policy"
)

// TestTeamWithTwoIDs gives one team two ids: members are known by the team's
// name, so that one check would stand for both.
func TestTeamWithTwoIDs(t *testing.T) {
	src, err := os.ReadFile("../.github/recovery.yml")
	if err != nil {
		t.Fatal(err)
	}
	twice := strings.Replace(string(src), "octo-registry/support-helpers", "Octo-Registry/support-agents", 1)
	if twice == string(src) {
		t.Fatal("the example policy has no team support-helpers")
	}
	if _, err := policy.ParseRules([]byte(twice), os.DirFS("../.github")); err == nil {
		t.Error("a team with two ids was accepted")
	}
}
