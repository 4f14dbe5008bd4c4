package policy

import (
	"slices"
	"time"
)

// Where one approval may be enough, a veto group is told and has vetoTime
// after it to stop it. Without such a group the time since the notice is
// aloneTime at the least.
const (
	vetoTime  = 24 * time.Hour
	aloneTime = 7 * 24 * time.Hour
)

// What is missing before ready, as Summary.Lacks has it.
const (
	LackAccount   = "account"
	LackEvidence  = "evidence"
	LackApprovals = "approvals"
	LackNotice    = "notice"
	LackTime      = "time"
	LackObjection = "objection" // an objection is open
	LackClaim     = "claim"     // a stranger says that the account is theirs
	LackCollision = "collision" // somebody else asks for the account, too
	LackHold      = "hold"
)

// gate is how far a request is on its way to ready.
type gate struct {
	path   *Path // whose evidence is complete; nil: none
	enough bool  // the path's approvals are there
	alone  bool  // one approval is enough
	ready  time.Time
}

// gate says how far the request is. It takes what is remembered for true: see
// audit.
func (m *move) gate() gate {
	var g gate
	traits := m.traits()
	paths := m.rules.strictest(m.have(), traits)
	if len(paths) == 0 {
		return g
	}
	g.path, g.enough = paths[0], true
	need, count := 0, g.path.counting(m.next.Approvals)
	if m.marked() {
		need = 2
	}
	for _, p := range paths {
		count := p.counting(m.next.Approvals)
		need = max(need, m.rules.approvals(p, m.have(), traits))
		g.enough = g.enough && len(count) >= need && fills(p.ByRole, count)
	}
	g.alone = need == 1 && len(count) < 2
	if m.next.Notice == nil {
		return g
	}
	wait := longest(paths)
	if g.alone && (g.path.Veto == "" || m.next.NoVeto) {
		wait = max(wait, aloneTime)
	}
	g.ready = m.next.Notice.At.Add(wait)
	if g.alone && !m.next.Quorum.IsZero() {
		g.ready = later(g.ready, m.next.Quorum.Add(vetoTime))
	}
	return g
}

// approvals returns how many people must approve on a path. One alone is
// enough for the strongest evidence only, and where nothing speaks against it,
// whatever the policy says.
func (r *Rules) approvals(p *Path, have []Class, traits []Trait) int {
	strong := slices.Contains(have, BranchAttested) &&
		(slices.Contains(have, Mailbox) || slices.Contains(have, Linked) || slices.Contains(have, Session))
	if p.Approvals == 1 && strong && len(traits) == 0 {
		return 1
	}
	return max(p.Approvals, 2)
}

// counting returns the approvals that count on the path.
func (p *Path) counting(approvals []Approval) []Approval {
	return slices.DeleteFunc(slices.Clone(approvals), func(a Approval) bool {
		return !slices.ContainsFunc(a.Roles, func(role Role) bool { return slices.Contains(p.From, role) })
	})
}

// fills reports whether for each place that a path keeps for a role there is a
// person with it, nobody in two places.
func fills(places map[Role]int, approvals []Approval) bool {
	for _, role := range []Role{Helpers, Agents, Security} {
		if places[role] <= 0 {
			continue
		}
		left := map[Role]int{Helpers: places[Helpers], Agents: places[Agents], Security: places[Security]}
		left[role]--
		for i, a := range approvals {
			if slices.Contains(a.Roles, role) && fills(left, slices.Delete(slices.Clone(approvals), i, i+1)) {
				return true
			}
		}
		return false
	}
	return true
}

// traits returns what paths may exclude or ask for.
func (m *move) traits() []Trait {
	var traits []Trait
	for _, t := range []struct {
		trait Trait
		has   bool
	}{
		{TraitNewAddress, m.newAddress()},
		{TraitFlagged, m.objections() > 0 || m.flagged(FlagObjected) || m.flagged(FlagClaimed) || m.contested() || m.flagged(FlagAgain) || m.next.GoesTo != ""},
		{TraitProtected, m.protected()},
		{TraitStaffOwn, m.flagged(FlagStaffOwn)},
		{TraitNoProject, slices.Contains(m.have(), NoProject)},
	} {
		if t.has {
			traits = append(traits, t.trait)
		}
	}
	return traits
}

// protected reports whether the policy names the account. One that is not
// known may be any.
func (m *move) protected() bool {
	registry, account := m.named()
	names := m.rules.registry(registry).Names
	return account == "" || slices.ContainsFunc(m.rules.Protected, func(p string) bool {
		return names.Canonical(p) == names.Canonical(account)
	})
}

// lacks returns codes of what is missing before ready.
func (m *move) lacks() []string {
	g := m.gate()
	_, account := m.named()
	var lacks []string
	for _, l := range []struct {
		code  string
		lacks bool
	}{
		{LackAccount, account == ""},
		{LackEvidence, g.path == nil},
		{LackApprovals, !g.enough},
		{LackNotice, m.next.Notice == nil},
		{LackTime, m.next.State != Ready}, // the clock alone takes it away
		{LackObjection, m.objections() > 0},
		{LackClaim, m.flagged(FlagClaimed)},
		{LackCollision, m.contested()},
		{LackHold, m.next.State == Held},
	} {
		if l.lacks {
			lacks = append(lacks, l.code)
		}
	}
	return lacks
}

// pass lets the request come through the gate, or go back, as the gate is now.
func (m *move) pass() {
	if !m.next.State.Open() {
		return
	}
	m.renotice()
	m.audit()
	m.veto()
	g := m.quorum()
	switch m.next.State {
	case Triage, Asked, Proof, Review:
		if g.enough && m.next.Notice != nil && m.proved {
			m.wait(g)
		}
	case Waiting, Ready:
		m.stays(g)
	case Incomplete, Held: // the form, or security, first
	default:
	}
	if m.next.State == Waiting && m.next.Turn == OnClock && !m.contested() && (m.proved || m.ev.Kind == Tick) && (m.checked() || m.foresees()) && !m.now.Before(g.ready) {
		m.hand(Ready)
		m.because("ready", m.through(g)...)
	}
}

// foresees reports that this is a look ahead: it takes for true what the gate
// would check, and nothing of it is ever made.
func (m *move) foresees() bool { return m.q.Facts.Unseen && m.ev.Kind == Tick }

// opens reports whether the gate is open, checked a moment ago.
func (m *move) opens() bool {
	g := m.gate()
	return m.next.State == Ready && m.checked() && g.enough && m.next.Notice != nil && !m.now.Before(g.ready) &&
		m.objections() == 0 && !m.flagged(FlagClaimed) && !m.contested()
}

// opensNow is opens, where the safety time may be over and no sweep has come
// yet.
func (m *move) opensNow() bool {
	if m.next.State == Waiting {
		m.proved = true
		m.pass()
	}
	return m.opens()
}

// quorum keeps the time since which the approvals are enough.
func (m *move) quorum() gate {
	g := m.gate()
	switch {
	case !g.enough:
		m.next.Quorum = time.Time{}
	case m.next.Quorum.IsZero():
		m.next.Quorum = m.now
		g = m.gate()
		if g.alone {
			m.tellVeto(g.path.Veto)
		}
	}
	return g
}

// tellVeto tells those who may still stop a single approval, once.
func (m *move) tellVeto(group Role) {
	if group == "" || m.vetoTold {
		return
	}
	m.vetoTold = true
	m.alert(AlertVeto, group)
}

// wait begins the safety time. With an objection open, security must look
// first.
func (m *move) wait(g gate) {
	for _, o := range m.next.Objections {
		if o.holds() {
			m.hold(HoldObjection, o.By)
			return
		}
	}
	if m.contested() {
		m.hold(HoldCollision, 0)
		return
	}
	m.next.State, m.next.Ask, m.next.Told = Waiting, "", 0
	m.turn(OnClock, m.at)
	m.because("waiting", m.through(g)...)
}

// through names the path for the audit log, and says so where one approval was
// enough.
func (m *move) through(g gate) []string {
	args := []string{g.path.Name}
	if g.alone {
		args = append(args, "one-approver")
	}
	return args
}

// stays leaves a request in its safety time, or ready, as long as the gate
// holds. While a claim waits for staff it is not ready, whatever else holds.
func (m *move) stays(g gate) {
	claimed := m.flagged(FlagClaimed)
	switch {
	case m.next.Notice == nil || len(m.next.Approvals) == 0 || !g.enough && !claimed:
		m.alert(AlertVoid, Agents)
		m.back()
	case claimed && (m.next.State == Ready || m.next.Turn == OnClock):
		m.next.State, m.next.Told = Waiting, 0
		m.turn(Staff, m.at) // since the claim, also where it was their turn before: see seen
		m.because("claim-open")
	case claimed:
	case m.next.State == Waiting && m.next.Turn != OnClock, m.next.State == Ready && m.now.Before(g.ready):
		m.next.State, m.next.Told = Waiting, 0
		m.turn(OnClock, m.at)
		m.because("waiting", m.through(g)...)
	}
}

// waited returns when the safety time ends, zero where none runs.
func (m *move) waited() time.Time {
	if m.next.State != Waiting || m.next.Turn != OnClock {
		return time.Time{}
	}
	return m.gate().ready
}

// veto keeps whether anybody but the approver may still stop a single
// approval. It is known only where the teams were read.
func (m *move) veto() {
	if !m.checked() {
		return
	}
	m.next.NoVeto = false
	if g := m.gate(); g.path != nil && g.alone {
		count := g.path.counting(m.next.Approvals)
		m.next.NoVeto = len(count) == 1 && !m.othersWith(g.path.Veto, count[0].User)
	}
}

// othersWith reports whether anybody but user and the author has a role.
func (m *move) othersWith(role Role, user int64) bool {
	group := m.rules.People[role]
	people := slices.Clone(group.Users)
	if t := group.pinned(); t != nil {
		people = append(people, m.q.Facts.Members[t.String()]...)
	}
	return slices.ContainsFunc(people, func(id int64) bool { return id != user && id != m.q.Issue.Author.ID })
}
