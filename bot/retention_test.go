package bot_test

import (
	"errors"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
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
