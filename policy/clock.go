package policy

import (
	"slices"
	"strconv"
	"time"
)

// fairWarning is how long before the end the last reminder was sent at the
// least, however long the bot was down.
const fairWarning = 7 * 24 * time.Hour

// noticeWindow and noticeLimit cap the notifications of one issue.
const (
	noticeWindow = 24 * time.Hour
	noticeLimit  = 10
	// receiptLimit caps the reactions in the same window, and with them what
	// a flood of comments makes us write: all requests share one writer.
	receiptLimit = 30
)

// receipt takes one of the reactions that are left for this issue.
func (m *move) receipt() bool {
	m.next.Receipts = slices.DeleteFunc(m.next.Receipts, func(t time.Time) bool { return !t.Add(noticeWindow).After(m.now) })
	if m.flooded() || !m.byAuthor() && !m.byStaff() && len(m.next.Receipts) >= receiptLimit/2 {
		return false // half is for those whom it concerns
	}
	m.next.Receipts = append(m.next.Receipts, m.now)
	return true
}

// flooded reports that no reaction is left for this issue today.
func (m *move) flooded() bool {
	n := 0
	for _, t := range m.next.Receipts {
		if t.Add(noticeWindow).After(m.now) {
			n++
		}
	}
	return n >= receiptLimit
}

// reminders returns when the requester is reminded, and when the request is
// closed, counted from the start of the turn; nothing where it is not their
// turn, or where nobody has asked them for anything.
func (m *move) reminders() (remind []time.Duration, end time.Duration) {
	c := m.rules.Clocks
	switch {
	case !m.next.theirs(m.now):
		return nil, 0
	case m.next.State == Incomplete && m.next.Empty && c.Empty > 0:
		return []time.Duration{c.Empty / 2}, c.Empty
	}
	return c.Remind, c.Close
}

// theirs reports that the requester's clocks run: it is their turn, and
// somebody has asked them for something.
func (m Memory) theirs(now time.Time) bool {
	if m.Turn != Requester || m.Quiet || m.snoozed(now) {
		return false
	}
	return m.State == Incomplete || m.State == Asked || m.State == Proof
}

// nextReminder and closing return when time acts next in the requester's turn,
// zero where it does not. After a late reminder the end moves, so that the
// warning is fair.
func (m *move) nextReminder() time.Time {
	remind, _ := m.reminders()
	if m.next.Stage >= len(remind) {
		return time.Time{}
	}
	return m.next.Since.Add(remind[m.next.Stage])
}

// firstReminder is when the requester may first be reminded in this turn. It
// is what the status tells: it stays true after each reminder, also where one
// is late or left out, so that none of them edits the status.
func (m *move) firstReminder() time.Time {
	remind, _ := m.reminders()
	if len(remind) == 0 {
		return time.Time{}
	}
	return m.next.Since.Add(remind[0])
}

func (m *move) closing() time.Time {
	_, end := m.reminders()
	if end == 0 {
		return time.Time{}
	}
	at := m.next.Since.Add(end)
	if fair := m.next.Reminded.Add(fairWarning); !m.next.Reminded.IsZero() && at.Before(fair) {
		return fair
	}
	return at
}

// lateAlerts is how often staff hear of one turn that they are late.
const lateAlerts = 3

// clockOf returns whose target a request is under: security's on hold and
// for what goes to them, nobody's where it waits for something else.
func (r *Rules) clockOf(m Memory) Target {
	switch {
	case !m.Turn.ours():
		return Target{}
	case m.urgent():
		return r.Clocks.Security
	}
	return r.Clocks.Staff
}

// overdue is how often staff were told that they are late in this turn.
func (m Memory) overdue() int {
	if m.Late {
		return max(m.Stage, 1)
	}
	return 0
}

// late returns when staff are told next that they are past their target, and
// zero where no target runs, or where they have heard it often enough.
func (m *move) late() time.Time {
	days, told := m.rules.clockOf(m.next).Workdays, m.next.overdue()
	if days == 0 || told >= lateAlerts || m.snoozed() {
		return time.Time{}
	}
	return m.rules.workdays(m.next.Since, days*(told+1))
}

// escalate tells staff that they are late: after downtime once for all the
// targets that were passed meanwhile.
func (m *move) escalate() {
	told := m.next.overdue()
	for at := m.late(); !at.IsZero() && !m.now.Before(at); at = m.late() {
		m.next.Late, m.next.Stage = true, m.next.overdue()+1
	}
	m.silence(told)
	switch is := m.next.overdue(); is {
	case told:
		return
	case 1:
		m.because("staff-late")
	default:
		m.because("staff-late", strconv.Itoa(is))
	}
	m.alert(AlertLate, m.rules.clockOf(m.next).Escalate)
}

// heldUntil returns when the next notification that waits may go.
func (m *move) heldUntil() time.Time {
	if len(m.next.Held) == 0 || len(m.next.Recent) < noticeLimit {
		return time.Time{}
	}
	return m.next.Recent[len(m.next.Recent)-noticeLimit].Add(noticeWindow)
}

// awayUntil and nextAway concern those who wait for staff: the status says
// until when staff are away, and is written anew when they leave or are back.
func (m *move) awayUntil() time.Time {
	if !m.next.Turn.ours() || m.snoozed() {
		return time.Time{}
	}
	return m.rules.Calendar.awayUntil(m.now)
}

func (m *move) nextAway() time.Time {
	if !m.next.Turn.ours() || m.snoozed() || m.next.Quiet {
		return time.Time{}
	}
	return m.rules.Calendar.nextAway(m.now)
}

// alarm sets WakeAt to the first moment at which time alone changes something.
func (m *move) alarm() {
	m.next.WakeAt = time.Time{}
	for _, at := range []time.Time{m.nextReminder(), m.closing(), m.late(), m.heldUntil(), m.next.Snooze, m.nextAway(), m.waited()} {
		if !at.IsZero() && (m.next.WakeAt.IsZero() || at.Before(m.next.WakeAt)) {
			m.next.WakeAt = at
		}
	}
	if m.q.Facts.Unseen && m.rules.Voids(m.q.Memory) {
		m.next.WakeAt = m.now
	}
}

// tick is what time alone brings.
func (m *move) tick() {
	m.release()
	if !m.next.State.Open() || !m.q.Issue.Open && !m.pending("reopen") {
		return
	}
	m.snoozeOver()
	m.escalate()
	remind, end := m.reminders()
	if end != 0 && !m.now.Before(m.closing()) {
		m.expire(remind, end)
		return
	}
	m.remind(remind)
}

// remind sends the latest reminder that is due. One that is late by more than
// its own interval is skipped: after downtime nobody gets a burst.
func (m *move) remind(remind []time.Duration) {
	due := -1
	for i := m.next.Stage; i < len(remind) && !m.now.Before(m.next.Since.Add(remind[i])); i++ {
		due = i
	}
	if due < 0 {
		return
	}
	m.next.Stage = due + 1
	interval := remind[due]
	if due > 0 {
		interval -= remind[due-1]
	}
	if m.now.Sub(m.next.Since.Add(remind[due])) > interval {
		m.because("reminder-skipped", strconv.Itoa(due+1))
		return
	}
	m.sendReminder(due + 1)
}

func (m *move) sendReminder(stage int) {
	m.next.Stage = stage
	m.next.Reminded = m.now
	m.because("reminder", strconv.Itoa(stage))
	m.notify(Text{Name: TextReminder})
}

// expire closes the request, but never without the last reminder, sent at
// least a week before.
func (m *move) expire(remind []time.Duration, end time.Duration) {
	if len(remind) > 0 {
		last := m.next.Since.Add(remind[len(remind)-1])
		if m.next.Reminded.Before(last) {
			m.sendReminder(len(remind))
			return
		}
	}
	m.end(Expired)
	m.do(Close{Reason: "not_planned"})
	m.notify(Text{Name: TextExpired})
	m.because("expired", strconv.Itoa(int(end.Hours()/24))+"d")
}

// notify posts a comment, which tells its readers by mail. Over the limit it
// waits, or, if it only answers a command, it is left out: the reaction on
// the command says enough.
func (m *move) notify(t Text) {
	if m.ev.Desk && answersCommand(t.Name) {
		m.posts = append(m.posts, t) // whoever asked there is answered there
		return
	}
	m.release() // what waits goes first; after it nothing would wake us for it
	m.forget()
	if len(m.next.Recent) >= noticeLimit {
		if answersCommand(t.Name) {
			m.because("reply-left-out")
			return
		}
		m.next.Held = append(m.next.Held, t)
		m.because("notification-waits", string(t.Name))
		return
	}
	m.post(t)
}

func (m *move) post(t Text) {
	m.next.Notices++
	m.next.Recent = append(m.next.Recent, m.now)
	m.do(Comment{Name: noticeName(m.next.Notices), Text: t})
}

// noticeName names a comment that is posted once.
func noticeName(n int) string { return "notify:" + strconv.Itoa(n) }

// forget drops the notifications that are older than the window.
func (m *move) forget() {
	for len(m.next.Recent) > 0 && !m.next.Recent[0].Add(noticeWindow).After(m.now) {
		m.next.Recent = m.next.Recent[1:]
	}
	if len(m.next.Recent) == 0 {
		m.next.Recent = nil
	}
}

// release posts what waited, as far as the limit allows.
func (m *move) release() {
	for len(m.next.Held) > 0 {
		m.forget()
		if len(m.next.Recent) >= noticeLimit {
			return
		}
		m.post(m.next.Held[0])
		m.next.Held = m.next.Held[1:]
		m.because("notification-released")
	}
	m.next.Held = nil
}
