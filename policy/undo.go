package policy

import (
	"maps"
	"reflect"
	"slices"
	"time"
)

// undoTime is how long a command of staff can be undone.
const undoTime = 10 * time.Minute

// lasting are the commands of staff that /undo does not bring back: those that
// change nothing here, and a hold, which /resume alone lifts.
func lasting() []string {
	return []string{"help", "status", "why", "assign", "unassign", "undo", "hold"}
}

// run carries a command out. What was before a command of staff is kept for a
// while, in case that it was a mistake.
func (m *move) run(name string) {
	before := lessOurs(m.next.clone())
	m.rules.run[name](m)
	outside := name == "complete" && m.ev.Command.Args != nil // the account was changed, whatever stands here
	if !m.accepted || !m.byStaff() || outside || before.State == None || slices.Contains(lasting(), name) {
		return
	}
	m.next.Undo = &Undo{User: m.ev.Actor.ID, At: m.at, Command: name, Before: &before}
}

// forgetUndo drops what /undo would bring back once anything else has changed.
// What the bot alone did does not count: receipts, and comments written anew.
func (m *move) forgetUndo() {
	if m.next.Undo == nil || m.next.Undo != m.q.Memory.Undo {
		return
	}
	if was, is := lessOurs(m.q.Memory), lessOurs(m.next); !reflect.DeepEqual(was, is) {
		m.next.Undo = nil
	}
}

// lessOurs is a memory without what only the bot itself does.
func lessOurs(m Memory) Memory {
	m.Digests, m.Receipts, m.Recent, m.DeskRecent, m.Held = nil, nil, nil, nil, nil
	m.Notices, m.DeskPosts, m.Alerted = 0, 0, nil
	m.Undo = nil
	return m
}

// runUndo brings back what was before the last command of the same person.
// What was written and counted since stays counted.
func (m *move) runUndo() {
	if len(m.ev.Command.Args) > 0 {
		m.refuse(RefusedUsage, "undo")
		return
	}
	if !m.mayUndo() {
		m.refuse(RefusedUndo, "undo")
		return
	}
	m.accept(m.next.Undo.Command)
	now := m.next
	m.next = now.Undo.Before.clone()
	m.next.Notices, m.next.Recent, m.next.Held = now.Notices, now.Recent, nil
	m.next.Receipts, m.next.Digests = now.Receipts, now.Digests
	m.next.DeskPosts, m.next.DeskRecent, m.next.Alerted = now.DeskPosts, now.DeskRecent, now.Alerted
	m.next.Mails, m.next.Revoked = now.Mails, now.Revoked
	m.next.Leaks, m.next.Advised, m.next.AdvisedOthers = now.Leaks, now.Advised, now.AdvisedOthers
	m.next.Masks = now.Masks
	m.next.Intake, m.next.Suggested = now.Intake, now.Suggested
	m.next.Label, m.next.Restored = now.Label, now.Restored
	if is, was := m.next.Answers, now.Answers; is != nil && was != nil && is.Who != was.Who {
		is.At = m.now // who wrote before it meant the account that is undone
	}
	m.q.Memory.Said, m.q.Memory.SaidRegistry = m.next.Said, m.next.SaidRegistry
	m.read = m.rules.reading(m.q)
	if m.next.State == Ready && now.State != Ready {
		m.next.State = Waiting // nobody has looked since at what its approvals stand on: the next tick does
		m.turn(OnClock, m.at)
	}
	if now.State.Ended() && m.next.State.Open() && (!m.q.Issue.Open || m.pending("close")) {
		m.do(Reopen{})
	}
}

// mayUndo reports whether the event's actor has something to undo. What came
// to be on hold by it stays on hold, and an /undo that was written before it,
// and comes late, was of something else.
func (m *move) mayUndo() bool {
	u := m.next.Undo
	if u == nil || u.Before == nil || u.User != m.ev.Actor.ID || !m.at.Before(u.At.Add(undoTime)) {
		return false
	}
	late := m.leaked || !m.ev.At.IsZero() && m.ev.At.Before(u.At)
	return !late && (m.next.Hold == nil || u.Before.Hold != nil)
}

// clone copies a memory with all that hangs on it, but for an Undo, which
// nobody changes.
func (m Memory) clone() Memory {
	m.Digests = maps.Clone(m.Digests)
	m.Marks, m.Flags, m.Boxes = slices.Clone(m.Marks), slices.Clone(m.Flags), slices.Clone(m.Boxes)
	m.Leaks, m.Advised, m.AdvisedOthers = slices.Clone(m.Leaks), slices.Clone(m.Advised), slices.Clone(m.AdvisedOthers)
	m.Recent, m.Held = slices.Clone(m.Recent), slices.Clone(m.Held)
	m.Receipts, m.Mails, m.DeskRecent = slices.Clone(m.Receipts), slices.Clone(m.Mails), slices.Clone(m.DeskRecent)
	m.Steps, m.Objections, m.Approvals = slices.Clone(m.Steps), slices.Clone(m.Objections), slices.Clone(m.Approvals)
	m.Evidence, m.Pairs, m.Alerted = slices.Clone(m.Evidence), slices.Clone(m.Pairs), maps.Clone(m.Alerted)
	for i := range m.Evidence {
		m.Evidence[i].By = slices.Clone(m.Evidence[i].By)
	}
	m.Said, m.SaidRegistry, m.SaidKind = copied(m.Said), copied(m.SaidRegistry), copied(m.SaidKind)
	m.Notice, m.Hold, m.Answers = copied(m.Notice), copied(m.Hold), copied(m.Answers)
	if m.Hold != nil {
		m.Hold.Resumes = slices.Clone(m.Hold.Resumes)
		m.Hold.Leaks = slices.Clone(m.Hold.Leaks)
	}
	return m
}

func copied[T any](p *T) *T {
	if p == nil {
		return nil
	}
	v := *p
	return &v
}
