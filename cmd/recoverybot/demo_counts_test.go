package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

func storyNamed(t *testing.T, name string) bottest.Story {
	t.Helper()
	stories, err := bottest.Stories()
	if err != nil {
		t.Fatal(err)
	}
	i := slices.IndexFunc(stories, func(s bottest.Story) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("there is no story %s", name)
	}
	return stories[i]
}

// TestWholeRecovery plays the whole recovery step by step, and counts: three
// acts of staff, three notifications of the requester, and none by what
// happens at the desk.
func TestWholeRecovery(t *testing.T) {
	w, err := newWorld(t.Context(), testEnv(), checked(t))
	if err != nil {
		t.Fatal(err)
	}
	number := 0
	var told []string
	for _, step := range storyNamed(t, "30-recovery").Steps {
		before := len(w.fake.Notifications("nina"))
		if step.Wait > 0 {
			err = w.pass(t.Context(), step.Wait, func() error { return nil })
		} else if number, err = w.folk.Act(t.Context(), number, step); err == nil {
			err = w.settle(t.Context())
		}
		if err != nil {
			t.Fatalf("%q: %v", step.Line, err)
		}
		line := step.Who + " " + step.Do
		if step.Desk {
			line += " at the desk"
		}
		for _, n := range w.fake.Notifications("nina")[before:] {
			line += fmt.Sprintf("; %s#%d", n.Repository, n.Number)
		}
		told = append(told, line)
	}
	want := []string{
		"nina files; octo-registry/support#1",
		"nina comments",
		"ada comments at the desk",
		"hal comments at the desk",
		" ",
		"ada closes; octo-registry/support#1; octo-registry/support#1",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("what nina is notified of, by step (-want +got):\n%s", diff)
	}
	public, _ := w.repo.Issue(number)
	if got := bottest.Acts(demoStaff(), public, w.atDesk(number)); got != 3 {
		t.Errorf("%d acts of staff, want 3", got)
	}
	if !slices.Contains(public.Labels, "recovery: completed") || public.State != "closed" {
		t.Errorf("it ends %s, with %q", public.State, public.Labels)
	}
	if err := w.close(); err != nil {
		t.Error(err)
	}
}

// never wants that an attack's request was not ready or completed for a
// moment, by what was ever set on its page.
func (w *world) never(t *testing.T, number int) {
	t.Helper()
	is, _ := w.repo.Issue(number)
	for _, ev := range is.Timeline {
		if ev.Label == "recovery: ready" || ev.Label == "recovery: completed" {
			t.Errorf("the attack came as far as this: %s", ev)
		}
	}
}

// TestAnswerByMail tells a serve that runs, by its mail hook, of the answer to
// a mail of staff: it is staff's turn. Who has another secret is told nothing.
func TestAnswerByMail(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	c.mails.secret = "the mail hook has a secret of its own"
	if err := os.WriteFile(c.path("mail-secret"), []byte(c.mails.secret+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	c.serve()
	number := c.file("ann")
	c.deliver()
	c.welcomed(number)
	c.folk.Desk = "octo-registry/recovery-desk"
	eventually(t, "the issue at the desk", func(ctx context.Context) error {
		_, err := c.folk.DeskIssue(ctx, number, "hal")
		return err
	})
	c.eventuallyJobs("the bot knows the issue at the desk", "and 0 jobs wait their turn.")
	if _, err := c.folk.Act(t.Context(), number, bottest.StoryStep{Who: "hal", Do: "comments", Desk: true, Text: "/mailed"}); err != nil {
		t.Fatal(err)
	}
	c.deliver()
	c.labelled(number, "recovery: author's turn")
	wrong := mailHook{address: c.mails.address, secret: "a secret of somebody else, and long enough"}
	if err := wrong.tell(t.Context(), subjectOf(number)); err == nil {
		t.Error("another secret is taken")
	}
	if err := c.mails.tell(t.Context(), subjectOf(number)); err != nil {
		t.Fatal(err)
	}
	c.labelled(number, "recovery: review")
	if got := c.fake.NotifiedOf("ann", bottest.Issue{Repository: c.repo.Name(), Number: number}); got != 2 {
		t.Errorf("ann is notified %d times, want 2: of the status, and that a mail was sent", got)
	}
}

// labelled waits until an issue has a label of the bot's.
func (c *town) labelled(number int, label string) {
	c.tb.Helper()
	eventually(c.tb, label, func(context.Context) error {
		is, _ := c.repo.Issue(number)
		if !slices.Contains(is.Labels, label) {
			return fmt.Errorf("issue %d has labels %q", number, is.Labels)
		}
		return nil
	})
}
