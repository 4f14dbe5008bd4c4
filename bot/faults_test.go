package bot_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/internal/sample"
	"github.com/recoverybot/recoverybot/policy"
)

// course is a request with every kind of write but a reopening.
func course(w *world) string {
	n := w.file(body("", "I have a new phone."))
	w.settle()
	w.later(time.Minute)
	w.later(6 * time.Minute)
	for _, c := range [][2]string{
		{"ann", "/username ann-builds"},
		{"hal", "/ask project"},
		{"ann", "It is ann-tools."},
		{"ada", "/assign"},
		{"ada", "/complete outside"},
	} {
		w.say(n, c[0], c[1])
		w.later(time.Minute)
		w.later(6 * time.Minute) // longer than any wait after a failed write
	}
	return bottest.Summary(w.issue(n))
}

// A write that goes wrong once is made in the end, and not twice.
func TestWriteFaults(t *testing.T) {
	calm := course(newWorld(t, setup{}))
	faults := []struct {
		name string
		bottest.Fault
	}{
		{"502-after", bottest.Fault{Kind: bottest.FaultAfter, Status: 502}},
		{"cut-after", bottest.Fault{Kind: bottest.FaultCut}},
		{"cut-before", bottest.Fault{Kind: bottest.FaultCutBefore}},
		{"500", bottest.Fault{Kind: bottest.FaultStatus}},
		{"403-limited", bottest.Fault{Kind: bottest.FaultStatus, Status: 403, RetryAfter: 30 * time.Second}},
		{"429", bottest.Fault{Kind: bottest.FaultStatus, Status: 429, RetryAfter: 30 * time.Second}},
		{"403-forbidden", bottest.Fault{Kind: bottest.FaultStatus, Status: 403}},
		{"401", bottest.Fault{Kind: bottest.FaultStatus, Status: 401}},
	}
	kinds := []string{"POST comment", "PATCH comment", "POST label", "POST issue labels", "DELETE issue label", "POST reaction", "POST assignees", "PATCH issue"}
	for i, fault := range faults {
		for j, kind := range kinds {
			if !every(t, i, j, sample.Sizes{Plain: 4, Race: 8, All: 1}) {
				continue
			}
			t.Run(fault.name+"/"+kind, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, setup{})
				f := fault.Fault // each test has its own
				f.On = kind
				w.fake.Fail(f)
				if diff := cmp.Diff(calm, course(w)); diff != "" {
					t.Errorf("end (-calm +faulty):\n%s\n%s", diff, w.log)
				}
				if left := w.fake.ClearFaults(); left != 0 {
					t.Error("the fault did not come")
				}
			})
		}
	}
}

// A call that is never answered ends by its time-out, and is made again.
func TestTimeout(t *testing.T) {
	w := newWorld(t, setup{answer: time.Second})
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultHang, On: "POST comment"})
	n := w.triage()
	if got := len(w.ours(n)); got != 1 {
		t.Errorf("%d comments, want 1", got)
	}
}

// twoRepositories is a world with a second repository, in an installation of
// its own.
func twoRepositories(t *testing.T, policy string) (w *world, other *bottest.Repository) {
	t.Helper()
	if policy == "" {
		policy = examplePolicy(t)
	}
	two := strings.Replace(policy, "calendar:", "  - {id: 700003, name: octo-registry/other}\ncalendar:", 1)
	w = newWorld(t, setup{policy: two, before: func(w *world) {
		other = w.fake.AddRepository(bottest.RepositoryOptions{
			Owner: "octo-registry", Name: "other", ID: 700003, Installation: 1002, Labels: []string{"account-recovery"},
		})
	}})
	return w, other
}

// A repository that can't be read stops no pass over the others.
func TestOneRepositoryFails(t *testing.T) {
	w, other := twoRepositories(t, strings.Replace(examplePolicy(t), "old-requests: new", "old-requests: all", 1))
	w.fake.Fail(bottest.Fault{Status: 404, Path: "/repos/octo-registry/support/issues", Times: 100})
	_, err := other.OpenIssue("bob", bottest.Draft{Title: "T", Body: body("bob", "Lost."), Labels: []string{"account-recovery"}})
	w.must(err)
	w.drop()
	w.clock.set(w.clock.Now().Add(time.Hour))
	if err := w.bot.Reconcile(w.Context()); err == nil {
		t.Error("no error, want one that names the repository")
	}
	if err := w.bot.Sweep(w.Context(), w.clock.Now()); err == nil {
		t.Error("no error, want one of the adoption that failed")
	}
	w.settle()
	if is, _ := other.Issue(1); len(is.Comments) != 1 {
		t.Errorf("the other repository has %d comments, want 1", len(is.Comments))
	}
}

// GitHub's word to wait stops the writes of its installation, and no other's.
func TestRetryAfter(t *testing.T) {
	for _, status := range []int{403, 429} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			w, other := twoRepositories(t, "")
			w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, Status: status, On: "POST comment", RetryAfter: 90 * time.Second})
			first := w.file(body("ann-builds", "Lost."))
			w.settle()
			second := w.file(body("ann-two", "Lost."))
			_, err := other.OpenIssue("bob", bottest.Draft{Title: "T", Body: body("bob", "Lost."), Labels: []string{"account-recovery"}})
			w.must(err)
			w.later(89 * time.Second)
			if got := len(w.ours(first)) + len(w.ours(second)); got != 0 {
				t.Errorf("%d comments before the time is over", got)
			}
			if is, _ := other.Issue(1); len(is.Comments) != 1 {
				t.Errorf("another installation has %d comments, want 1: it must not wait", len(is.Comments))
			}
			w.later(time.Second)
			if len(w.ours(first)) != 1 || len(w.ours(second)) != 1 {
				t.Errorf("%d and %d comments, want one each", len(w.ours(first)), len(w.ours(second)))
			}
		})
	}
}

// A snapshot that is older than the delivery is read anew after 2, 5, 15 and
// 60 seconds; then it is taken as it is, and marked.
func TestStaleReads(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStale, On: "GET issue", Times: 5})
	mark := w.fake.Mark()
	w.say(n, "ann", "Hello?")
	reads := func() int { return w.fake.CountSince(mark, "GET issue") }
	for i, wait := range []int{2, 5, 15, 60} {
		w.later(time.Duration(wait)*time.Second - time.Millisecond)
		if got := reads(); got != i+1 {
			t.Errorf("before wait %d is over: %d reads, want %d", i+1, got, i+1)
		}
		w.later(time.Millisecond)
		if got := reads(); got != i+2 {
			t.Errorf("after wait %d: %d reads, want %d", i+1, got, i+2)
		}
	}
	if m := w.memory(n); !slices.Contains(m.Flags, policy.FlagStaleSnapshot) {
		t.Errorf("flags %v, want %q", m.Flags, policy.FlagStaleSnapshot)
	}
	if got := w.fake.CountSince(mark, "POST reaction"); got != 1 {
		t.Errorf("%d receipts, want 1", got)
	}
}

// A stale snapshot that is fresh in time decides like any other.
func TestStaleReadRecovers(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.incomplete()
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStale, On: "GET issue", Times: 2})
	w.must(w.repo.EditIssue(n, "ann", body("ann-builds", "Lost.")))
	w.settle()
	w.state(n, policy.Incomplete)
	w.soon()
	w.state(n, policy.Triage)
	if m := w.memory(n); len(m.Flags) != 0 {
		t.Errorf("flags %v, want none", m.Flags)
	}
}

// What is gone for good ends the case, and nothing is written.
func TestGone(t *testing.T) {
	cases := map[string]func(*world, int){
		"transferred": func(w *world, n int) {
			to := w.fake.AddRepository(bottest.RepositoryOptions{Owner: "octo-registry", Name: "elsewhere", ID: 7})
			to.AddCollaborator("boss", "admin")
			_, err := w.repo.Transfer(n, "boss", to)
			w.must(err)
		},
		"deleted": func(w *world, n int) { w.must(w.repo.DeleteIssue(n, "boss")) },
		"old and not found": func(w *world, n int) {
			_, err := w.repo.Comment(n, "ann", "Hello?")
			w.must(err)
			w.clock.set(w.clock.Now().Add(2 * time.Minute))
			w.fake.Fail(bottest.Fault{Status: http.StatusNotFound, On: "GET issue"})
		},
	}
	for name, act := range cases {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{})
			n := w.triage()
			mark := w.fake.Mark()
			act(w, n)
			w.settle()
			w.soon()
			w.pass(20 * 24 * time.Hour)
			if got := w.memory(n).State; got != policy.Closed {
				t.Errorf("state %q, want %q", got, policy.Closed)
			}
			w.pass(80 * 24 * time.Hour) // it is forgotten by then
			if got := w.wrote(mark); len(got) != 0 {
				t.Errorf("writes: %v, want none", got)
			}
		})
	}
}

// A new issue may not be visible yet: that is no end.
func TestNotFoundYet(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.file(body("ann-builds", "Lost."))
	w.fake.Fail(bottest.Fault{Status: http.StatusNotFound, On: "GET issue", Times: 3})
	w.settle()
	if len(w.ours(n)) != 0 {
		t.Error("something was posted before the issue could be read")
	}
	w.soon()
	w.state(n, policy.Triage)
}

// A repository may be out of reach for a moment: everything there waits, and
// goes on minutes later, though the next pass was hours away.
func TestRepositoryNotFoundYet(t *testing.T) {
	w := newWorld(t, setup{})
	w.days(1) // a calm one: passes are rare
	n := w.file(body("ann-builds", "Lost."))
	w.clock.set(w.clock.Now().Add(2 * time.Minute))
	for _, path := range []string{"/repos/*/*/issues/*", "/repositories/*/installation"} {
		w.fake.Fail(bottest.Fault{Status: http.StatusNotFound, Path: path, Times: 1})
	}
	w.settle()
	if got := w.stateOfRepository(); got != bot.StateRemoved || len(w.ours(n)) != 0 {
		t.Errorf("state %q and %d comments, want %q and none", got, len(w.ours(n)), bot.StateRemoved)
	}
	w.later(4 * time.Minute)
	w.passes()
	if got := w.stateOfRepository(); got != bot.StateRemoved {
		t.Errorf("state %q: looked at again at once", got)
	}
	w.later(2 * time.Minute)
	w.passes()
	w.state(n, policy.Triage)
}

// A renamed repository is followed, whether the webhook says so or not.
func TestRenamed(t *testing.T) {
	for _, told := range []string{"told", "untold"} {
		t.Run(told, func(t *testing.T) {
			w := newWorld(t, setup{})
			n := w.triage()
			w.must(w.repo.Rename("boss", "help"))
			if told == "untold" {
				w.drop()
			} else {
				w.settle()
				r, err := w.store.Repository(w.Context(), w.repo.ID())
				w.must(err)
				if r.Name != "help" {
					t.Errorf("the repository is known as %q, want help", r.Name)
				}
			}
			// Of all that follows, only the clock's doing has no webhook that names the repository.
			w.pass(10 * 24 * time.Hour)
			id := w.say(n, "hal", "/ask project")
			if got := w.reactions(n, id); got != "+1" {
				t.Errorf("reactions %q, want +1\n%s", got, w.log)
			}
			w.pass(61 * 24 * time.Hour)
			w.state(n, policy.Expired)
			if w.issue(n).State != "closed" {
				t.Error("the issue is open")
			}
		})
	}
}

// A delivery that can't be decided dies at its fifth failure, tells so on a
// command, and stops nobody; delivered again it is tried again.
func TestPoison(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	w.fake.Fail(bottest.Fault{Status: http.StatusUnprocessableEntity, On: "GET comment", Times: 5})
	id := w.say(n, "ann", "/status")
	guid := lastDelivery(w, "issue_comment")
	other := w.file(body("ann-two", "Lost."))
	w.settle()
	w.state(other, policy.Triage)
	w.soon()
	if got := w.reactions(n, id); got != "confused" {
		t.Errorf("reactions %q, want confused\n%s", got, w.log)
	}
	if left := w.fake.ClearFaults(); left != 0 {
		t.Errorf("it died %d tries early", left)
	}
	next := w.say(n, "ann", "Hello?")
	if got := w.reactions(n, next); got != "eyes" {
		t.Errorf("the next comment: reactions %q, want eyes", got)
	}
	if !w.fake.Redeliver(guid) {
		t.Fatal("the delivery is not known")
	}
	w.settle()
	if got := w.reactions(n, id); got != "confused +1" {
		t.Errorf("delivered again: reactions %q, want confused +1\n%s", got, w.log)
	}
}

// lastDelivery is the id of the last delivery of an event.
func lastDelivery(w *world, event string) string {
	guid := ""
	for _, d := range w.fake.Deliveries() {
		if d.Event == event && !bySelf(d) {
			guid = d.GUID
		}
	}
	return guid
}

// Of two comments of ours with one name the older stays.
func TestTwoComments(t *testing.T) {
	w := newWorld(t, setup{})
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultCut, On: "POST comment"})
	n := w.file(body("ann-builds", "Lost."))
	w.settle()
	first := w.status(n)
	c, err := w.store.FindCase(w.Context(), "octo-registry", "support", n)
	w.must(err)
	_, err = w.bot.GitHub.PostComment(w.Context(), c.Ref, first.Body)
	w.must(err)
	w.soon()
	ours := w.ours(n)
	if len(ours) != 1 || ours[0].ID != first.ID {
		t.Errorf("%d comments, the first is %d; want one, %d", len(ours), ours[0].ID, first.ID)
	}
}

// A status that was deleted comes back once; after that somebody does not
// want it, and only the log tells so.
func TestStatusDeleted(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	for i, want := range []int{1, 0} {
		w.must(w.repo.DeleteComment(w.status(n).ID, "max"))
		w.settle()
		w.later(time.Minute)
		if got := len(w.ours(n)); got != want {
			t.Errorf("after deletion %d: %d comments, want %d", i+1, got, want)
		}
	}
	w.say(n, "ann", "/status")
	if got := len(w.ours(n)); got != 0 {
		t.Errorf("after /status: %d comments, want none", got)
	}
	if !strings.Contains(w.log.String(), "deleted twice") {
		t.Error("no warning in the log")
	}
}

// A label of ours that somebody takes off comes back once, and then is left.
func TestLabelRemoved(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	const label = "recovery: triage"
	for i, want := range []bool{true, false} {
		w.must(w.repo.Unlabel(n, "ada", label))
		w.settle()
		w.later(time.Minute)
		if got := slices.Contains(w.issue(n).Labels, label); got != want {
			t.Errorf("after removal %d: label there: %v, want %v", i+1, got, want)
		}
	}
	if m := w.memory(n); !slices.Contains(m.Flags, policy.FlagLabelChanged) {
		t.Errorf("flags %v, want %q", m.Flags, policy.FlagLabelChanged)
	}
}
