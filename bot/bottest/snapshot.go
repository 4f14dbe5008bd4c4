package bottest

import (
	"fmt"
	"time"
)

// Issue is an issue as everybody can see it, with its history.
type Issue struct {
	ID          int64      `json:"id"`
	Number      int        `json:"number"`
	Repository  string     `json:"repository"`
	Title       string     `json:"title"`
	Body        string     `json:"body"`
	Author      string     `json:"author"`
	State       string     `json:"state"` // open, closed
	StateReason string     `json:"state_reason,omitempty"`
	ClosedBy    string     `json:"closed_by,omitempty"`
	Locked      bool       `json:"locked,omitempty"`
	Labels      []string   `json:"labels"` // in the order in which they were set
	Assignees   []string   `json:"assignees,omitempty"`
	CreatedAt   time.Time  `json:"created_at"`
	UpdatedAt   time.Time  `json:"updated_at"`
	Comments    []Comment  `json:"comments"`
	Reactions   []Reaction `json:"reactions,omitempty"`
	Timeline    []Event    `json:"-"`
	// Revisions are the former titles and texts, a blank line between them,
	// oldest first: everybody can read them.
	Revisions []string `json:"-"`
}

// Comment is a comment of an [Issue].
type Comment struct {
	ID        int64      `json:"id"`
	Author    string     `json:"author"`
	ByApp     bool       `json:"by_app,omitempty"` // written with an installation token
	Body      string     `json:"body"`
	CreatedAt time.Time  `json:"created_at"`
	UpdatedAt time.Time  `json:"updated_at"`
	Edits     int        `json:"edits,omitempty"` // how often it was changed
	Reactions []Reaction `json:"reactions,omitempty"`
	Revisions []string   `json:"-"` // its former texts, oldest first: everybody can read them
}

// Reaction is one person's reaction.
type Reaction struct {
	Login   string `json:"login"`
	Content string `json:"content"` // eyes, +1, confused, …
}

// Event is one step of an issue's history. Kind is GitHub's word (opened, labeled, unlabeled, edited, closed, reopened, assigned, unassigned,
// locked, unlocked, commented, deleted, transferred), or "comment edited", "comment deleted", for which GitHub has none.
type Event struct {
	At       time.Time
	Actor    string
	Kind     string
	Label    string // of labeled and unlabeled
	Reason   string // of closed
	Assignee string // of assigned and unassigned
	Comment  int64  // of commented, comment edited and comment deleted
}

// String is the event as a line without its time: "ann labeled recovery: triage".
func (e Event) String() string {
	detail := e.Label + e.Reason + e.Assignee
	if detail == "" {
		return e.Actor + " " + e.Kind
	}
	return fmt.Sprintf("%s %s %s", e.Actor, e.Kind, detail)
}

// Issue returns an issue as it is now; false where there is none, or it was deleted or transferred.
func (r *Repository) Issue(number int) (Issue, bool) {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	is := r.r.issues[number]
	if is == nil || is.deleted || is.movedTo != nil {
		return Issue{}, false
	}
	return is.snapshot(), true
}

// Issues returns all issues of the repository by number.
func (r *Repository) Issues() []Issue {
	r.f.mu.Lock()
	defer r.f.mu.Unlock()
	var all []Issue
	for _, is := range r.r.sorted() {
		all = append(all, is.snapshot())
	}
	return all
}

func (is *issue) snapshot() Issue {
	s := Issue{
		ID: is.id, Number: is.number, Repository: is.repo.full(), Title: is.title, Body: is.body, Author: is.user.login,
		State: is.state, StateReason: is.reason, Locked: is.locked, CreatedAt: is.created, UpdatedAt: is.updated,
		Labels: []string{}, Comments: []Comment{}, Reactions: reactions(is.reactions),
	}
	s.Timeline = append(s.Timeline, is.events...)
	s.Revisions = append(s.Revisions, is.revisions...)
	if is.closedBy != nil {
		s.ClosedBy = is.closedBy.login
	}
	for _, l := range is.labels {
		s.Labels = append(s.Labels, l.name)
	}
	for _, u := range is.assignees {
		s.Assignees = append(s.Assignees, u.login)
	}
	for _, c := range is.comments {
		s.Comments = append(s.Comments, Comment{
			ID: c.id, Author: c.user.login, ByApp: c.byApp, Body: c.body, CreatedAt: c.created, UpdatedAt: c.updated,
			Edits: c.edits, Reactions: reactions(c.reactions), Revisions: append([]string(nil), c.revisions...),
		})
	}
	return s
}

func reactions(list []reaction) []Reaction {
	var all []Reaction
	for _, r := range list {
		all = append(all, Reaction{Login: r.user.login, Content: r.content})
	}
	return all
}
