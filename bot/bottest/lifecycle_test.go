package bottest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// news are the webhooks that are queued, as "event.action", without those of issues.
func (w *world) news() string {
	var all []string
	for _, d := range w.fake.Pending() {
		if d.Event != "issues" && d.Event != "issue_comment" {
			all = append(all, d.Event+"."+d.Action)
		}
	}
	return strings.Join(all, " ")
}

func (w *world) wantNews(want string) {
	w.t.Helper()
	if got := w.news(); got != want {
		w.t.Errorf("webhooks %q, want %q", got, want)
	}
}

const (
	support  = "/repos/pypi/support"
	mint     = "POST /app/installations/1001/access_tokens"
	issueOne = support + "/issues/1"
)

func TestInstallationComesAndGoes(t *testing.T) {
	w := newWorld(t)
	w.open()
	token := w.token("")
	w.check(w.fake.Uninstall("boss", 1001))
	w.as(token).call(401, "GET "+issueOne, "")
	w.as(w.app()).call(404, mint, "")
	w.as(w.app()).call(404, "GET "+support+"/installation", "")
	w.as(w.app()).call(404, "GET /app/installations/1001", "")
	if got := w.as(w.app()).call(200, "GET /app/installations", "").list(); len(got) != 0 {
		t.Errorf("installations after the removal: %v", got)
	}
	w.check(w.repo.Close(1, "author"))
	w.check(w.fake.Install("boss", 2002, w.repo))
	w.as(w.app()).call(200, "GET /app/installations/2002", "")
	if err := w.fake.Install("boss", 2002, w.repo); err == nil {
		t.Error("the same installation was made twice")
	}
	if err := w.fake.Suspend("boss", 1001); err == nil {
		t.Error("a removed installation was suspended")
	}
	if got := w.as(w.app()).call(200, "GET "+support+"/installation", "").object()["id"]; got != float64(2002) {
		t.Errorf("installation %v, want 2002", got)
	}
	w.wantNews("installation.deleted installation.created")
	for _, d := range w.fake.Pending() {
		if d.Action == "closed" {
			t.Error("a webhook of an issue came without an installation")
		}
	}
}

func TestSuspension(t *testing.T) {
	w := newWorld(t)
	w.open()
	token := w.token("")
	w.check(w.fake.Suspend("boss", 1001))
	w.check(w.repo.Close(1, "author"))
	w.as(token).call(403, "GET "+issueOne, "")
	w.as(w.app()).call(403, mint, "")
	if got := w.as(w.app()).call(200, "GET "+support+"/installation", "").object(); got["suspended_at"] == nil {
		t.Error("the installation does not say that it is suspended")
	}
	w.check(w.fake.Unsuspend("boss", 1001))
	w.as(token).call(200, "GET "+issueOne, "")
	w.token("")
	w.wantNews("installation.suspend installation.unsuspend")
	if n := len(w.fake.Pending()); n != 3 {
		t.Errorf("%d webhooks, want the opening and two of the installation", n)
	}
}

func TestRepositoriesOfAnInstallation(t *testing.T) {
	w := newWorld(t)
	other := w.fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "other", Private: true, NoApp: true})
	token := w.token("")
	count := func() any {
		return w.as(token).call(200, "GET /installation/repositories", "").object()["total_count"]
	}
	if got := count(); got != 1.0 {
		t.Errorf("%v repositories, want 1", got)
	}
	w.as(token).call(404, "GET /repos/pypi/other", "")
	w.check(w.fake.Cover("boss", 1001, other))
	w.as(token).call(200, "GET /repos/pypi/other", "")
	if got := count(); got != 2.0 {
		t.Errorf("%v repositories, want 2", got)
	}
	w.check(w.fake.Uncover("boss", 1001, other, w.repo))
	w.as(token).call(404, "GET /repos/pypi/other", "")
	w.as(w.app()).call(404, "GET "+support+"/installation", "")
	w.token("")
	w.wantNews("installation_repositories.added installation_repositories.removed")
}

func TestRenamedAndTransferred(t *testing.T) {
	w := newWorld(t)
	w.open()
	token := w.token("")
	w.check(w.repo.Rename("boss", "help"))
	byID := fmt.Sprintf("/repositories/%d", w.repo.ID())
	moved := w.as(token).call(301, "GET "+issueOne, "").header.Get("Location")
	if moved != w.url+byID+"/issues/1" {
		t.Errorf("the old name leads to %s", moved)
	}
	if got := w.as(token).call(200, "GET "+byID, "").object()["full_name"]; got != "pypi/help" {
		t.Errorf("by id: %v", got)
	}
	w.check(w.repo.TransferTo("boss", "psf", 3003))
	w.as(token).call(301, "GET /repos/pypi/help/issues/1", "")
	w.as(token).call(403, "POST "+byID+"/issues/1/comments", `{"body":"x"}`)
	if got := w.as(w.app()).call(200, "GET /repos/psf/help/installation", "").object()["id"]; got != 3003.0 {
		t.Errorf("installation %v, want 3003", got)
	}
	theirs := fmt.Sprint("token ", w.as(w.app()).call(201, "POST /app/installations/3003/access_tokens", "").object()["token"])
	w.as(theirs).call(201, "POST "+byID+"/issues/1/comments", `{"body":"x"}`)
	w.check(w.repo.TransferTo("boss", "nobody", 0))
	w.wantNews("repository.renamed repository.transferred")
	w.as(w.app()).call(404, "GET /repos/nobody/help/installation", "")
}

func TestArchivedAndShut(t *testing.T) {
	w := newWorld(t)
	w.open()
	token := w.token("")
	w.check(w.repo.Archive("boss"))
	w.as(token).call(200, "GET "+issueOne, "")
	for _, what := range []string{"POST " + comments, "PATCH " + issueOne, "POST " + support + "/labels"} {
		a := w.as(token).call(403, what, `{"body":"x","name":"x"}`).object()
		if a["message"] != "Repository was archived so is read-only." {
			t.Errorf("%s: %v", what, a["message"])
		}
	}
	if _, err := w.repo.Comment(1, "author", "x"); err == nil {
		t.Error("a person wrote to the archive")
	}
	w.check(w.repo.Unarchive("boss"))
	w.check(w.repo.DisableIssues("boss"))
	for _, path := range []string{"/issues", "/issues/1", "/issues/1/comments", "/issues/comments"} {
		w.as(token).call(410, "GET "+support+path, "")
	}
	w.as(token).call(410, "POST "+comments, `{"body":"x"}`)
	w.as(token).call(200, "GET "+support+"/labels", "")
	if got := w.as(token).call(200, "GET "+support, "").object()["has_issues"]; got != false {
		t.Errorf("has_issues %v", got)
	}
	w.check(w.repo.EnableIssues("boss"))
	w.as(token).call(201, "POST "+comments, `{"body":"x"}`)
	if err := w.repo.Archive("author"); err == nil {
		t.Error("a stranger archived the repository")
	}
	w.wantNews("repository.archived repository.unarchived")
}

func TestHiddenAndDeleted(t *testing.T) {
	w := newWorld(t)
	w.open()
	token := w.token("")
	w.check(w.repo.Privatize("boss"))
	w.as("").call(404, "GET "+issueOne, "")
	w.as(token).call(200, "GET "+issueOne, "")
	w.check(w.repo.Publicize("boss"))
	w.as("").call(200, "GET "+issueOne, "")
	w.check(w.repo.Delete("boss"))
	w.as(token).call(404, "GET "+issueOne, "")
	w.as(token).call(404, fmt.Sprintf("GET /repositories/%d", w.repo.ID()), "")
	w.as(w.app()).call(404, "GET "+support+"/installation", "")
	if err := w.repo.Close(1, "author"); err == nil {
		t.Error("an issue of a deleted repository was closed")
	}
	w.wantNews("repository.privatized repository.publicized repository.deleted")
}

// The number of open issues follows each of them.
func TestOpenIssuesAreCounted(t *testing.T) {
	w := newWorld(t)
	other := w.fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "other"})
	other.AddCollaborator("boss", "admin")
	want := func(repo string, want float64) {
		t.Helper()
		if got := w.as("").call(200, "GET /repos/pypi/"+repo, "").object()["open_issues_count"]; got != want {
			t.Errorf("%s has %v open issues, want %v", repo, got, want)
		}
	}
	for range 5 {
		w.open()
	}
	want("support", 5)
	w.check(w.repo.Close(1, "author"))
	w.check(w.repo.CloseAs(1, "helper", "not_planned"))
	want("support", 4)
	w.check(w.repo.Reopen(1, "helper"))
	want("support", 5)
	w.check(w.repo.DeleteIssue(2, "boss"))
	w.check(w.repo.ConvertToDiscussion(3, "helper"))
	_, err := w.repo.Transfer(4, "boss", other)
	w.check(err)
	want("support", 2)
	want("other", 1)
}

func TestIssuesThatAreNoMore(t *testing.T) {
	w := newWorld(t)
	secret := w.fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "secret", Private: true, NoApp: true})
	secret.AddCollaborator("boss", "admin")
	moved, deleted, talk := w.open(), w.open(), w.open()
	token := w.token("")
	_, err := w.repo.Transfer(moved, "boss", secret)
	w.check(err)
	w.check(w.repo.DeleteIssue(deleted, "boss"))
	before := len(w.fake.Pending())
	w.check(w.repo.ConvertToDiscussion(talk, "helper"))
	w.as(token).call(404, "GET "+issueOne, "")
	w.as(token).call(410, "GET "+support+"/issues/2", "")
	got := w.as(token).call(200, "GET "+support+"/issues/3", "").object()
	if diff := cmp.Diff([]any{"closed", true, nil}, []any{got["state"], got["locked"], got["state_reason"]}); diff != "" {
		t.Errorf("converted (-want +got):\n%s", diff)
	}
	w.as(token).call(403, "POST "+support+"/issues/3/comments", `{"body":"x"}`)
	if _, err := w.repo.Comment(talk, "boss", "x"); err == nil {
		t.Error("somebody commented on what is a discussion")
	}
	if n := len(w.fake.Pending()); n != before {
		t.Errorf("%d webhooks tell of the discussion, want none", n-before)
	}
}
