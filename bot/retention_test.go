package bot_test

import (
	"errors"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// Sweep forgets what the policy keeps no longer, and not a second sooner.
func TestSweepForgets(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	w.say(n, "hal", "/ignore")
	if got := w.memory(n).State; got != policy.Ignored {
		t.Fatalf("the request is %s, want ignored", got)
	}
	known := func() bool {
		_, err := w.store.FindCase(t.Context(), "octo-registry", "support", n)
		if !errors.Is(err, bot.ErrNotFound) {
			w.must(err)
		}
		return err == nil
	}
	keep := max(w.rules.Retention.Cases, w.rules.Clocks.Reopen)
	w.clock.set(w.memory(n).Ended.Add(keep - time.Second))
	w.sweep()
	if !known() {
		t.Error("the request was forgotten a second too early")
	}
	w.clock.set(w.clock.Now().Add(2 * time.Second))
	w.sweep()
	if known() {
		t.Error("the request is known when its time is over")
	}
}

// What waits its turn is old only when it is done: a request that GitHub does not
// let the bot read for longer than anything is kept is there, and is answered then.
func TestSweepKeepsWhatWaits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, On: "GET issue", Times: 1 << 20, Status: http.StatusServiceUnavailable})
	n := w.fileAs("ann", "ann-builds")
	w.settle()
	keep := max(w.rules.Retention.Cases, w.rules.Retention.Deliveries, w.rules.Clocks.Reopen)
	for range 3 {
		w.clock.set(w.clock.Now().Add(keep))
		w.sweep()
		w.settle()
	}
	if is, _ := w.repo.Issue(n); len(is.Comments) != 0 {
		t.Fatalf("%d comments while GitHub shows no issue, want none", len(is.Comments))
	}
	w.fake.ClearFaults()
	w.later(time.Hour)
	if is, _ := w.repo.Issue(n); len(is.Comments) != 1 || !slices.Contains(is.Labels, "recovery: triage") {
		t.Errorf("labels %q and %d comments when GitHub is back, want the request to be answered", is.Labels, len(is.Comments))
	}
}

// What was given up can be tried again for as long as the policy keeps it, which
// begins when it was given up: staff had no reason to look before.
func TestSweepKeepsWhatWasGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, On: "GET issue", Times: 1 << 20, Status: http.StatusServiceUnavailable})
	w.fileAs("ann", "ann-builds")
	w.settle()
	w.clock.set(w.clock.Now().Add(2 * w.rules.Retention.Deliveries)) // it waited
	w.fake.ClearFaults()
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, On: "GET issue", Times: 1 << 20, Status: http.StatusUnprocessableEntity})
	for range 10 {
		w.later(time.Minute)
	}
	given := w.clock.Now()
	dead := func() int {
		w.sweep()
		jobs, err := w.store.Jobs(t.Context())
		w.must(err)
		return len(slices.DeleteFunc(jobs, func(j bot.Job) bool { return j.Kind != bot.JobDelivery || j.State != bot.JobDead }))
	}
	for _, at := range []struct {
		after time.Duration
		want  int
	}{{0, 1}, {w.rules.Retention.Deliveries - time.Hour, 1}, {w.rules.Retention.Deliveries, 0}} {
		w.clock.set(given.Add(at.after))
		if got := dead(); got != at.want {
			t.Errorf("%s after it was given up: %d deliveries to try again, want %d", at.after, got, at.want)
		}
	}
}
