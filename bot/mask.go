package bot

import (
	"context"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// unseen is how long a text to mask is looked for again that a read does not
// find: a copy of GitHub's may not have it yet.
const unseen = 10 * time.Second

// mask takes the secrets out of what a person wrote. It reads the text each
// time, so that nothing has to be stored, and one that has none is left alone.
func (b *Bot) mask(ctx context.Context, c Call, e policy.Mask) (Made, error) {
	switch {
	case e.Comment == 0:
		return b.maskIssue(ctx, c)
	case e.Repost:
		return b.moveMasked(ctx, c, e)
	}
	now, err := b.GitHub.Comment(ctx, c.Ref, e.Comment)
	if lost(err) {
		return b.unmasked(ctx, c, err)
	}
	if err != nil || now.Author.Bot {
		return last(err)
	}
	return b.maskComment(ctx, c, now)
}

// maskIssue masks an issue's title and text. What has no secret is not written:
// somebody may be editing it.
func (b *Bot) maskIssue(ctx context.Context, c Call) (Made, error) {
	now, err := b.GitHub.Issue(ctx, c.Ref)
	if lost(err) {
		return b.unmasked(ctx, c, err)
	}
	if err != nil {
		return Made{}, err
	}
	var t IssueText
	title, inTitle, err := masked(now.Title, policy.MaxTitle)
	if err != nil {
		return Made{}, err
	}
	body, inBody, err := masked(now.Body, policy.MaxBody)
	if err != nil || !inTitle && !inBody {
		return last(err)
	}
	if inTitle {
		t.Title = title
	}
	if inBody {
		t.Body = body
	}
	return last(b.GitHub.EditText(ctx, c.Ref, t))
}

// moveMasked posts a comment's masked text under our own name, and then, as a
// call of its own, deletes the comment with all its versions. One that was
// edited is moved even if its secret is gone: its history has it.
func (b *Bot) moveMasked(ctx context.Context, c Call, e policy.Mask) (Made, error) {
	if c.Step > 0 {
		return b.deleteMoved(ctx, c, e)
	}
	if c.Begun {
		if id, err := b.find(ctx, c, e.Key()); id != 0 || err != nil {
			return Made{Comment: id}, err
		}
	}
	now, err := b.GitHub.Comment(ctx, c.Ref, e.Comment)
	if lost(err) {
		return b.unmasked(ctx, c, err)
	}
	if err != nil || now.Author.Bot {
		return last(err)
	}
	_, had, err := masked(now.Body, policy.MaxBody)
	if err != nil || !had && now.UpdatedAt.Equal(now.CreatedAt) {
		return last(err)
	}
	if e.Others && b.offers(now) {
		return b.maskComment(ctx, c, now)
	}
	text, err := b.renderMasked(now, e)
	if err != nil {
		return Made{}, err
	}
	id, err := b.GitHub.PostComment(ctx, c.Ref, text)
	return Made{Comment: id}, err
}

// offers reports whether a comment offers to recover the account: with a secret
// in it, a stranger would have us say so under our own name.
func (b *Bot) offers(c IssueComment) (offers bool) {
	if guard(func() { offers = b.Rules.Offers(c.Body) }) != nil {
		return true // masked where it stands it is nobody's but its author's
	}
	return offers
}

// moveSteps is how often the masked text is brought up to what its author has
// made of the comment since, before the comment is masked where it stands.
const moveSteps = 3

// deleteMoved deletes a comment if what we posted says all that it says now.
// Its author may have edited it since: then ours is written anew first, and the
// comment is looked at once more. Where ours is gone, or its author does not
// stop, nothing is deleted. Between the last look and the call GitHub gives no
// way to be sure.
func (b *Bot) deleteMoved(ctx context.Context, c Call, e policy.Mask) (Made, error) {
	now, err := b.GitHub.Comment(ctx, c.Ref, e.Comment)
	if lost(err) {
		return b.unmasked(ctx, c, err)
	}
	if err != nil {
		return Made{}, err
	}
	text, err := b.renderMasked(now, e)
	if err != nil {
		return Made{}, err
	}
	ours, err := b.moved(ctx, c, e)
	switch {
	case err != nil:
		return Made{}, err
	case ours.Body == text:
		return last(b.GitHub.DeleteComment(ctx, c.Ref, e.Comment))
	case ours.ID == 0 && !c.Begun:
		return Made{}, &Error{Op: "looking for a comment that was posted anew", Class: Transient, RetryAfter: unseen}
	case ours.ID == 0, c.Step > moveSteps, e.Others && b.offers(now):
		return b.maskComment(ctx, c, now)
	}
	err = b.GitHub.EditComment(ctx, c.Ref, ours.ID, text)
	if lost(err) {
		return b.maskComment(ctx, c, now)
	}
	return Made{Comment: ours.ID}, err
}

// moved returns the comment that we posted for one; zero if it is gone.
func (b *Bot) moved(ctx context.Context, c Call, e policy.Mask) (IssueComment, error) {
	id, err := b.find(ctx, c, e.Key())
	if id == 0 || err != nil {
		return IssueComment{}, err
	}
	ours, err := b.GitHub.Comment(ctx, c.Ref, id)
	if lost(err) {
		return IssueComment{}, nil
	}
	return ours, err
}

// maskComment masks a comment where it stands.
func (b *Bot) maskComment(ctx context.Context, c Call, now IssueComment) (Made, error) {
	text, had, err := masked(now.Body, policy.MaxBody)
	if err != nil || !had {
		return last(err)
	}
	err = b.GitHub.EditComment(ctx, c.Ref, now.ID, text)
	if lost(err) {
		err = nil // its author was faster
	}
	return last(err)
}

// unmasked ends the masking of what is gone, unless a first look may have come
// too early, or nothing can be seen of the whole repository.
func (b *Bot) unmasked(ctx context.Context, c Call, cause error) (Made, error) {
	if !c.Begun && ClassOf(cause) == Missing {
		return Made{}, &Error{Op: "looking for a text to mask", Class: Transient, RetryAfter: unseen}
	}
	closed, err := b.shut(ctx, c.repository(), cause)
	if closed || err != nil {
		return Made{}, &Error{Op: "looking for a text to mask", Class: Transient}
	}
	return last(nil)
}

// masked is policy.WithoutSecrets, so that a panic there ends one effect alone.
func masked(text string, most int) (masked string, had bool, err error) {
	err = guard(func() { masked, had = policy.WithoutSecrets(text, most) })
	if err != nil {
		return "", false, &Error{Op: "masking a text", Class: Invalid}
	}
	return masked, had, nil
}

// renderMasked is the comment to post for one, by whose key it is found again.
func (b *Bot) renderMasked(c IssueComment, e policy.Mask) (string, error) {
	var text string
	var failed error
	err := guard(func() {
		text, failed = b.Rules.RenderMasked(policy.Masked{Login: c.Author.Login, Written: c.CreatedAt, Text: c.Body, Language: e.Language})
	})
	if err != nil || failed != nil {
		return "", &Error{Op: "rendering a masked comment", Class: Invalid}
	}
	return strings.TrimRight(text, "\n") + "\n\n" + marker(e.Key()), nil
}
