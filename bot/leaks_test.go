package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// leaksOf is what is remembered of a request's leaks.
func (w *world) leaksOf(n int) (policy.Memory, []policy.Place) {
	w.Helper()
	r := w.rules.Repositories[0]
	c, err := w.store.FindCase(w.Context(), r.Owner, r.Name, n)
	w.must(err)
	var in []policy.Place
	for _, f := range c.Memory.Leaks {
		in = append(in, f.In)
	}
	return c.Memory, in
}

// holdsLeak checks that a request is on hold for a secret, and that the store
// and the log have nothing of it.
func (w *world) holdsLeak(n int) {
	w.Helper()
	m, in := w.leaksOf(n)
	if m.State != policy.Held || m.Hold == nil || m.Hold.Why != policy.HoldLeak || len(in) == 0 {
		w.Errorf("the request is %s, with %v; want it on hold for a leak", m.State, in)
	}
	if strings.Contains(w.log.String(), leaked[:20]) {
		w.Error("the secret is in the log")
	}
}

// Wherever its author writes a secret, and whatever becomes of it at once, the
// request is on hold.
func TestLeakHolds(t *testing.T) {
	edited := func(who, from, to string) func(*world, int) {
		return func(w *world, n int) {
			id, err := w.repo.Comment(n, "ann", from)
			w.must(err)
			w.clock.set(w.clock.Now().Add(time.Second))
			w.must(w.repo.EditComment(id, who, to))
		}
	}
	deleted := func(who, text string) func(*world, int) {
		return func(w *world, n int) {
			id, err := w.repo.Comment(n, "ann", text)
			w.must(err)
			w.clock.set(w.clock.Now().Add(time.Second))
			w.must(w.repo.DeleteComment(id, who))
		}
	}
	for name, act := range map[string]func(*world, int){
		"in the title":                func(w *world, n int) { w.must(w.repo.EditTitle(n, "ann", leaked)) },
		"in the text":                 func(w *world, n int) { w.must(w.repo.EditIssue(n, "ann", body("ann-builds", leaked))) },
		"in prose":                    func(w *world, n int) { w.say(n, "ann", "It is "+leaked) },
		"below a command":             func(w *world, n int) { w.say(n, "ann", "/status\n\n"+leaked) },
		"in a command that was taken": deleted("ann", "/status\n"+leaked),
		"in a command that was cut":   edited("ann", "/status\n"+leaked, "/status"),
		"in prose that was taken":     deleted("ann", leaked),
		"in prose that staff took":    deleted("max", leaked),
		"in prose that was cut":       edited("ann", leaked, "never mind"),
		"edited in by its author":     edited("ann", "see", leaked),
		"edited into a command that ran": func(w *world, n int) {
			id := w.written(n, "ann", "/status")
			w.later(time.Minute)
			w.must(w.repo.EditComment(id, "ann", "/status\n"+leaked))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			n := w.triage()
			act(w, n)
			w.settle()
			w.soon()
			w.holdsLeak(n)
		})
	}
}

// The webhook of what was written is lost, and only that of its end comes.
func TestLeakOfTheOldSide(t *testing.T) {
	for name, act := range map[string]func(w *world, id int64) error{
		"edited by its author":  func(w *world, id int64) error { return w.repo.EditComment(id, "ann", "never mind") },
		"deleted by its author": func(w *world, id int64) error { return w.repo.DeleteComment(id, "ann") },
		"deleted by staff":      func(w *world, id int64) error { return w.repo.DeleteComment(id, "max") },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			n := w.triage()
			id, err := w.repo.Comment(n, "ann", "It is "+leaked)
			w.must(err)
			w.drop()
			w.clock.set(w.clock.Now().Add(time.Second))
			w.must(act(w, id))
			w.settle()
			w.soon()
			w.holdsLeak(n)
		})
	}
	w := newWorld(t, setup{})
	n := w.triage()
	w.must(w.repo.EditIssue(n, "ann", body("ann-builds", leaked)))
	w.drop()
	w.clock.set(w.clock.Now().Add(time.Second))
	w.must(w.repo.EditIssue(n, "ann", body("ann-builds", "Lost.")))
	w.settle()
	w.soon()
	w.holdsLeak(n)
}

// A pass finds what no webhook told: a comment, one that was edited, and one in
// an issue that is known and unchanged otherwise.
func TestLeakFoundByPass(t *testing.T) {
	for name, act := range map[string]func(w *world, n int) error{
		"written": func(w *world, n int) error {
			_, err := w.repo.Comment(n, "ann", leaked)
			return err
		},
		"edited": func(w *world, n int) error {
			id := w.written(n, "ann", "see below")
			w.later(24 * time.Hour) // long before the pass reaches back to
			w.must(w.bot.Reconcile(w.Context()))
			w.settle()
			w.clock.set(w.clock.Now().Add(time.Hour))
			return w.repo.EditComment(id, "ann", leaked)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			n := w.triage()
			w.must(act(w, n))
			w.drop()
			for range 3 { // what one pass stores, the next does not store again
				w.later(time.Minute)
				w.must(w.bot.Reconcile(w.Context()))
				w.settle()
			}
			w.soon()
			w.holdsLeak(n)
			if _, in := w.leaksOf(n); len(in) != 1 {
				t.Errorf("it is told %d times, want once", len(in))
			}
		})
	}
}

// A secret waits for no team to be readable.
func TestLeakDoesNotWait(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	w.fake.Fail(bottest.Fault{Method: "GET", Path: "/orgs/*", Status: 502})
	w.say(n, "ann", "/status\n"+leaked)
	w.soon()
	w.holdsLeak(n)
}

// What stands in the comments of an old request is found when it is taken over.
func TestLeakInAnOldRequest(t *testing.T) {
	w := firstDay(t)
	_, err := w.repo.Comment(2, "ann", "the code is "+leaked)
	w.must(err)
	w.drop()
	w.choose(policy.Adoption{Choice: "all"})
	w.holdsLeak(2)
	w.state(1, policy.Triage)
}

// What its author wrote in the comments of an issue that was no request yet is
// found when staff make it one.
func TestLeakBeforeItIsARequest(t *testing.T) {
	w := newWorld(t, setup{})
	n, err := w.repo.OpenIssue("ann", bottest.Draft{Title: "Help", Body: "I lost my phone."})
	w.must(err)
	w.settle()
	w.say(n, "ann", "the code is "+leaked)
	w.soon()
	w.must(w.repo.Label(n, "ada", w.rules.Requests.Label))
	w.settle()
	w.soon()
	w.holdsLeak(n)
}
