package bot_test

import (
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// TestAnswerBehindOurWrite loses the webhook of an answer, after which the bot
// itself wrote to the issue: the issue is not newer than what is known of it,
// and the answer is.
func TestAnswerBehindOurWrite(t *testing.T) {
	s := &oddStore{newest: oddNow()}
	g := &oddGitHub{
		issues: []policy.Issue{{ID: 501, Number: 7, UpdatedAt: oddNow()}},
		comments: []bot.IssueComment{
			{ID: 800, Issue: 7, Author: policy.Actor{ID: 11}, CreatedAt: oddNow().Add(-time.Minute), UpdatedAt: oddNow().Add(-time.Minute)},
			{ID: 801, Issue: 8, Author: policy.Actor{ID: 11}, CreatedAt: oddNow(), UpdatedAt: oddNow()},
		},
	}
	if err := oddBot(t, s, g).Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(s.added) != 1 || s.added[0].ObjectID != 800 || s.added[0].Event != "issue_comment" {
		t.Errorf("got deliveries %+v, want one, for comment 800", s.added)
	}
}
