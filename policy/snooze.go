package policy

import (
	"regexp"
	"strconv"
	"time"
)

// snoozeLimit is how long a request may rest.
const snoozeLimit = 180 * 24 * time.Hour

// snoozeDays is a number of days, as /snooze takes it.
var snoozeDays = regexp.MustCompile(`\A([1-9][0-9]{0,2})d\z`)

// runSnooze lets every clock rest until a day: nobody is reminded, nothing
// expires, and staff are not late before.
func (m *move) runSnooze() {
	args := m.ev.Command.Args
	if len(args) != 1 {
		m.refuse(RefusedUsage, "snooze")
		return
	}
	until := m.snoozeUntil(args[0])
	if !until.After(m.now) || until.After(m.now.Add(snoozeLimit)) {
		m.refuse(RefusedUsage, "snooze")
		return
	}
	m.accept(until.Format(time.RFC3339))
	m.next.Snooze = until
}

// snoozeUntil reads "7d", which is seven times 24 hours, or a date, which is
// the beginning of that day where staff are; the zero time for anything else.
func (m *move) snoozeUntil(arg string) time.Time {
	if n := snoozeDays.FindStringSubmatch(arg); n != nil {
		days, _ := strconv.Atoi(n[1]) // three digits at the most
		return m.at.Add(time.Duration(days) * 24 * time.Hour)
	}
	day, err := time.Parse(time.DateOnly, arg)
	if err != nil {
		return time.Time{}
	}
	return m.rules.Calendar.beginOf(day)
}

// snoozed reports that no clock runs now.
func (m *move) snoozed() bool { return m.next.snoozed(m.now) }

// snoozed reports that no clock runs at now.
func (m Memory) snoozed(now time.Time) bool { return now.Before(m.Snooze) }

// snoozeOver lets the clocks of the present turn begin anew, once the time has
// come. The place in the queue stays.
func (m *move) snoozeOver() {
	if m.next.Snooze.IsZero() || m.snoozed() {
		return
	}
	m.restart()
	m.because("snooze-over")
}

// rouse ends the rest of a request that begins to concern security: nobody
// may put an objection to sleep beforehand.
func (m *move) rouse() {
	was := m.q.Memory
	held := m.next.Turn == OnSecurity && was.Turn != OnSecurity
	if m.next.Snooze.IsZero() || !held && (m.next.GoesTo != Security || was.GoesTo == Security) {
		return
	}
	m.restart()
	m.because("snooze-over", string(Security))
}

// restart lets the clocks of the present turn begin anew.
func (m *move) restart() {
	m.next.Snooze = time.Time{}
	m.next.Since = m.now
	m.next.Stage, m.next.Reminded, m.next.Late = 0, time.Time{}, false
}
