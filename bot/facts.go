package bot

import (
	"context"
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// answered reports whether an event waits an hour at most for what it needs,
// because somebody wrote it and is then told. Any other waits on: it would be
// lost.
func answered(k policy.EventKind) bool {
	return k == policy.Commanded || k == policy.Commented
}

// patient reports whether an event waits for what it needs at all: an objection
// stops a request at once, and nobody needs a right to object. Nor does a secret
// wait that everybody can read.
func patient(ev policy.Event) bool {
	return ev.Command.Name != "object" && (ev.Desk || !Secret(ev.Leaks))
}

// pending reports whether a write of ours to the request's own issue is on its
// way.
func pending(effects []policy.Effect) bool {
	return slices.ContainsFunc(effects, func(e policy.Effect) bool { return !policy.AtDesk(e) })
}

// kept reads comments again and says what became of them. One that cannot be
// read is left out: that is neither kept nor gone. It returns how long GitHub
// asks to wait.
func (b *Bot) kept(ctx context.Context, w Work, comments []policy.CommentAt, req *policy.Request) (wait time.Duration) {
	if len(comments) == 0 {
		return 0
	}
	req.Facts.Comments = map[policy.CommentAt]policy.Kept{}
	for _, at := range comments {
		became, err := b.became(ctx, w.Case, at)
		if err != nil {
			b.Log.Warn("a comment that counts could not be read again; the request waits",
				"issue", w.Case.Ref.Number, "comment", at.ID, "class", describe(err))
			wait = max(wait, retryAfter(err))
			continue
		}
		req.Facts.Comments[at] = became
	}
	return wait
}

// became reads one comment again. At a desk that is none any more nobody can
// read it.
func (b *Bot) became(ctx context.Context, c Case, at policy.CommentAt) (policy.Kept, error) {
	if at.Desk && c.Desk.Repository == 0 {
		return policy.CommentGone, nil
	}
	now, err := b.GitHub.Comment(ctx, c.at(at), at.ID)
	switch ClassOf(err) {
	case "":
	case Missing:
		return b.absent(ctx, c, at, err)
	case GoneAway:
		return policy.CommentGone, nil
	case Transient, Forbidden, Invalid, Broken:
		return "", err
	}
	if !now.UpdatedAt.Equal(now.CreatedAt) {
		return policy.CommentEdited, nil
	}
	return policy.CommentKept, nil
}

// claim reads the event's comment and keeps one bit of it.
func (b *Bot) claim(ctx context.Context, w Work, req *policy.Request) error {
	if w.Delivery == nil || w.Delivery.Event != "issue_comment" || w.Delivery.Desk {
		return nil
	}
	c, err := b.GitHub.Comment(ctx, w.Case.Ref, w.Delivery.ObjectID)
	switch ClassOf(err) {
	case "":
		return guard(func() { req.Facts.Claim = b.Rules.Claims(c.Body) })
	case GoneAway:
		return nil
	case Missing:
		if b.Clock().Sub(w.Delivery.ObjectUpdatedAt) < young {
			return &later{class: "comment not visible yet"}
		}
		return nil
	case Transient, Forbidden, Invalid, Broken:
	}
	return err
}

// absent tells a comment at the desk that is gone from a desk that we cannot
// read any more, for which GitHub gives the same answer: only the first says
// something of the comment. That the request's own issue can be read was seen a
// moment ago.
func (b *Bot) absent(ctx context.Context, c Case, at policy.CommentAt, cause error) (policy.Kept, error) {
	if !at.Desk {
		return policy.CommentGone, nil
	}
	_, err := b.GitHub.Issue(ctx, c.Desk)
	switch ClassOf(err) {
	case "", GoneAway: // the issue may be gone alone: then its comments are
		return policy.CommentGone, nil
	case Missing, Transient, Forbidden, Invalid, Broken:
	}
	return "", cause
}
