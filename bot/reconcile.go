package bot

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/policy"
)

// overlap is how far each reconcile pass reaches back over the last one.
const overlap = 10 * time.Minute

// Reconcile reads what changed since the last pass, so that a webhook that
// never came is made good. It runs at start and every hour. A repository that
// can't be read does not stop the others.
func (b *Bot) Reconcile(ctx context.Context) error {
	var errs []error
	for _, r := range b.Rules.Repositories {
		if err := b.reconcile(ctx, r.ID); err != nil {
			errs = append(errs, fmt.Errorf("reconciling %s/%s: %w", r.Owner, r.Name, err))
		}
	}
	for _, r := range b.desks() {
		if err := b.reconcileDesk(ctx, r.ID); err != nil {
			errs = append(errs, fmt.Errorf("reconciling the desk %s/%s: %w", r.Owner, r.Name, err))
		}
	}
	return errors.Join(errs...)
}

func (b *Bot) reconcile(ctx context.Context, id int64) error {
	r, err := b.Store.Repository(ctx, id)
	if err != nil {
		return err
	}
	if ctx, err = b.visit(ctx, r.Installation, policy.NewRequest); err != nil {
		return err
	}
	began := b.Clock()
	since := r.Mark
	if since.IsZero() {
		since = r.Started
	}
	since = since.Add(-overlap)
	issues, err := b.GitHub.IssuesSince(ctx, repositoryRef(r), since)
	if err != nil {
		return err
	}
	requests, newer, err := b.missed(ctx, r, issues)
	if err != nil {
		return err
	}
	if len(requests) > 0 {
		if err := b.missedComments(ctx, r, requests, since); err != nil {
			return err
		}
	}
	// Last: it makes the issue known, and what is known is not looked at by
	// the next pass, if this one fails.
	for _, i := range newer {
		if _, err := b.Store.AddDelivery(ctx, b.found(r, i, Delivery{Event: "reconcile", Action: "seen"})); err != nil {
			return err
		}
	}
	r.Mark = began
	return b.Store.SaveRepository(ctx, r)
}

// missed returns the issues that are known or look like requests, by number: a
// comment may be missed on any of them, for our own later write makes what is
// known of an issue newer than the comment. And it returns those of them that
// are newer than what is known.
func (b *Bot) missed(ctx context.Context, r Repository, issues []policy.Issue) (requests map[int]policy.Issue, newer []policy.Issue, err error) {
	requests = map[int]policy.Issue{}
	for _, i := range issues {
		newest, err := b.Store.NewestSeen(ctx, CaseKey{Repository: r.ID, Issue: i.ID})
		if err != nil {
			return nil, nil, err
		}
		if newest.IsZero() && !b.Rules.Candidate(i) {
			continue
		}
		requests[i.Number] = i
		if i.UpdatedAt.After(newest) {
			newer = append(newer, i)
		}
	}
	return requests, newer, nil
}

// missedComments stores a delivery for each comment of these issues, the
// oldest first. One that a webhook brought is known by its id, and counts once.
func (b *Bot) missedComments(ctx context.Context, r Repository, requests map[int]policy.Issue, since time.Time) error {
	comments, err := b.GitHub.CommentsSince(ctx, repositoryRef(r), since)
	if err != nil {
		return err
	}
	slices.SortStableFunc(comments, func(a, b IssueComment) int { return a.CreatedAt.Compare(b.CreatedAt) })
	for _, c := range comments {
		i, ok := requests[c.Issue]
		if !ok || c.Author.Bot || c.App != 0 || c.CreatedAt.Before(since) {
			continue
		}
		d := b.found(r, i, Delivery{
			Event: "issue_comment", Action: "created", ObjectID: c.ID, ObjectUpdatedAt: c.CreatedAt,
			SenderID:      c.Author.ID,
			CommentSHA256: Digest(c.Body),
		})
		_, d.Command = parser.ParseCommand(c.Body)
		if _, err := b.Store.AddDelivery(ctx, d); err != nil {
			return err
		}
	}
	return nil
}
