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

// text returns what an edit replaced; nil if it did not change it.
func (f *former) text() *string {
	if f == nil {
		return nil
	}
	return &f.From
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
// nothing of anybody's, nor do our issues at a desk; what staff write there
// counts, for it is mailed, too.
func (h *Handler) leaks(event string, p *payload, served Repository) []policy.Leaked {
	was := p.before()
	switch {
	case event == issuesEvent && served.Desk:
		return nil
	case event == issuesEvent:
		return bot.Leaks(h.o.Public,
			bot.Said{Text: p.Issue.Title, In: policy.InTitle, Before: was.Title.text()},
			bot.Said{Text: p.Issue.Body, In: policy.InBody, Before: was.Body.text()})
	case p.Comment.User.bot():
		return nil
	}
	now := bot.Said{Text: p.Comment.Body, In: policy.InComment, Comment: p.Comment.ID, Before: was.Body.text()}
	if p.Action == "deleted" {
		now.In = policy.InHistory
	}
	return bot.Leaks(h.o.Public, now)
}

// onlyLeaks is a delivery that would be ignored, were it not for a secret in a
// person's comment that somebody deleted or a bot edited. What is kept says no
// more than a pass would that found the comment: who did what to it is nothing
// to decide on, but who wrote it is.
func onlyLeaks(d bot.Delivery, p *payload) bot.Delivery {
	d.Event, d.Action, d.Command, d.CommentSHA256 = "reconcile", "comment", false, ""
	d.ObjectUpdatedAt = p.Issue.UpdatedAt // an event of the issue: a comment's time would make it older than it is
	d.SenderID, d.SenderBot = p.Comment.User.id(), false
	return d
}
