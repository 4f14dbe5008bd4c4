package bot_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/internal/sample"
	"github.com/recoverybot/recoverybot/policy"
)

// The two workers do what Step does, each for its own key, and say when there
// may be more.
func TestJobs(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.file(body("", "Lost."))
	w.deliver()
	c, err := w.store.FindCase(w.Context(), "octo-registry", "support", n)
	w.must(err)
	wait, err := w.bot.StepCase(w.Context(), c.Ref.CaseKey)
	w.must(err)
	if want := 7 * 24 * time.Hour; wait != want {
		t.Errorf("a request that waits for its author: wait %v, want %v", wait, want)
	}
	if got := len(w.ours(n)); got != 0 {
		t.Errorf("%d comments before the installation's job, want none", got)
	}
	if wait, err = w.bot.Drain(w.Context(), c.Ref.Installation); wait != 0 || err != nil {
		t.Errorf("a drain that has made everything: wait %v, error %v; want none", wait, err)
	}
	w.state(n, policy.Incomplete)
	if got := len(w.ours(n)); got != 1 {
		t.Errorf("%d comments, want 1", got)
	}
	w.clock.set(w.clock.Now().Add(time.Minute))
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStale, On: "GET issue"})
	_, err = w.repo.Comment(n, "ann", "Hello?")
	w.must(err)
	w.deliver()
	if wait, err = w.bot.StepCase(w.Context(), c.Ref.CaseKey); wait != 2*time.Second || err != nil {
		t.Errorf("a stale snapshot: wait %v, error %v; want 2 s", wait, err)
	}
}

func (w *world) deliver() {
	w.Helper()
	_, err := w.fake.Deliver(w.Context())
	w.must(err)
}

// Between two writes of an installation lies the write interval, of whichever
// request they are.
func TestWriteInterval(t *testing.T) {
	w := newWorld(t, setup{})
	o := w.bot.Options
	o.WriteInterval = time.Second
	w.bot = bot.New(o)
	w.start()
	w.file(body("ann-1", "Lost."))
	w.file(body("ann-2", "Lost."))
	writes := func() int { return len(w.wrote(0)) }
	w.settle()
	for i := 1; i <= 5; i++ {
		if got := writes(); got != i {
			t.Errorf("after %d seconds: %d writes, want %d", i-1, got, i)
		}
		w.later(time.Second - time.Millisecond)
		if got := writes(); got != i {
			t.Errorf("just before second %d: %d writes, want %d", i, got, i)
		}
		w.later(time.Millisecond)
	}
}

// Who leaves a team has no say from the moment GitHub tells so, though its
// members are remembered for a minute.
func TestMembershipWebhook(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	w.say(n, "hal", "/ask project")
	w.state(n, policy.Asked)
	w.say(n, "ann", "It is ann-tools.")
	w.fake.AddTeam(bottest.Team{Org: "octo-registry", Slug: "support-helpers", ID: 5002, Members: []string{"ann-other"}})
	w.fake.Send("membership", []byte(`{"action":"removed","scope":"team"}`))
	id := w.say(n, "hal", "/ask")
	w.state(n, policy.Review)
	if got := w.reactions(n, id); got != "" {
		t.Errorf("reactions %q, want none: hal is a stranger now", got)
	}
}

// A command whose comment is deleted before it could be read again does not
// run, and stops nothing.
func TestCommandDeleted(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	id, err := w.repo.Comment(n, "ada", "/complete outside")
	w.must(err)
	w.must(w.repo.DeleteComment(id, "ada"))
	w.settle()
	w.soon()
	w.state(n, policy.Triage)
	w.say(n, "ada", "/complete outside")
	w.state(n, policy.Completed)
}

// A read that fails for a while only makes things late.
func TestReadFaults(t *testing.T) {
	calm := course(newWorld(t, setup{}))
	for i, kind := range []string{"GET issue", "GET comment", "team", "team members", "token"} {
		for j, f := range []bottest.Fault{
			{Status: 500, Times: 2}, {Status: 429, RetryAfter: 30 * time.Second}, {Kind: bottest.FaultCut}, {Status: 403},
		} {
			if !every(t, i, j, sample.Sizes{Plain: 4, Race: 4, All: 1}) {
				continue
			}
			t.Run(fmt.Sprintf("%s/%d-%d", kind, f.Kind, f.Status), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, setup{})
				f.On = kind
				w.bot.Forget()
				if kind == "token" {
					w.stop()
					w.boot() // has no token yet
				}
				w.fake.Fail(f)
				if kind == "token" {
					minutes := 0
					for ; minutes < 60 && w.bot.Start(w.Context()) != nil; minutes++ {
						w.clock.set(w.clock.Now().Add(time.Minute))
					}
					if minutes == 60 {
						t.Fatal("the bot does not start for an hour")
					}
				}
				if got := course(w); got != calm {
					t.Errorf("end:\n%s\nwant:\n%s\n%s", got, calm, w.log)
				}
			})
		}
	}
}

// Start says what the operator has to mend.
func TestStartRefuses(t *testing.T) {
	cases := []struct {
		what  string
		do    func(*world)
		want  string
		class bot.Class
	}{
		{"GitHub is down", func(w *world) { w.fake.Fail(bottest.Fault{Status: 502, Times: 9}) }, "octo-registry/support", bot.Transient},
		{"another repository of that name", func(w *world) {
			w.must(w.repo.Rename("boss", "old"))
			w.fake.AddRepository(bottest.RepositoryOptions{Owner: "octo-registry", Name: "support", ID: 999})
		}, "another repository", ""},
		{"not installed", func(w *world) { w.fake.Fail(bottest.Fault{Status: 404, Times: 9}) }, "octo-registry/support", bot.Missing},
	}
	for _, c := range cases {
		t.Run(c.what, func(t *testing.T) {
			w := newWorld(t, setup{})
			w.stop()
			w.must(os.WriteFile(w.path, emptyDatabase(), 0o600)) // what was served before is known by its id
			w.boot()
			c.do(w)
			err := w.bot.Start(w.Context())
			if err == nil || !strings.Contains(err.Error(), c.want) || c.class != "" && bot.ClassOf(err) != c.class {
				t.Errorf("error %v (%s), want %q (%s)", err, bot.ClassOf(err), c.want, c.class)
			}
		})
	}
}

// A reconcile pass that fails keeps its mark, so that the next one finds what
// it did not.
func TestReconcileFails(t *testing.T) {
	for _, kind := range []string{"GET issues", "GET repository comments"} {
		t.Run(kind, func(t *testing.T) {
			w := newWorld(t, setup{})
			n := w.triage()
			w.must(w.bot.Reconcile(w.Context()))
			w.later(time.Hour)
			id, err := w.repo.Comment(n, "hal", "/ask project")
			w.must(err)
			w.drop()
			w.later(time.Hour)
			w.fake.Fail(bottest.Fault{Status: 500, On: kind, Times: 3})
			if err := w.bot.Reconcile(w.Context()); bot.ClassOf(err) != bot.Transient {
				t.Errorf("error %v, want a transient one", err)
			}
			w.later(time.Hour)
			w.must(w.bot.Reconcile(w.Context()))
			w.settle()
			if got := w.reactions(n, id); got != "+1" {
				t.Errorf("reactions %q, want +1", got)
			}
		})
	}
}

// A case that can't be read when it is due is tried again, and staff who are
// late are told so in the log.
func TestTickFails(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	w.clock.set(w.memory(n).WakeAt)
	w.fake.Fail(bottest.Fault{Status: 500, On: "GET issue", Times: 3})
	for range 4 {
		w.must(w.bot.Sweep(w.Context(), w.clock.Now()))
		c, err := w.store.FindCase(w.Context(), "octo-registry", "support", n)
		w.must(err)
		_, err = w.bot.StepCase(w.Context(), c.Ref.CaseKey)
		w.must(err)
		w.clock.set(w.clock.Now().Add(15 * time.Minute))
	}
	w.settle()
	if !w.memory(n).Late {
		t.Error("staff are not late")
	}
	for _, want := range []string{"staff are past their target", "overdue for three sweeps"} {
		if !strings.Contains(w.log.String(), want) {
			t.Errorf("no %q in the log", want)
		}
	}
}

// A write that GitHub refuses for good is given up at its fifth failure; the
// rest of its request and all others go on meanwhile.
func TestPoisonedWrite(t *testing.T) {
	w := newWorld(t, setup{})
	w.fake.Fail(bottest.Fault{Status: 422, On: "POST comment", Path: "/repos/*/*/issues/1/comments", Times: 5})
	n := w.file(body("ann-1", "Lost."))
	w.settle()
	other := w.file(body("ann-2", "Lost."))
	w.settle()
	if got := len(w.ours(other)); got != 1 {
		t.Errorf("another request has %d comments, want 1 at once", got)
	}
	for range 4 {
		w.later(time.Minute)
	}
	if is := w.issue(n); len(w.ours(n)) != 0 || len(is.Labels) != 2 {
		t.Errorf("after five failures, want the label and no comment:\n%s", bottest.Summary(is))
	}
	if !strings.Contains(w.log.String(), "given_up=true") {
		t.Error("the log does not tell that a write was given up")
	}
	w.say(n, "ann", "/status")
	if got := len(w.ours(n)); got != 1 {
		t.Errorf("after /status: %d comments, want 1", got)
	}
}
