package bot_test

import (
	"context"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// oneComment is a GitHub with one issue, whose one comment is given.
type oneComment struct {
	oneIssue
	comment bot.IssueComment
}

func (g oneComment) Comment(context.Context, bot.Ref, int64) (bot.IssueComment, error) {
	return g.comment, nil
}

// TestReread changes one thing at a time between what the webhook told of a
// command and what the comment is when it is read again: each alone is enough.
func TestReread(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*bot.IssueComment)
		ran    bool
	}{
		"nothing":                          {func(*bot.IssueComment) {}, true},
		"edited there and back":            {func(c *bot.IssueComment) { c.UpdatedAt = c.UpdatedAt.Add(time.Second) }, false},
		"edited within the second":         {func(c *bot.IssueComment) { c.Body = "/withdraw now" }, false},
		"another author":                   {func(c *bot.IssueComment) { c.Author = policy.Actor{ID: 12, Login: "ann"} }, false},
		"written by a bot of the same id":  {func(c *bot.IssueComment) { c.Author.Bot = true }, false},
		"written through an App for them":  {func(c *bot.IssueComment) { c.App = 815 }, false},
		"edited, and no command any more":  {func(c *bot.IssueComment) { c.Body = "Never mind." }, false},
		"the same command in other spaces": {func(c *bot.IssueComment) { c.Body += " " }, false},
	} {
		s := &oddStore{work: bot.Work{
			Case: bot.Case{Ref: oddRef(), Memory: policy.Memory{State: policy.Triage, Turn: policy.Staff, Since: oddNow(), Label: "recovery: triage"}},
			Delivery: &bot.Delivery{
				ID: 1, Event: "issue_comment", Action: "created", ObjectID: 800, SenderID: 11, Command: true,
				CommentSHA256: bot.Digest("/withdraw"), ObjectUpdatedAt: oddNow(), ReceivedAt: oddNow(),
			},
		}}
		g := oneComment{oneIssue{&oddGitHub{}, policy.Issue{
			ID: 501, Number: 7, Open: true, Author: policy.Actor{ID: 11, Login: "ann"},
			Labels: []string{"recovery: triage"}, CreatedAt: oddNow(), UpdatedAt: oddNow(), Public: true,
		}}, bot.IssueComment{
			ID: 800, Author: policy.Actor{ID: 11, Login: "ann"}, Body: "/withdraw", CreatedAt: oddNow(), UpdatedAt: oddNow(),
		}}
		c.change(&g.comment)
		b := oddBot(t, s, g.oddGitHub)
		b.GitHub = g
		if _, err := b.StepCase(t.Context(), oddRef().CaseKey); err != nil {
			t.Fatal(err)
		}
		if len(s.results) != 1 {
			t.Fatalf("%s: got %d decisions and pauses %v, want one decision", name, len(s.results), s.pauses)
		}
		if got := s.results[0]; got.Decision.Memory.State == policy.Withdrawn != c.ran || got.Command != 0 != c.ran {
			t.Errorf("%s: got %q by command %d; it ran is wanted to be %v", name, got.Decision.Memory.State, got.Command, c.ran)
		}
	}
}
