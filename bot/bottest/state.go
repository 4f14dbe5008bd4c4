package bottest

import (
	"slices"
	"strings"
	"time"
)

type user struct {
	id          int64
	login, kind string // kind: User, Bot, Organization
	created     time.Time
}

type team struct {
	id      int64
	slug    string
	org     *user
	members []*user
	created time.Time
}

type label struct {
	id                       int64
	name, color, description string
}

type reaction struct {
	id      int64
	user    *user
	content string
	at      time.Time
}

type comment struct {
	id               int64
	issue            *issue
	user             *user
	body             string
	byApp            bool
	created, updated time.Time
	edits            int
	revisions        []string // its former texts, which everybody can read
	reactions        []reaction
}

type issue struct {
	id               int64
	number           int
	repo             *repo
	title, body      string
	user             *user
	byApp, pull      bool
	state, reason    string
	closedBy         *user
	closed           time.Time
	created, updated time.Time
	labels           []*label
	assignees        []*user
	locked           bool
	comments         []*comment
	reactions        []reaction
	events           []Event
	deleted          bool
	converted        bool // to a discussion
	subscribers      []subscriber
	revisions        []string // its former titles and texts, which everybody can read
	movedTo          *issue

	// before is the issue as it was before its last change, older the last state with an older updated: what a lagging replica serves.
	before, older *issue
}

type repo struct {
	id           int64
	owner        *user
	name         string
	oldNames     []string
	private      bool
	installation int64 // 0: none covers it
	labels       []*label
	issues       map[int]*issue
	notes        map[int64]*comment
	last         int
	open         int // live issues that are open
	roles        map[int64]rank
	created      time.Time
	noIssues     bool
	gone         bool
	archived     bool
}

type rank int

const (
	rankNone rank = iota
	rankRead
	rankTriage
	rankWrite
	rankAdmin
)

func (r *repo) full() string { return r.owner.login + "/" + r.name }

func (r *repo) label(name string) *label {
	for _, l := range r.labels {
		if strings.EqualFold(l.name, name) {
			return l
		}
	}
	return nil
}

func (is *issue) has(name string) bool {
	return slices.ContainsFunc(is.labels, func(l *label) bool { return strings.EqualFold(l.name, name) })
}

// copied returns the issue as it is now, untouched by later changes of the original.
func (is *issue) copied() *issue {
	c := *is
	c.labels, c.assignees, c.comments = slices.Clone(is.labels), slices.Clone(is.assignees), slices.Clone(is.comments)
	c.before, c.older, c.events = nil, nil, nil
	return &c
}

// sorted returns the repository's live issues by number.
func (r *repo) sorted() []*issue {
	var all []*issue
	for n := 1; n <= r.last; n++ {
		if is := r.issues[n]; is != nil && !is.deleted && is.movedTo == nil {
			all = append(all, is)
		}
	}
	return all
}

// comment finds a comment by id in the live issues.
func (r *repo) comment(id int64) *comment {
	c := r.notes[id]
	if c == nil || c.issue.deleted || c.issue.movedTo != nil {
		return nil
	}
	return c
}

func (r *repo) rank(u *user) rank {
	if u == nil {
		return r.floor()
	}
	if u == r.owner {
		return rankAdmin
	}
	return max(r.roles[u.id], r.floor())
}

// floor is what everybody may do.
func (r *repo) floor() rank {
	if r.private {
		return rankNone
	}
	return rankRead
}
