package bottest

import (
	"slices"
	"strings"
	"time"
)

// The functions of this file change the state, with the lock held, after the caller's rights were checked. Each queues its webhooks.

// touch keeps the issue as it was and moves its updated_at.
func (f *Fake) touch(is *issue) {
	was, now := is.copied(), f.now()
	is.before = was
	if now.After(was.updated) {
		is.older = was
	}
	is.updated = now
}

func (f *Fake) note(is *issue, by actor, e Event) {
	e.At, e.Actor = f.now(), by.user.login
	is.events = append(is.events, e)
}

func (f *Fake) openIssue(by actor, r *repo, d Draft) *issue {
	now := f.now()
	r.last++
	is := &issue{
		id: f.next(), number: r.last, repo: r, title: d.Title, body: d.Body, user: by.user, byApp: by.app != "", pull: d.PullRequest,
		state: "open", created: now, updated: now,
	}
	r.issues[is.number] = is
	r.open++
	for _, name := range d.Labels {
		if !is.has(name) {
			is.labels = append(is.labels, f.ensureLabel(r, name))
		}
	}
	is.subscribe(by.user, "author")
	f.said(is, by, saying{now: is.body})
	f.note(is, by, Event{Kind: "opened"})
	f.send(hook{r, by, "issues", "opened"}, object{"issue": hookIssue(is)})
	for _, l := range is.labels {
		f.note(is, by, Event{Kind: "labeled", Label: l.name})
		f.send(hook{r, by, "issues", "labeled"}, object{"issue": hookIssue(is), "label": labelJSON(r, l)})
	}
	return is
}

// editIssue applies the title and the body of a patch.
func (f *Fake) editIssue(by actor, is *issue, p issuePatch) {
	changes := object{}
	if p.Title != nil && *p.Title != is.title {
		changes["title"] = object{"from": is.title}
	}
	if p.Body != nil && *p.Body != is.body {
		changes["body"] = object{"from": is.body}
	}
	if len(changes) == 0 {
		return
	}
	f.touch(is)
	is.revisions = append(slices.Clone(is.revisions), is.title+"\n\n"+is.body)
	if p.Title != nil {
		is.title = *p.Title
	}
	if p.Body != nil {
		f.said(is, by, saying{now: *p.Body, was: is.body})
		is.body = *p.Body
	}
	f.note(is, by, Event{Kind: "edited"})
	f.send(hook{is.repo, by, "issues", "edited"}, object{"issue": hookIssue(is), "changes": changes})
}

func (f *Fake) closeIssue(by actor, is *issue, reason string) {
	if reason == "" {
		reason = "completed"
	}
	if is.state == "closed" && is.reason == reason {
		return
	}
	f.touch(is)
	if is.state == "open" {
		is.repo.open--
	}
	is.state, is.reason, is.closedBy, is.closed = "closed", reason, by.user, f.now()
	is.subscribe(by.user, "state_change")
	f.said(is, by, saying{loud: true})
	f.note(is, by, Event{Kind: "closed", Reason: reason})
	f.send(hook{is.repo, by, "issues", "closed"}, object{"issue": hookIssue(is)})
}

func (f *Fake) reopenIssue(by actor, is *issue) {
	if is.state == "open" {
		return
	}
	f.touch(is)
	is.repo.open++
	is.state, is.reason, is.closedBy, is.closed = "open", "reopened", nil, time.Time{}
	is.subscribe(by.user, "state_change")
	f.said(is, by, saying{loud: true})
	f.note(is, by, Event{Kind: "reopened"})
	f.send(hook{is.repo, by, "issues", "reopened"}, object{"issue": hookIssue(is)})
}

func (f *Fake) ensureLabel(r *repo, name string) *label {
	if l := r.label(name); l != nil {
		return l
	}
	l := &label{id: f.next(), name: name, color: "ededed"}
	r.labels = append(r.labels, l)
	return l
}

func (f *Fake) addLabel(by actor, is *issue, name string) {
	if is.has(name) {
		return
	}
	f.touch(is)
	l := f.ensureLabel(is.repo, name)
	is.labels = append(is.labels, l)
	f.note(is, by, Event{Kind: "labeled", Label: l.name})
	f.send(hook{is.repo, by, "issues", "labeled"}, object{"issue": hookIssue(is), "label": labelJSON(is.repo, l)})
}

func (f *Fake) removeLabel(by actor, is *issue, name string) error {
	i := slices.IndexFunc(is.labels, func(l *label) bool { return strings.EqualFold(l.name, name) })
	if i < 0 {
		return &RefusedError{Status: 404, Message: "Label does not exist"}
	}
	f.touch(is)
	l := is.labels[i]
	is.labels = slices.Delete(is.labels, i, i+1)
	f.note(is, by, Event{Kind: "unlabeled", Label: l.name})
	f.send(hook{is.repo, by, "issues", "unlabeled"}, object{"issue": hookIssue(is), "label": labelJSON(is.repo, l)})
	return nil
}

// assignable tells whether a user can be assigned: GitHub takes people with a role in the repository and members of the owner's teams.
func (f *Fake) assignable(r *repo, u *user) bool {
	if r.rank(u) >= rankTriage {
		return true
	}
	return slices.ContainsFunc(f.teams, func(t *team) bool { return t.org == r.owner && slices.Contains(t.members, u) })
}

// assign skips who can't be assigned in silence, as GitHub does, and stops at ten.
func (f *Fake) assign(by actor, is *issue, logins []string) {
	for _, login := range logins {
		u := f.user(login)
		if u == nil || slices.Contains(is.assignees, u) || len(is.assignees) >= 10 || !f.assignable(is.repo, u) {
			continue
		}
		f.touch(is)
		is.assignees = append(is.assignees, u)
		is.subscribe(u, "assign")
		f.assigned(is, by, u)
		f.note(is, by, Event{Kind: "assigned", Assignee: u.login})
		f.send(hook{is.repo, by, "issues", "assigned"}, object{"issue": hookIssue(is), "assignee": userJSON(u)})
	}
}

func (f *Fake) unassign(by actor, is *issue, logins []string) {
	for _, login := range logins {
		i := slices.IndexFunc(is.assignees, func(u *user) bool { return strings.EqualFold(u.login, login) })
		if i < 0 {
			continue
		}
		f.touch(is)
		u := is.assignees[i]
		is.assignees = slices.Delete(is.assignees, i, i+1)
		f.note(is, by, Event{Kind: "unassigned", Assignee: u.login})
		f.send(hook{is.repo, by, "issues", "unassigned"}, object{"issue": hookIssue(is), "assignee": userJSON(u)})
	}
}

func (f *Fake) addComment(by actor, is *issue, body string) *comment {
	f.touch(is)
	now := f.now()
	c := &comment{id: f.next(), issue: is, user: by.user, body: body, byApp: by.app != "", created: now, updated: now}
	is.comments = append(is.comments, c)
	is.repo.notes[c.id] = c
	is.subscribe(by.user, "comment")
	f.said(is, by, saying{now: body, loud: true})
	f.note(is, by, Event{Kind: "commented", Comment: c.id})
	f.send(hook{is.repo, by, "issue_comment", "created"}, object{"issue": hookIssue(is), "comment": f.hookComment(c)})
	return c
}

func (f *Fake) editComment(by actor, c *comment, body string) {
	if c.body == body {
		return
	}
	f.touch(c.issue)
	changes := object{"body": object{"from": c.body}}
	f.said(c.issue, by, saying{now: body, was: c.body})
	c.revisions = append(slices.Clone(c.revisions), c.body)
	c.body, c.updated = body, f.now()
	c.edits++
	f.note(c.issue, by, Event{Kind: "comment edited", Comment: c.id})
	f.send(hook{c.issue.repo, by, "issue_comment", "edited"}, object{"issue": hookIssue(c.issue), "comment": f.hookComment(c), "changes": changes})
}

func (f *Fake) deleteComment(by actor, c *comment) {
	is := c.issue
	f.touch(is)
	is.comments = slices.DeleteFunc(is.comments, func(o *comment) bool { return o == c })
	delete(is.repo.notes, c.id)
	f.note(is, by, Event{Kind: "comment deleted", Comment: c.id})
	f.send(hook{is.repo, by, "issue_comment", "deleted"}, object{"issue": hookIssue(is), "comment": f.hookComment(c)})
}

// react adds a reaction to list unless the same user reacted alike already. No webhook tells of reactions, and updated_at stays.
func (f *Fake) react(by actor, list *[]reaction, content string) (reaction, int) {
	for _, r := range *list {
		if r.user == by.user && r.content == content {
			return r, 200
		}
	}
	r := reaction{id: f.next(), user: by.user, content: content, at: f.now()}
	*list = append(*list, r)
	return r, 201
}

func (f *Fake) setLock(by actor, is *issue, action string) {
	want := action == "locked"
	if is.locked == want {
		return
	}
	f.touch(is)
	is.locked = want
	f.note(is, by, Event{Kind: action})
	f.send(hook{is.repo, by, "issues", action}, object{"issue": hookIssue(is)})
}

func (f *Fake) deleteIssue(by actor, is *issue) {
	f.touch(is)
	is.deleted = true
	if is.state == "open" {
		is.repo.open--
	}
	f.note(is, by, Event{Kind: "deleted"})
	f.send(hook{is.repo, by, "issues", "deleted"}, object{"issue": hookIssue(is)})
}

// transfer moves an issue: the target gets a new issue with a new id, the labels that it knows, and copies of the comments.
func (f *Fake) transfer(by actor, is *issue, to *repo) *issue {
	f.touch(is)
	to.last++
	moved := is.copied()
	moved.id, moved.number, moved.repo = f.next(), to.last, to
	moved.labels = slices.DeleteFunc(moved.labels, func(l *label) bool { return to.label(l.name) == nil })
	for i, l := range moved.labels {
		moved.labels[i] = to.label(l.name)
	}
	for i, c := range moved.comments {
		moving := *c
		moving.id, moving.issue = f.next(), moved
		moved.comments[i] = &moving
		to.notes[moving.id] = &moving
	}
	to.issues[moved.number] = moved
	is.movedTo = moved
	if is.state == "open" {
		is.repo.open--
		to.open++
	}
	f.note(is, by, Event{Kind: "transferred"})
	f.note(moved, by, Event{Kind: "opened"})
	f.send(hook{is.repo, by, "issues", "transferred"}, object{
		"issue":   hookIssue(is),
		"changes": object{"new_issue": hookIssue(moved), "new_repository": repoJSON(to)},
	})
	f.send(hook{to, by, "issues", "opened"}, object{
		"issue":   hookIssue(moved),
		"changes": object{"old_issue": hookIssue(is), "old_repository": repoJSON(is.repo)},
	})
	return moved
}
