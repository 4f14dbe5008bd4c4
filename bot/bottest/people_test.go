package bottest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// act is something that people do, by the Go method and over HTTP, and who may: 0, or the refusal's status.
type act struct {
	name string
	by   func(w *world, login string) error
	call string
	body string
	want map[string]int
}

func acts() []act {
	return []act{
		{
			"edit the body",
			func(w *world, login string) error { return w.repo.EditIssue(1, login, "new") },
			"PATCH /repos/pypi/support/issues/1", `{"body":"new"}`,
			map[string]int{"author": 0, "stranger": 403, "helper": 403, "writer": 0},
		},
		{
			"close",
			func(w *world, login string) error { return w.repo.Close(1, login) },
			"PATCH /repos/pypi/support/issues/1", `{"state":"closed"}`,
			map[string]int{"author": 0, "stranger": 403, "helper": 0, "writer": 0},
		},
		{
			"label",
			func(w *world, login string) error { return w.repo.Label(1, login, "bug") },
			"POST /repos/pypi/support/issues/1/labels", `{"labels":["bug"]}`,
			map[string]int{"author": 403, "stranger": 403, "helper": 0, "writer": 0},
		},
		{
			"unlabel",
			func(w *world, login string) error { return w.repo.Unlabel(1, login, "account-recovery") },
			"DELETE /repos/pypi/support/issues/1/labels/account-recovery", "",
			map[string]int{"author": 403, "stranger": 403, "helper": 0, "writer": 0},
		},
		{
			"lock",
			func(w *world, login string) error { return w.repo.Lock(1, login) },
			"PUT /repos/pypi/support/issues/1/lock", "",
			map[string]int{"author": 403, "stranger": 403, "helper": 403, "writer": 0},
		},
		{
			"assign",
			func(w *world, login string) error { return w.repo.Assign(1, login, "agent") },
			"POST /repos/pypi/support/issues/1/assignees", `{"assignees":["agent"]}`,
			map[string]int{"author": 403, "stranger": 403, "helper": 0, "writer": 0},
		},
		{
			"comment",
			func(w *world, login string) error { _, err := w.repo.Comment(1, login, "hi"); return err },
			"POST /repos/pypi/support/issues/1/comments", `{"body":"hi"}`,
			map[string]int{"author": 0, "stranger": 0, "helper": 0, "writer": 0},
		},
	}
}

// What people may do, once by the Go methods and once over HTTP.
func TestRightsOfPeople(t *testing.T) {
	for _, act := range acts() {
		for login, want := range act.want {
			t.Run(act.name+" by "+login, func(t *testing.T) {
				w := newWorld(t)
				w.open("account-recovery")
				if got := refusal(act.by(w, login)); got != want {
					t.Errorf("Go method: refused with %d, want %d", got, want)
				}
				over := newWorld(t)
				over.open("account-recovery")
				a, err := over.as(person(login)).try(act.call, act.body)
				over.check(err)
				if got := a.status; (want == 0) != (got < 300) || want != 0 && got != want {
					t.Errorf("HTTP: status %d, want refusal %d: %s", got, want, a.raw)
				}
				if diff := cmp.Diff(w.issue(1).Timeline, over.issue(1).Timeline); diff != "" {
					t.Errorf("the two ways end differently (-Go +HTTP):\n%s", diff)
				}
			})
		}
	}
}

func refusal(err error) int {
	var e *bottest.RefusedError
	if errors.As(err, &e) {
		return e.Status
	}
	if err != nil {
		return -1
	}
	return 0
}

func TestReopening(t *testing.T) {
	cases := []struct {
		closes, reopens string
		want            int
	}{
		{"author", "author", 0},
		{"helper", "author", 403},
		{"author", "stranger", 403},
		{"author", "helper", 0},
		{"helper", "writer", 0},
	}
	for _, c := range cases {
		t.Run(c.closes+" closes, "+c.reopens+" reopens", func(t *testing.T) {
			w := newWorld(t)
			n := w.open()
			w.check(w.repo.Close(n, c.closes))
			if got := w.issue(n); got.ClosedBy != c.closes || got.StateReason != "completed" {
				t.Errorf("closed: %+v", got)
			}
			if got := refusal(w.repo.Reopen(n, c.reopens)); got != c.want {
				t.Errorf("refused with %d, want %d", got, c.want)
			}
			if got := w.issue(n); (got.State == "open") != (c.want == 0) || got.State == "open" && got.ClosedBy != "" {
				t.Errorf("after reopening: %+v", got)
			}
		})
	}
}

func TestCommentsOfOthers(t *testing.T) {
	w := newWorld(t)
	n := w.open()
	id, err := w.repo.Comment(n, "author", "mine")
	w.check(err)
	for login, want := range map[string]int{"stranger": 403, "helper": 403, "writer": 0, "author": 0} {
		if got := refusal(w.repo.EditComment(id, login, "by "+login)); got != want {
			t.Errorf("edit by %s: %d, want %d", login, got, want)
		}
	}
	w.check(w.repo.Lock(n, "writer"))
	if _, err := w.repo.Comment(n, "author", "locked out"); refusal(err) != 403 {
		t.Errorf("comment on a locked issue: %v, want 403", err)
	}
	w.check(w.repo.Unlock(n, "writer"))
	if got := refusal(w.repo.DeleteComment(id, "stranger")); got != 403 {
		t.Errorf("delete by a stranger: %d, want 403", got)
	}
	w.check(w.repo.DeleteComment(id, "author"))
	if got := refusal(w.repo.EditComment(id, "author", "gone")); got != 404 {
		t.Errorf("edit of a deleted comment: %d, want 404", got)
	}
}

func TestEveryChangeMovesUpdatedAt(t *testing.T) {
	w := newWorld(t)
	n := w.open("account-recovery")
	id, err := w.repo.Comment(n, "author", "x")
	w.check(err)
	changes := map[string]func() error{
		"edit":           func() error { return w.repo.EditIssue(n, "author", "y") },
		"title":          func() error { return w.repo.EditTitle(n, "author", "y") },
		"comment":        func() error { _, err := w.repo.Comment(n, "author", "x"); return err },
		"edit comment":   func() error { return w.repo.EditComment(id, "author", "z") },
		"label":          func() error { return w.repo.Label(n, "helper", "bug") },
		"assign":         func() error { return w.repo.Assign(n, "helper", "agent") },
		"unassign":       func() error { return w.repo.Unassign(n, "helper", "agent") },
		"close":          func() error { return w.repo.CloseAs(n, "author", "not_planned") },
		"reopen":         func() error { return w.repo.Reopen(n, "author") },
		"unlabel":        func() error { return w.repo.Unlabel(n, "helper", "account-recovery") },
		"delete comment": func() error { return w.repo.DeleteComment(id, "author") },
	}
	for _, name := range []string{
		"edit", "title", "comment", "edit comment", "label", "assign", "unassign", "close", "reopen", "unlabel", "delete comment",
	} {
		w.clock.pass(1500 * time.Millisecond)
		w.check(changes[name]())
		if got, want := w.issue(n).UpdatedAt, w.clock.Now().Truncate(time.Second); got != want {
			t.Errorf("%s: updated_at %v, want %v", name, got, want)
		}
	}
	var lines []string
	for _, e := range w.issue(n).Timeline {
		lines = append(lines, e.String())
	}
	want := `author opened
author labeled account-recovery
author commented
author edited
author edited
author commented
author comment edited
helper labeled bug
helper assigned agent
helper unassigned agent
author closed not_planned
author reopened
helper unlabeled account-recovery
author comment deleted`
	if diff := cmp.Diff(want, strings.Join(lines, "\n")); diff != "" {
		t.Errorf("timeline (-want +got):\n%s", diff)
	}
}

func TestGoneAndMoved(t *testing.T) {
	w := newWorld(t)
	token := w.token("")
	deleted, moved, kept := w.open(), w.open("account-recovery"), w.open()
	other := w.fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "warehouse", ID: 8})
	other.AddCollaborator("boss", "admin")
	old := w.issue(moved).ID
	if got := refusal(w.repo.DeleteIssue(deleted, "writer")); got != 403 {
		t.Errorf("deletion by a writer: %d, want 403", got)
	}
	w.check(w.repo.DeleteIssue(deleted, "boss"))
	n, err := w.repo.Transfer(moved, "boss", other)
	w.check(err)

	w.as(token).call(410, "GET "+fmt.Sprintf("/repos/pypi/support/issues/%d", deleted), "")
	w.as(token).call(410, "POST "+fmt.Sprintf("/repos/pypi/support/issues/%d/comments", deleted), `{"body":"x"}`)
	a := w.as(token).call(301, "POST "+fmt.Sprintf("/repos/pypi/support/issues/%d/comments", moved), `{"body":"x"}`)
	if want := fmt.Sprintf("%s/repositories/8/issues/%d/comments", w.url, n); a.header.Get("Location") != want {
		t.Errorf("Location %q, want %q", a.header.Get("Location"), want)
	}
	got := w.as(token).call(200, "GET "+strings.TrimPrefix(a.header.Get("Location"), w.url), "")
	if len(got.list()) != 0 {
		t.Errorf("the refused comment stands at the new place: %s", got.raw)
	}
	if is, ok := other.Issue(n); !ok || is.ID == old || len(is.Labels) != 0 || is.Body != form {
		t.Errorf("the moved issue: %+v", is)
	}

	w.check(w.repo.Rename("boss", "help"))
	a = w.as(token).call(301, "GET "+fmt.Sprintf("/repos/pypi/support/issues/%d?x=y", kept), "")
	if want := fmt.Sprintf("%s/repositories/233912345/issues/%d?x=y", w.url, kept); a.header.Get("Location") != want {
		t.Errorf("Location %q, want %q", a.header.Get("Location"), want)
	}
	w.as(token).call(200, "GET "+strings.TrimPrefix(a.header.Get("Location"), w.url), "")
	w.as(token).call(301, "GET /repos/pypi/support", "")
	w.as(token).call(200, "GET /repos/pypi/help", "")
}

func TestRenamedPersonKeepsTheId(t *testing.T) {
	w := newWorld(t)
	n := w.open()
	w.fake.AddUser("renamed", 77)
	if got := w.issue(n).Author; got != "renamed" {
		t.Errorf("author %q, want renamed", got)
	}
	w.as("").call(404, "GET /users/author", "")
}

// A pull request is an issue too, but its events are others: only its comments are told as an issue's.
func TestPullRequests(t *testing.T) {
	w := newWorld(t)
	n, err := w.repo.OpenIssue("author", bottest.Draft{Title: "Fix", Labels: []string{"bug"}, PullRequest: true})
	w.check(err)
	_, err = w.repo.Comment(n, "author", "please review")
	w.check(err)
	got := w.as("").call(200, "GET /repos/pypi/support/issues/1", "").object()
	if got["pull_request"] == nil || got["html_url"] != "https://github.com/pypi/support/pull/1" {
		t.Errorf("pull request: %v at %v", got["pull_request"], got["html_url"])
	}
	if hooks := w.fake.Pending(); len(hooks) != 1 || hooks[0].Event != "issue_comment" {
		t.Errorf("webhooks %+v, want one issue_comment", hooks)
	}
}

func TestTeamsChange(t *testing.T) {
	w := newWorld(t)
	members := func(want int, login string) []any {
		t.Helper()
		var all []any
		for _, m := range w.as(person(login)).call(want, "GET /orgs/pypi/teams/support-admins/members", "").list() {
			all = append(all, m["login"])
		}
		return all
	}
	if diff := cmp.Diff([]any{"agent", "other"}, members(200, "agent")); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	id := w.fake.AddTeam(bottest.Team{Org: "pypi", Slug: "support-admins", Members: []string{"other"}})
	if id == 4410021 {
		t.Error("a team made anew under the same slug has the old id")
	}
	members(404, "agent")
	if diff := cmp.Diff([]any{"other"}, members(200, "other")); diff != "" {
		t.Errorf("members (-want +got):\n%s", diff)
	}
	w.fake.RemoveTeam("pypi", "support-admins")
	members(404, "other")
}
