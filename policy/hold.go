package policy

import (
	"slices"
	"strings"
	"time"
)

// objectionLimit is how many objections of one case are kept. More of them
// still pause it.
const objectionLimit = 100

// HoldReasons returns the reasons that /hold takes. Other words are not kept.
func HoldReasons() []HoldReason {
	return []HoldReason{HoldStaff, HoldObjection, HoldCollision, HoldLeak, HoldTakeover}
}

// hold pauses the request. by caused it, and cannot resume it.
func (m *move) hold(why HoldReason, by int64) {
	m.pause(why, by)
	m.alert(AlertHold, Security)
}

// pause is hold where an alert has told of it. Where somebody else asks for the
// account two people must resume it, whatever else paused it.
func (m *move) pause(why HoldReason, by int64) {
	if m.flagged(FlagCollision) && why != HoldObjection {
		why = HoldCollision
	}
	m.next.State, m.next.Ask, m.next.Told = Held, "", 0
	m.next.Hold = &Hold{Why: why, By: by, At: m.at, Approvers: m.vetoed(by)}
	m.turn(OnSecurity, m.at)
	m.because("paused", string(why))
}

// vetoed returns whose approvals somebody stops who is there for that: where
// one approval may be enough, and they are of the group that has the veto.
func (m *move) vetoed(by int64) []int64 {
	roles := m.rolesOf(by)
	if !slices.ContainsFunc(m.rules.Paths, func(p Path) bool { return p.Approvals == 1 && slices.Contains(roles, p.Veto) }) {
		return nil
	}
	var all []int64
	for _, a := range m.next.Approvals {
		if a.User != by {
			all = append(all, a.User)
		}
	}
	return all
}

// objections counts those that are open.
func (m *move) objections() int {
	n := 0
	for _, o := range m.next.Objections {
		if o.holds() {
			n++
		}
	}
	return n
}

// objected keeps an objection, and marks the request.
func (m *move) objected(o Objection) {
	o.Registry, o.Account = m.named()
	m.keepObjection(o)
	m.flag(FlagObjected)
	m.because("objection")
	m.alert(AlertObjection, Security)
	m.rouseOwn(o)
}

// runObject is anybody's word that the request is not the owner's. Once the
// time runs it stops it; before that staff see it. It counts once a person.
func (m *move) runObject() {
	by := m.ev.Actor.ID
	m.do(React{Comment: m.ev.Comment, Content: "eyes"})
	if slices.ContainsFunc(m.next.Objections, func(o Objection) bool { return o.By == by && !o.Mail }) {
		m.because("objected-before")
		return
	}
	m.because("command", "object")
	if m.q.Facts.Objections >= objectionsEach {
		m.objectedToMany()
		return
	}
	full := len(m.next.Objections) >= objectionLimit // one person could repeat it for ever
	m.objected(Objection{By: by, At: m.at, Comment: m.ev.Comment})
	switch m.next.State {
	case Waiting, Ready:
		m.hold(HoldObjection, by)
	case Held:
		if why := m.next.Hold.Why; !full || why != HoldObjection && why != HoldCollision {
			m.holdHarder(HoldObjection)
		}
	default: // staff see the flag, and nothing is approved yet
	}
}

// holdHarder lets two people resume what one could have. Who wrote /resume
// before did not know of it.
func (m *move) holdHarder(why HoldReason) {
	h := *m.next.Hold
	if h.Why != HoldObjection && h.Why != HoldCollision {
		h.Why = why
	}
	h.Resumes = nil
	m.next.Hold = &h
}

// runHold pauses a request by staff. An objection that came by mail always
// does, and so does one that was made before.
func (m *move) runHold() {
	why := HoldReason(strings.ToLower(strings.Join(m.ev.Command.Args, " ")))
	if !slices.Contains(HoldReasons(), why) {
		why = HoldStaff
	}
	if m.next.State == Held && why != HoldObjection {
		m.refuse(RefusedState, "hold")
		return
	}
	m.accept(string(why))
	by := m.ev.Actor.ID
	if why == HoldObjection {
		m.objected(Objection{By: by, At: m.at, Comment: m.ev.Comment, Mail: true})
	}
	if m.next.State == Held {
		m.holdHarder(HoldObjection)
		return
	}
	if m.objections() > 0 {
		why = HoldObjection
	}
	m.hold(why, by)
}

// runResume lets a request go on: by somebody who did not cause the hold, and
// after an objection or a collision by two of them.
func (m *move) runResume() {
	by, h := m.ev.Actor.ID, m.next.Hold
	if len(m.ev.Command.Args) > 0 {
		m.refuse(RefusedUsage, "resume")
		return
	}
	if m.leaked { // it was written before anybody could know
		m.refuse(RefusedState, "resume")
		return
	}
	if h == nil || !m.mayResume(by) {
		m.refuse(RefusedHolder, "resume")
		return
	}
	before := slices.DeleteFunc(slices.Clone(h.Resumes), func(id int64) bool { return !m.rules.may(m.rolesOf(id), MayResume) })
	if slices.Contains(before, by) {
		m.refuse(RefusedTwice, "resume")
		return
	}
	m.accept()
	if m.disputed(h) && len(before) == 0 {
		again := *h
		again.Resumes = []int64{by}
		m.next.Hold = &again
		m.because("resume-wants-second")
		return
	}
	for i := range m.next.Objections {
		m.next.Objections[i].Closed = true
	}
	m.unflag(FlagObjected, FlagCollision)
	m.next.Hold, m.next.Quorum = nil, time.Time{} // who may stop a single approval has a day again
	m.hand(Review)
	m.lacking()
	m.because("resumed")
}

// disputed reports whether two people must resume a request: also where its
// author paused it by a secret of their own, while somebody objects or asks for
// the account, too.
func (m *move) disputed(h *Hold) bool {
	return h.Why == HoldObjection || h.Why == HoldCollision || m.objections() > 0 || m.flagged(FlagCollision)
}

// mayResume reports whether somebody neither caused the hold nor is whom it
// stops, and wrote /resume after it: one that comes late is of another hold.
func (m *move) mayResume(by int64) bool {
	h := m.next.Hold
	since := h.At
	for _, o := range m.next.Objections {
		if o.Closed {
			continue
		}
		if o.By == by {
			return false
		}
		since = later(since, o.At)
	}
	late := !m.ev.At.IsZero() && m.ev.At.Before(since)
	return h.By != by && !m.party(by) && !slices.Contains(h.Approvers, by) && !late
}

// claim marks a request in whose safety time a stranger wrote that the account
// is theirs. Staff look before it is ready.
func (m *move) claim() {
	if !m.q.Facts.Claim || m.flagged(FlagClaimed) {
		return
	}
	m.flag(FlagClaimed)
	m.because("claim")
	m.alert(AlertClaim, Security)
}

// seen takes a claim off where staff have acted since. A command that was
// written before the claim, and comes late, did not look at it.
func (m *move) seen(command string) {
	late := !m.ev.At.IsZero() && m.ev.At.Before(m.next.Since)
	if m.byStaff() && !late && command != "help" && command != "status" && command != "why" {
		m.unflag(FlagClaimed)
		m.looked()
	}
}

// Claims reports whether a text says that the account is its author's, or that
// its owner did not ask. It may be wrong: it only makes staff look.
func (r *Rules) Claims(text string) bool {
	folded := clauses(text)
	return slices.ContainsFunc(claims(), func(p string) bool { return strings.Contains(folded, " "+p+" ") })
}

// claims are the phrases of Claims, in English and Spanish, folded as clauses
// folds a text.
func claims() []string {
	return []string{
		"this is my account", "that is my account", "thats my account", "it is my account", "its my account",
		"this account is mine", "that account is mine", "the account is mine", "this is mine", "that is mine", "it is mine", "its mine",
		"account belongs to me", "i am the owner", "im the owner", "i am the real owner", "im the real owner",
		"i am the account owner", "im the account owner", "i am the actual owner", "im the actual owner",
		"i own this account", "i own that account", "i own the account", "owner of this account here",
		"i did not ask for this", "i didnt ask for this", "i never asked for this",
		"i did not request this", "i didnt request this", "i never requested this",
		"this was not me", "this wasnt me", "this is not me", "this isnt me", "impersonating me", "pretending to be me",
		"steal my account", "stealing my account", "take over my account", "taking over my account",
		"esta es mi cuenta", "esa es mi cuenta", "es mi cuenta", "esta cuenta es mia", "la cuenta es mia", "es mia",
		"la cuenta me pertenece", "esta cuenta me pertenece",
		"soy el dueno", "soy la duena", "soy el propietario", "soy la propietaria", "soy el titular", "soy la titular",
		"no pedi esto", "no he pedido esto", "no solicite esto", "no he solicitado esto", "no fui yo", "no he sido yo",
		"robar mi cuenta", "robarme la cuenta", "suplantando", "se hace pasar por mi",
	}
}
