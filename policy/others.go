package policy

import (
	"slices"
	"strings"
	"time"
)

// Same is what two requests may have in common: the account, or the author.
// Account is in lower case, whatever the registry's rules say, so that it finds
// too much rather than too little; "" where none is known.
type Same struct {
	Registry string
	Account  string
	Author   int64
}

// SameOf returns what other requests may have in common with the one that is
// remembered as m. It is zero for what is no request.
func SameOf(i Issue, m Memory) Same {
	if m.State == None {
		return Same{}
	}
	return same(m.Registry, m.Account, i.Author.ID)
}

func same(registry, account string, author int64) Same {
	if account == "" {
		registry = ""
	}
	return Same{Registry: registry, Account: strings.ToLower(account), Author: author}
}

// About reports whether s and o name the same account, as far as lower case
// tells.
func (s Same) About(o Same) bool {
	return s.Account != "" && s.Registry == o.Registry && s.Account == o.Account
}

// Other is another request, of any repository that is served, by the same
// author or about the same account. It has no text but a valid account name.
type Other struct {
	IssueAt
	Number   int
	Author   int64
	Registry string
	Account  string
	State    State
	Claimed  time.Time // as Memory.Claimed
	Ended    time.Time // zero: it is open
	Disputed bool      // it knows of a collision that nobody has resolved
	Compared bool      // it was in a collision, be it one that was resolved
	Denied   bool      // it was denied, and not completed since

	Objections []Objection // those to it that pause it, or would
}

// IssueAt names an issue by ids.
type IssueAt struct{ Repository, Issue int64 }

// OtherOf is a request as others see it. It is named by its ids and its number.
func OtherOf(i Issue, m Memory) Other {
	return Other{
		IssueAt: IssueAt{i.Repository, i.ID}, Number: i.Number, Author: i.Author.ID,
		Registry: m.Registry, Account: m.Account, State: m.State, Claimed: m.Claimed, Ended: m.Ended,
		Disputed: slices.Contains(m.Flags, FlagCollision), Compared: len(m.Pairs) > 0,
		Denied: m.Denials > 0 && m.State != Completed, Objections: m.pausing(),
	}
}

// Related is what staff read of another request.
type Related struct {
	Issue       string    `json:"issue"` // OWNER/NAME#N
	State       State     `json:"state"`
	Ended       time.Time `json:"ended,omitzero"`
	SameAuthor  bool      `json:"same_author,omitempty"`
	SameAccount bool      `json:"same_account,omitempty"`
	Older       bool      `json:"older,omitempty"`
}

// shownRelated is how many other requests staff read of: the summary stays
// short in a flood of them.
const shownRelated = 10

// related returns what staff read of the other requests, those about the same
// account first.
func (m *move) related() []Related {
	var account, author []Related
	for _, o := range m.q.Facts.Others {
		r := Related{
			Issue: m.rules.nameOf(o.Repository, o.Number), State: o.State, Ended: o.Ended,
			SameAuthor: o.Author == m.q.Issue.Author.ID, SameAccount: m.sameAccount(o), Older: m.after(o),
		}
		switch {
		case r.SameAccount:
			account = append(account, r)
		case r.SameAuthor:
			author = append(author, r)
		}
	}
	all := append(account, author...)
	return all[:min(len(all), shownRelated)]
}

// sameAccount reports whether another request is about the account of this one,
// by the registry's rules for names.
func (m *move) sameAccount(o Other) bool {
	return m.next.Account != "" && o.Account != "" && m.next.Registry == o.Registry &&
		m.canonical(m.next.Account) == m.canonical(o.Account)
}

// ghostID is the user to whom GitHub gives what deleted accounts wrote.
const ghostID = 10137

// sameAuthor reports whether one person wrote both. Of deleted accounts nobody
// knows.
func (m *move) sameAuthor(o Other) bool {
	return o.Author != 0 && o.Author != ghostID && o.Author == m.q.Issue.Author.ID
}

// after reports whether this request names its account for a shorter time than
// the other one does. Of two that began at once the higher id is the later one:
// both see it alike.
func (m *move) after(o Other) bool {
	if !m.next.Claimed.Equal(o.Claimed) {
		return m.next.Claimed.After(o.Claimed)
	}
	return m.newer(o)
}

// newer reports whether this issue was opened later than the other one: ids
// grow.
func (m *move) newer(o Other) bool { return m.q.Issue.ID > o.Issue }

// party reports whether somebody has a request about the same account, other
// than this one: they decide nothing here.
func (m *move) party(user int64) bool {
	return slices.ContainsFunc(m.q.Facts.Others, func(o Other) bool { return o.Author == user && m.sameAccount(o) })
}
