package policy

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// closings are the days that the status comments of some decisions tell: the
// first reminder, and the end.
func closings(all ...Decision) [][2]string {
	var days [][2]string
	for _, d := range all {
		for _, e := range d.Effects {
			if c, ok := e.(Comment); ok && c.Name == "status" && c.Text.State.Open() {
				days = append(days, [2]string{c.Text.Remind.Format(time.DateOnly), c.Text.Close.Format(time.DateOnly)})
			}
		}
	}
	return days
}

// TestReminderLeavesStatus: the status names the first day of a reminder, so
// that no reminder edits it, though each comes with a sweep, some minutes late.
func TestReminderLeavesStatus(t *testing.T) {
	for _, state := range []State{Incomplete, Asked, Proof} {
		w := led(t, state)
		for stage := 1; stage <= len(w.rules.Clocks.Remind); stage++ {
			w.now = w.memory.WakeAt.Add(14 * time.Minute)
			if got := closings(w.hand(Event{Kind: Tick})); w.memory.Stage != stage || got != nil {
				t.Errorf("%s, reminder %d of %d: the status is edited to %v, want no edit", state, w.memory.Stage, stage, got)
			}
		}
	}
}

// TestReminderMovesEnd: the end of a request in which nothing was answered is a
// week after its one reminder. Minutes of the same day are not told; a day is.
func TestReminderMovesEnd(t *testing.T) {
	for late, want := range map[time.Duration][][2]string{
		14 * time.Minute: nil,
		25 * time.Hour:   {{"2026-12-10", "2026-12-18"}},
	} {
		w := newWorld(testRules(t, storyPolicy(t)), time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
		w.open(whois("ann"), storyBodies(t)["nothing-answered"], w.rules.Requests.Label)
		w.hand(Event{Kind: Opened, Actor: whois("ann")})
		w.now = w.memory.WakeAt.Add(late)
		if diff := cmp.Diff(want, closings(w.hand(Event{Kind: Tick}))); diff != "" || w.memory.Stage != 1 {
			t.Errorf("%v late, stage %d (-want +got):\n%s", late, w.memory.Stage, diff)
		}
	}
}
