package bot

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/policy"
)

// created is the delivery of a comment that was found.
func (b *Bot) created(c IssueComment) Delivery {
	d := Delivery{
		Event: "issue_comment", Action: "created", ObjectID: c.ID, ObjectUpdatedAt: c.CreatedAt,
		SenderID: c.Author.ID, CommentSHA256: Digest(c.Body),
	}
	_, d.Command = parser.ParseCommand(c.Body)
	d.Leaks = Leaks(b.Rules.Public(), Said{Text: c.Body, In: policy.InComment, Comment: c.ID})
	_ = guard(func() { d.Offer = b.Rules.Offers(c.Body) }) // a text that is too odd to be read offers nothing
	return d
}

// whole compares every open request with the list of open issues: after a long
// time down nothing is taken for granted. A request that is not in the list any
// more (deleted, moved, converted, closed) is looked at, and one with another
// label than ours. It returns issues with those that are open and not among
// them.
func (b *Bot) whole(ctx context.Context, run *reading, issues []policy.Issue) ([]policy.Issue, error) {
	open, err := b.GitHub.OpenIssues(ctx, repositoryRef(run.Repository), "")
	if err != nil {
		return nil, err
	}
	cases, err := b.Store.Cases(ctx)
	if err != nil {
		return nil, err
	}
	b.Log.Info("a full pass: no pass was finished for long", "repository", run.Owner+"/"+run.Name, "since", run.known())
	at := map[int64]policy.Issue{}
	for _, i := range open {
		at[i.ID] = i
		old := i.CreatedAt.Before(b.startOf(run.Repository))
		if !old && !slices.ContainsFunc(issues, func(o policy.Issue) bool { return o.ID == i.ID }) {
			issues = append(issues, i)
		}
	}
	for _, c := range cases {
		if c.Ref.Repository != run.ID || !c.Memory.State.Open() {
			continue
		}
		if i, ok := at[c.Ref.Issue]; ok && asAsked(c.Memory, i) {
			continue
		}
		if err := b.lookAgain(ctx, run, c); err != nil {
			return nil, err
		}
	}
	return issues, nil
}

// startOf is when requests of a repository began to count.
func (b *Bot) startOf(r Repository) time.Time {
	if from := b.Rules.Start.From; !from.IsZero() {
		return from
	}
	return r.Started
}

// asAsked reports whether an issue has the label that we asked for last.
func asAsked(m policy.Memory, i policy.Issue) bool { return m.Label == "" || i.HasLabel(m.Label) }

// lookAgain stores a delivery that says no more than that a request is to be
// looked at. The same pass stores it once, however often it is begun.
func (b *Bot) lookAgain(ctx context.Context, run *reading, c Case) error {
	d := b.found(run.Repository, policy.Issue{ID: c.Ref.Issue, Number: c.Ref.Number, Author: policy.Actor{ID: c.AuthorID}, UpdatedAt: c.NewestSeen},
		Delivery{Event: "reconcile", Action: "whole"})
	d.GUID = fmt.Sprintf("reconcile:whole:%d:%d", c.Ref.Issue, run.known().Unix())
	d.Digest = Digest(d.GUID)
	out, err := b.Store.AddDelivery(ctx, d)
	if err == nil && out == Added {
		run.added++
	}
	return err
}
