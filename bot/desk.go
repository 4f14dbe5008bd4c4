package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// at is where a comment of a case stands: on its issue, or at the desk.
func (c Case) at(comment policy.CommentAt) Ref {
	if comment.Desk {
		return c.Desk
	}
	return c.Ref
}

// repository is the one that a call is made in.
func (c Call) repository() int64 {
	if policy.AtDesk(c.Effect) && c.Desk.Repository != 0 {
		return c.Desk.Repository
	}
	return c.Ref.Repository
}

// deskMarker is the hidden line by which a request's issue at the desk is found
// again. It counts only in an issue that our own App opened.
func deskMarker(key CaseKey) string {
	return marker(fmt.Sprintf("desk %d/%d", key.Repository, key.Issue))
}

// seated returns a call to the desk as one to its issue there. Its error says
// that there is no place for it, or (Forbidden) that everybody could read it.
func seated(c Call) (Call, error) {
	switch _, summary := c.Effect.(policy.Desk); {
	case c.Desk.Repository == 0:
		return c, &Error{Op: "finding the desk", Class: GoneAway}
	case c.Shown:
		return c, &Error{Op: "writing to a desk that is public", Class: Forbidden}
	case summary:
		return c, nil // it needs to know whose issue it is
	case c.Desk.Number == 0:
		return c, &Error{Op: "finding the issue at the desk", Class: GoneAway}
	}
	c.Ref = c.Desk
	return c, nil
}

// desk writes the request's issue at the desk. One that is to be closed and is
// not there is left so.
func (b *Bot) desk(ctx context.Context, c Call, e policy.Desk) (Made, error) {
	text, err := b.Rules.Render(e.Text)
	if err != nil {
		return Made{}, &Error{Op: "render " + string(e.Text.Name), Class: Invalid}
	}
	d := Draft{
		Title: b.Rules.RenderTitle(e.Text), Open: e.Open,
		Body: strings.TrimRight(text, "\n") + "\n\n" + deskMarker(c.Ref.CaseKey),
	}
	if c.Desk.Number != 0 {
		return b.editDesk(ctx, c, d)
	}
	return b.postDesk(ctx, c, d)
}

// postDesk opens the issue, unless a process that died has.
func (b *Bot) postDesk(ctx context.Context, c Call, d Draft) (Made, error) {
	if c.Begun {
		found, err := b.findDesk(ctx, c)
		if err != nil {
			return Made{}, err
		}
		if found.ID != 0 {
			at := c.Desk
			at.Issue, at.Number = found.ID, found.Number
			if !same(found, d) {
				err = b.GitHub.EditIssue(ctx, at, d)
			}
			return Made{Last: true, Desk: at}, err
		}
	}
	if !d.Open {
		return Made{Last: true}, nil
	}
	at, err := b.GitHub.PostIssue(ctx, c.Desk, d)
	return Made{Last: true, Desk: at}, err
}

func same(i policy.Issue, d Draft) bool {
	return i.Title == d.Title && i.Body == d.Body && i.Open == d.Open
}

// editDesk replaces title, text and state. An issue that was deleted or moved
// is opened anew, once; after that somebody does not want it there.
func (b *Bot) editDesk(ctx context.Context, c Call, d Draft) (Made, error) {
	if c.Begun {
		now, err := b.GitHub.Issue(ctx, c.Desk)
		if err == nil && same(now, d) {
			return Made{Last: true}, nil
		}
		if err != nil && !lost(err) {
			return Made{}, err
		}
	}
	err := b.GitHub.EditIssue(ctx, c.Desk, d)
	if !lost(err) {
		return Made{Last: true}, err
	}
	if c.Reposts > 0 {
		b.Log.Warn("the issue at the desk was deleted or moved twice and is not opened again", "issue", c.Ref.Number)
		return Made{Last: true}, nil
	}
	b.Log.Warn("the issue at the desk was deleted or moved, and is opened anew", "issue", c.Ref.Number)
	made, err := b.postDesk(ctx, c, d)
	made.Reposted = made.Desk.Issue != 0
	return made, err
}

func lost(err error) bool { return ClassOf(err) == Missing || ClassOf(err) == GoneAway }

// findDesk looks for the issue that a process opened and died before it could
// remember it; of two the older one.
func (b *Bot) findDesk(ctx context.Context, c Call) (policy.Issue, error) {
	issues, _, err := b.GitHub.IssuesSince(ctx, c.Desk, Window{Since: c.At.Add(-10 * time.Minute)})
	if err != nil {
		return policy.Issue{}, err
	}
	var found policy.Issue
	for _, i := range issues {
		ours := i.Author.ID == b.Self().ID && i.ID != c.Desk.Issue &&
			strings.HasSuffix(strings.TrimSpace(i.Body), deskMarker(c.Ref.CaseKey))
		if ours && (found.ID == 0 || i.Number < found.Number) {
			found = i
		}
	}
	return found, nil
}

// desks returns the desks of the policy, each once.
func (b *Bot) desks() []policy.Repository {
	var all []policy.Repository
	for _, r := range b.Rules.Repositories {
		if r.Desk != nil && !slices.ContainsFunc(all, func(d policy.Repository) bool { return d.ID == r.Desk.ID }) {
			all = append(all, *r.Desk)
		}
	}
	return all
}

// startDesk renews what is known of a desk. It must be private: what stands
// there is for staff.
func (b *Bot) startDesk(ctx context.Context, r policy.Repository) error {
	found, err := b.GitHub.FindRepository(ctx, r.Owner, r.Name)
	if err != nil {
		return err
	}
	switch {
	case found.ID != r.ID:
		return fmt.Errorf("the policy says id %d, GitHub says %d: %w", r.ID, found.ID, ErrOther)
	case slices.ContainsFunc(b.Rules.Repositories, func(s policy.Repository) bool { return s.ID == r.ID }):
		return ErrServedDesk
	case !found.Private:
		return ErrPublicDesk
	}
	b.mu.Lock()
	b.at[r.ID] = found.Installation
	b.mu.Unlock()
	known, err := b.Store.Repository(ctx, r.ID)
	if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	found.Started, found.Mark = known.Started, known.Mark
	if found.Started.IsZero() {
		found.Started = b.Clock().Truncate(time.Second)
	}
	return b.Store.SaveRepository(ctx, found)
}
