package bot

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"time"

	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/policy"
)

// look reads the issue, and the comment if it commands, and says what
// happened. It renews the case's reference from what it read.
func (b *Bot) look(ctx context.Context, w *Work, req *policy.Request) (policy.Event, error) {
	ev := event(w)
	req.Issue = known(w.Case)
	issue, err := b.snapshot(ctx, w)
	switch ClassOf(err) {
	case "":
	case GoneAway, Missing:
		return b.missing(ctx, w, ev, err)
	case Transient, Forbidden, Invalid, Broken:
		return ev, err
	}
	stale, err := b.stale(w, issue)
	if err != nil {
		return ev, err
	}
	issue.Public = !w.Repository.Private
	req.Issue = issue
	req.Facts.Stale = stale
	req.Facts.Newer = !pending(w.Case.Pending) && issue.UpdatedAt.After(w.Case.LastWrite)
	if w.Delivery != nil && w.Delivery.Command && w.Delivery.Action == "created" && !w.Ran {
		return b.reread(ctx, w, ev)
	}
	return ev, nil
}

// known is what is known of a case's issue without reading it.
func known(c Case) policy.Issue {
	return policy.Issue{
		Repository: c.Ref.Repository, ID: c.Ref.Issue, Number: c.Ref.Number, Author: policy.Actor{ID: c.AuthorID}, Public: !c.Private,
	}
}

// missing tells an issue that is gone from a repository in which nothing can be
// read any more: only the first is an end.
func (b *Bot) missing(ctx context.Context, w *Work, ev policy.Event, cause error) (policy.Event, error) {
	ev.Kind = policy.Gone
	if e, ok := errors.AsType[*Error](cause); ok && e.Class == GoneAway && e.Status != http.StatusGone {
		return ev, nil // it is another issue now
	}
	absent := ClassOf(cause) == Missing
	if d := w.Delivery; absent && d != nil && !d.Desk && b.Clock().Sub(d.ObjectUpdatedAt) < young {
		return ev, &later{class: "issue not visible yet"}
	}
	closed, err := b.shut(ctx, w.Case.Ref.Repository, cause)
	if err != nil || closed {
		return ev, &later{class: "repository not readable", wait: time.Minute}
	}
	return ev, nil
}

// stale reports a snapshot that is older than what is known of the issue. It
// is read anew for a while; then it is taken as it is, and marked.
func (b *Bot) stale(w *Work, issue policy.Issue) (bool, error) {
	newest := w.Case.NewestSeen
	if !issue.UpdatedAt.Before(newest) {
		w.Case.NewestSeen = issue.UpdatedAt
		return false, nil
	}
	if w.Delivery != nil && w.Delivery.Waits < staleWaits {
		return false, &later{class: "snapshot not fresh"}
	}
	return true, nil
}

// event translates a delivery. What the object is now comes from the snapshot.
func event(w *Work) policy.Event {
	d := w.Delivery
	if d == nil {
		return policy.Event{Kind: policy.Tick}
	}
	ev := policy.Event{
		Actor: policy.Actor{ID: d.SenderID, Bot: d.SenderBot},
		At:    d.ObjectUpdatedAt,
		Kind:  policy.Seen,
		Desk:  d.Desk,
		Leaks: d.Leaks,
		Offer: d.Offer,
	}
	if d.Event == "issue_comment" {
		ev.Comment = d.ObjectID
		return commentEvent(w, ev)
	}
	if d.Desk {
		return ev // the issue there is ours to write: it is looked at again
	}
	switch d.Event + "." + d.Action {
	case "issues.opened":
		ev.Kind = policy.Opened
	case "issues.edited":
		ev.Kind = policy.Edited
	case "issues.closed":
		ev.Kind = policy.ClosedHand
	case "issues.reopened":
		ev.Kind = policy.ReopenedHand
	case "issues.labeled", "issues.unlabeled":
		ev.Kind = policy.Labeled
	case "adopt.adopt":
		ev.Kind = policy.Adopted
	case "reconcile.comment":
		ev.Comment = d.ObjectID // by its author, whoever did what to it
	case "mail.received":
		ev.Kind, ev.Actor, ev.At = policy.Mailed, policy.Actor{}, d.ReceivedAt
	}
	return ev
}

func commentEvent(w *Work, ev policy.Event) policy.Event {
	switch w.Delivery.Action {
	case "created":
		ev.Kind = policy.Commented
	case "edited":
		ev.Kind = policy.Edited
		if w.Case.Comments["status"] == ev.Comment {
			ev.Kind = policy.Erased
		}
	case "deleted":
		ev.Kind = ourComment
		if w.Case.Comments["status"] == ev.Comment {
			ev.Kind = policy.Erased
		}
	}
	return ev
}

// reread reads a command's comment again. It runs only if it is still there,
// unedited, the same text, by the hand of the same user.
func (b *Bot) reread(ctx context.Context, w *Work, ev policy.Event) (policy.Event, error) {
	d := w.Delivery
	c, err := b.GitHub.Comment(ctx, w.Case.at(policy.CommentAt{ID: d.ObjectID, Desk: d.Desk}), d.ObjectID)
	switch ClassOf(err) {
	case "":
	case Missing:
		if b.Clock().Sub(d.ObjectUpdatedAt) < young {
			return ev, &later{class: "comment not visible yet"}
		}
		ev.Kind = commentGone
		return ev, nil
	case GoneAway:
		ev.Kind = commentGone
		return ev, nil
	case Transient, Forbidden, Invalid, Broken:
		return ev, err
	}
	command, ok := parser.ParseCommand(c.Body)
	switch {
	case c.App != 0 || c.Author.Bot:
		ev.Kind = commentApp
	case !c.UpdatedAt.Equal(c.CreatedAt) || Digest(c.Body) != d.CommentSHA256 || !ok:
		ev.Kind = commentEdited
	case c.Author.ID != d.SenderID || d.Action != "created":
		ev.Kind = commentEdited
	default:
		ev.Kind, ev.Command, ev.Actor = policy.Commanded, command, c.Author
	}
	return ev, nil
}

// Digest is the SHA-256 of a comment's text, hex: all that is kept of it.
func Digest(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// gather fetches the facts that the decision needs. What is not known is
// neither yes nor no: the delivery waits, and after an hour says so.
func (b *Bot) gather(ctx context.Context, w *Work, req *policy.Request, ev *policy.Event) error {
	need := b.Rules.Needs(*req, *ev)
	if err := b.fromStore(ctx, w, req, need); err != nil {
		return err
	}
	req.Facts.Members = map[string][]int64{}
	wait := recheck
	for _, t := range need.Teams {
		ids, err := b.members(ctx, w.Case.Ref.Installation, t)
		if err != nil {
			b.Log.Warn("a team could not be read; commands wait", "team", t.String(), "class", describe(err))
			wait = max(wait, retryAfter(err))
			continue
		}
		req.Facts.Members[t.String()] = ids
	}
	wait = max(wait, b.kept(ctx, *w, need.Comments, req))
	if need.Claim {
		if err := b.claim(ctx, *w, req); err != nil {
			return err
		}
	}
	if need.LastWord {
		if err := b.lastWord(ctx, *w, req); err != nil {
			return err
		}
	}
	if policy.Known(need, req.Facts) {
		return nil
	}
	if w.Delivery == nil || !answered(ev.Kind) || patient(*ev) && b.Clock().Sub(w.Delivery.ReceivedAt) < authority {
		return &later{class: "author not checked", wait: wait}
	}
	ev.Kind = policy.Unverified
	return nil
}

// lastWord reads who spoke last, and what the comments of an old request hold.
func (b *Bot) lastWord(ctx context.Context, w Work, req *policy.Request) error {
	comments, err := b.GitHub.Comments(ctx, w.Case.Ref, time.Time{})
	if err != nil {
		return err
	}
	for _, c := range comments {
		if c.Author.Bot || b.Rules.Ignores(c.Author.ID) || c.App != 0 {
			continue
		}
		req.Facts.LastWord, req.Facts.LastWordAt = c.Author, c.CreatedAt
		if said, ok := parser.ParseCommand(c.Body); ok && said.Name == "object" && c.UpdatedAt.Equal(c.CreatedAt) {
			req.Facts.Objected = append(req.Facts.Objected, policy.Objection{By: c.Author.ID, At: c.CreatedAt, Comment: c.ID})
		}
	}
	return b.written(ctx, w, req.Issue, comments)
}
