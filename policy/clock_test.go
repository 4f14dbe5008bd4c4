package policy

import (
	"slices"
	"testing"
	"time"
)

// led is a request in a state, and its world.
func led(t *testing.T, to State) *world {
	t.Helper()
	w := newWorld(testRules(t, storyPolicy(t)), time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	w.lead(to, storyBodies(t), "complete", func(ev Event) { w.hand(ev) })
	if w.memory.State != to {
		t.Fatalf("the state is %q, want %q", w.memory.State, to)
	}
	return w
}

// until lets time pass, with a sweep whenever the bot wants one, and returns
// the reasons of all of them.
func (w *world) until(end time.Time) []string {
	var all []string
	for !w.memory.WakeAt.IsZero() && !w.memory.WakeAt.After(end) {
		w.now = later(w.now, w.memory.WakeAt)
		for _, r := range w.hand(Event{Kind: Tick}).Reasons {
			all = append(all, r.String())
		}
	}
	w.now = end
	return all
}

// TestProofReminds: the requester was asked for the steps of proof, and so they
// are reminded of them, and the request ends as from asked.
func TestProofReminds(t *testing.T) {
	w := led(t, Proof)
	got := w.until(w.now.AddDate(0, 0, 61))
	want := []string{"reminder(1)", "reminder(2)", "reminder(3)", "expired(60d)"}
	if !slices.Equal(got, want) || w.memory.State != Expired {
		t.Errorf("got %q and the state %s, want %q and expired", got, w.memory.State, want)
	}
}

// TestProofLeftByAnswer: what the requester did in proof stops their clock and
// starts ours.
func TestProofLeftByAnswer(t *testing.T) {
	w := led(t, Proof)
	w.until(w.now.AddDate(0, 0, 8))
	w.hand(w.says(whois("ann"), "done that"))
	if w.memory.State != Proof || w.memory.Turn != Staff {
		t.Fatalf("%s, turn of %q: want proof, of staff", w.memory.State, w.memory.Turn)
	}
	got := w.until(w.now.AddDate(0, 0, 60))
	if want := []string{"staff-late", "staff-late(2)", "staff-late(3)"}; !slices.Equal(lateOnly(got), want) || len(got) != 6 {
		t.Errorf("got %q, want %q, each with an alert, and no reminder", got, want)
	}
}

func lateOnly(reasons []string) []string {
	return slices.DeleteFunc(slices.Clone(reasons), func(r string) bool { return r[:1] == "a" })
}

// TestClockOfStates: on hold security's target runs, in ready staff's, and
// while the safety time runs nobody's: it ends by itself, and then staff's
// begins. The requester's clock rests in all of them.
func TestClockOfStates(t *testing.T) {
	late := []string{"staff-late", "staff-late(2)", "staff-late(3)"}
	for state, c := range map[State]struct {
		days int
		want []string
	}{
		Held:    {1, slices.Insert(slices.Clone(late), 1, "security-silent")},
		Ready:   {3, late},
		Waiting: {0, append([]string{"ready(ordinary)"}, late...)},
	} {
		w := led(t, state)
		if got := w.rules.clockOf(w.memory).Workdays; got != c.days {
			t.Errorf("%s has a target of %d workdays, want %d", state, got, c.days)
		}
		if got := lateOnly(w.until(w.now.AddDate(0, 0, 120))); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", state, got, c.want)
		}
	}
}

// TestNobodyIsLateWhileItWaits: until the safety time is over nobody hears that
// they are late; staff's target counts from then.
func TestNobodyIsLateWhileItWaits(t *testing.T) {
	w := led(t, Waiting)
	over := w.memory.WakeAt
	if got := w.until(over.Add(-time.Second)); len(got) > 0 || w.memory.State != Waiting || w.memory.Late {
		t.Errorf("before the end: %s, late %t because %q", w.memory.State, w.memory.Late, got)
	}
	w.until(over)
	if want := w.rules.workdays(over, 3); w.memory.State != Ready || !w.memory.WakeAt.Equal(want) {
		t.Errorf("after the end: %s until %s, want ready until %s", w.memory.State, w.memory.WakeAt, want)
	}
}

// TestForecastIsOfTheHandOver: what the status tells does not follow each new
// measurement.
func TestForecastIsOfTheHandOver(t *testing.T) {
	w := led(t, Asked)
	decide := func(ev Event, f Forecast) {
		q, ev := w.request(ev)
		q.Facts.Forecast = map[Kind]Forecast{w.memory.Kind: f, KindOther: {P50: time.Hour, P90: time.Hour}}
		w.accept(w.rules.Decide(q, ev, w.now))
	}
	first, second := Forecast{P50: 2 * time.Hour, P90: 9 * time.Hour}, Forecast{P50: time.Hour, P90: 3 * time.Hour}
	decide(Event{Kind: Tick}, first)
	if w.memory.Forecast != (Forecast{}) {
		t.Errorf("their turn, and a forecast of our times: %v", w.memory.Forecast)
	}
	decide(w.says(whois("ann"), "/done"), first)
	decide(w.says(whois("ann"), "any update?"), second)
	if w.memory.Forecast != first {
		t.Errorf("got %v, want what was known at the hand-over, %v", w.memory.Forecast, first)
	}
	decide(w.says(whois("ann"), "/kind other"), second)
	if want := (Forecast{P50: time.Hour, P90: time.Hour}); w.memory.Forecast != want {
		t.Errorf("got %v, want that of the new kind, %v", w.memory.Forecast, want)
	}
}

// TestHoldRouses: nobody can let a request rest so that an objection to it is
// not seen.
func TestHoldRouses(t *testing.T) {
	w := led(t, Triage)
	w.hand(w.says(whois("hal"), "/snooze 90d"))
	w.now = w.now.AddDate(0, 0, 10)
	q, ev := w.request(Event{Kind: Seen})
	m := w.rules.move(q, ev, w.now)
	m.next.State = Held
	m.turn(OnSecurity, m.now)
	m.settle()
	if want := w.rules.workdays(w.now, 1); !m.next.Snooze.IsZero() || !m.next.WakeAt.Equal(want) {
		t.Errorf("rests until %s and wakes at %s, want no rest and %s", m.next.Snooze, m.next.WakeAt, want)
	}
}
