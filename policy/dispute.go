package policy

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// againLimit is the which request of one author for one account staff must look
// at first, after one of them was denied.
const againLimit = 3

// pairLimit is how many pairs of one request are remembered.
const pairLimit = 100

// dispute compares the request with others about its account or by its author:
// one open request for each account.
func (m *move) dispute() {
	if !m.next.State.Open() || m.q.Facts.Unseen {
		return
	}
	if m.next.Account != "" && m.claims() {
		m.deniedBefore()
	}
	if m.repeats() {
		return
	}
	m.follow()
	m.collide()
}

// claims keeps since when the request names its account, and reports whether
// that is new. It is never earlier than what was seen proves: who changes an old
// issue to name somebody's account comes after them, and so does who takes up a
// request that had ended.
func (m *move) claims() bool {
	before := m.q.Memory
	asBefore := before.State.Open() && before.Registry == m.next.Registry &&
		m.canonical(before.Account) == m.canonical(m.next.Account)
	switch {
	case asBefore && m.next.Claimed.IsZero(): // of a version that did not keep it
		m.next.Claimed = m.q.Issue.CreatedAt.UTC()
		return false
	case asBefore:
		return false
	case m.undoes() && !m.next.Claimed.IsZero(): // as it was
	case before.State == None && m.ev.Kind == Adopted:
		m.next.Claimed = m.q.Issue.CreatedAt.UTC()
	case before.State == None:
		m.next.Claimed = later(m.q.Issue.CreatedAt, m.q.Issue.UpdatedAt).UTC()
	case m.accepted || m.ev.Kind == Edited:
		m.next.Claimed = m.at
	default:
		m.next.Claimed = m.now
	}
	if !m.undoes() && (before.Registry != m.next.Registry || m.canonical(before.Account) != m.canonical(m.next.Account)) {
		m.compareAnew()
	}
	m.rouseAll()
	if m.protected() {
		m.because("protected")
		m.alert(AlertProtected, Security)
	}
	return true
}

// undoes reports whether an /undo is carried out.
func (m *move) undoes() bool { return m.accepted && m.ev.Command.Name == "undo" }

// pastPair marks a pair that does not count any more. That there was one still
// speaks against a single approval.
const pastPair = "past:"

// compareAnew lets a request that names another account be compared with those
// for it, though it named that one before: who resumed it meanwhile looked at
// another account.
func (m *move) compareAnew() {
	for i, p := range m.next.Pairs {
		if !strings.HasPrefix(p, pastPair) {
			m.next.Pairs[i] = pastPair + p
		}
	}
}

// canonical returns a name as the request's registry compares names.
func (m *move) canonical(name string) string {
	return m.rules.registry(m.next.Registry).Names.Canonical(name)
}

// rouseAll lets the open requests about the same account be looked at again:
// those that do not know yet that somebody else asks for it, and those that
// repeat this one.
func (m *move) rouseAll() {
	for _, o := range m.q.Facts.Others {
		if !o.State.Open() || !m.sameAccount(o) {
			continue
		}
		if same := m.sameAuthor(o); same && !m.newer(o) || !same && !o.Disputed {
			m.rousing = append(m.rousing, o.IssueAt)
		}
	}
}

// deniedBefore links an earlier request of the same author for the same account
// that was denied of late, also where its author has taken it up again and then
// withdrawn it. The third one waits for staff.
func (m *move) deniedBefore() {
	m.unflag(FlagDenied, FlagAgain)
	m.next.Earlier = 0
	denied, count := false, 1
	for _, o := range m.q.Facts.Others {
		if !m.sameAuthor(o) || !m.sameAccount(o) || o.State == Duplicate || o.State == Ignored {
			continue
		}
		count++
		if o.Denied && (o.State.Open() || m.next.Claimed.Before(o.Ended.Add(m.coolDown()))) {
			denied = true
			if o.Repository == m.q.Issue.Repository {
				m.next.Earlier = max(m.next.Earlier, o.Number)
			}
		}
	}
	if !denied {
		return
	}
	m.flag(FlagDenied)
	m.because("denied-before")
	if count < againLimit {
		return
	}
	m.flag(FlagAgain)
	m.because("asked-again")
	if m.next.State == Incomplete {
		m.hand(Triage)
		m.lacking()
	}
}

// coolDown is how long a denial is told to staff who see a new request.
func (m *move) coolDown() time.Duration { return m.rules.Clocks.Reopen }

// repeats closes a request that nobody has worked on and that its author has
// asked for before, in a request that is open. It reports whether it did.
func (m *move) repeats() bool {
	fresh := m.next.State == Incomplete || m.next.State == Triage
	if !fresh || m.touched() || m.read.formUnknown || m.flagged(FlagAdopted) || m.flagged(FlagStaleSnapshot) {
		return false
	}
	i := slices.IndexFunc(m.q.Facts.Others, func(o Other) bool {
		return o.State.Open() && m.sameAuthor(o) && m.sameAccount(o) && m.newer(o)
	})
	if i < 0 {
		return false
	}
	o := m.q.Facts.Others[i]
	m.because("duplicate-of", m.rules.nameOf(o.Repository, o.Number))
	if o.Repository == m.q.Issue.Repository {
		m.next.Duplicate = o.Number
	}
	m.finish(Duplicate, "duplicate", TextDuplicate)
	return true
}

// touched reports whether staff have done anything about the request.
func (m *move) touched() bool {
	n := &m.next
	return n.Touched || n.Hold != nil || n.Notice != nil || n.Ask != "" || n.Told != 0 || !n.Snooze.IsZero() ||
		len(n.Evidence)+len(n.Approvals) > 0
}

// pairWith names a pair: this request's account and the other one's author. A
// request that was resumed is not held again by the same person's next one.
func (m *move) pairWith(o Other) string {
	return keyed(m.q.Facts.Secret, []any{"pair", m.next.Registry, m.canonical(m.next.Account), o.Author})[:16]
}

// rivals returns the open requests of others for the same account with which
// nobody has compared this one.
func (m *move) rivals() []Other {
	var all []Other
	for _, o := range m.q.Facts.Others {
		if o.State.Open() && !m.sameAuthor(o) && m.sameAccount(o) && !slices.Contains(m.next.Pairs, m.pairWith(o)) {
			all = append(all, o)
		}
	}
	return all
}

// contested reports whether somebody else asks for the account, and staff have
// not resumed this request since.
func (m *move) contested() bool { return m.flagged(FlagCollision) || len(m.rivals()) > 0 }

// collide marks a request for whose account somebody else asks, too. The later
// one is held; the earlier one cannot get through the gate before staff resume
// it. Who sees the pair first alerts; the other one is looked at. A third one that
// comes before it was tells staff nothing that they do not know.
func (m *move) collide() {
	rivals := m.rivals()
	told := slices.ContainsFunc(rivals, func(o Other) bool { return o.Disputed })
	isLater, news := false, false
	for _, o := range rivals {
		m.next.Pairs = append(m.next.Pairs, m.pairWith(o))
		isLater = isLater || m.after(o)
		if !o.Disputed {
			news = news || o.Compared || !told // one that does not know yet will hear of what was told
			m.rousing = append(m.rousing, o.IssueAt)
		}
	}
	if len(rivals) > 0 {
		m.next.Pairs = m.next.Pairs[max(0, len(m.next.Pairs)-pairLimit):]
		m.flag(FlagCollision)
		m.because("collision")
		if news {
			m.alert(AlertCollision, Security)
		}
	}
	late := m.next.State == Waiting || m.next.State == Ready
	switch {
	case len(rivals) > 0 && m.next.State == Held:
		m.holdHarder(HoldCollision)
	case isLater, m.flagged(FlagCollision) && late:
		m.pause(HoldCollision, 0)
	}
}

// roused returns whom to look at again, each once, sorted.
func (m *move) roused() []IssueAt {
	slices.SortFunc(m.rousing, func(a, b IssueAt) int {
		return cmp.Or(cmp.Compare(a.Repository, b.Repository), cmp.Compare(a.Issue, b.Issue))
	})
	return slices.Compact(m.rousing)
}

// touch notes that staff work on the request. Who only looks at it does not.
func (m *move) touch(command string) {
	if m.byStaff() && command != "help" && command != "status" && command != "why" {
		m.next.Touched = true
	}
}

// voidEnd takes back what an end made old. After a decision that is everything.
// After any other end evidence stays, but not the notice and the approvals: the
// owner, who saw the request end, may have stopped watching, and must hear of it
// again and have the whole time.
func (m *move) voidEnd(from State) {
	if from == Completed || from == Denied {
		m.voidProof("reopened")
		return
	}
	if n := &m.next; len(n.Approvals) > 0 || n.Notice != nil {
		n.Approvals, n.Quorum, n.Notice = nil, time.Time{}, nil
		m.because("approvals-void", "reopened")
	}
}

// marked reports whether anything at all speaks against one approval, also what
// staff have looked at since. What bystanders alone wrote does not: it would
// stop the requests of a team in which nobody else can approve.
func (m *move) marked() bool {
	own := slices.ContainsFunc(m.next.Leaks, func(f Find) bool { return f.By == ByRequester })
	flags := slices.ContainsFunc(m.next.Flags, func(f Flag) bool { return f != FlagOffer && (f != FlagLeak || own) })
	return flags || len(m.next.Objections)+len(m.next.Pairs) > 0
}

// sided reports whether the event's actor would decide on the account for which
// they ask themselves, in a request of their own.
func (m *move) sided(c CommandInfo) bool {
	decides := c.Ability == MayAttest || c.Ability == MayApprove || c.Ability == MayResume || c.Name == "notified"
	return decides && m.party(m.ev.Actor.ID)
}
