package policy

import "slices"

// objectionsEach is how many open objections of one person pause requests. What
// more of them there are, staff look at: nobody stops all requests alone.
const objectionsEach = 2

// holds reports whether an objection is open and pauses the request.
func (o Objection) holds() bool { return !o.Closed && !o.Many }

// keepObjection keeps it, as far as the limit allows.
func (m *move) keepObjection(o Objection) {
	if len(m.next.Objections) < objectionLimit {
		m.next.Objections = append(m.next.Objections, o)
	}
}

// objectedToMany is an objection by somebody who has enough of them open. It
// counts as a claim does: the request is not ready before staff have looked. The
// first one of them alarms.
func (m *move) objectedToMany() {
	m.keepObjection(Objection{By: m.ev.Actor.ID, At: m.at, Comment: m.ev.Comment, Many: true})
	m.flag(FlagClaimed)
	m.because("objects-to-many")
	if m.q.Facts.Objections == objectionsEach {
		m.alert(AlertObjector, Security)
	}
}

// looked ends the objections at which staff only had to look.
func (m *move) looked() {
	for i, o := range m.next.Objections {
		if o.Many {
			m.next.Objections[i].Closed = true
		}
	}
}

// pausing returns the objections that pause the request, or would if it were
// further; nil: none.
func (m Memory) pausing() []Objection {
	var all []Objection
	for _, o := range m.Objections {
		if o.holds() {
			all = append(all, o)
		}
	}
	return all
}

// follow brings along the objections to other requests of the same author, as far
// as they were for the account and those are open or ended of late: who withdraws
// a request, or lets it name another account, and files it again is not rid of
// them. Each comes once, so that it is over when this request was resumed.
func (m *move) follow() {
	for _, o := range m.q.Facts.Others {
		if !m.sameAuthor(o) || o.State.Ended() && !m.now.Before(o.Ended.Add(m.coolDown())) {
			continue
		}
		for _, objection := range o.Objections {
			if m.sameAccount(objection.about(o)) {
				m.bring(objection, o)
			}
		}
	}
}

// about is a request as it was when somebody objected to it: its author may have
// made another account of it since.
func (o Objection) about(now Other) Other {
	if o.Account != "" {
		now.Registry, now.Account = o.Registry, o.Account
	}
	return now
}

// bring brings one objection along from another request. Beyond the limit it
// leaves a mark alone: each decision would bring it again.
func (m *move) bring(o Objection, from Other) {
	if slices.ContainsFunc(m.next.Objections, o.repeats) {
		return
	}
	if len(m.next.Objections) >= objectionLimit {
		m.flag(FlagObjected)
		return
	}
	m.because("objected-elsewhere", m.rules.nameOf(from.Repository, from.Number))
	m.objected(Objection{By: o.By, At: m.now, Comment: o.Comment, Mail: o.Mail})
	m.stop(o.By)
}

// repeats reports whether two objections are one: by the same comment, or the
// same person.
func (o Objection) repeats(other Objection) bool {
	return o.Comment == other.Comment || o.By == other.By && !o.Mail && !other.Mail
}

// stop pauses a request to which somebody objects, where its time runs, or makes
// its pause one that two people must end. Before that staff see the flag, and
// nothing is approved yet.
func (m *move) stop(by int64) {
	switch m.next.State {
	case Waiting, Ready:
		m.hold(HoldObjection, by)
	case Held:
		m.holdHarder(HoldObjection)
	default:
	}
}

// rouseOwn lets the open requests of the same author for the account hear of an
// objection that they do not know.
func (m *move) rouseOwn(news Objection) {
	for _, o := range m.q.Facts.Others {
		if o.State.Open() && m.sameAuthor(o) && m.sameAccount(o) && !slices.ContainsFunc(o.Objections, news.repeats) {
			m.rousing = append(m.rousing, o.IssueAt)
		}
	}
}

// mayObject reports whether an objection is heard: to a request that is open, or
// that ended of late, for its author may take it up again, or file it anew.
func (m *move) mayObject() bool {
	s := m.next.State
	late := s.Ended() && !m.now.Before(m.next.Ended.Add(m.coolDown()))
	return m.ev.Actor.ID != 0 && s != None && s != Ignored && !late
}

// Objectors returns who has an open objection here that counts for the limit of
// one person's objections, each once, in the order in which they came. One that
// came by mail is nobody's.
func (m Memory) Objectors() []int64 {
	if !m.State.Open() {
		return nil
	}
	var all []int64
	for _, o := range m.Objections {
		if !o.Closed && !o.Mail {
			all = append(all, o.By)
		}
	}
	return all
}
