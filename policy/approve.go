package policy

import (
	"cmp"
	"crypto/hmac"
	"slices"
	"strings"
	"time"
)

// runApprove attests what it names and approves, all or nothing.
func (m *move) runApprove() {
	w, ok := proofWords(m.ev.Command.Args, func(w *words, arg string) bool {
		arg = strings.ToLower(arg)
		if w.digest != "" || !digestWord.MatchString(arg) {
			return false
		}
		w.digest = arg
		return true
	})
	if !ok {
		m.refuse(RefusedUsage, "approve")
		return
	}
	if _, account := m.named(); account == "" {
		m.refuse(RefusedEvidence, "approve")
		return
	}
	if is := m.digest(); is == "" || !hmac.Equal([]byte(is), []byte(w.digest)) {
		m.refuse(RefusedDigest, "approve")
		return
	}
	for _, c := range w.classes {
		if why := m.attestable(c); why != "" {
			m.refuse(why, "approve")
			return
		}
	}
	m.accept()
	m.proved = true
	if w.newAddress {
		m.addressChanges()
	}
	for _, c := range w.classes {
		m.attest(c)
	}
	if w.notified {
		m.notice()
	}
	m.approve()
}

// approve notes the actor's approval of the request as it is now, in place of
// an older one of theirs.
func (m *move) approve() {
	classes := m.attested()
	m.dropApproval(m.ev.Actor.ID)
	m.next.Approvals = append(m.next.Approvals, Approval{
		User: m.ev.Actor.ID, At: m.at, Comment: m.ev.Comment, Desk: m.ev.Desk,
		Classes: classes, Roles: slices.Clone(m.roles), Binding: m.bind(classes),
	})
}

// dropApproval takes somebody's approval back. Whoever is left to approve alone
// does so from now.
func (m *move) dropApproval(user int64) {
	m.next.Quorum = time.Time{}
	m.next.Approvals = slices.DeleteFunc(m.next.Approvals, func(a Approval) bool { return a.User == user })
	if len(m.next.Approvals) == 0 {
		m.next.Approvals = nil
	}
}

func (m *move) approvedBy(user int64) bool {
	return slices.ContainsFunc(m.next.Approvals, func(a Approval) bool { return a.User == user })
}

// runUnapprove takes one's own approval back.
func (m *move) runUnapprove() {
	if len(m.ev.Command.Args) > 0 {
		m.refuse(RefusedUsage, "unapprove")
		return
	}
	if !m.approvedBy(m.ev.Actor.ID) {
		m.refuse(RefusedUndo, "unapprove")
		return
	}
	m.accept()
	m.dropApproval(m.ev.Actor.ID)
}

// audit drops the approvals that are not of the request as it is now, and,
// where it can be known, what stands on a comment that is gone or on somebody
// who may not say it any more.
func (m *move) audit() {
	if !m.next.State.Open() {
		return
	}
	if m.checked() {
		m.auditEvidence()
		m.auditPeople()
	}
	if blind := m.q.Facts.Unseen && m.q.Issue.Author.ID == 0; len(m.q.Facts.Secret) > 0 && !blind {
		m.voidWhere("changed", func(a Approval) bool {
			return !hmac.Equal([]byte(a.Binding), []byte(m.bind(a.Classes)))
		})
	}
}

// voidWhere drops approvals, loudly.
func (m *move) voidWhere(why string, void func(Approval) bool) {
	left := slices.DeleteFunc(slices.Clone(m.next.Approvals), void)
	if len(left) == len(m.next.Approvals) {
		return
	}
	if len(left) == 0 {
		m.voidApprovals(why)
		return
	}
	m.next.Approvals, m.next.Quorum = left, time.Time{}
	m.because("approvals-void", why)
	m.alert(AlertVoid, Agents)
}

func (m *move) auditPeople() {
	m.voidWhere("comment", func(a Approval) bool { return !m.kept(CommentAt{ID: a.Comment, Desk: a.Desk}) })
	m.voidWhere("role", func(a Approval) bool {
		return a.User == m.q.Issue.Author.ID || m.party(a.User) || !m.rules.may(m.rolesOf(a.User), MayApprove)
	})
	for i, a := range m.next.Approvals {
		m.next.Approvals[i].Roles = m.rolesOf(a.User)
	}
}

// auditEvidence takes away what nobody stands for any more. That is counted,
// so that every approval is void.
func (m *move) auditEvidence() {
	var left []Evidence
	changed := false
	for _, e := range m.next.Evidence {
		before := len(e.By)
		e.By = slices.DeleteFunc(slices.Clone(e.By), func(a Attest) bool {
			roles := m.rolesOf(a.User)
			stands := m.rules.may(roles, MayAttest) || m.rules.may(roles, MayApprove)
			return !stands || a.User == m.q.Issue.Author.ID || m.party(a.User) || !m.kept(CommentAt{ID: a.Comment, Desk: a.Desk})
		})
		changed = changed || len(e.By) != before
		if slices.ContainsFunc(e.By, func(a Attest) bool { return m.rules.may(m.rolesOf(a.User), MayAttest) }) {
			left = append(left, e)
		}
	}
	if !changed && len(left) == len(m.next.Evidence) {
		return
	}
	m.next.Evidence = left
	m.next.Revoked++
	m.because("evidence-void")
}

// rolesOf returns somebody's roles; only where checked.
func (m *move) rolesOf(user int64) []Role { return m.rules.roles(Actor{ID: user}, m.q.Facts) }

// kept reports whether a comment stands as it was written; only where checked.
// That of the event was read a moment ago.
func (m *move) kept(c CommentAt) bool {
	return m.own(c) || m.q.Facts.Comments[c] == CommentKept
}

func (m *move) own(c CommentAt) bool {
	return m.ev.Kind == Commanded && m.ev.Comment == c.ID && m.ev.Desk == c.Desk
}

// standing returns the comments on which evidence and approvals stand, each
// once, in order.
func (m Memory) standing() []CommentAt {
	var all []CommentAt
	for _, e := range m.Evidence {
		for _, a := range e.By {
			all = append(all, CommentAt{ID: a.Comment, Desk: a.Desk})
		}
	}
	for _, a := range m.Approvals {
		all = append(all, CommentAt{ID: a.Comment, Desk: a.Desk})
	}
	slices.SortFunc(all, func(a, b CommentAt) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(deskFirst(a), deskFirst(b)))
	})
	return slices.Compact(all)
}

// deskFirst orders two comments with one id: they stand in two repositories.
func deskFirst(c CommentAt) int {
	if c.Desk {
		return 0
	}
	return 1
}

// checked reports whether this decision may pass the gate: the snapshot is
// fresh, every team was read, and so was every comment on which something
// stands.
func (m *move) checked() bool {
	f := m.q.Facts
	if f.Stale || f.Unseen || len(f.Secret) == 0 || m.ev.Kind == Unverified {
		return false
	}
	need := FactSet{Teams: m.rules.Teams()}
	for _, c := range m.next.standing() {
		if !m.own(c) {
			need.Comments = append(need.Comments, c)
		}
	}
	return Known(need, f)
}
