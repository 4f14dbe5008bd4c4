package bot_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// firstDay is a repository with five open requests that are a month old and
// more, on the bot's first day, under a policy that says nothing of them.
func firstDay(t *testing.T) *world {
	t.Helper()
	src := strings.Replace(examplePolicy(t), "start: {from: 2024-07-09, old-requests: new}", "", 1)
	return newWorld(t, setup{policy: src, before: func(w *world) {
		today := w.clock.Now()
		for i := range 5 {
			w.clock.set(today.Add(time.Duration(i-60) * 24 * time.Hour))
			name := fmt.Sprintf("ann-%d", i)
			if i == 4 {
				name = ""
			}
			w.file(body(name, "Lost."))
		}
		_, err := w.repo.Comment(1, "hal", "Which project?")
		w.must(err)
		w.clock.set(today)
		w.drop() // nobody listened then
	}})
}

// choose is `recoverybot adopt`.
func (w *world) choose(a policy.Adoption) {
	w.Helper()
	w.must(w.store.Adopt(w.Context(), w.repo.ID(), a, w.clock.Now()))
	w.sweep()
	w.soon()
}

// Until the operator has chosen, deliveries are stored and nothing is written.
func TestFirstDay(t *testing.T) {
	w := firstDay(t)
	fresh := w.file(body("new-one", "Lost."))
	w.settle()
	w.say(1, "ann", "Any news?")
	w.pass(24 * time.Hour)
	w.restart()
	w.settle()
	if got := w.wrote(0); len(got) != 0 {
		t.Fatalf("writes before the choice: %v", got)
	}
	if !strings.Contains(w.log.String(), "`recoverybot adopt`") {
		t.Error("the log does not name the command to run")
	}
	w.choose(policy.Adoption{Choice: "new"})
	w.state(fresh, policy.Triage)
	if got := len(w.ours(fresh)); got != 1 {
		t.Errorf("the new request has %d comments, want 1", got)
	}
	for n := 1; n <= 5; n++ {
		if is := w.issue(n); len(w.ours(n)) != 0 || len(is.Labels) != 1 {
			t.Errorf("old request %d was touched:\n%s", n, bottest.Summary(is))
		}
	}
}

// The old ones that are adopted get their label and no word; the status comes
// with the next thing that happens.
func TestAdoptAll(t *testing.T) {
	w := firstDay(t)
	w.choose(policy.Adoption{Choice: "all"})
	for n := 1; n <= 5; n++ {
		want := "recovery: triage"
		if n == 5 {
			want = "recovery: incomplete"
		}
		if is := w.issue(n); len(w.ours(n)) != 0 || strings.Join(is.Labels, ", ") != "account-recovery, "+want {
			t.Errorf("request %d, want %q and no comment:\n%s", n, want, bottest.Summary(is))
		}
	}
	if m := w.memory(1); m.Turn != policy.Requester || !m.Quiet {
		t.Errorf("staff spoke last in request 1: turn %q, quiet %v; want the requester's, quiet", m.Turn, m.Quiet)
	}
	if m := w.memory(2); m.Turn != policy.Staff {
		t.Errorf("request 2: turn %q, want staff's", m.Turn)
	}
	id := w.say(2, "ann", "Any news?")
	if got := w.reactions(2, id); got != "eyes" || len(w.ours(2)) != 1 {
		t.Errorf("after a comment: reactions %q, %d comments of ours; want eyes and the status", got, len(w.ours(2)))
	}
	w.pass(90 * 24 * time.Hour)
	if is := w.issue(1); is.State != "open" {
		t.Error("a request was closed without having been asked")
	}
}

func TestAdoptOldest(t *testing.T) {
	w := firstDay(t)
	adopted := func() string {
		var all []string
		for n := 1; n <= 5; n++ {
			if len(w.issue(n).Labels) > 1 {
				all = append(all, fmt.Sprint(n))
			}
		}
		return strings.Join(all, " ")
	}
	w.choose(policy.Adoption{Choice: "oldest", PerDay: 2})
	for day, want := range []string{"1 2", "1 2 3 4", "1 2 3 4 5", "1 2 3 4 5"} {
		if got := adopted(); got != want {
			t.Errorf("day %d: adopted %q, want %q", day+1, got, want)
		}
		w.later(12 * time.Hour)
		w.sweep()
		if got := adopted(); got != want {
			t.Errorf("day %d, noon: adopted %q, want %q", day+1, got, want)
		}
		w.later(12 * time.Hour)
		w.sweep()
		w.soon()
	}
}

// What webhooks did not bring, the reconcile pass finds, once.
func TestMissedDeliveries(t *testing.T) {
	w := newWorld(t, setup{})
	act := func(do func()) {
		w.later(time.Minute)
		do()
		w.drop()
		w.later(time.Minute)
		w.must(w.bot.Reconcile(w.Context()))
		w.settle()
	}
	n := 0
	act(func() { n = w.file(body("", "Lost.")) })
	w.state(n, policy.Incomplete)
	var answer, command int64
	act(func() { w.must(w.repo.EditIssue(n, "ann", body("ann-builds", "Lost."))) })
	w.state(n, policy.Triage)
	act(func() { command, _ = w.repo.Comment(n, "hal", "/ask project") })
	w.state(n, policy.Asked)
	act(func() { answer, _ = w.repo.Comment(n, "ann", "It is ann-tools.") })
	w.state(n, policy.Review)
	if a, c := w.reactions(n, answer), w.reactions(n, command); a != "eyes" || c != "+1" {
		t.Errorf("reactions %q and %q, want eyes and +1", a, c)
	}
	act(func() { w.must(w.repo.Close(n, "ada")) })
	w.state(n, policy.Closed)
	act(func() { w.must(w.repo.Reopen(n, "ada")) })
	w.state(n, policy.Triage)
	act(func() { w.must(w.repo.Close(n, "ann")) })
	w.state(n, policy.Withdrawn)

	mark := w.fake.Mark()
	for range 3 {
		w.later(time.Hour)
		w.must(w.bot.Reconcile(w.Context()))
		w.settle()
	}
	if got := w.wrote(mark); len(got) != 0 {
		t.Errorf("passes with nothing new wrote %v", got)
	}
}

// A webhook that comes after the reconcile pass has found the same changes
// nothing any more.
func TestLateAfterReconcile(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	_, err := w.repo.Comment(n, "hal", "/ask project")
	w.must(err)
	queue := w.fake.Pending()
	w.drop()
	w.later(time.Minute)
	w.must(w.bot.Reconcile(w.Context()))
	w.settle()
	w.state(n, policy.Asked)
	mark := w.fake.Mark()
	w.fake.Rearrange(func(q []bottest.Delivery) []bottest.Delivery { return append(q, queue...) })
	w.settle()
	w.soon()
	if got := w.wrote(mark); len(got) != 0 {
		t.Errorf("the late webhook wrote %v", got)
	}
}
