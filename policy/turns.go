package policy

import "time"

// reopenLimit is how often a request is taken up again at the most: /withdraw
// and /reopen in turn must not keep the bot writing.
const reopenLimit = 10

// turn gives the turn to who, from at on. Notifications that wait are dropped:
// they told of the turn before.
func (m *move) turn(who Turn, at time.Time) {
	if who.ours() && !m.next.Turn.ours() {
		m.next.Queued = at
	}
	m.next.Turn, m.next.Since = who, at
	m.next.Stage, m.next.Reminded, m.next.Late = 0, time.Time{}, false
	m.next.Held = nil
}

// hand puts the request into a state in which it is staff's turn. A turn that
// is staff's already goes on: its clocks and its place in the queue stay.
func (m *move) hand(to State) {
	from := m.next.State
	m.next.State = to
	m.next.Told = 0
	if to != Asked {
		m.next.Ask = ""
	}
	if m.next.Turn != Staff || from.Ended() {
		m.turn(Staff, m.at)
	}
}

// askForm asks the requester for what the form lacks: the status says it, and
// so the clocks run from now.
func (m *move) askForm() {
	m.next.State = Incomplete
	m.next.Ask, m.next.Told = "", 0
	m.unflag(FlagFormIncomplete)
	m.turn(Requester, m.now)
	m.because("answers-wanted", m.read.codes()...)
}

// end closes the request. The label, the status and the issue follow in
// settle; whether the issue is to be closed says the caller.
func (m *move) end(to State) {
	if m.next.State == Held {
		m.alert(AlertHold, Security) // its reason is not gone with the request
	}
	m.next.State, m.next.Turn = to, Nobody
	m.next.Ended, m.next.Since = m.at, m.at
	m.next.Stage, m.next.Reminded, m.next.Late = 0, time.Time{}, false
	m.next.Ask, m.next.Told = "", 0
	m.next.Snooze, m.next.Forecast = time.Time{}, Forecast{}
	m.next.Held = nil
	m.next.Quiet = false
	m.unflag(FlagFormIncomplete)
}

// answered hands an answer of the requester to staff: any comment or edit of
// theirs in their turn.
func (m *move) answered() {
	switch m.next.State {
	case Incomplete:
		m.hand(Triage)
		m.lacking()
	case Asked:
		m.hand(Review)
	default: // triage, proof and review keep their state
		m.hand(m.next.State)
	}
	m.next.Snooze = time.Time{}
	m.because("answered", string(m.next.State))
}

// reopen takes an ended request up again, at the place that it had. What was
// shown before a decision counts for that decision alone. A hold is lifted by
// /resume, never by an end.
func (m *move) reopen() {
	from, queued := m.next.State, m.next.Queued
	m.next.Ended, m.next.Opened = time.Time{}, false
	m.next.Reopened++
	m.next.Duplicate, m.next.Redirect = 0, ""
	m.unflag(FlagRepliedAfterEnd)
	m.voidEnd(from)
	m.hand(Triage)
	m.holdAgain()
	m.lacking()
	if !queued.IsZero() {
		m.next.Queued = queued
	}
}

// holdAgain puts a request on hold that was on hold when it ended.
func (m *move) holdAgain() {
	if m.next.Hold != nil {
		m.next.State = Held
		m.turn(OnSecurity, m.at)
	}
}

// voidProof takes back all that was shown and approved. It is counted, so that
// no approval of before can be given again by its digest. An objection stands,
// and a hold: else another account, and back, would be the way around them.
func (m *move) voidProof(reason string) {
	n := &m.next
	if len(n.Evidence)+len(n.Approvals)+len(n.Steps) == 0 && n.Notice == nil && n.Quorum.IsZero() {
		return
	}
	n.Evidence, n.Approvals, n.Steps = nil, nil, nil
	n.Quorum, n.Notice = time.Time{}, nil
	n.Revoked++
	m.because("proof-void", reason)
}

// reopenByHand follows a member of staff who pressed Reopen.
func (m *move) reopenByHand() {
	m.reopen()
	m.next.Touched = true
	m.because("reopened-by-hand")
}

// reopenUntil returns how long the requester may take an ended request up
// again, the zero time where they may not at all.
func (m *move) reopenUntil() time.Time {
	if m.next.Reopened >= reopenLimit {
		return time.Time{}
	}
	switch m.next.State {
	case Denied:
		if m.next.Denials > 1 {
			return time.Time{}
		}
	case Expired, Withdrawn, Completed:
	default:
		return time.Time{}
	}
	return m.next.Ended.Add(m.rules.Clocks.Reopen)
}

func (m *move) mayReopen() bool { return m.at.Before(m.reopenUntil()) }
