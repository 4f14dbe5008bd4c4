package github

import (
	"encoding/json"
	"path"
	"strconv"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// What is read of GitHub's answers. The rest is not even decoded.
type (
	user struct {
		ID    int64  `json:"id"`
		Login string `json:"login"`
		Type  string `json:"type"`
	}
	label struct {
		Name string `json:"name"`
	}
	issue struct {
		ID          int64           `json:"id"`
		Number      int             `json:"number"`
		Title       string          `json:"title"`
		Body        string          `json:"body"`
		User        *user           `json:"user"`
		State       string          `json:"state"`
		StateReason string          `json:"state_reason"`
		Locked      bool            `json:"locked"`
		ClosedBy    *user           `json:"closed_by"`
		Labels      []label         `json:"labels"`
		Assignees   []user          `json:"assignees"`
		CreatedAt   time.Time       `json:"created_at"`
		UpdatedAt   time.Time       `json:"updated_at"`
		PullRequest json.RawMessage `json:"pull_request"`
	}
	comment struct {
		ID        int64     `json:"id"`
		IssueURL  string    `json:"issue_url"`
		User      *user     `json:"user"`
		Body      string    `json:"body"`
		CreatedAt time.Time `json:"created_at"`
		UpdatedAt time.Time `json:"updated_at"`
		App       *struct {
			ID int64 `json:"id"`
		} `json:"performed_via_github_app"`
	}
	reaction struct {
		User    *user  `json:"user"`
		Content string `json:"content"`
	}
	repository struct {
		ID        int64  `json:"id"`
		Name      string `json:"name"`
		Owner     user   `json:"owner"`
		Private   bool   `json:"private"`
		Archived  bool   `json:"archived"`
		HasIssues *bool  `json:"has_issues"` // nil: not said
	}
	team struct {
		ID           int64  `json:"id"`
		Slug         string `json:"slug"`
		Organization struct {
			ID    int64  `json:"id"`
			Login string `json:"login"`
		} `json:"organization"`
	}
)

// actor returns the zero Actor for a user that GitHub does not name. Whatever
// is not called a user is no person: GitHub may have kinds that nobody knows.
func (u *user) actor() policy.Actor {
	if u == nil {
		return policy.Actor{}
	}
	return policy.Actor{ID: u.ID, Login: u.Login, Bot: u.Type != "User"}
}

func (i *issue) pull() bool {
	return len(i.PullRequest) > 0 && string(i.PullRequest) != "null"
}

func (i *issue) value(repository int64) policy.Issue {
	v := policy.Issue{
		Repository: repository, ID: i.ID, Number: i.Number, Title: i.Title, Body: i.Body,
		Author: i.User.actor(), Open: i.State == "open", Locked: i.Locked,
		CreatedAt: i.CreatedAt, UpdatedAt: i.UpdatedAt,
	}
	v.Reopened = v.Open && i.StateReason == "reopened"
	if !v.Open {
		v.ClosedBy = i.ClosedBy.actor().ID
	}
	for _, l := range i.Labels {
		v.Labels = append(v.Labels, l.Name)
	}
	for _, a := range i.Assignees {
		v.Assignees = append(v.Assignees, a.Login)
	}
	return v
}

func (c *comment) value() bot.IssueComment {
	v := bot.IssueComment{
		ID: c.ID, Author: c.User.actor(), Body: c.Body,
		CreatedAt: c.CreatedAt, UpdatedAt: c.UpdatedAt,
	}
	if n, err := strconv.Atoi(path.Base(c.IssueURL)); err == nil {
		v.Issue = n
	}
	if c.App != nil {
		v.App = c.App.ID
	}
	return v
}
