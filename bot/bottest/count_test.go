package bottest_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// folk are the world's people, with a desk at which issue 1 of the page has an
// issue with a text.
func (w *world) folk(text string) *bottest.People {
	w.t.Helper()
	desk := w.fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "desk", Private: true})
	for _, login := range []string{"helper", "agent"} {
		desk.AddCollaborator(login, "write")
	}
	n, err := w.repo.OpenIssue("jo", bottest.Draft{Title: "Locked out", Body: "Help"})
	w.check(err)
	_, err = desk.OpenIssue("helper", bottest.Draft{Title: fmt.Sprintf("recovery #%d: triage", n), Body: text})
	w.check(err)
	return &bottest.People{URL: w.url, Owner: "pypi", Name: "support", Desk: "pypi/desk", Client: http.DefaultClient}
}

// done does a line of a story to issue 1.
func (w *world) done(p *bottest.People, line string) error {
	w.t.Helper()
	s, err := bottest.ParseStory([]byte("T\njo files body.md: x\n" + line + "\n-- body.md --\nx\n-- want --\nx\n"))
	w.check(err)
	_, err = p.Act(w.t.Context(), 1, s.Steps[1])
	return err
}

// Who writes $DIGEST writes what they read at the desk, and who cannot read it
// there what somebody else reads.
func TestDigestOfTheDesk(t *testing.T) {
	w := newWorld(t)
	p := w.folk("**DIGEST:** `0badcafe`. It changes.")
	w.check(w.done(p, "helper comments at the desk: /approve mailbox $DIGEST"))
	w.check(w.done(p, "jo comments: /approve 1 $DIGEST(agent)"))
	if err := w.done(p, "jo comments: /approve 1 $DIGEST"); err == nil {
		t.Error("the requester reads the digest")
	}
	is, err := p.DeskIssue(t.Context(), 1, "agent")
	w.check(err)
	if len(is.Comments) != 1 || is.Comments[0].Body != "/approve mailbox 0badcafe" {
		t.Errorf("at the desk: %+v", is.Comments)
	}
	if got := bottest.Summary(is); !strings.HasSuffix(got, "helper: /approve mailbox DIGEST") {
		t.Errorf("the summary of the desk:\n%s", got)
	}
	is, err = p.Issue(t.Context(), 1)
	w.check(err)
	if len(is.Comments) != 1 || is.Comments[0].Body != "/approve 1 0badcafe" {
		t.Errorf("on the page: %+v", is.Comments)
	}
}

func TestDigestIsNotShown(t *testing.T) {
	w := newWorld(t)
	err := w.done(w.folk("no word of it"), "agent comments at the desk: /approve $DIGEST")
	if err == nil || !strings.Contains(err.Error(), "shows no digest") {
		t.Errorf("got %v", err)
	}
}

// Whose newest comment is amended or erased is who does it.
func TestAmendsAndErases(t *testing.T) {
	w := newWorld(t)
	p := w.folk("")
	for _, line := range []string{
		"agent comments: one", "agent comments: two", "jo comments: three", "agent amends: four", "jo erases",
	} {
		w.check(w.done(p, line))
	}
	is, err := p.Issue(t.Context(), 1)
	w.check(err)
	if got := bottest.Summary(is); got != "open\nlabels: \nagent: one\nagent: four" {
		t.Errorf("got:\n%s", got)
	}
	if err := w.done(p, "jo erases"); err == nil || !strings.Contains(err.Error(), "jo has written no comment") {
		t.Errorf("got %v", err)
	}
}

// Commands, closing and reopening are acts; prose, and what others do, is none.
func TestActs(t *testing.T) {
	w := newWorld(t)
	w.repo.AddCollaborator("agent", "triage")
	p := w.folk("")
	for _, line := range []string{
		"agent comments: /ask", "agent comments: Which one?", "jo comments: /done", "helper comments at the desk: /why",
		"agent closes", "agent reopens", "agent comments: /assign", "agent erases",
	} {
		w.check(w.done(p, line))
	}
	page, _ := w.repo.Issue(1)
	atDesk, ok := w.fake.Repository("pypi/desk")
	if !ok {
		t.Fatal("no desk")
	}
	desk, _ := atDesk.Issue(1)
	for want, people := range map[int][]string{5: {"agent", "helper"}, 1: {"jo"}, 0: {"boss"}} {
		if got := bottest.Acts(people, page, desk); got != want {
			t.Errorf("%d acts of %q, want %d", got, people, want)
		}
	}
	if here, there := w.fake.NotifiedOf("jo", page), w.fake.NotifiedOf("jo", desk); here != 5 || there != 0 {
		t.Errorf("jo is notified %d times of the page and %d times of the desk, want 5 and 0", here, there)
	}
	if _, ok := w.fake.Repository("pypi/nothing"); ok {
		t.Error("a repository that is not there")
	}
}

func TestStoryOfMailAndAttack(t *testing.T) {
	src := "T\nann files body.md: Help\na mail comes\n-- body.md --\nx\n-- want --\nopen\n-- why --\nIt is none.\n-- counts --\nacts: 3\n"
	s, err := bottest.ParseStory([]byte(src))
	if err != nil {
		t.Fatal(err)
	}
	if !s.Mails || s.Days || !s.Steps[1].Mail || s.Why != "It is none." || s.Count != "acts: 3" {
		t.Errorf("got %+v", s)
	}
}
