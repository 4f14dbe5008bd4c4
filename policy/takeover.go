package policy

import (
	"slices"
	"time"
)

// A report that an account was taken over goes to security at once and stands
// above the queue, so that the account is frozen soon. It brings nobody sooner
// to the account: who is in it may well be who reports. See strictest.

// operatorAfter is how many targets must pass before the operator is told that
// neither security nor those after them looked.
const operatorAfter = 2

// hurry tells those to whom a request goes, when it begins to go to them.
func (m *move) hurry() {
	to := m.next.GoesTo
	if to == "" || to == m.q.Memory.GoesTo || !m.next.State.Open() || m.q.Facts.Unseen {
		return
	}
	code := AlertUrgent
	if m.next.takeover() {
		code = AlertTakeover
	}
	m.alert(code, to)
}

// takeover reports whether somebody said that the account was taken over.
func (m Memory) takeover() bool {
	return m.Kind == KindCompromised || slices.Contains(m.Marks, KindCompromised)
}

// urgent reports whether security has the clock of a request.
func (m Memory) urgent() bool { return m.State == Held || m.Turn == OnSecurity || m.GoesTo == Security }

// silence tells the operator once a turn that security leaves a request alone,
// and those who were told after them do, too.
func (m *move) silence(told int) {
	if m.next.urgent() && told < operatorAfter && m.next.overdue() >= operatorAfter {
		m.because("security-silent")
	}
}

// strictest returns the path of a request and, where it is marked, the path on
// which it would be without that mark: it must pass both, so that no report and
// no objection is a way to get ahead. nil: it has no path.
func (r *Rules) strictest(have []Class, traits []Trait) []*Path {
	p := r.path(have, traits)
	if p == nil || !slices.Contains(traits, TraitFlagged) {
		return slices.DeleteFunc([]*Path{p}, func(p *Path) bool { return p == nil })
	}
	plain := r.path(have, slices.DeleteFunc(slices.Clone(traits), func(t Trait) bool { return t == TraitFlagged }))
	if plain == nil {
		return nil
	}
	return []*Path{p, plain}
}

// longest is the longest time that one of the paths asks for.
func longest(paths []*Path) time.Duration {
	var wait time.Duration
	for _, p := range paths {
		wait = max(wait, p.Wait)
	}
	return wait
}
