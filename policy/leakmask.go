package policy

import (
	"slices"
	"time"
)

// maskLimit is how often in noticeWindow a text of the requester's is masked:
// each time takes one or two of the writes that all requests share, and the
// requester can make it happen without end. Nobody posts more secrets than this
// by mistake. What others write is masked no more often than it is remembered.
const maskLimit = 5

// MaskCount counts how often texts of the requester's were masked, since the first
// time; one more than maskLimit once staff were told that it is enough.
type MaskCount struct {
	Since time.Time `json:"since"`
	Count int       `json:"count"`
}

// mask takes a secret out of a text, if the policy says so: once, when it is
// found. A comment that counts stays as it is, and so do those of staff. What a
// command said is not posted anew.
func (m *move) mask(f Find) {
	ways := m.rules.Leaks
	e := Mask{Comment: f.Comment}
	switch {
	case !f.Class.Secret() || f.By == ByBot || f.In == InDesk:
		return
	case f.In == InTitle || f.In == InBody:
		if ways.Body != MaskText {
			return
		}
	case f.In == InComment && ways.Comments == MaskText:
	case f.Comment != 0 && ways.Comments == RepostText:
		e.Repost = m.ev.Command.Name == ""
		e.Others = e.Repost && f.By != ByRequester
		if f.In == InHistory && !e.Repost {
			return
		}
	default:
		return
	}
	if f.Comment != 0 && !m.mayMask(f) || m.decided(e.Key()) || f.By == ByRequester && m.maskedEnough() {
		return
	}
	if e.Repost {
		e.Language = m.rules.tongue(m.next.Language)
	}
	m.because("masks", string(f.In))
	m.do(e)
}

// mayMask reports whether a comment is nobody's who is staff, as far as that is
// known, and is none that is read again.
func (m *move) mayMask(f Find) bool {
	if slices.ContainsFunc(m.next.standing(), func(c CommentAt) bool { return c.ID == f.Comment && !c.Desk }) {
		return false
	}
	if f.By == ByRequester {
		return !m.flagged(FlagStaffOwn)
	}
	teams := FactSet{Teams: m.rules.Teams()}
	return m.ev.Kind != Unverified && m.ev.Actor.ID != 0 && Known(teams, m.q.Facts) && !m.byStaff()
}

// maskedEnough counts the masking of a text of the requester's, and reports
// whether there was enough of it. Staff are told so once, and do it by hand.
func (m *move) maskedEnough() bool {
	c := m.next.Masks
	if !c.Since.Add(noticeWindow).After(m.now) {
		c = MaskCount{Since: m.now}
	}
	if c.Count > maskLimit {
		return true
	}
	c.Count++
	m.next.Masks = c
	if c.Count <= maskLimit {
		return false
	}
	m.because("masks-enough")
	m.alert(AlertMasks, Security)
	return true
}

// masks reports whether a secret in the event's comment may lead to a change of
// it: then it must be known whether its author is staff.
func (r *Rules) masks(ev Event) bool {
	return (r.Leaks.Comments == MaskText || r.Leaks.Comments == RepostText) && !ev.Desk &&
		slices.ContainsFunc(ev.Leaks, func(l Leaked) bool { return l.Comment != 0 && l.Class.Secret() })
}
