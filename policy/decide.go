package policy

import (
	"slices"
	"time"
)

// Decide says what to remember and what to do when ev happens to q at now. It
// is a pure function: the same values give the same decision. q is not
// changed. The facts that Needs names must have been fetched; see Known.
func (r *Rules) Decide(q Request, ev Event, now time.Time) Decision {
	m := r.move(q, ev, now)
	if m.happen() {
		m.settle()
	}
	m.forgetUndo()
	return Decision{Memory: m.next, Effects: m.effects, Reasons: m.reasons, Rouse: m.roused(), ByStaff: m.byStaff()}
}

// Needs names the facts to fetch before deciding. It is empty for most
// events, so that they cost one read.
func (r *Rules) Needs(q Request, ev Event) FactSet {
	var need FactSet
	ev.Actor = r.heed(ev.Actor)
	proving := q.Memory.State == Waiting || q.Memory.State == Ready
	stranger := ev.Actor.ID != q.Issue.Author.ID && !ev.Actor.Bot
	if ev.Kind != Gone {
		need.Same = SameOf(q.Issue, q.Memory)
	}
	soft := (q.Memory.State == Triage || q.Memory.State == Review) && q.Memory.Turn == Staff
	if q.Memory.State == Ready && !q.Issue.Open && ev.Kind != Gone && q.Issue.ClosedBy != q.Issue.Author.ID {
		need.Teams, need.Comments = r.Teams(), q.Memory.standing() // it is completed if an agent closed it
	}
	if r.beginsLate(q, ev) {
		need.Teams, need.LastWord = r.Teams(), true
	}
	switch ev.Kind {
	case Commanded:
		if ev.Command.Name == "object" {
			need.Objector = ev.Actor.ID
		}
		if stranger {
			need.Teams = r.Teams()
		}
		if stranger && q.Memory.State.Open() && passes(ev.Command.Name) {
			need.Comments = q.Memory.standing()
		}
	case Commented:
		if stranger && (soft || q.Memory.Quiet || ev.Offer || r.masks(ev)) {
			need.Teams = r.Teams()
		}
		need.Claim = stranger && proving
	case Edited:
		if stranger && (r.masks(ev) || ev.Comment != 0 && (ev.Offer || q.Memory.Quiet)) {
			need.Teams = r.Teams()
		}
	case Tick:
		if q.Memory.State == Waiting {
			need.Teams, need.Comments = r.Teams(), q.Memory.standing()
		}
	case Adopted:
		need.Teams, need.LastWord = r.Teams(), true
	default: // nobody's authority matters
	}
	return need
}

// beginsLate reports whether an issue may become a request, or one again, with
// comments that nobody has searched for secrets.
func (r *Rules) beginsLate(q Request, ev Event) bool {
	switch {
	case q.Memory.State != None && q.Memory.State != Ignored:
		return false
	case ev.Kind == Commanded:
		return ev.Command.Name == "recheck"
	}
	return (ev.Kind == Labeled || ev.Kind == Seen) && !q.Memory.Intake && q.Issue.HasLabel(r.Requests.Label)
}

// passes reports whether a command may bring a request through the gate.
func passes(name string) bool {
	return slices.Contains([]string{"approve", "attest", "notified", "resume", "complete"}, name)
}

// Known reports whether every team and comment that need names was read. Where
// one was not, nothing may be decided: what isn't known is neither yes nor no.
func Known(need FactSet, f Facts) bool {
	for _, t := range need.Teams {
		if _, ok := f.Members[t.String()]; !ok {
			return false
		}
	}
	for _, c := range need.Comments {
		if f.Comments[c] == "" {
			return false
		}
	}
	return need.Same == (Same{}) || need.Same == f.Same
}

// Teams returns the teams that have a role, each once.
func (r *Rules) Teams() []Team {
	var all []Team
	for _, role := range []Role{Helpers, Agents, Security} {
		if t := r.People[role].pinned(); t != nil && !slices.Contains(all, *t) {
			all = append(all, *t)
		}
	}
	return all
}

// roles returns the roles of a user, in the order of Helpers, Agents,
// Security. A bot has none.
func (r *Rules) roles(a Actor, f Facts) []Role {
	if a.Bot || a.ID == 0 || r.ignores(a.ID) {
		return nil
	}
	var roles []Role
	for _, role := range []Role{Helpers, Agents, Security} {
		g := r.People[role]
		t := g.pinned()
		if slices.Contains(g.Users, a.ID) || t != nil && slices.Contains(f.Members[t.String()], a.ID) {
			roles = append(roles, role)
		}
	}
	return roles
}

func (r *Rules) may(roles []Role, a Ability) bool {
	return slices.ContainsFunc(r.May[a], func(role Role) bool { return slices.Contains(roles, role) })
}

// move is one decision in the making.
type move struct {
	rules *Rules
	q     Request
	ev    Event
	now   time.Time
	at    time.Time // when the event happened: never after now, never before the turn's start
	roles []Role    // of the actor; nil for the requester and for strangers
	read  reading

	proved   bool // the command added to what the gate asks for
	vetoTold bool

	next    Memory
	effects []Effect
	reasons []Reason
	posts   []Text // comments at the desk, that settle posts
	rousing []IssueAt
	restate bool // write the status even if it does not differ

	accepted bool // a command was carried out
	leaked   bool // a leak that pauses the request was found
	heard    bool // the leaks of the event were noted
}

func (r *Rules) move(q Request, ev Event, now time.Time) *move {
	ev.Actor = r.heed(ev.Actor)
	q.Issue.Author = r.heed(q.Issue.Author)
	m := &move{rules: r, q: q, ev: ev, now: now.UTC(), next: q.Memory.clone()}
	m.at = ev.At.UTC()
	if ev.At.IsZero() || m.at.After(m.now) {
		m.at = m.now
	}
	m.at = later(m.at, m.next.Since)
	if !m.byAuthor() {
		m.roles = r.roles(ev.Actor, q.Facts)
	}
	m.read = r.reading(q)
	return m
}

func later(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

func (m *move) byAuthor() bool { return m.ev.Actor.ID != 0 && m.ev.Actor.ID == m.q.Issue.Author.ID }
func (m *move) byStaff() bool  { return len(m.roles) > 0 }

func (m *move) because(code string, args ...string) {
	m.reasons = append(m.reasons, Reason{Code: code, Args: args})
}

func (m *move) do(e Effect) {
	if r, ok := e.(React); ok {
		r.Desk = m.ev.Desk
		if !r.Desk && !m.receipt() {
			return
		}
		e = r
	}
	m.effects = append(m.effects, e)
}

// staffOwn marks a request by staff. Once seen it stays marked: who leaves the
// team gets no easier way.
func (m *move) staffOwn() {
	if m.next.State.Open() && len(m.rules.roles(m.q.Issue.Author, m.q.Facts)) > 0 {
		m.flag(FlagStaffOwn)
	}
}

// happen lets the event change the memory. It reports whether the issue is a
// request, so that there is something to settle.
func (m *move) happen() bool {
	if m.ev.Kind == Gone {
		m.gone()
		return false
	}
	switch {
	case m.q.Facts.Stale:
		m.flag(FlagStaleSnapshot)
	case m.ev.Kind != Tick:
		m.unflag(FlagStaleSnapshot)
	}
	m.giveBack()
	before, at := m.next.State, m.at
	m.intake()
	began := m.next.State != before
	m.staffOwn()
	if m.next.State.Open() {
		m.compare()
		m.audit()
	}
	m.leaks()
	switch {
	case !began:
		m.dispatch()
	case before == None && m.ev.Kind == Commanded:
		m.at = later(at, m.next.Since)
		m.dispatch() // a command runs once: it must not be lost with the news of the issue
	}
	m.drift()
	if m.next.State == Incomplete && m.read.complete() && !m.q.Facts.Stale {
		m.editUnseen()
	}
	if m.next.State == None {
		return false
	}
	m.leaks() // a command may have begun the request
	m.adviseLeaks()
	m.unmoved(before)
	m.next.Policy = m.rules.Version
	return true
}

// unmoved says why nothing came of the event: what people do, but the table
// of states does not have, changes nothing.
func (m *move) unmoved(in State) {
	if len(m.reasons) > 0 {
		return
	}
	switch m.ev.Kind {
	case Tick:
	case Commented, Edited, ReopenedHand, Mailed:
		m.because("not-in-table", string(in), string(m.ev.Kind))
	default:
		m.because("nothing-to-do", string(m.ev.Kind))
	}
}

// gone ends a request whose issue is not there any more: nothing is written
// there.
func (m *move) gone() {
	m.because("issue-gone")
	m.voidProof("gone")
	if m.next.State.Open() {
		m.end(Closed)
		m.tellDesk()
	}
	if m.next.State != None {
		m.next.Policy = m.rules.Version
	}
	m.next.Held, m.next.WakeAt = nil, time.Time{}
}

// intake follows the intake label, the one label that is input.
func (m *move) intake() {
	had, has := m.next.Intake, m.q.Issue.HasLabel(m.rules.Requests.Label)
	if m.q.Facts.Stale && m.next.State != None {
		return
	}
	m.next.Intake = has
	switch {
	case m.next.State == None:
		m.candidate()
	case m.next.State.Open() && had && !has:
		m.end(Ignored)
		m.because("intake-label-removed")
	case m.next.State == Ignored && !m.q.Issue.Open:
		m.next.Intake = had && has // set now, it counts when the issue is open again
	case m.next.State == Ignored && !had && has:
		m.begin()
		m.because("intake-label-set")
	}
	if m.next.State == None {
		m.next = m.q.Memory
	}
}

// candidate begins a request if the issue is one.
func (m *move) candidate() {
	issue := m.q.Issue
	start := m.rules.Start.From
	if start.IsZero() {
		start = m.q.Facts.Started
	}
	switch {
	case m.ev.Kind == Commanded && m.ev.Command.Name == "recheck":
		return // begins it by command, if staff say so
	case !m.next.Intake && !m.read.formComplete:
		m.because("no-request")
		return
	case issue.CreatedAt.Before(start) && m.ev.Kind != Adopted:
		m.because("before-start")
		return
	case !issue.Open:
		m.because("closed-before-it-began")
		return
	}
	if m.ev.Kind != Labeled {
		m.at = issue.CreatedAt.UTC() // they have waited since then, whichever way we heard of it
	}
	m.begin()
	m.because("request", string(m.next.State))
	if m.ev.Kind == Adopted {
		m.adopt()
	}
}

// begin starts or starts anew, from the form.
func (m *move) begin() {
	m.next.Queued, m.next.Ended = time.Time{}, time.Time{}
	m.voidEnd(m.next.State)
	m.next.Ask, m.next.Told = "", 0
	m.unflag(FlagFormIncomplete, FlagFormUnknown, FlagRepliedAfterEnd)
	switch {
	case m.next.Hold != nil:
		m.hand(Triage)
		m.holdAgain()
	case m.read.formUnknown:
		m.unknownForm()
	case m.read.complete():
		m.hand(Triage)
	default:
		m.askForm()
		if m.next.Digests["status"] != "" {
			m.notify(Text{Name: TextIncomplete}) // the edit of the status would tell nobody
		}
	}
}

// unknownForm hands a body with headings of another form to staff: the
// requester can do nothing about it.
func (m *move) unknownForm() {
	if !m.flagged(FlagFormUnknown) {
		m.alert(AlertFormChange, "")
	}
	m.flag(FlagFormUnknown)
	m.unflag(FlagFormIncomplete)
	m.because("form-unknown")
	if m.next.State == None || m.next.State == Incomplete || m.next.State == Ignored {
		m.hand(Triage)
	}
}

// adopt takes an old request over without a ping.
func (m *move) adopt() {
	m.next.Quiet = true
	m.flag(FlagAdopted)
	m.objectedBefore()
	last := m.q.Facts.LastWord
	if m.next.State == Incomplete && last.ID == m.q.Issue.Author.ID {
		m.answered()
	}
	if m.next.State == Triage && last.ID != 0 && last.ID != m.q.Issue.Author.ID && len(m.rules.roles(last, m.q.Facts)) > 0 {
		m.turn(Requester, m.now)
	}
	m.next.Since = m.now
	if m.next.Turn == Staff {
		m.next.Queued = m.q.Issue.CreatedAt
		if last.ID == m.q.Issue.Author.ID && !m.q.Facts.LastWordAt.IsZero() {
			m.next.Queued = m.q.Facts.LastWordAt
		}
	}
	m.because("adopted")
}

// objectedBefore keeps the objections from before an adoption: nobody heard
// them then, and who made one does not know that.
func (m *move) objectedBefore() {
	for _, o := range m.q.Facts.Objected {
		known := slices.ContainsFunc(m.next.Objections, func(k Objection) bool { return k.By == o.By && !k.Mail })
		if o.By != 0 && o.By != m.q.Issue.Author.ID && !known {
			m.objected(o)
		}
	}
}

// drift follows what people did to the issue when the event that told it was
// lost, or is still on its way.
func (m *move) drift() {
	if m.q.Facts.Stale || m.q.Facts.Unseen {
		return
	}
	closing := m.ev.Kind == ClosedHand || m.ev.Kind == Tick || m.ev.Kind == Unverified && m.ev.Comment == 0 || m.q.Facts.Newer
	if m.next.State.Open() && !m.q.Issue.Open && closing && !m.pending("reopen") && !m.decided("reopen") {
		m.closedBy(m.q.Issue.ClosedBy)
	}
	if !m.q.Issue.Open && m.ev.Kind != Tick {
		m.next.Opened = false
	}
	// An issue that is merely open may be one that we could not close.
	if m.ev.Kind == Seen && m.next.State.Ended() && m.next.State != Ignored && m.q.Issue.Reopened && m.q.Facts.Newer &&
		!m.next.Opened && !m.pending("close") && !m.decided("close") {
		m.reopenByHand()
	}
}

func (m *move) closedBy(user int64) {
	if user == 0 && m.ev.Kind == ClosedHand {
		user = m.ev.Actor.ID
	}
	if user != 0 && user == m.q.Issue.Author.ID {
		m.end(Withdrawn)
		m.because("closed-by-requester")
		return
	}
	if m.opens() && m.rules.may(m.rules.roles(Actor{ID: user}, m.q.Facts), MayComplete) {
		m.finish(Completed, "completed", TextCompleted)
		m.because("closed-by-agent")
		return
	}
	m.end(Closed)
	m.because("closed-by-hand")
}

// pending reports whether an effect with that key waits to be made.
func (m *move) pending(key string) bool {
	return slices.ContainsFunc(m.q.Facts.Pending, func(e Effect) bool { return e.Key() == key })
}

// decided reports whether this decision has an effect with that key.
func (m *move) decided(key string) bool {
	return slices.ContainsFunc(m.effects, func(e Effect) bool { return e.Key() == key })
}

func (m *move) flag(f Flag) {
	if !slices.Contains(m.next.Flags, f) {
		m.next.Flags = append(m.next.Flags, f)
		slices.Sort(m.next.Flags)
	}
}

func (m *move) unflag(flags ...Flag) {
	m.next.Flags = slices.DeleteFunc(m.next.Flags, func(f Flag) bool { return slices.Contains(flags, f) })
	if len(m.next.Flags) == 0 {
		m.next.Flags = nil
	}
}

func (m *move) flagged(f Flag) bool { return slices.Contains(m.next.Flags, f) }

// Candidate reports whether an issue looks like a request: it has the intake
// label, or its body has every required section of the form.
func (r *Rules) Candidate(i Issue) bool {
	return i.HasLabel(r.Requests.Label) ||
		r.reading(Request{Issue: i, Form: r.Form(i)}).formComplete
}
