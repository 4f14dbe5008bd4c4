package policy

import (
	"strconv"
	"time"
)

// giveBack gives people the time back in which nobody could be heard: that of
// the requester in their turn, and that in which an owner may object, from the
// notice on. Staff's targets run on: being late ends nothing.
func (m *move) giveBack() {
	var away []Span
	for _, s := range m.q.Facts.Away {
		if s.Until.After(m.next.Returned) && !s.Until.After(m.now) {
			away = append(away, s)
		}
	}
	if len(away) == 0 || !m.next.State.Open() {
		return
	}
	m.next.Returned = away[len(away)-1].Until
	var lost time.Duration
	if m.next.Turn == Requester || m.next.Turn == OnClock {
		lost = lostSince(m.next.Since, away)
	}
	if m.next.Turn == Requester {
		m.next.Since = m.next.Since.Add(lost)
		m.next.Reminded = moved(m.next.Reminded, away)
	}
	if n := m.next.Notice; n != nil && m.next.State != Ready { // it is over there
		given := *n
		given.At = moved(n.At, away)
		lost = max(lost, given.At.Sub(n.At))
		m.next.Notice, m.next.Quorum = &given, moved(m.next.Quorum, away)
	}
	if lost > 0 {
		m.because("time-given-back", strconv.Itoa(int(lost.Hours()))+"h")
	}
}

// audible is when what was written at a time could be heard: later by the time in
// which nobody was, though the event that tells of it is decided on after that.
func (m *move) audible(at time.Time) time.Time {
	var away []Span
	for _, s := range m.q.Facts.Away {
		if !s.Until.After(m.now) {
			away = append(away, s)
		}
	}
	return moved(at, away)
}

// moved is t later by what was lost since; the zero time stays.
func moved(t time.Time, away []Span) time.Time {
	if t.IsZero() {
		return t
	}
	return t.Add(lostSince(t, away))
}

// lostSince is how much of these times came after t.
func lostSince(t time.Time, away []Span) time.Duration {
	var lost time.Duration
	for _, s := range away {
		if from := later(s.From, t); s.Until.After(from) {
			lost += s.Until.Sub(from)
		}
	}
	return lost
}
