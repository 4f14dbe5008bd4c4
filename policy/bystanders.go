package policy

import "slices"

// What bystanders write changes nothing: not the state, not whose turn it is, no
// clock, and no place in the queue. "Same here", "+1" and pleas for somebody
// else get no answer at all: it would mail the requester for nothing, and teach
// the crowd that writing moves something. Only who offers to recover the account
// does harm, for the requester is afraid and may believe it: so that alone is
// answered, once in the life of a request, by a fixed warning to the requester
// that names and quotes nobody. Staff are told, once, for only people can hide
// a comment.

// ignores reports whether the policy names an account that never counts.
func (r *Rules) ignores(user int64) bool { return user != 0 && slices.Contains(r.Ignored.Users, user) }

// Ignores reports whether nothing that a user writes counts, though GitHub has
// it for a person: the policy names its id. Such an account is to the bot what
// GitHub calls a bot.
func (r *Rules) Ignores(user int64) bool { return r.ignores(user) }

// heed makes of an account that the policy ignores the bot that it is.
func (r *Rules) heed(a Actor) Actor {
	a.Bot = a.Bot || r.ignores(a.ID)
	return a
}

// offered warns the requester of a stranger who offers to recover the account.
func (m *move) offered() {
	wrote := m.ev.Kind == Commented || m.ev.Kind == Commanded || m.ev.Kind == Edited && m.ev.Comment != 0 || m.ev.Kind == Unverified && m.ev.Command.Name == ""
	if !m.ev.Offer || !wrote || m.ev.Desk || m.byAuthor() || m.byStaff() {
		return
	}
	switch {
	case m.next.State == Ignored || m.next.State == Closed:
		return // nobody is served here
	case m.flagged(FlagOffer):
		m.because("offer-again")
		return
	}
	m.flag(FlagOffer)
	m.because("offer")
	m.notify(Text{Name: TextWarning})
	m.alert(AlertOffer, "")
}

// bystander reports whether a comment is by somebody whose word changes
// nothing: nobody of staff, and not the requester.
func (m *move) bystander() bool {
	return m.ev.Comment != 0 && !m.byAuthor() && !m.byStaff()
}
