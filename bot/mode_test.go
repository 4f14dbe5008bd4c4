package bot_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/internal/sample"
	"github.com/recoverybot/recoverybot/policy"
)

// mode is what the command `mode` does while the bot runs.
func (w *world) mode(m bot.Mode) {
	w.Helper()
	w.setMode(m)
	w.sweep()
}

// setMode is the command alone.
func (w *world) setMode(m bot.Mode) {
	w.Helper()
	w.must(w.store.SetMode(w.Context(), bot.ModeChange{
		Opinion: bot.Opinion{Mode: m, Setter: bot.SetByCommand}, Now: w.clock.Now(),
	}))
	if w.bot.Self().ID == 0 && m != bot.ModeStop {
		w.start()
	}
}

// leaps lets so many times three days go by.
func (w *world) leaps(n int) {
	w.Helper()
	for range n {
		w.clock.set(w.clock.Now().Add(3 * day))
		w.passes()
		w.sweep()
	}
}

// asks returns how often the bot has called GitHub, and how often to write.
func (w *world) asks() (calls, writes int) {
	for _, c := range w.fake.Calls() {
		if c.ByApp {
			calls++
			if c.Write {
				writes++
			}
		}
	}
	return calls, writes
}

// everything happens that the bot would read or write for.
func (w *world) everything() {
	w.Helper()
	w.must(w.bot.Passes(w.Context()))
	w.must(w.bot.Redeliver(w.Context()))
	w.must(w.bot.Digest(w.Context(), w.clock.Now()))
	w.sweep()
}

// TestNoWrites: in each mode but run nothing is written, whatever comes, and
// where all is stopped nothing is read either.
func TestNoWrites(t *testing.T) {
	for _, m := range []bot.Mode{bot.ModeShadow, bot.ModeReadOnly, bot.ModeStop} {
		t.Run(string(m), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{desk: true})
			old := w.asked()
			w.passes()
			w.days(1)
			w.mode(m)
			calls, writes := w.asks()
			fresh := w.file(body("ann-builds", "I have a new phone."))
			w.say(old, "ann", "Here it is.")
			w.say(fresh, "ada", "/ask project")
			w.say(fresh, "ada", "/deny")
			for range 10 {
				w.clock.set(w.clock.Now().Add(7 * day))
				w.everything()
			}
			calledThen, wroteThen := w.asks()
			if wroteThen != writes {
				t.Errorf("%d writes in mode %s, want none", wroteThen-writes, m)
			}
			if m == bot.ModeStop && calledThen != calls {
				t.Errorf("%d calls of GitHub in mode stop, want none", calledThen-calls)
			}
			if m != bot.ModeStop && calledThen == calls {
				t.Errorf("GitHub was not read in mode %s", m)
			}
		})
	}
}

// TestTimeStandsStill: nobody is closed because they could not be heard. After
// a mode in which nothing is written, the requester has as many days as before.
func TestTimeStandsStill(t *testing.T) {
	for _, m := range []bot.Mode{bot.ModeShadow, bot.ModeReadOnly, bot.ModeStop} {
		t.Run(string(m), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{})
			n := w.asked()
			w.passes()
			w.days(1)
			before := w.memory(n)
			notices := len(w.ours(n))
			w.mode(m)
			w.leaps(25) // its end would be long past
			w.mode(bot.ModeRun)
			w.days(1)
			w.state(n, policy.Asked)
			if w.issue(n).State != "open" || len(w.ours(n)) != notices {
				t.Fatalf("after the mode: %s, %d comments of ours, want %d", w.issue(n).State, len(w.ours(n)), notices)
			}
			if lost := w.memory(n).Since.Sub(before.Since); lost < 75*day || lost > 76*day {
				t.Errorf("%v were given back, want 75 days", lost)
			}
			w.leaps(24)
			w.state(n, policy.Expired)
			reminders := 0
			for _, c := range w.ours(n)[notices:] {
				reminders += strings.Count(c.Body, "@ann")
			}
			if reminders < 2 {
				t.Errorf("%d notices before the end, want reminders and the end", reminders)
			}
		})
	}
}

// TestStopped: what came while all was stopped is decided after it, in its
// order, and made once.
func TestStopped(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.mode(bot.ModeStop)
	n := w.file(body("ann-builds", "I have a new phone."))
	command := w.say(n, "ada", "/ask project")
	w.later(time.Minute)
	if got := len(w.ours(n)); got != 0 {
		t.Fatalf("%d comments of ours, want none", got)
	}
	w.mode(bot.ModeRun)
	w.later(time.Minute)
	w.state(n, policy.Asked)
	if got := w.reactions(n, command); got != "+1" {
		t.Errorf("reactions %q on the command, want one +1", got)
	}
	if got := len(w.ours(n)); got != 1 {
		t.Errorf("%d comments of ours, want the status", got)
	}
}

// TestShadow: a request that came in shadow is taken over like an old one: its
// label, no comment before something happens, and nothing of what would have
// been written meanwhile. What was a command does not run later.
func TestShadow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{desk: true})
	w.mode(bot.ModeShadow)
	mark := w.fake.Mark()
	n := w.file(body("ann-builds", "I have a new phone."))
	w.settle()
	w.state(n, policy.Triage)
	command := w.say(n, "ada", "/ask project")
	w.state(n, policy.Asked)
	w.leaps(24)
	w.state(n, policy.Expired)
	if got := w.wrote(mark); len(got) != 0 {
		t.Fatalf("%d writes in shadow, want none", len(got))
	}
	w.wouldHave(map[policy.Would]bool{
		{Kind: policy.WouldStatus}:                                     true,
		{Kind: policy.WouldRule, Name: "expired"}:                      true,
		{Kind: policy.WouldRule, Name: "label-restored"}:               false,
		{Kind: policy.WouldNotify, Name: string(policy.TextExpired)}:   true,
		{Kind: policy.WouldLabel, Name: "+recovery: triage"}:           true,
		{Kind: policy.WouldClose, Name: "not_planned"}:                 true,
		{Kind: policy.WouldReact, Name: "+1"}:                          true,
		{Kind: policy.WouldDesk, Name: "issue"}:                        true,
		{Kind: policy.WouldNotify, Name: string(policy.TextReminder)}:  true,
		{Kind: policy.WouldNotify, Name: string(policy.TextCompleted)}: false,
	})
	w.mode(bot.ModeRun)
	w.later(time.Minute)
	if !w.memory(n).Quiet || w.memory(n).State.Ended() || w.reactions(n, command) != "" {
		t.Errorf("state %s, quiet %v, reactions %q: want it to be adopted", w.memory(n).State, w.memory(n).Quiet, w.reactions(n, command))
	}
	if got := w.issue(n); got.State != "open" || len(w.ours(n)) != 0 || !slices.ContainsFunc(got.Labels, func(l string) bool { return strings.HasPrefix(l, "recovery: ") }) {
		t.Errorf("%s, labels %q, %d comments of ours; want it open with a label and no comment", got.State, got.Labels, len(w.ours(n)))
	}
	w.say(n, "ann", "Hello?")
	w.later(time.Minute)
	if got := len(w.ours(n)); got != 1 {
		t.Errorf("%d comments of ours after the next event, want the status", got)
	}
}

// wouldHave compares what was recorded in shadow.
func (w *world) wouldHave(want map[policy.Would]bool) {
	w.Helper()
	all, _, err := w.store.WouldSince(w.Context(), time.Time{})
	w.must(err)
	for would, recorded := range want {
		got := slices.ContainsFunc(all, func(o store.Would) bool { return o.Would == would && o.Times > 0 && o.Requests == 1 })
		if got != recorded {
			w.Errorf("%+v recorded: %v, want %v\n%+v", would, got, recorded, all)
		}
	}
}

// TestShadowOfARequestFromBefore: what the bot has told somebody holds, and
// what came in shadow is decided after it, as after an outage.
func TestShadowOfARequestFromBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	n := w.triage()
	before := w.memory(n)
	w.mode(bot.ModeShadow)
	command := w.say(n, "ada", "/ask project")
	w.state(n, policy.Asked)
	w.say(n, "ann", "It is ann-tools.")
	w.state(n, policy.Review)
	w.setMode(bot.ModeRun)
	if diff := cmp.Diff(before, w.memory(n)); diff != "" {
		t.Errorf("the memory after the shadow (-before +after):\n%s", diff)
	}
	w.sweep()
	w.later(time.Minute)
	w.state(n, policy.Review)
	if got := w.reactions(n, command); got != "+1" {
		t.Errorf("reactions %q on the command, want one +1", got)
	}
}

// TestObjectionInShadow: nobody heard an owner's objection in shadow, and it
// is there after it all the same.
func TestObjectionInShadow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.mode(bot.ModeShadow)
	n := w.file(body("ann-builds", "I have a new phone."))
	w.settle()
	w.say(n, "mallory", "/object")
	w.say(n, "mallory", "/object")
	w.say(n, "ann", "/object")
	w.mode(bot.ModeRun)
	w.later(time.Minute)
	m := w.memory(n)
	if len(m.Objections) != 1 || m.Objections[0].Closed || !slices.Contains(m.Flags, policy.FlagObjected) {
		t.Errorf("objections %+v, flags %q; want the one of the stranger, open and marked", m.Objections, m.Flags)
	}
}

// TestModeCrash is the seventh law while the mode changes: killed at each
// call, the bot ends in the same place.
func TestModeCrash(t *testing.T) {
	calm, calls := modeStory(t, 0)
	points := kills{distance: sample.Sizes{Plain: 20, Race: 90, All: 1}}
	for _, at := range points.of(t, [][]string{calls}) {
		t.Run(fmt.Sprint(at), func(t *testing.T) {
			t.Parallel()
			got, _ := modeStory(t, at)
			if diff := cmp.Diff(calm, got); diff != "" {
				t.Errorf("killed at call %d (-calm +killed):\n%s", at, diff)
			}
		})
	}
}

// modeStory goes through the modes with a request from before the shadow, and
// one from within.
func modeStory(t *testing.T, at int) (ends []end, calls []string) {
	t.Helper()
	k := &killer{at: at, side: before}
	w := newWorld(t, setup{killer: k})
	old := w.file(body("ann-builds", "I have a new phone."))
	fresh := 0
	for i, step := range []func(){
		func() { w.setMode(bot.ModeReadOnly) },
		func() { w.tell(old, "ada", "/ask project") },
		func() { w.setMode(bot.ModeShadow) },
		func() { w.tell(old, "ann", "It is ann-tools."); fresh = w.file(body("", "I have a new phone.")) },
		func() { w.setMode(bot.ModeStop) },
		func() { w.tell(old, "ann", "Hello?") },
		func() { w.setMode(bot.ModeReadOnly) },
		func() { w.setMode(bot.ModeRun) },
		func() { w.tell(fresh, "ann", "Hello?") },
	} {
		w.settle()
		w.clock.set(w.clock.Now().Add(time.Minute))
		step()
		w.settle()
		w.sweep()
		if i > 6 {
			ends = append(ends, w.end(old), w.end(fresh))
		}
	}
	return ends, k.arm(0, before)
}

func (w *world) tell(n int, who, text string) {
	w.Helper()
	_, err := w.repo.Comment(n, who, text)
	w.must(err)
}

// switching throws the switch while GitHub is asked to deliver once more.
type switching struct {
	bot.GitHub

	throw func()
	asked int
}

func (s *switching) Redeliver(ctx context.Context, attempt int64) error {
	s.asked++
	s.throw()
	return s.GitHub.Redeliver(ctx, attempt)
}

// TestStoppedWhileAsking: a pass that asks for a hundred deliveries ends with
// the one that was under way when the switch was thrown.
func TestStoppedWhileAsking(t *testing.T) {
	t.Parallel()
	for _, m := range []bot.Mode{bot.ModeShadow, bot.ModeReadOnly, bot.ModeStop} {
		w := newWorld(t, setup{})
		w.minutes(15)
		w.fake.SetFate(bottest.FateFail.Always)
		for range 4 {
			w.file(body("ann-builds", "I have a new phone."))
		}
		w.settle()
		s := &switching{GitHub: w.bot.GitHub, throw: func() { w.setMode(m) }}
		w.bot.GitHub = s
		w.clock.set(w.clock.Now().Add(2 * time.Hour))
		w.must(w.bot.Redeliver(t.Context()))
		if s.asked != 1 {
			t.Errorf("mode %s: asked %d times, want once", m, s.asked)
		}
	}
}
