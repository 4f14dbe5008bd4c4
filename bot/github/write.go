package github

import (
	"context"
	"net/http"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// PostComment posts a comment and returns its id.
func (c *Client) PostComment(ctx context.Context, r bot.Ref, body string) (int64, error) {
	var got comment
	k := of(r, "POST comment", inIssue(r, "comments")...)
	k.body, k.into = map[string]string{"body": body}, &got
	if _, err := c.do(ctx, k); err != nil {
		return 0, err
	}
	if got.ID == 0 {
		return 0, &bot.Error{Op: k.op, Class: bot.Broken, Status: http.StatusCreated}
	}
	return got.ID, nil
}

// EditComment replaces a comment's text; Missing if it was deleted.
func (c *Client) EditComment(ctx context.Context, r bot.Ref, id int64, body string) error {
	k := of(r, "PATCH comment", inComment(id)...)
	k.body = map[string]string{"body": body}
	return c.write(ctx, k)
}

// DeleteComment deletes a comment; one that is not there is success.
func (c *Client) DeleteComment(ctx context.Context, r bot.Ref, id int64) error {
	return unlessMissing(c.write(ctx, of(r, "DELETE comment", inComment(id)...)))
}

// CreateLabel creates a label in the repository; one that exists is success,
// whatever its colour and description.
func (c *Client) CreateLabel(ctx context.Context, r bot.Ref, l policy.Label) error {
	k := of(r, "POST label", "labels")
	k.body = map[string]string{"name": l.Name, "color": l.Color, "description": l.Description}
	k.lenient = true
	return c.write(ctx, k)
}

// AddLabels adds labels to an issue; those that it has stay.
func (c *Client) AddLabels(ctx context.Context, r bot.Ref, names []string) error {
	k := of(r, "POST labels", inIssue(r, "labels")...)
	k.body = map[string][]string{"labels": names}
	return c.write(ctx, k)
}

// RemoveLabel takes a label from an issue; one that is not set is success.
// A 404 is also GitHub's answer where the issue itself is gone.
func (c *Client) RemoveLabel(ctx context.Context, r bot.Ref, name string) error {
	return unlessMissing(c.write(ctx, of(r, "DELETE label", inIssue(r, "labels", name)...)))
}

// React puts a reaction on a comment; one that is there already is success.
func (c *Client) React(ctx context.Context, r bot.Ref, id int64, content string) error {
	k := of(r, "POST reaction", inComment(id, "reactions")...)
	k.body = map[string]string{"content": content}
	return c.write(ctx, k)
}

// Close closes an issue with GitHub's reason: "completed", "not_planned" or
// "duplicate".
func (c *Client) Close(ctx context.Context, r bot.Ref, reason string) error {
	k := of(r, "PATCH issue", inIssue(r)...)
	k.body = map[string]string{"state": "closed", "state_reason": reason}
	return c.write(ctx, k)
}

// Reopen opens an issue again.
func (c *Client) Reopen(ctx context.Context, r bot.Ref) error {
	k := of(r, "PATCH issue", inIssue(r)...)
	k.body = map[string]string{"state": "open"}
	return c.write(ctx, k)
}

// Assign assigns people. GitHub leaves out, without an error, who can't be
// assigned.
func (c *Client) Assign(ctx context.Context, r bot.Ref, logins []string) error {
	k := of(r, "POST assignees", inIssue(r, "assignees")...)
	k.body = map[string][]string{"assignees": logins}
	return c.write(ctx, k)
}

// Unassign takes people away; those who are not assigned are no error.
func (c *Client) Unassign(ctx context.Context, r bot.Ref, logins []string) error {
	k := of(r, "DELETE assignees", inIssue(r, "assignees")...)
	k.body = map[string][]string{"assignees": logins}
	return c.write(ctx, k)
}

// PostIssue opens an issue and returns where it is. GitHub opens every issue
// that it creates.
func (c *Client) PostIssue(ctx context.Context, r bot.Ref, d bot.Draft) (bot.Ref, error) {
	var got issue
	k := of(r, "POST issue", "issues")
	k.body, k.into = map[string]string{"title": d.Title, "body": d.Body}, &got
	if _, err := c.do(ctx, k); err != nil {
		return bot.Ref{}, err
	}
	if got.ID == 0 || got.Number <= 0 {
		return bot.Ref{}, &bot.Error{Op: k.op, Class: bot.Broken, Status: http.StatusCreated}
	}
	r.Issue, r.Number = got.ID, got.Number
	return r, nil
}

// EditIssue replaces an issue's title, text and state in one call. GoneAway if
// the number leads to another issue than r's.
func (c *Client) EditIssue(ctx context.Context, r bot.Ref, d bot.Draft) error {
	state := "closed"
	if d.Open {
		state = "open"
	}
	return c.patchIssue(ctx, r, map[string]string{"title": d.Title, "body": d.Body, "state": state})
}

// EditText replaces the title and the text of an issue, where t has one, and
// nothing else. GoneAway if the number leads to another issue than r's.
func (c *Client) EditText(ctx context.Context, r bot.Ref, t bot.IssueText) error {
	said := map[string]string{}
	if t.Title != "" {
		said["title"] = t.Title
	}
	if t.Body != "" {
		said["body"] = t.Body
	}
	return c.patchIssue(ctx, r, said)
}

// patchIssue changes an issue, and sees that it was the right one.
func (c *Client) patchIssue(ctx context.Context, r bot.Ref, said map[string]string) error {
	var got issue
	k := of(r, "PATCH issue", inIssue(r)...)
	k.body, k.into = said, &got
	if _, err := c.do(ctx, k); err != nil {
		return err
	}
	switch {
	case got.ID == 0:
		return broken(k.op)
	case r.Issue != 0 && got.ID != r.Issue:
		return &bot.Error{Op: k.op, Class: bot.GoneAway, Status: http.StatusOK}
	}
	return nil
}

// write makes a call whose answer does not matter: it is done when GitHub
// says so, even if the rest of the answer is lost.
func (c *Client) write(ctx context.Context, k call) error {
	_, err := c.do(ctx, k)
	return err
}
