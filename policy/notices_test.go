package policy_test

import (
	"slices"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// TestFloodOfCommands writes a thousand comments and commands within an hour:
// what the bot writes is bounded, and it forgets them the day after.
func TestFloodOfCommands(t *testing.T) {
	r := exampleRules("languages: [en, es]")
	others := map[string][]string{"kind": {"lost-email", "lost-2fa"}, "language": {"es", "en"}, "username": {"ann", "bob"}}
	for name, ev := range map[string]policy.Event{
		"the requester's /status":   commanded(annID, 100, "status"),
		"the requester's /help":     commanded(annID, 100, "help"),
		"a stranger's /help":        commanded(99, 100, "help"),
		"the requester's /kind":     commanded(annID, 100, "kind", "lost-email"),
		"the requester's /registry": commanded(annID, 100, "registry", "pypi"),
		"the requester's /language": commanded(annID, 100, "language", "es"),
		"the requester's /username": commanded(annID, 100, "username", "ann"),
		"the requester's bumps":     {Kind: policy.Commented, Actor: policy.Actor{ID: annID}, Comment: 100},
	} {
		q := triaged(r)
		q.Form = r.Form(q.Issue)
		effects := 0
		for i := range 1000 {
			if words := others[ev.Command.Name]; words != nil {
				ev.Command.Args = words[i%2 : i%2+1]
			}
			d := r.Decide(q, ev, firstDay().Add(time.Duration(i)*3*time.Second))
			q.Memory = d.Memory
			effects += len(d.Effects)
		}
		if effects == 0 || effects > 90 { // a receipt, the status and the summary at the desk
			t.Errorf("%s: got %d effects, want some, and 90 at most", name, effects)
		}
		if d := r.Decide(q, ev, firstDay().Add(26*time.Hour)); len(d.Effects) == 0 {
			t.Errorf("%s: a day later there is no answer", name)
		}
	}
}

// TestFloodLeavesRoom lets strangers call for help all day: the requester still
// gets a receipt, and a stranger one no more.
func TestFloodLeavesRoom(t *testing.T) {
	r := exampleRules()
	q := triaged(r)
	q.Form = r.Form(q.Issue)
	for i := range 100 {
		q.Memory = r.Decide(q, commanded(99, int64(100+i), "help"), firstDay()).Memory
	}
	if d := r.Decide(q, commanded(99, 300, "help"), firstDay()); len(d.Effects) > 0 {
		t.Errorf("the stranger's next: got %v, want nothing", d.Effects)
	}
	for name, ev := range map[string]policy.Event{
		"the requester's comment": {Kind: policy.Commented, Actor: policy.Actor{ID: annID}, Comment: 301},
		"a command of staff":      commanded(adaID, 302, "assign", "ada"),
	} {
		d := r.Decide(q, ev, firstDay())
		if _, ok := first(d.Effects).(policy.React); !ok {
			t.Errorf("%s: got %v, want a receipt first", name, d.Effects)
		}
	}
}

// first is nil where there is none.
func first(effects []policy.Effect) policy.Effect {
	if len(effects) == 0 {
		return nil
	}
	return effects[0]
}

// TestTenNotices: of the answers to one issue ten go out within a day, and the
// eleventh is left out.
func TestTenNotices(t *testing.T) {
	r := exampleRules()
	q := triaged(r)
	q.Form = r.Form(q.Issue)
	told := func(comment int64, at time.Time) (n int) {
		d := r.Decide(q, commanded(annID, comment, "deny"), at)
		for _, e := range d.Effects {
			if c, ok := e.(policy.Comment); ok && c.Text.Name == policy.TextRefused {
				n++
			}
		}
		q.Memory = d.Memory
		return n
	}
	for i := range int64(12) {
		want := 1
		if i >= 10 {
			want = 0
		}
		if got := told(100+i, firstDay()); got != want {
			t.Errorf("answer %d: %d go out, want %d", i+1, got, want)
		}
	}
	if got := told(200, firstDay().Add(24*time.Hour)); got != 1 {
		t.Errorf("a day later %d go out, want 1", got)
	}
}

// TestHeldIsOvertaken denies while notifications wait for the limit, and opens
// again: nobody is told of a denial that is none any more.
func TestHeldIsOvertaken(t *testing.T) {
	r := exampleRules()
	q := triaged(r)
	for i := range 10 {
		q = decided(r, q, commanded(annID, int64(100+i), "deny"), firstDay())
	}
	q = decided(r, q, commanded(adaID, 200, "deny", "abuse"), firstDay())
	q = decided(r, q, commanded(annID, 201, "reopen"), firstDay())
	if q.Memory.State != policy.Triage || len(q.Memory.Held) != 0 {
		t.Errorf("got %q with %d held, want triage with none", q.Memory.State, len(q.Memory.Held))
	}
}

// TestHeldIsNotForgotten lets another notification come before the tick that
// would have released the one that waits: both go, in order.
func TestHeldIsNotForgotten(t *testing.T) {
	r := exampleRules()
	q := triaged(r)
	for i := range 10 {
		q = decided(r, q, commanded(annID, int64(100+i), "deny"), firstDay())
	}
	q = decided(r, q, commanded(adaID, 200, "deny", "abuse"), firstDay())
	q.Form = r.Form(q.Issue)
	d := r.Decide(q, commanded(annID, 202, "done"), firstDay().Add(48*time.Hour))
	var got []string
	for _, e := range d.Effects {
		if c, ok := e.(policy.Comment); ok && c.Name != "status" {
			got = append(got, string(c.Text.Name))
		}
	}
	if want := []string{"denied", "refused"}; !slices.Equal(got, want) || len(d.Memory.Held) != 0 {
		t.Errorf("got %v, %d still held; want %v", got, len(d.Memory.Held), want)
	}
}

// TestGoneWakesNoMore ends a request while a notification waits for the limit,
// and then the issue is deleted: nothing may wake it again.
func TestGoneWakesNoMore(t *testing.T) {
	r := exampleRules()
	q := triaged(r)
	for i := range 10 {
		q = decided(r, q, commanded(annID, int64(100+i), "deny"), firstDay())
	}
	q = decided(r, q, commanded(adaID, 200, "deny", "abuse"), firstDay())
	if q.Memory.State != policy.Denied || len(q.Memory.Held) == 0 || q.Memory.WakeAt.IsZero() {
		t.Fatalf("got state %q, %d held, wake at %v: want denied with a notification that waits", q.Memory.State, len(q.Memory.Held), q.Memory.WakeAt)
	}
	got := r.Decide(q, policy.Event{Kind: policy.Gone}, q.Memory.WakeAt.Add(time.Hour)).Memory
	if !got.WakeAt.IsZero() || len(got.Held) != 0 {
		t.Errorf("after the issue is gone: wake at %v with %d held, want neither", got.WakeAt, len(got.Held))
	}
}
