package bot_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// deskIssue is the request's issue at the desk.
func (w *world) deskIssue(n int) bottest.Issue {
	w.Helper()
	c := w.deskCase(n)
	is, ok := w.desk.Issue(c.Desk.Number)
	if !ok {
		w.Fatalf("request %d has no issue at the desk", n)
	}
	return is
}

func (w *world) deskCase(n int) bot.Case {
	w.Helper()
	owner, name, _ := strings.Cut(w.repo.Name(), "/")
	c, err := w.store.FindCase(w.Context(), owner, name, n)
	w.must(err)
	return c
}

// sayAtDesk writes a comment on the request's issue at the desk, and lets the
// bot work.
func (w *world) sayAtDesk(n int, who, text string) int64 {
	w.Helper()
	id, err := w.desk.Comment(w.deskIssue(n).Number, who, text)
	w.must(err)
	w.settle()
	return id
}

// atDesk are the reactions on a comment at the desk.
func (w *world) atDesk(n int, comment int64) string {
	w.Helper()
	var all []string
	for _, c := range w.deskIssue(n).Comments {
		for _, r := range c.Reactions {
			if c.ID == comment {
				all = append(all, r.Content)
			}
		}
	}
	return strings.Join(all, " ")
}

// told are the actions of the audit log, oldest first.
func (w *world) told(n int) []string {
	w.Helper()
	rows, err := w.store.Timeline(w.Context(), w.deskCase(n).Ref.CaseKey)
	w.must(err)
	var all []string
	for _, r := range rows {
		by := fmt.Sprint(r.Actor)
		if r.Actor < 0 {
			by = "somebody" // who is not staff is hidden, by a key of the case
		}
		all = append(all, r.Action+" by "+by)
	}
	return all
}

// saysLast checks the newest row of the audit log.
func (w *world) saysLast(n int, want string) {
	w.Helper()
	rows := w.told(n)
	if got := rows[len(rows)-1]; got != want {
		w.Errorf("the audit log ends with %q, want %q", got, want)
	}
}

// A command at the desk acts on the request, and its answer stands at the desk.
func TestDeskCommand(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	n := w.triage()
	if is := w.deskIssue(n); is.State != "open" || is.Author != "recoverybot[bot]" || is.Title != "recovery #1: triage" {
		t.Errorf("at the desk: %s %q by %s", is.State, is.Title, is.Author)
	}
	before := len(w.issue(n).Comments)
	ran := w.sayAtDesk(n, "hal", "/kind lost-codes")
	w.saysLast(n, "commanded: triage -> triage by 1002")
	refused := w.sayAtDesk(n, "hal", "/deny abuse")
	if m := w.memory(n); m.Kind != policy.KindLostCodes || m.State != policy.Triage {
		t.Errorf("got kind %q in %q", m.Kind, m.State)
	}
	if got := []string{w.atDesk(n, ran), w.atDesk(n, refused)}; !slices.Equal(got, []string{"+1", "confused"}) {
		t.Errorf("reactions at the desk: %q", got)
	}
	if got := w.deskIssue(n).Comments; len(got) != 3 || !got[2].ByApp {
		t.Errorf("want one answer at the desk:\n%s", bottest.Summary(w.deskIssue(n)))
	}
	if got := len(w.issue(n).Comments); got != before {
		t.Errorf("the issue has %d comments, want %d", got, before)
	}
	w.sayAtDesk(n, "ada", "/complete outside")
	w.state(n, policy.Completed)
	if is := w.deskIssue(n); is.State != "closed" || is.Title != "recovery #1: completed" {
		t.Errorf("at the end the desk has %s %q", is.State, is.Title)
	}
}

// Who may write at the desk is not staff by that.
func TestStrangerAtDesk(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	n := w.triage()
	id := w.sayAtDesk(n, "max", "/complete outside")
	w.state(n, policy.Triage)
	if got := w.atDesk(n, id); got != "" {
		t.Errorf("a stranger's command got %q", got)
	}
	w.saysLast(n, "commanded: triage -> triage by somebody")
}

// A command that was edited or deleted before it was read again is none.
func TestDeskCommandChanged(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	n := w.triage()
	there := w.deskIssue(n).Number
	edited, err := w.desk.Comment(there, "ada", "/complete outside")
	w.must(err)
	w.clock.set(w.clock.Now().Add(time.Second))
	w.must(w.desk.EditComment(edited, "ada", "/complete outside now"))
	gone, err := w.desk.Comment(there, "ada", "/complete outside")
	w.must(err)
	w.must(w.desk.DeleteComment(gone, "ada"))
	w.settle()
	w.soon()
	w.state(n, policy.Triage)
}

// The time of a command at the desk says nothing of the issue: a snapshot that
// is older is fresh.
func TestDeskTime(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	n := w.triage()
	seen := w.deskCase(n)
	w.later(time.Hour)
	mark := w.fake.Mark()
	w.sayAtDesk(n, "hal", "Looks like her.")
	w.sayAtDesk(n, "hal", "/registry testpypi")
	if got := w.fake.CountSince(mark, "GET issue"); got != 1 {
		t.Errorf("the issue was read %d times, want once", got)
	}
	after := w.deskCase(n)
	if slices.Contains(after.Memory.Flags, policy.FlagStaleSnapshot) || after.Memory.Registry != "testpypi" {
		t.Errorf("flags %v, registry %q", after.Memory.Flags, after.Memory.Registry)
	}
	if !after.NewestSeen.Equal(w.issue(n).UpdatedAt) && !after.NewestSeen.Equal(seen.NewestSeen) {
		t.Errorf("newest seen is %v", after.NewestSeen)
	}
}

// What happens at the desk, the requester hears nothing of.
func TestRequesterHearsNothingOfDesk(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	n := w.triage()
	before := w.fake.Notifications("ann")
	w.sayAtDesk(n, "hal", "@ann may be a former collaborator, see octo-registry/support#1.")
	for _, text := range []string{"/kind lost-codes", "/kine", "/deny abuse", "/help", "/status", "/assign", "/unassign"} {
		w.sayAtDesk(n, "hal", text)
	}
	w.must(w.desk.Close(w.deskIssue(n).Number, "sue"))
	w.settle()
	w.must(w.desk.DeleteIssue(w.deskIssue(n).Number, "sue"))
	w.settle()
	if diff := cmp.Diff(before, w.fake.Notifications("ann")); diff != "" {
		t.Errorf("the requester was notified (-before +after):\n%s", diff)
	}
	w.say(n, "hal", "/ask project")
	if got := w.fake.Notifications("ann"); len(got) <= len(before) {
		t.Error("a question on the issue notified nobody: the fake tells nothing")
	}
}

// An issue at the desk that somebody closes, edits, deletes or moves is put
// right: the first two always, the others once.
func TestDeskIssueTouched(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	n := w.triage()
	first := w.deskIssue(n)
	w.later(time.Minute)
	w.must(w.desk.Close(first.Number, "sue"))
	w.must(w.desk.EditTitle(first.Number, "sue", "Ann"))
	w.settle()
	if got := w.deskIssue(n); got.State != "open" || got.Title != first.Title {
		t.Errorf("after it was touched: %s %q", got.State, got.Title)
	}
	w.saysLast(n, "seen: triage -> triage by 1009")

	w.must(w.desk.DeleteIssue(first.Number, "sue"))
	w.settle()
	again := w.deskIssue(n)
	if again.Number == first.Number || again.Body != first.Body {
		t.Errorf("it was not opened anew: #%d", again.Number)
	}
	w.sayAtDesk(n, "hal", "/kind lost-codes")
	if got := w.memory(n).Kind; got != policy.KindLostCodes {
		t.Errorf("a command on the new one did nothing: kind %q", got)
	}

	w.must(w.desk.DeleteIssue(again.Number, "sue"))
	w.settle()
	w.soon()
	if got := len(w.desk.Issues()); got != 0 || !strings.Contains(w.log.String(), "twice") {
		t.Errorf("deleted twice, and the desk has %d issues", got)
	}
	w.say(n, "ada", "/complete outside")
	w.state(n, policy.Completed)
}

func TestDeskIssueMoved(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	n := w.triage()
	other := w.fake.AddRepository(bottest.RepositoryOptions{Owner: "octo-registry", Name: "attic", Private: true, Installation: 1002})
	other.AddCollaborator("sue", "admin")
	first := w.deskIssue(n).Number
	moved, err := w.desk.Transfer(first, "sue", other)
	w.must(err)
	w.settle()
	if got := w.deskIssue(n).Number; got == first {
		t.Errorf("it still stands at #%d", got)
	}
	id, err := other.Comment(moved, "sue", "/kind lost-codes")
	w.must(err)
	w.settle()
	if is, _ := other.Issue(moved); is.Comments[0].ID != id || is.Comments[0].Reactions != nil || w.memory(n).Kind == policy.KindLostCodes {
		t.Error("a command on an issue that was moved away did something")
	}
}

// A desk under another name is the same desk, whether a webhook tells of it or not.
func TestDeskRenamed(t *testing.T) {
	for _, lost := range []bool{false, true} {
		t.Run(fmt.Sprintf("webhook lost: %v", lost), func(t *testing.T) {
			w := newWorld(t, setup{desk: true})
			n := w.triage()
			w.desk.AddCollaborator("boss", "admin")
			w.must(w.desk.Rename("boss", "table"))
			if lost {
				w.drop()
			}
			w.settle()
			id := w.sayAtDesk(n, "hal", "/kind lost-codes")
			w.sayAtDesk(n, "ada", "/complete outside")
			w.soon()
			w.state(n, policy.Completed)
			if is := w.deskIssue(n); w.atDesk(n, id) != "+1" || is.State != "closed" {
				t.Errorf("at the desk:\n%s", bottest.Summary(is))
			}
		})
	}
}

// Two repositories, one desk: each request has its own issue there.
func TestDeskOfTwo(t *testing.T) {
	var other *bottest.Repository
	w := newWorld(t, setup{desk: true, before: func(w *world) {
		first := w.rules.Repositories[0]
		w.rules.Repositories = append(w.rules.Repositories, policy.Repository{ID: 700003, Owner: first.Owner, Name: "help", Desk: first.Desk})
		other = w.fake.AddRepository(bottest.RepositoryOptions{Owner: first.Owner, Name: "help", ID: 700003, Labels: []string{w.rules.Requests.Label}})
		w.stop()
		w.boot()
	}})
	w.triage()
	_, err := other.OpenIssue("bea", bottest.Draft{Title: "Locked out", Body: body("bea-builds", "Lost."), Labels: []string{w.rules.Requests.Label}})
	w.must(err)
	w.settle()
	w.later(time.Minute)
	var titles []string
	for _, is := range w.desk.Issues() {
		titles = append(titles, is.Title)
	}
	want := []string{"recovery octo-registry/support#1: triage", "recovery octo-registry/help#1: triage"}
	if diff := cmp.Diff(want, titles); diff != "" {
		t.Fatalf("at the desk (-want +got):\n%s", diff)
	}
	_, err = w.desk.Comment(2, "ada", "/complete outside")
	w.must(err)
	w.settle()
	w.state(1, policy.Triage)
	if is, _ := other.Issue(1); is.State != "closed" {
		t.Errorf("the other request:\n%s", bottest.Summary(is))
	}
}

// Without a desk a command stands on the issue, and nothing is written elsewhere.
func TestNoDesk(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	id := w.say(n, "hal", "/kind lost-codes")
	if got := w.reactions(n, id); got != "+1" || w.fake.CountSince(0, "POST issue") != 0 {
		t.Errorf("reactions %q, %d issues opened", got, w.fake.CountSince(0, "POST issue"))
	}
}

// On any other issue at the desk nothing is a command.
func TestForeignIssueAtDesk(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	w.triage()
	n, err := w.desk.OpenIssue("sue", bottest.Draft{Title: "recovery #1: triage", Body: "Rota"})
	w.must(err)
	_, err = w.desk.Comment(n, "ada", "/complete outside")
	w.must(err)
	w.settle()
	w.state(1, policy.Triage)
	if cases, err := w.store.Cases(w.Context()); err != nil || len(cases) != 1 {
		t.Errorf("got %d cases, error %v", len(cases), err)
	}
}

// A desk that everybody can read is refused at the start; one that becomes
// public later is not written to until it is private again.
func TestDeskMustBePrivate(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	n := w.triage()
	private := w.rules.Repositories[0].Desk
	open := w.fake.AddRepository(bottest.RepositoryOptions{Owner: private.Owner, Name: "open-desk", ID: 700009})
	w.rules.Repositories[0].Desk = &policy.Repository{ID: open.ID(), Owner: private.Owner, Name: "open-desk"}
	if err := w.bot.Start(w.Context()); !errors.Is(err, bot.ErrPublicDesk) {
		t.Errorf("a public desk: got %v", err)
	}
	other := *private
	other.ID = 7
	w.rules.Repositories[0].Desk = &other
	if err := w.bot.Start(w.Context()); !errors.Is(err, bot.ErrOther) {
		t.Errorf("another repository: got %v", err)
	}
	w.rules.Repositories[0].Desk = private
	w.must(w.bot.Start(w.Context()))

	shown := bot.Repository{ID: private.ID, Owner: private.Owner, Name: private.Name, Installation: 1002, State: "active"}
	w.must(w.bot.Heard(w.Context(), shown))
	mark := w.fake.Mark()
	w.say(n, "hal", "/kind lost-codes")
	w.say(n, "ada", "/complete outside")
	for _, c := range w.wrote(mark) {
		if strings.Contains(c.Path, private.Name) {
			t.Errorf("it wrote to a public desk: %s %s", c.Method, c.Path)
		}
	}
	w.state(n, policy.Completed)
	w.must(w.bot.Start(w.Context()))
	w.later(10 * time.Minute)
	if is := w.deskIssue(n); is.State != "closed" {
		t.Errorf("private again, and the desk has %s", is.State)
	}
}

// A command at the desk whose webhook was lost is found, once.
func TestMissedAtDesk(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	n := w.triage()
	there := w.deskIssue(n).Number
	for _, text := range []string{"Prose.", "/kind lost-codes"} {
		_, err := w.desk.Comment(there, "hal", text)
		w.must(err)
	}
	w.drop()
	for range 2 {
		w.later(time.Minute)
		w.must(w.bot.Reconcile(w.Context()))
		w.settle()
	}
	if got := w.memory(n).Kind; got != policy.KindLostCodes {
		t.Errorf("got kind %q", got)
	}
	if is := w.deskIssue(n); len(is.Comments) != 2 || len(is.Comments[1].Reactions) != 1 || is.Comments[0].Reactions != nil {
		t.Errorf("at the desk:\n%s", bottest.Summary(is))
	}
}

// Trouble at the desk holds up nothing on the issue.
func TestDeskUnreachable(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, Status: 502, On: "POST issue", Times: 3})
	n := w.triage()
	if len(w.ours(n)) != 1 || w.memory(n).Label == "" {
		t.Errorf("the issue waited for the desk:\n%s", bottest.Summary(w.issue(n)))
	}
	w.soon()
	if got := len(w.desk.Issues()); got != 1 {
		t.Errorf("the desk has %d issues, want 1", got)
	}
}

// What waits for an issue at the desk that cannot be made ends with it, and the
// next decision tries anew.
func TestDeskDead(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, Status: 422, On: "POST issue", Times: 5})
	n := w.triage()
	for range 5 {
		w.later(time.Minute)
	}
	jobs, err := w.store.Jobs(w.Context())
	w.must(err)
	if len(jobs) != 1 || jobs[0].What != "desk" || jobs[0].State != bot.JobDead {
		t.Fatalf("jobs: %+v, want one that is dead", jobs)
	}
	w.say(n, "hal", "/kind lost-codes")
	if is := w.deskIssue(n); is.State != "open" {
		t.Errorf("at the desk:\n%s", bottest.Summary(is))
	}
}

// A rate limit at the desk is that of its own installation.
func TestDeskRateLimit(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	n := w.triage()
	w.fake.Fail(bottest.Fault{
		Kind: bottest.FaultStatus, Status: 403, RetryAfter: 10 * time.Minute, On: "PATCH issue", Path: "/repos/*/recovery-desk/issues/*",
	})
	w.sayAtDesk(n, "ada", "/complete outside")
	w.soon()
	if is := w.issue(n); is.State != "closed" {
		t.Errorf("the issue waited for the desk:\n%s", bottest.Summary(is))
	}
	if is := w.deskIssue(n); is.State != "open" {
		t.Errorf("the desk did not wait:\n%s", bottest.Summary(is))
	}
	w.later(10 * time.Minute)
	if is := w.deskIssue(n); is.State != "closed" {
		t.Errorf("the desk waits on:\n%s", bottest.Summary(is))
	}
}

// A request whose issue is gone is closed at the desk, where it still stands.
func TestDeskOfWhatIsGone(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	n := w.triage()
	w.must(w.repo.DeleteIssue(n, "boss"))
	w.settle()
	if got := w.memory(n).State; got != policy.Closed {
		t.Errorf("got %q", got)
	}
	if is := w.deskIssue(n); is.State != "closed" {
		t.Errorf("at the desk:\n%s", bottest.Summary(is))
	}
}
