package bot_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// minutes lets the job engine's minutes go by, in each of which the bot asks
// and GitHub delivers.
func (w *world) minutes(n int) {
	w.Helper()
	w.steps(n, time.Minute)
}

// steps are the same with some of the minutes left out: for long times.
func (w *world) steps(n int, each time.Duration) {
	w.Helper()
	for range n {
		w.clock.set(w.clock.Now().Add(each))
		w.must(w.bot.Redeliver(w.Context()))
		w.settle()
	}
}

// count are the App's calls of a kind since mark.
func (w *world) count(mark int, kind string) int { return w.fake.CountSince(mark, kind) }

// answers counts how often each delivery was answered with 2xx.
func (w *world) answers() map[string]int {
	n := map[string]int{}
	for _, d := range w.fake.Deliveries() {
		n[d.GUID] += 0
		if !d.Failed {
			n[d.GUID]++
		}
	}
	return n
}

// TestRedelivered has a receiver that nobody reaches for an hour: afterwards
// each event was handled once, although no reconcile pass ever ran.
func TestRedelivered(t *testing.T) {
	w := newWorld(t, setup{})
	w.minutes(15)
	w.fake.SetFate(bottest.FateFail.Always)
	mark := w.fake.Mark()
	n := w.file(body("ann-builds", "I have a new phone."))
	w.minutes(10)
	said := w.say(n, "hal", "/ask project")
	w.minutes(50)
	if got := w.wrote(mark); len(got) > 0 {
		t.Errorf("the bot wrote in the outage: %v", got)
	}
	if got, most := w.count(mark, "redeliver"), 2*len(w.answers()); got > most {
		t.Errorf("%d deliveries were asked for in the outage, want at most %d", got, most)
	}
	w.fake.SetFate(nil)
	w.minutes(200)
	w.state(n, policy.Asked)
	if got := w.reactions(n, said); got == "" {
		t.Error("the command was not answered")
	}
	for guid, times := range w.answers() {
		if times != 1 {
			t.Errorf("delivery %s was answered %d times, want once", guid, times)
		}
	}
	if open, err := w.store.Redeliveries(t.Context()); err != nil || len(open) > 0 {
		t.Errorf("still open: %+v, %v", open, err)
	}
}

// TestGivenUp has a receiver that fails for good: each delivery is asked for
// three times, and then no more.
func TestGivenUp(t *testing.T) {
	w := newWorld(t, setup{})
	w.fake.SetWebhook(w.listen(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.WriteHeader(http.StatusInternalServerError)
	})))
	mark := w.fake.Mark()
	w.file(body("ann-builds", "I have a new phone."))
	w.settle()
	sent := len(w.answers())
	w.steps(4*24*12, 5*time.Minute)
	if got, want := w.count(mark, "redeliver"), sent*bot.AskLimit; got != want {
		t.Errorf("%d deliveries were asked for, want %d", got, want)
	}
	if got := strings.Count(w.log.String(), "failed deliveries were given up"); got != 1 {
		t.Errorf("%d lines say that deliveries were given up, want one:\n%s", got, w.log.String())
	}
	if got, most := w.count(mark, "deliveries"), 4*24+40; got > most {
		t.Errorf("%d lists were read in four days, want at most %d", got, most)
	}
}

// TestOneThatGitHubFailsAt has a delivery that GitHub can't send again: the
// others do not wait for it.
func TestOneThatGitHubFailsAt(t *testing.T) {
	w := newWorld(t, setup{})
	w.fake.SetFate(bottest.FateFail.Always)
	w.file(body("ann-builds", "I have a new phone."))
	w.settle()
	w.clock.set(w.clock.Now().Add(time.Minute))
	second := w.file(body("bob-builds", "I have a new phone."))
	w.settle()
	w.fake.SetFate(nil)
	stuck := ""
	w.fake.Fail(bottest.Fault{Status: http.StatusInternalServerError, Times: 1000, Match: func(c bottest.Call) bool {
		if c.Kind == "redeliver" && stuck == "" {
			stuck = c.Path
		}
		return c.Kind == "redeliver" && c.Path == stuck
	}})
	failed := 0
	for range 30 {
		w.clock.set(w.clock.Now().Add(time.Minute))
		if err := w.bot.Redeliver(t.Context()); err != nil {
			failed++
		}
		w.settle()
	}
	w.state(second, policy.Triage)
	if failed == 0 {
		t.Error("nothing tells that GitHub failed")
	}
}

// TestStoredButFailed has a receiver that stores and dies before it answers:
// nothing is asked for.
func TestStoredButFailed(t *testing.T) {
	w := newWorld(t, setup{})
	w.fake.SetWebhook(w.listen(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.receive(httptest.NewRecorder(), r)
		rw.WriteHeader(http.StatusBadGateway)
	})))
	n := w.triage()
	w.fake.SetWebhook(w.listen(http.HandlerFunc(w.receive)))
	w.minutes(120)
	w.state(n, policy.Triage)
	asked := map[string]int{}
	for _, d := range w.fake.Deliveries() {
		if d.Redelivery {
			asked[d.Event+" "+d.Action]++
		}
	}
	// Its own events are not stored, so that nothing says that they came.
	if asked["issues opened"] != 0 || asked["issue_comment created"] != 1 {
		t.Errorf("asked for again: %v; want the bot's own comment once, and not the opening", asked)
	}
}

// TestCalmDay counts the calls of a day without trouble.
func TestCalmDay(t *testing.T) {
	w := newWorld(t, setup{})
	w.triage()
	w.minutes(30)
	mark := w.fake.Mark()
	w.minutes(24 * 60)
	if got := w.count(mark, "deliveries"); got > 24 || got < 20 {
		t.Errorf("%d lists were read, want about one in an hour and at most 24", got)
	}
	if all := w.fake.CountSince(mark); all != w.count(mark, "deliveries") {
		t.Errorf("%d calls, %d of them lists: want no others", all, w.count(mark, "deliveries"))
	}
}

// TestNoDeliveries has a GitHub that does not know the list.
func TestNoDeliveries(t *testing.T) {
	w := newWorld(t, setup{})
	w.fake.Fail(bottest.Fault{On: "deliveries", Status: http.StatusNotFound, Times: 1000})
	mark := w.fake.Mark()
	w.steps(3*24, time.Hour)
	if got := w.count(mark, "deliveries"); got > 4 {
		t.Errorf("%d lists were asked for in three days, want one a day", got)
	}
	if got := strings.Count(w.log.String(), "no list of failed deliveries"); got != 1 {
		t.Errorf("%d lines tell of it, want one", got)
	}
}

// TestListLimited waits as long as GitHub says.
func TestListLimited(t *testing.T) {
	w := newWorld(t, setup{})
	w.fake.Fail(bottest.Fault{On: "deliveries", Status: http.StatusTooManyRequests, RetryAfter: 20 * time.Minute})
	if err := w.bot.Redeliver(t.Context()); bot.ClassOf(err) != bot.Transient {
		t.Fatalf("the first pass: %v, want a transient error", err)
	}
	mark := w.fake.Mark()
	w.minutes(19)
	if got := w.count(mark, "deliveries"); got != 0 {
		t.Errorf("%d lists were asked for within the time to wait", got)
	}
	w.minutes(1)
	if got := w.count(mark, "deliveries"); got != 1 {
		t.Errorf("%d lists were asked for after it, want one", got)
	}
}
