package policy

import "testing"

// TestLapses: for what may come of time it is one of the states in which the
// requester was asked, and nobody else has a part in it.
func TestLapses(t *testing.T) {
	for _, state := range States() {
		if !state.Open() {
			continue
		}
		w := led(t, state)
		if got, want := w.memory.Lapses(w.now), state == Incomplete || state == Asked || state == Proof; got != want {
			t.Errorf("%s lapses: %t, want %t", state, got, want)
		}
	}
	for name, change := range map[string]func(*Memory){
		"staff's turn":        func(m *Memory) { m.Turn = Staff },
		"adopted":             func(m *Memory) { m.Quiet = true },
		"put to rest":         func(m *Memory) { m.Snooze = m.Since.AddDate(0, 0, 9) },
		"a rest that is over": func(m *Memory) { m.Snooze = m.Since },
		"a notice waits":      func(m *Memory) { m.Held = []Text{{Name: TextReminder}} },
		"was on hold":         func(m *Memory) { m.Hold = &Hold{} },
		"security's":          func(m *Memory) { m.GoesTo = Security },
		"approved":            func(m *Memory) { m.Approvals = []Approval{{}} },
		"enough approved":     func(m *Memory) { m.Quorum = m.Since },
	} {
		w := led(t, Proof)
		if change(&w.memory); w.memory.Lapses(w.now) {
			t.Errorf("%s: it lapses", name)
		}
	}
}
