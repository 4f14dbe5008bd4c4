package bot_test

import (
	"context"
	"testing"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

type oneIssue struct {
	*oddGitHub
	issue policy.Issue
}

func (g oneIssue) Issue(context.Context, bot.Ref) (policy.Issue, error) { return g.issue, nil }

// TestEdited edits comments: a command runs by no edit, but the requester's
// edit is an answer all the same, and our own words are put right.
func TestEdited(t *testing.T) {
	for name, c := range map[string]struct {
		comment, sender int64
		command         bool
		want            policy.State
		effects         int
	}{
		"the requester writes a command":   {800, 11, true, policy.Review, 3},
		"somebody else writes a command":   {801, 12, true, policy.Asked, 0},
		"somebody edits our status":        {700, 12, false, policy.Asked, 1},
		"somebody writes a command for us": {700, 12, true, policy.Asked, 1},
	} {
		s := &oddStore{work: bot.Work{
			Case: bot.Case{
				Ref: oddRef(), Comments: map[string]int64{"status": 700},
				Memory: policy.Memory{State: policy.Asked, Turn: policy.Requester, Since: oddNow(), Label: "recovery: author's turn"},
			},
			Delivery: &bot.Delivery{
				ID: 1, Event: "issue_comment", Action: "edited", ObjectID: c.comment, SenderID: c.sender,
				Command: c.command, ObjectUpdatedAt: oddNow(), ReceivedAt: oddNow(),
			},
		}}
		b := oddBot(t, s, &oddGitHub{})
		g := oneIssue{&oddGitHub{}, policy.Issue{
			ID: 501, Number: 7, Open: true, Author: policy.Actor{ID: 11, Login: "ann"},
			Labels: []string{"recovery: author's turn"}, CreatedAt: oddNow(), UpdatedAt: oddNow(), Public: true,
		}}
		b.GitHub = g
		settled := policy.Request{Issue: g.issue, Form: b.Rules.Form(g.issue), Memory: s.work.Case.Memory}
		s.work.Case.Memory = b.Rules.Decide(settled, policy.Event{Kind: policy.Seen}, oddNow()).Memory
		if _, err := b.StepCase(t.Context(), oddRef().CaseKey); err != nil {
			t.Fatal(err)
		}
		if len(s.results) != 1 {
			t.Fatalf("%s: got %d decisions and pauses %v, want one", name, len(s.results), s.pauses)
		}
		got := s.results[0].Decision
		if got.Memory.State != c.want || s.results[0].Command != 0 || c.effects != len(got.Effects) {
			t.Errorf("%s: got %q, command %d, effects %v; want %q, none, %d", name, got.Memory.State, s.results[0].Command, got.Effects, c.want, c.effects)
		}
	}
}
