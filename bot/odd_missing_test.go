package bot_test

import (
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// TestMissingInAnotherRepository answers 404 where the repository's old name
// belongs to another one now: that does not end a request.
func TestMissingInAnotherRepository(t *testing.T) {
	for id, ends := range map[int64]bool{700001: true, 700002: false} {
		s := &oddStore{work: bot.Work{
			Case:     bot.Case{Ref: oddRef(), Memory: policy.Memory{State: policy.Triage, Turn: policy.Staff}},
			Delivery: &bot.Delivery{ID: 1, Event: "issues", Action: "edited", ObjectUpdatedAt: oddNow().Add(-time.Hour), SenderID: 11},
		}}
		g := &oddGitHub{found: bot.Repository{ID: id}, missing: map[string]bool{"issue": true}}
		if _, err := oddBot(t, s, g).StepCase(t.Context(), oddRef().CaseKey); err != nil {
			t.Fatal(err)
		}
		if got := len(s.results) == 1; got != ends {
			t.Errorf("repository %d: decided %v, want %v", id, got, ends)
		}
	}
}
