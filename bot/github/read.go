package github

import (
	"cmp"
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// Issue reads an issue: one call. It is GoneAway if the number leads to
// another issue than r's, or to a pull request (an issue can become one).
// Public is not set: that is the repository's.
func (c *Client) Issue(ctx context.Context, r bot.Ref) (policy.Issue, error) {
	var i issue
	k := of(r, "GET issue", inIssue(r)...)
	k.into = &i
	if _, err := c.do(ctx, k); err != nil {
		return policy.Issue{}, err
	}
	switch {
	case i.ID == 0 || i.UpdatedAt.IsZero():
		return policy.Issue{}, broken(k.op)
	case r.Issue != 0 && i.ID != r.Issue, i.pull():
		return policy.Issue{}, &bot.Error{Op: k.op, Class: bot.GoneAway, Status: http.StatusOK}
	}
	return i.value(r.Repository), nil
}

func broken(op string) *bot.Error {
	return &bot.Error{Op: op, Class: bot.Broken, Status: http.StatusOK}
}

// Comment reads one comment: one call.
func (c *Client) Comment(ctx context.Context, r bot.Ref, id int64) (bot.IssueComment, error) {
	var got comment
	k := of(r, "GET comment", inComment(id)...)
	k.into = &got
	if _, err := c.do(ctx, k); err != nil {
		return bot.IssueComment{}, err
	}
	if got.ID != id {
		return bot.IssueComment{}, broken(k.op)
	}
	return got.value(), nil
}

// Comments reads the comments of an issue that were updated since a time
// (zero: all), by time of creation: one call a page.
func (c *Client) Comments(ctx context.Context, r bot.Ref, since time.Time) ([]bot.IssueComment, error) {
	k := of(r, "GET comments", inIssue(r, "comments")...)
	k.query = sinceQuery(since)
	return c.comments(ctx, k)
}

// CommentsSince reads the comments of a repository, those on pull requests
// included, that were updated since a time, by time of update: one call a page.
func (c *Client) CommentsSince(ctx context.Context, r bot.Ref, w bot.Window) ([]bot.IssueComment, bot.Window, error) {
	k := of(r, "GET repository comments", "issues", "comments")
	k.query, k.tag, k.patient = stable(sinceQuery(w.Since)), &tag{had: w.ETag}, true
	all, err := c.comments(ctx, k)
	slices.SortStableFunc(all, func(a, b bot.IssueComment) int {
		return cmp.Or(a.UpdatedAt.Compare(b.UpdatedAt), cmp.Compare(a.ID, b.ID))
	})
	return all, k.tag.after(w, err), err
}

// after is the window for the next time.
func (t *tag) after(w bot.Window, err error) bot.Window {
	if err == nil {
		w.ETag = t.now
	}
	return w
}

func (c *Client) comments(ctx context.Context, k call) ([]bot.IssueComment, error) {
	found, err := list[comment](ctx, c, k)
	if err != nil {
		return nil, err
	}
	all := make([]bot.IssueComment, 0, len(found))
	for _, f := range found {
		all = append(all, f.value())
	}
	slices.SortStableFunc(all, func(a, b bot.IssueComment) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), cmp.Compare(a.ID, b.ID))
	})
	return slices.CompactFunc(all, func(a, b bot.IssueComment) bool { return a.ID == b.ID }), nil
}

// IssuesSince lists issues, open or closed, that were updated since a time,
// by time of update: one call a page.
func (c *Client) IssuesSince(ctx context.Context, r bot.Ref, w bot.Window) ([]policy.Issue, bot.Window, error) {
	k := of(r, "GET issues", "issues")
	k.query, k.tag, k.patient = stable(sinceQuery(w.Since)), &tag{had: w.ETag}, true
	k.query.Set("state", "all")
	all, err := c.issues(ctx, k)
	slices.SortStableFunc(all, func(a, b policy.Issue) int {
		return cmp.Or(a.UpdatedAt.Compare(b.UpdatedAt), cmp.Compare(a.ID, b.ID))
	})
	return all, k.tag.after(w, err), err
}

// OpenIssues lists open issues with a label ("" for all), by number: one call
// a page.
func (c *Client) OpenIssues(ctx context.Context, r bot.Ref, name string) ([]policy.Issue, error) {
	k := of(r, "GET open issues", "issues")
	k.query, k.patient = stable(url.Values{"state": {"open"}}), true
	if name != "" {
		k.query.Set("labels", name)
	}
	return c.issues(ctx, k)
}

// QuietIssues reads the first page of the open issues with a label, those first
// that changed longest ago: one call. What is no issue that can be told apart
// from another is left out.
func (c *Client) QuietIssues(ctx context.Context, r bot.Ref, name string) ([]policy.Issue, error) {
	k := of(r, "GET quiet issues", "issues")
	k.query = url.Values{"state": {"open"}, "labels": {name}, "sort": {"updated"}, "direction": {"asc"}, "per_page": {"100"}}
	var page []issue
	k.into = &page
	if _, err := c.do(ctx, k); err != nil {
		return nil, err
	}
	var all []policy.Issue
	for _, i := range page {
		if i.ID != 0 && !i.UpdatedAt.IsZero() && i.State == "open" && !i.pull() {
			all = append(all, i.value(r.Repository))
		}
	}
	return all, nil
}

func (c *Client) issues(ctx context.Context, k call) ([]policy.Issue, error) {
	found, err := list[issue](ctx, c, k)
	if err != nil {
		return nil, err
	}
	var all []policy.Issue
	for _, f := range found {
		if !f.pull() {
			all = append(all, f.value(k.scope.repository))
		}
	}
	slices.SortStableFunc(all, func(a, b policy.Issue) int { return cmp.Compare(a.Number, b.Number) })
	return slices.CompactFunc(all, func(a, b policy.Issue) bool { return a.ID == b.ID }), nil
}

func sinceQuery(since time.Time) url.Values {
	q := url.Values{}
	if !since.IsZero() {
		q.Set("since", since.UTC().Format(time.RFC3339))
	}
	return q
}

// stable orders by creation. By time of update, an issue that changes between
// two pages moves to the end, and the first of the next page slips through.
func stable(q url.Values) url.Values {
	q.Set("sort", "created")
	q.Set("direction", "asc")
	return q
}

// Reacted reports whether our App has put that reaction on a comment: one
// call a page, and those of Self at its first use.
func (c *Client) Reacted(ctx context.Context, r bot.Ref, id int64, content string) (bool, error) {
	me, err := c.Self(ctx)
	if err != nil {
		return false, err
	}
	k := of(r, "GET reactions", inComment(id, "reactions")...)
	k.query = url.Values{"content": {content}}
	found, err := list[reaction](ctx, c, k)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(found, func(x reaction) bool {
		return x.Content == content && x.User.actor().ID == me.ID
	}), nil
}

// FindTeam reads a team by its organisation and slug, whatever ids are
// configured, so that an operator can compare them. An answer about a team of
// another name is Broken: its ids would be written down for this one.
func (c *Client) FindTeam(ctx context.Context, installation int64, t policy.Team) (policy.Team, error) {
	k := teamCall(installation, t)
	got, err := c.team(ctx, k)
	if err != nil {
		return policy.Team{}, err
	}
	if !strings.EqualFold(got.Slug, t.Slug) || !strings.EqualFold(got.Organization.Login, t.Org) {
		return policy.Team{}, broken(k.op)
	}
	return policy.Team{Org: t.Org, Slug: t.Slug, ID: got.ID, OrgID: got.Organization.ID}, nil
}
