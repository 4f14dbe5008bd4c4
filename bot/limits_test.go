package bot_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/internal/sample"
	"github.com/recoverybot/recoverybot/policy"
)

// paced is a world at GitHub's real limits, and a bot that keeps to them.
func paced(t *testing.T) *world {
	w := newWorld(t, setup{limits: bot.GitHubLimits(), hub: bottest.GitHubLimits()})
	o := w.bot.Options
	o.WriteInterval = time.Second
	w.bot = bot.New(o)
	w.start()
	return w
}

// drain works until everything is done, and moves the clock to when there is
// more to do. It stops early where enough says so.
func (w *world) drain(enough func() bool) {
	w.Helper()
	const installation = 1001
	for round := 0; !enough(); round++ {
		if round == endless {
			w.Fatalf("it does not come to an end: the clock is at %v", w.clock.Now())
		}
		_, err := w.fake.Deliver(w.Context())
		w.must(err)
		worked, err := w.bot.Step(w.Context())
		w.must(err)
		if worked {
			continue
		}
		wait, err := w.bot.Drain(w.Context(), installation)
		w.must(err)
		if wait <= 0 && w.openJobs() == 0 {
			return
		}
		if wait <= 0 {
			wait = 5 * time.Second // a delivery waits for points
		}
		w.clock.set(w.clock.Now().Add(wait))
	}
}

func (w *world) openJobs() int {
	w.Helper()
	jobs, err := w.store.Jobs(w.Context())
	w.must(err)
	n := 0
	for _, j := range jobs {
		if j.State == bot.JobOpen {
			n++
		}
	}
	return n
}

// 300 new requests at once in one installation: GitHub never has to say no, all
// are answered, and a command in the middle of it hardly waits.
func TestFlood(t *testing.T) {
	w := paced(t)
	began := w.clock.Now()
	requests := sample.Sizes{Plain: 300, Race: 150, All: 300}.Of(t)
	var last int
	for i := range requests {
		last = w.file(body(fmt.Sprintf("ann-%d", i), "I have a new phone."))
	}
	w.drain(func() bool { return len(w.wrote(0)) >= requests*2/3 })
	if got := len(w.wrote(0)); got < requests*2/3 {
		t.Fatalf("only %d writes", got)
	}
	mark := w.fake.Mark()
	id, err := w.repo.Comment(last, "ann", "/help")
	w.must(err)
	w.drain(func() bool { return w.reactions(last, id) != "" })
	if got := len(w.wrote(mark)); got > 6 {
		t.Errorf("%d writes until the command had its receipt, want 6 at most", got)
	}
	w.drain(func() bool { return false })
	if got := w.fake.Violations(); got.Total() != 0 {
		t.Errorf("GitHub said no: %+v", got)
	}
	for n := last - requests + 1; n <= last; n++ {
		if len(w.ours(n)) == 0 {
			t.Errorf("issue %d has no answer", n)
		}
	}
	t.Logf("%d writes in %v", len(w.wrote(0)), w.clock.Now().Sub(began))
}

// limitedForms are the ways in which GitHub says that it was asked too much,
// and how long each lasts.
func limitedForms(now time.Time) map[string]struct {
	fault bottest.Fault
	wait  time.Duration
} {
	return map[string]struct {
		fault bottest.Fault
		wait  time.Duration
	}{
		"primary, 403":               {bottest.Fault{Status: http.StatusForbidden, Reset: now.Add(10 * time.Minute)}, 10 * time.Minute},
		"primary, 429":               {bottest.Fault{Status: http.StatusTooManyRequests, Reset: now.Add(10 * time.Minute)}, 10 * time.Minute},
		"secondary, 403":             {bottest.Fault{Status: http.StatusForbidden, RetryAfter: 3 * time.Minute}, 3 * time.Minute},
		"secondary, 429":             {bottest.Fault{Status: http.StatusTooManyRequests, RetryAfter: 3 * time.Minute}, 3 * time.Minute},
		"secondary, 429, not a word": {bottest.Fault{Status: http.StatusTooManyRequests}, time.Minute},
	}
}

// A limit that a read or a write meets holds all calls of the installation for
// as long as GitHub says, and not longer; and nothing is counted as a failure.
func TestLimitHoldsAll(t *testing.T) {
	for _, on := range []string{"GET issue", "POST comment"} {
		for name, form := range limitedForms(time.Date(2026, 12, 3, 10, 12, 0, 0, time.UTC)) {
			t.Run(on+" "+name, func(t *testing.T) {
				w := newWorld(t, setup{})
				form.fault.On = on
				w.fake.Fail(form.fault)
				mark := w.fake.Mark()
				w.file(body("ann-1", "I have a new phone."))
				w.file(body("ann-2", "I have a new phone."))
				w.settle()
				w.clock.set(w.clock.Now().Add(form.wait - time.Second))
				before := w.fake.CountSince(mark)
				w.settle()
				if got := w.fake.CountSince(mark) - before; got != 0 {
					t.Errorf("%d calls while GitHub was to be left alone", got)
				}
				if w.fake.ClearFaults() != 0 {
					t.Fatal("the fault never came")
				}
				w.later(time.Second)
				w.soon()
				if got := w.openJobs(); got != 0 {
					t.Errorf("%d jobs are left:\n%s", got, w.log)
				}
				if got := strings.Count(w.log.String(), "GitHub refuses calls"); got != 1 {
					t.Errorf("the log tells of %d refusals, want 1", got)
				}
			})
		}
	}
}

// Somebody else uses up the installation's limit for half an hour: while GitHub
// says no, without a time, it is asked again at most five times.
func TestBackOff(t *testing.T) {
	w := newWorld(t, setup{})
	w.fake.Fail(bottest.Fault{Status: http.StatusTooManyRequests, Times: 1000, Match: func(c bottest.Call) bool {
		return !strings.HasSuffix(c.Path, "/access_tokens")
	}})
	mark := w.fake.Mark()
	for i := range 20 {
		w.file(body(fmt.Sprintf("ann-%d", i), "I have a new phone."))
	}
	for range 30 * 60 / 5 {
		w.later(5 * time.Second)
	}
	if got := w.fake.CountSince(mark); got < 2 || got > 6 {
		t.Errorf("%d calls in half an hour in which GitHub said no, want 2 to 6", got)
	}
	w.fake.ClearFaults()
	w.later(time.Hour)
	w.soon()
	if got := w.openJobs(); got != 0 {
		t.Errorf("%d jobs are left", got)
	}
	for _, j := range w.jobs() {
		if j.Tries != 0 || j.Waits != 0 {
			t.Errorf("%s: %d tries, %d waits", j.Name, j.Tries, j.Waits)
		}
	}
}

func (w *world) jobs() []bot.Job {
	w.Helper()
	jobs, err := w.store.Jobs(w.Context())
	w.must(err)
	return jobs
}

// GitHub answers nothing for an hour: calls become rare, no delivery uses up
// its tries, the log says it once, and all is done when it is back.
func TestBreakerOpens(t *testing.T) {
	w := newWorld(t, setup{})
	var numbers []int
	for i := range 20 {
		numbers = append(numbers, w.file(body(fmt.Sprintf("ann-%d", i), "I have a new phone.")))
	}
	w.fake.Fail(bottest.Fault{Status: http.StatusBadGateway, Times: 10000, Match: func(c bottest.Call) bool { return c.ByApp }})
	mark := w.fake.Mark()
	for range 3600 / 5 {
		w.later(5 * time.Second)
	}
	if got := w.fake.CountSince(mark); got < 12 || got > 40 {
		t.Errorf("%d calls in an hour without an answer, want 12 to 40", got)
	}
	for _, j := range w.jobs() {
		if j.Tries != 0 {
			t.Errorf("%s used up %d tries", j.Name, j.Tries)
		}
	}
	w.fake.ClearFaults()
	for range 600 / 5 {
		w.later(5 * time.Second)
	}
	for _, n := range numbers {
		w.state(n, policy.Triage)
	}
	for what, want := range map[string]int{"GitHub does not answer;": 1, "GitHub answers again": 1} {
		if got := strings.Count(w.log.String(), what); got != want {
			t.Errorf("the log says %q %d times, want %d", what, got, want)
		}
	}
}

// With less than a tenth of the hour left by GitHub's own count, reminders
// wait until it counts anew, and new requests do not.
func TestLittleIsLeft(t *testing.T) {
	w := newWorld(t, setup{hub: bottest.Limits{Primary: 60}})
	old := w.file(body("", "Lost."))
	w.settle()
	w.state(old, policy.Incomplete)
	before := len(w.ours(old))
	w.clock.set(w.memory(old).WakeAt.Add(-time.Minute))
	for i := 0; !strings.Contains(w.log.String(), "little is left"); i++ {
		if i == 30 {
			t.Fatal("there is always enough left")
		}
		w.file(body(fmt.Sprintf("ann-%d", i), "I have a new phone."))
		w.settle()
	}
	w.clock.set(w.clock.Now().Add(2 * time.Minute))
	w.sweep()
	if got := len(w.ours(old)); got != before {
		t.Error("a reminder did not wait")
	}
	fresh := w.file(body("ann-fresh", "I have a new phone."))
	w.settle()
	w.state(fresh, policy.Triage)
	w.clock.set(w.clock.Now().Add(time.Hour))
	w.sweep()
	if got := len(w.ours(old)); got == before {
		t.Error("the reminder never came")
	}
	if got := w.fake.Violations(); got.Total() != 0 {
		t.Errorf("GitHub said no: %+v", got)
	}
}
