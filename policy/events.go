package policy

import "slices"

// who narrows a row of the table to people.
type who int

const (
	anybody who = iota
	theAuthor
	theStaff // somebody with a role who is not the author
	notAuthor
	theAgents // staff who may complete
)

// row is one row of the table of states: in these states, on this event by
// these people, that happens. The first row that fits is taken; where none
// fits nothing changes.
type row struct {
	in   []State // nil: in any but None
	on   EventKind
	by   who
	do   func(*move)
	to   []State // where it may lead to; nil: the state stays
	says string  // what comes of it besides the state, for docs/states.md
}

// table returns DOMAIN's table of states but for the commands, which have
// one of their own, and for what is in followed.
func table() []row {
	open, ended := openStates(), endedStates()
	staffs := []State{Triage, Review}
	return []row{
		{[]State{Incomplete}, Commented, theAuthor, (*move).comment, []State{Triage}, "staff's turn"},
		{[]State{Asked}, Commented, theAuthor, (*move).comment, []State{Review}, "staff's turn"},
		{open, Commented, theAuthor, (*move).comment, nil, "in their turn: staff's turn; else a receipt alone"},
		{staffs, Commented, theStaff, (*move).prose, nil, "the requester's turn, without reminders"},
		{ended, Commented, theAuthor, (*move).afterEnd, nil, "staff see the mark \"replied after the end\""},
		{[]State{Incomplete}, Edited, theAuthor, (*move).edit, []State{Triage}, "staff's turn"},
		{[]State{Asked}, Edited, theAuthor, (*move).edit, []State{Review}, "staff's turn"},
		{open, Edited, theAuthor, (*move).edit, nil, "in their turn: staff's turn"},
		{[]State{Waiting, Ready}, Commented, notAuthor, (*move).claim, []State{Waiting}, "with a claim of the account: staff's turn"},
		{[]State{Incomplete}, Edited, notAuthor, (*move).editByOther, []State{Triage}, "only if the form is complete then"},
		{[]State{Withdrawn}, ReopenedHand, theAuthor, (*move).reopenByAuthor, []State{Triage, Held}, "as /reopen"},
		{ended, ReopenedHand, theAuthor, (*move).openedByAuthor, nil, "only /reopen counts"},
		{ended, ReopenedHand, notAuthor, (*move).reopenedHand, []State{Triage, Held}, "staff's turn; after completed or denied nothing counts that was shown"},
		{[]State{Asked}, Mailed, anybody, (*move).mailed, []State{Review}, "after /mailed: staff's turn"},
		{open, Mailed, anybody, (*move).mailed, nil, "in proof, with a mail to answer: staff's turn"},
		{nil, Commanded, anybody, (*move).command, nil, ""},
		{[]State{Waiting, Ready}, Unverified, anybody, (*move).unverified, []State{Held, Waiting}, "an objection needs no right, and a claim makes staff look; nothing else is carried out"},
		{nil, Unverified, anybody, (*move).unverified, nil, "nothing is carried out, but an objection is kept"},
		{nil, Erased, anybody, func(m *move) { m.restate = true; m.because("status-deleted") }, nil, "the status is written again"},
		{[]State{Incomplete, Asked, Proof}, Tick, anybody, (*move).tick, []State{Expired}, "reminders before"},
		{[]State{Waiting}, Tick, anybody, (*move).tick, []State{Ready}, "the safety time is over, and all was checked again"},
		{nil, Tick, anybody, (*move).tick, nil, "staff may be late"},
	}
}

// followed returns the rows of what the bot sees on the issue itself, whichever
// event tells of it: happen, intake, candidate, gone and drift do them.
func followed() []row {
	open, ended := openStates(), endedStates()
	return []row{
		{[]State{None}, Opened, anybody, nil, []State{Incomplete, Triage}, "it has the intake label, or is by the form"},
		{[]State{None}, Adopted, anybody, nil, []State{Incomplete, Triage}, "an old request, without a ping"},
		{open, Labeled, anybody, nil, []State{Ignored}, "the intake label was taken away"},
		{[]State{Ignored}, Labeled, anybody, nil, []State{Incomplete, Triage, Held}, "the intake label was set"},
		{[]State{Incomplete}, Seen, anybody, nil, []State{Triage}, "the form is complete now, or of another kind; or it is their third for an account that they were denied"},
		{[]State{Incomplete, Triage}, Seen, anybody, nil, []State{Duplicate}, "its author has an older open request for the account, and nobody worked on this one"},
		{open, ClosedHand, theAuthor, nil, []State{Withdrawn}, "from hold: security is told"},
		{[]State{Ready}, ClosedHand, theAgents, nil, []State{Completed}, "the requester is told"},
		{open, ClosedHand, notAuthor, nil, []State{Closed}, "never opened again by the bot"},
		{ended, Seen, anybody, nil, []State{Triage, Held}, "somebody opened it again, and no event told of that"},
		{[]State{Waiting, Ready}, Seen, anybody, nil, []State{Review}, "what was approved is not so any more: the approvals are void"},
		{[]State{Ready}, Seen, anybody, nil, []State{Waiting}, "a longer safety time is due"},
		{open, Seen, anybody, nil, []State{Held}, "the requester wrote a secret: security looks, and the page says what to revoke"},
		{open, Seen, anybody, nil, []State{Held}, "somebody else asked for the account before: security compares the requests"},
		{[]State{Waiting, Ready}, Seen, anybody, nil, []State{Held}, "somebody else asks for the account, before or after: security compares the requests"},
		{open, Gone, anybody, nil, []State{Closed}, "nothing is written"},
	}
}

// dispatch takes the first row that fits, if any does.
func (m *move) dispatch() {
	if m.next.State == None && m.ev.Kind != Commanded {
		return
	}
	if m.ev.Actor.Bot && m.ev.Comment != 0 && m.ev.Kind != Erased {
		m.because("bot-ignored")
		return
	}
	if m.ev.Desk && (m.ev.Kind == Commented || m.ev.Kind == Edited) {
		m.because("desk-prose") // staff talk among themselves: the requester was told nothing
		return
	}
	if !m.ev.Desk {
		m.wake()
	}
	m.offered()
	for _, row := range m.rules.rows {
		if row.on == m.ev.Kind && (row.in == nil || slices.Contains(row.in, m.next.State)) && m.is(row.by) {
			row.do(m)
			return
		}
	}
}

func (m *move) is(by who) bool {
	switch by {
	case theAuthor:
		return m.byAuthor()
	case theStaff:
		return m.byStaff()
	case notAuthor:
		return !m.byAuthor()
	case theAgents:
		return m.rules.may(m.roles, MayComplete)
	case anybody:
	}
	return true
}

// wake ends the quiet of an adopted request with the first thing that people
// whom it concerns do: from now on it has a status, and the requester's clock
// runs from it.
func (m *move) wake() {
	if !m.next.Quiet || m.ev.Kind == Tick || m.ev.Kind == Seen || m.ev.Kind == Adopted || m.ev.Kind == Mailed || m.bystander() {
		return
	}
	m.next.Quiet = false
	if m.next.Turn == Requester {
		m.next.Since = m.now
	}
}

// comment is the requester's comment in prose: a receipt, and in their turn
// an answer. Out of turn it changes nothing: asking again moves nobody.
func (m *move) comment() {
	m.do(React{Comment: m.ev.Comment, Content: "eyes"})
	if m.next.Turn == Requester {
		m.answered()
		return
	}
	m.because("bump")
}

// edit is the requester's edit of the issue or of a comment.
func (m *move) edit() {
	if m.next.Turn != Requester {
		m.because("edited")
		return
	}
	if m.ev.Comment != 0 {
		m.do(React{Comment: m.ev.Comment, Content: "eyes"})
	}
	m.answered()
}

// editByOther is an edit of the body by somebody else, who may mend it.
func (m *move) editByOther() {
	if m.ev.Comment != 0 || !m.read.complete() {
		m.because("edited-by-other")
		return
	}
	m.hand(Triage)
	m.because("completed-by-other")
}

// editUnseen notices that the form was completed by an edit that nobody told.
func (m *move) editUnseen() {
	m.hand(Triage)
	m.because("completed-unseen")
}

// prose is a comment by staff: the requester has been told something. No
// reminder follows from it, and no expiry.
func (m *move) prose() {
	if m.next.Turn != Staff || m.ev.At.Before(m.next.Since) {
		m.because("staff-wrote") // they wrote before the answer that waits for them
		return
	}
	m.turn(Requester, m.at)
	m.next.Told, m.next.Touched = m.ev.Comment, true
	m.because("staff-wrote", string(Requester))
}

func (m *move) afterEnd() {
	m.do(React{Comment: m.ev.Comment, Content: "eyes"})
	if m.next.State != Ignored && !m.flagged(FlagRepliedAfterEnd) {
		m.flag(FlagRepliedAfterEnd)
		m.alert(AlertReply, "")
	}
	m.because("replied-after-end")
}

func (m *move) reopenedHand() {
	if !m.q.Issue.Open || m.next.State == Ignored {
		m.because("overtaken")
		return
	}
	m.reopenByHand()
}

func (m *move) reopenByAuthor() {
	if !m.q.Issue.Open {
		m.because("overtaken")
		return
	}
	if !m.mayReopen() {
		m.next.Opened = true
		m.because("too-late-to-reopen")
		return
	}
	m.reopen()
	m.because("reopened-by-requester")
}

// openedByAuthor is the requester's Reopen where it does not count. That the
// issue is open is no act of staff then, whatever tells of it.
func (m *move) openedByAuthor() {
	m.next.Opened = true
	m.because("reopened-by-requester")
}

// unverified is a command or comment whose author nobody could check. Only a
// command that staff may use is answered: a name that is no command is a
// stranger's text. An objection counts, whoever it is from.
func (m *move) unverified() {
	if m.ev.Command.Name == "object" && m.mayObject() {
		m.runObject()
		return
	}
	m.claim() // it only makes staff look, whoever it is from
	if info, _ := CommandNamed(m.ev.Command.Name); info.Ability == "" {
		m.because("author-unchecked")
		return
	}
	m.do(React{Comment: m.ev.Comment, Content: "confused"})
	m.notify(Text{Name: TextUnchecked})
	m.because("author-unchecked", m.ev.Command.Name)
}
