package bot

import (
	"context"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// GitHub is what the bot reads from GitHub and writes to it: one method for
// each read and each effect. Every error has an *Error in its chain. All
// methods may be called concurrently.
type GitHub interface {
	Reader
	Writer
	Hooks
}

// Reader are the reads.
type Reader interface {
	// Issue reads an issue. GoneAway if it is now another issue or none.
	Issue(ctx context.Context, r Ref) (policy.Issue, error)
	// Comment reads one comment.
	Comment(ctx context.Context, r Ref, id int64) (IssueComment, error)
	// Comments reads all comments of an issue that were updated since a
	// time (zero: all), oldest first.
	Comments(ctx context.Context, r Ref, since time.Time) ([]IssueComment, error)
	// Reacted reports whether our App has put that reaction on a comment.
	Reacted(ctx context.Context, r Ref, comment int64, content string) (bool, error)
	// Members reads a team by its slug and returns its members' user ids.
	// Invalid if the team's or its organisation's id is another than configured.
	Members(ctx context.Context, installation int64, t policy.Team) ([]int64, error)
	// IssuesSince lists issues (no pull requests) updated since a time,
	// open or closed, oldest first.
	// With an ETag in the window it is ErrUnchanged where the answer would be
	// the one that had it, which costs nothing of GitHub's primary rate limit.
	// The window that is returned is the same one with the ETag of this
	// answer, "" where it has none that can be relied on.
	IssuesSince(ctx context.Context, r Ref, w Window) ([]policy.Issue, Window, error)
	// OpenIssues lists open issues with a label ("" for all), oldest first.
	OpenIssues(ctx context.Context, r Ref, label string) ([]policy.Issue, error)
	// QuietIssues lists open issues with a label that have not changed for
	// longest, 100 at the most and those first: one call. It shows of each what
	// Issue would, but only of issues that are open and no pull requests.
	QuietIssues(ctx context.Context, r Ref, label string) ([]policy.Issue, error)
	// CommentsSince lists comments of a repository updated since a time,
	// oldest first. Windows are as for IssuesSince.
	CommentsSince(ctx context.Context, r Ref, w Window) ([]IssueComment, Window, error)
	// FindRepository looks a repository and our installation on it up.
	FindRepository(ctx context.Context, owner, name string) (Repository, error)
	// LookUp says what a repository is now, wherever it is and whatever it is
	// called: by its id. Its State is what we can do there; Owner is "" where
	// nothing can be seen of it.
	LookUp(ctx context.Context, r Ref) (Repository, error)
	// Self returns our App's bot user.
	Self(ctx context.Context) (policy.Actor, error)
}

// Writer are the writes. Each is made once: an error whose class is Transient
// may come after GitHub has done it.
type Writer interface {
	PostComment(ctx context.Context, r Ref, body string) (id int64, err error)
	// EditComment replaces a comment's text; Missing if it was deleted.
	EditComment(ctx context.Context, r Ref, id int64, body string) error
	DeleteComment(ctx context.Context, r Ref, id int64) error
	// CreateLabel creates a label in the repository; one that exists is success.
	CreateLabel(ctx context.Context, r Ref, l policy.Label) error
	AddLabels(ctx context.Context, r Ref, names []string) error
	// RemoveLabel takes a label away; one that is not set is success.
	RemoveLabel(ctx context.Context, r Ref, name string) error
	React(ctx context.Context, r Ref, comment int64, content string) error
	// Close closes with GitHub's reason: "completed", "not_planned" or
	// "duplicate".
	Close(ctx context.Context, r Ref, reason string) error
	Reopen(ctx context.Context, r Ref) error
	Assign(ctx context.Context, r Ref, logins []string) error
	Unassign(ctx context.Context, r Ref, logins []string) error
	// PostIssue opens an issue in the repository of r and returns where it is.
	PostIssue(ctx context.Context, r Ref, d Draft) (Ref, error)
	// EditText replaces the title and the text of an issue, whoever wrote it,
	// and leaves its state alone; Missing or GoneAway if it was deleted or moved.
	EditText(ctx context.Context, r Ref, t IssueText) error
	// EditIssue replaces an issue's title, text and state; Missing or
	// GoneAway if it was deleted or moved.
	EditIssue(ctx context.Context, r Ref, d Draft) error
}

// Window is what a list is asked for: what changed since a time, and the ETag
// of the last answer to the same question.
type Window struct {
	Since time.Time
	ETag  string
}

// IssueText is what an issue says. What is "" stays as it is.
type IssueText struct {
	Title string
	Body  string
}

// Draft is an issue of ours as it should be.
type Draft struct {
	Title string
	Body  string
	Open  bool
}

// IssueComment is a comment as it is now.
type IssueComment struct {
	ID        int64
	Issue     int // number of its issue, where GitHub says it; else 0
	Author    policy.Actor
	App       int64 // id of the App it was written through; 0: by the author's own hand
	Body      string
	CreatedAt time.Time
	UpdatedAt time.Time
}
