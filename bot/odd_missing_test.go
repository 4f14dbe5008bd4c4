package bot_test

import (
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// TestMissingInARepositoryWithoutUs answers 404 where the repository itself is
// out of reach, or may be: that does not end a request.
func TestMissingInARepositoryWithoutUs(t *testing.T) {
	for state, ends := range map[string]bool{bot.StateActive: true, bot.StateRemoved: false, bot.StateSuspended: false, bot.StateNoIssues: false} {
		s := &oddStore{work: bot.Work{
			Case:     bot.Case{Ref: oddRef(), Memory: policy.Memory{State: policy.Triage, Turn: policy.Staff}},
			Delivery: &bot.Delivery{ID: 1, Event: "issues", Action: "edited", ObjectUpdatedAt: oddNow().Add(-time.Hour), SenderID: 11},
		}}
		g := &oddGitHub{found: bot.Repository{ID: 700001, State: state}, missing: map[string]bool{"issue": true}}
		if _, err := oddBot(t, s, g).StepCase(t.Context(), oddRef().CaseKey); err != nil {
			t.Fatal(err)
		}
		if got := len(s.results) == 1; got != ends {
			t.Errorf("repository %s: decided %v, want %v", state, got, ends)
		}
	}
}
