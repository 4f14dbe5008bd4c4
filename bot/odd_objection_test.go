package bot_test

import (
	"context"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// objecting is noTeams with a comment in which somebody objects.
type objecting struct{ noTeams }

func (g objecting) Comment(_ context.Context, _ bot.Ref, id int64) (bot.IssueComment, error) {
	return bot.IssueComment{ID: id, Body: "/object", Author: policy.Actor{ID: 99}, CreatedAt: oddNow(), UpdatedAt: oddNow()}, nil
}

// TestObjectionNeedsNoTeam hands over an objection while nobody can say who
// staff are: who objects needs no right, and it waits for none.
func TestObjectionNeedsNoTeam(t *testing.T) {
	s := &oddStore{work: bot.Work{
		Case: bot.Case{Ref: oddRef(), AuthorID: 11, Memory: policy.Memory{State: policy.Waiting, Turn: policy.OnClock, Account: "jbber"}},
		Delivery: &bot.Delivery{
			ID: 1, Event: "issue_comment", Action: "created", ObjectID: 901, SenderID: 99, Command: true,
			CommentSHA256: bot.Digest("/object"), ReceivedAt: oddNow().Add(-time.Second), ObjectUpdatedAt: oddNow(),
		},
	}}
	b := oddBot(t, s, &oddGitHub{})
	b.GitHub = objecting{noTeams{&oddGitHub{}, policy.Issue{
		ID: 501, Number: 7, Open: true, Author: policy.Actor{ID: 11}, Labels: []string{b.Rules.Requests.Label}, UpdatedAt: oddNow(),
	}}}
	if _, err := b.StepCase(t.Context(), oddRef().CaseKey); err != nil {
		t.Fatal(err)
	}
	if len(s.pauses) != 0 || len(s.results) != 1 || len(s.results[0].Case.Memory.Objections) != 1 {
		t.Errorf("pauses %+v and decisions %+v, want one decision with the objection", s.pauses, s.results)
	}
}
