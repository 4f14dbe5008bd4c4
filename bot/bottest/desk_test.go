package bottest_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// told are a person's notifications, a line each.
func (w *world) told(login string) []string {
	var all []string
	for _, n := range w.fake.Notifications(login) {
		all = append(all, fmt.Sprintf("%s#%d %s", n.Repository, n.Number, n.Reason))
	}
	return all
}

func (w *world) tells(login string, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.told(login)); diff != "" {
		w.t.Errorf("%s was notified (-want +got):\n%s", login, diff)
	}
}

// Whoever takes part in an issue is notified of what others say there.
func TestNotifications(t *testing.T) {
	w := newWorld(t)
	n, err := w.repo.OpenIssue("jo", bottest.Draft{Title: "Locked out", Body: "@helper, please. Not `@boss` and not mail@writer.example."})
	w.check(err)
	id, err := w.repo.Comment(n, "helper", "Which account?")
	w.check(err)
	w.check(w.repo.EditComment(id, "helper", "Which account? @writer"))
	w.check(w.repo.React(id, "jo", "eyes"))
	w.check(w.repo.Label(n, "helper", "bug"))
	w.check(w.repo.Assign(n, "helper", "agent"))
	w.check(w.repo.EditIssue(n, "jo", "Please, @helper."))
	w.check(w.repo.Close(n, "jo"))
	_, err = w.repo.Comment(n, "stranger", "@pypi/support-admins!")
	w.check(err)
	at := fmt.Sprintf("pypi/support#%d ", n)
	w.tells("jo", at+"author", at+"author")
	w.tells("helper", at+"mention", at+"mention", at+"mention")
	w.tells("writer", at+"mention", at+"mention", at+"mention")
	w.tells("agent", at+"assign", at+"assign", at+"team_mention")
	w.tells("other", at+"team_mention")
	w.tells("boss")
	w.tells("stranger")
}

// Who cannot see a repository is told of nothing there.
func TestNotificationsOfPrivateRepository(t *testing.T) {
	w := newWorld(t)
	desk := w.fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "desk", Private: true})
	desk.AddCollaborator("helper", "write")
	desk.AddCollaborator("writer", "write")
	n, err := desk.OpenIssue("helper", bottest.Draft{Title: "recovery #1", Body: "@author and @writer"})
	w.check(err)
	w.check(desk.Close(n, "writer"))
	w.tells("author")
	w.tells("writer", fmt.Sprintf("pypi/desk#%d mention", n))
	w.tells("helper", fmt.Sprintf("pypi/desk#%d author", n))
}

// People act at the desk on the issue whose title names the request.
func TestPeopleAtDesk(t *testing.T) {
	w := newWorld(t)
	p := &bottest.People{URL: w.url, Owner: "pypi", Name: "support", Client: http.DefaultClient}
	step := bottest.StoryStep{Line: "helper comments at the desk: /why", Who: "helper", Do: "comments", Desk: true, Text: "/why"}
	if _, err := p.Act(t.Context(), 1, step); !errors.Is(err, bottest.ErrNoDesk) {
		t.Errorf("without a desk: got %v", err)
	}
	desk := w.fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "desk", Private: true})
	desk.AddCollaborator("helper", "write")
	p.Desk = "pypi/desk"
	if _, err := p.Act(t.Context(), 1, step); !errors.Is(err, bottest.ErrNoDesk) {
		t.Errorf("without an issue: got %v", err)
	}
	for _, title := range []string{"recovery #12: triage", "recovery pypi/support#1: triage", "recovery #2: triage"} {
		_, err := desk.OpenIssue("helper", bottest.Draft{Title: title})
		w.check(err)
	}
	_, err := p.Act(t.Context(), 1, step)
	w.check(err)
	is, err := p.DeskIssue(t.Context(), 1, "helper")
	w.check(err)
	if is.Number != 2 || bottest.Summary(is) != "open\nlabels: \nhelper: /why" {
		t.Errorf("#%d:\n%s", is.Number, bottest.Summary(is))
	}
	if _, err := p.DeskIssue(t.Context(), 1, "stranger"); err == nil {
		t.Error("a stranger reads the desk")
	}
}

func TestStoryAtDesk(t *testing.T) {
	src := "At the desk.\nann files body.md: Help\nada comments at the desk: /why\nsue closes at the desk\n-- body.md --\nx\n-- want --\nopen\n-- desk --\nclosed\n"
	s, err := bottest.ParseStory([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if got := s.Steps[1]; !got.Desk || got.Text != "/why" || !s.Steps[2].Desk || s.Steps[0].Desk || s.Desk != "closed" {
		t.Errorf("got %+v", s)
	}
	if _, err := bottest.ParseStory([]byte("T\nann files body.md at the desk: Help\n-- body.md --\nx\n-- want --\nx\n")); err == nil {
		t.Error("somebody files at the desk")
	}
}
