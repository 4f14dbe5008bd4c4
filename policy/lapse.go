package policy

import "time"

// Lapses reports whether time brings nothing to a request but a reminder to
// its requester, or its end: they were asked for something and have not
// answered. It is false for all that staff, security, the gate or a rest have a part in.
func (m Memory) Lapses(now time.Time) bool {
	gate := len(m.Approvals) > 0 || !m.Quorum.IsZero()
	return m.theirs(now) && m.Snooze.IsZero() && len(m.Held) == 0 && m.Hold == nil && m.GoesTo != Security && !gate
}
