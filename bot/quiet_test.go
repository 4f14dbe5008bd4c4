package bot_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// crowd are requests that lack a name, all due for their first reminder now,
// and nobody has worked on them.
func (w *world) crowd(n int) []int {
	w.Helper()
	var all []int
	for range n {
		all = append(all, w.file(body("", "I have a new phone.")))
	}
	w.settle()
	w.clock.set(w.clock.Now().Add(7 * 24 * time.Hour))
	return all
}

// Reminders that are due together cost a list and a comment each.
func TestRemindersAtOnce(t *testing.T) {
	w := newWorld(t, setup{})
	pull, err := w.repo.OpenIssue("ann", bottest.Draft{Title: "A fix", Body: "See.", PullRequest: true, Labels: []string{"recovery: incomplete"}})
	w.must(err)
	all := w.crowd(3)
	want := []string{"GET issues", "POST comment", "POST comment", "POST comment"}
	got := kinds(w.spent(w.sweep))
	if diff := cmp.Diff(want, slices.Sorted(slices.Values(got))); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	for _, n := range all {
		if m := w.memory(n); m.Stage != 1 || len(w.ours(n)) != 2 {
			t.Errorf("issue %d: stage %d, %d comments; want 1 and 2", n, m.Stage, len(w.ours(n)))
		}
	}
	if len(w.ours(pull)) != 0 {
		t.Error("a pull request was written to")
	}
}

// What happened to an issue is seen, though only a list of others is asked for
// and no webhook told of it.
func TestDueIssueThatChanged(t *testing.T) {
	for name, c := range map[string]struct {
		do    func(*world, int)
		check func(*world, int) bool
		calls []string
	}{
		"closed by hand": {
			func(w *world, n int) { w.must(w.repo.Close(n, "ada")) },
			func(w *world, n int) bool { return w.memory(n).State == policy.Closed && len(w.ours(n)) == 1 },
			[]string{"DELETE issue label", "GET issue", "GET issues", "PATCH comment", "POST comment"},
		},
		"its label taken off": {
			func(w *world, n int) { w.must(w.repo.Unlabel(n, "ada", "recovery: incomplete")) },
			func(w *world, n int) bool { return w.memory(n).Restored && len(w.ours(n)) == 2 },
			[]string{"GET issue", "GET issues", "POST comment", "POST comment", "POST issue labels"},
		},
		"edited": {
			func(w *world, n int) { w.must(w.repo.EditIssue(n, "ann", body("ann-builds", "I have a new phone."))) },
			func(w *world, n int) bool { return w.memory(n).State == policy.Triage },
			[]string{"DELETE issue label", "GET issues", "PATCH comment", "POST comment", "POST comment", "POST issue labels"},
		},
		"deleted": {
			func(w *world, n int) { w.must(w.repo.DeleteIssue(n, "boss")) },
			func(w *world, n int) bool { return w.memory(n).State == policy.Closed },
			[]string{"GET issue", "GET issues", "POST comment", "installation", "repository"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{})
			all := w.crowd(2)
			c.do(w, all[1])
			w.drop()
			got := kinds(w.spent(w.sweep))
			if diff := cmp.Diff(c.calls, slices.Sorted(slices.Values(got))); diff != "" || !c.check(w, all[1]) {
				t.Errorf("it is %+v; calls (-want +got):\n%s", w.memory(all[1]), diff)
			}
		})
	}
}

// Staff's lateness, rests that end and the like are no matter of lists.
func TestOtherTicksLook(t *testing.T) {
	for name, begin := range map[string]func(*world){
		"staff are late": func(w *world) { w.triage(); w.clock.set(w.clock.Now().Add(8 * 24 * time.Hour)) },
		"a rest is over": func(w *world) {
			w.say(w.asked(), "hal", "/snooze 3d")
			w.clock.set(w.clock.Now().Add(3 * 24 * time.Hour))
		},
		"one was just asked": func(w *world) {
			w.crowd(1)
			w.clock.set(w.clock.Now().Add(-30 * time.Second))
			w.say(1, "max", "/object")
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{})
			begin(w)
			w.clock.set(w.clock.Now().Add(30 * time.Second))
			mark := w.fake.Mark()
			w.sweep()
			if lists, looks := w.fake.CountSince(mark, "GET issues"), w.fake.CountSince(mark, "GET issue"); lists != 0 || looks != 1 {
				t.Errorf("%d lists and %d looks, want one look: %q", lists, looks, kinds(w.fake.CallsSince(mark)))
			}
		})
	}
}

// A list that goes wrong costs one call, and then the issues are looked at; where
// GitHub asks to be left alone, it is.
func TestListFaults(t *testing.T) {
	for name, c := range map[string]struct {
		fault bottest.Fault
		calls []string // at once
		wait  time.Duration
	}{
		"404":        {bottest.Fault{Status: http.StatusNotFound}, []string{"GET issue", "GET issue", "GET issues", "POST comment", "POST comment"}, 0},
		"500":        {bottest.Fault{Status: http.StatusInternalServerError}, []string{"GET issue", "GET issue", "GET issues", "POST comment", "POST comment"}, 0},
		"rate limit": {bottest.Fault{Status: http.StatusTooManyRequests, RetryAfter: 3 * time.Minute}, []string{"GET issues"}, 3 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{})
			all := w.crowd(2)
			c.fault.On = "GET issues"
			w.fake.Fail(c.fault)
			got := kinds(w.spent(w.sweep))
			if diff := cmp.Diff(c.calls, slices.Sorted(slices.Values(got))); diff != "" {
				t.Errorf("calls (-want +got):\n%s", diff)
			}
			w.later(c.wait)
			for _, n := range all {
				if m := w.memory(n); m.Stage != 1 || len(w.ours(n)) != 2 {
					t.Errorf("issue %d after %v: stage %d, %d comments; want 1 and 2\n%s", n, c.wait, m.Stage, len(w.ours(n)), w.log)
				}
			}
		})
	}
}

// GitHub lists those first that changed longest ago, with that label alone.
func TestQuietIssuesFirst(t *testing.T) {
	w := newWorld(t, setup{})
	first, second, complete := w.incomplete(), w.incomplete(), w.triage()
	w.say(first, "max", "I have the same problem.")
	c, err := w.store.FindCase(w.Context(), "octo-registry", "support", first)
	w.must(err)
	ref := c.Ref
	ref.Issue, ref.Number = 0, 0
	found, err := w.bot.GitHub.QuietIssues(w.Context(), ref, "recovery: incomplete")
	w.must(err)
	var got []int
	for _, i := range found {
		got = append(got, i.Number)
	}
	if diff := cmp.Diff([]int{second, first}, got); diff != "" {
		t.Errorf("the list, without #%d (-want +got):\n%s", complete, diff)
	}
	looked, err := w.bot.GitHub.Issue(w.Context(), c.Ref)
	w.must(err)
	if diff := cmp.Diff(looked, found[len(found)-1]); diff != "" {
		t.Errorf("in the list it is not what a look shows (-looked +listed):\n%s", diff)
	}
}

// The list is among the calls at which TestCrashAnywhere kills.
func TestListIsKilled(t *testing.T) {
	var all []string
	for _, l := range laws(t) {
		if l.Name == "expired" {
			_, calls := run(t, l, 0, before)
			all = slices.Concat(calls...)
		}
	}
	if !slices.Contains(all, "QuietIssues") {
		t.Errorf("the story of an end makes no list: %q", all)
	}
}
