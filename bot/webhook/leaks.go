package webhook

import (
	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// changes are what an edit replaced.
type changes struct {
	Title *former `json:"title"`
	Body  *former `json:"body"`
}

type former struct {
	From string `json:"from"`
}

func (f *former) text() string {
	if f == nil {
		return ""
	}
	return f.From
}

// before returns what an edit replaced, zero where it is none.
func (p *payload) before() changes {
	if p.Changes == nil {
		return changes{}
	}
	return *p.Changes
}

// leaks searches what a payload shows that everybody could read: the issue's
// title and text or the comment, and what an edit replaced, which its history
// still shows. The text of a deleted comment is history, too: there is nothing
// left to mask, but it was mailed to all who watch. Our own comments hold
// nothing of anybody's, and a desk is not public.
func (h *Handler) leaks(event string, p *payload, served Repository) []policy.Leaked {
	was := p.before()
	switch {
	case served.Desk:
		return nil
	case event == issuesEvent:
		return bot.Leaks(
			bot.Said{Text: p.Issue.Title, In: policy.InTitle}, bot.Said{Text: p.Issue.Body, In: policy.InBody},
			bot.Said{Text: was.Title.text(), In: policy.InHistory}, bot.Said{Text: was.Body.text(), In: policy.InHistory})
	case p.Comment.User.bot():
		return nil
	}
	now := bot.Said{Text: p.Comment.Body, In: policy.InComment, Comment: p.Comment.ID}
	if p.Action == "deleted" {
		now.In = policy.InHistory
	}
	return bot.Leaks(now, bot.Said{Text: was.Body.text(), In: policy.InHistory, Comment: p.Comment.ID})
}
