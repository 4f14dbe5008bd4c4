package policy

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/parser"
)

// Answers tells apart what a form said when it was last read, without a word
// of it: all are digests by the key of the case.
type Answers struct {
	Who    string    `json:"who"`             // of registry, account and author
	At     time.Time `json:"at,omitzero"`     // since when Who is so; zero: since it was first read
	Full   string    `json:"full"`            // of every answer
	Masked string    `json:"masked"`          // of every answer without secrets and personal data
	Leaks  []string  `json:"leaks,omitempty"` // of each of these, sorted; one that stands there twice is here twice
	Marks  int       `json:"marks,omitempty"` // how many were taken out, and a mark stands in their place
	Base   string    `json:"base"`            // what Full was before some disappeared: approvals are of this
}

// leakLimit is how many secrets and addresses of a form are told apart. With
// more of them none may disappear unnoticed.
const leakLimit = 100

// keyed is 128 bits of an HMAC by the key of a case, of values in canonical
// form.
func keyed(secret []byte, v any) string {
	b, err := json.Marshal(v)
	if err != nil { // only types that marshal are bound
		return ""
	}
	mac := hmac.New(sha256.New, secret)
	mac.Write(b)
	return hex.EncodeToString(mac.Sum(nil)[:16])
}

// saying is an answer as it is bound: the layout is not part of it.
type saying struct {
	Field string
	Words []string
}

// sayings returns the answers of a form, in its order, by what words makes of
// each text, which may depend on the question.
func sayings(f *parser.Form, words func(question, text string) []string) []saying {
	all := make([]saying, 0, len(f.Fields))
	for _, field := range f.Fields {
		s := saying{Field: field.Label, Words: words(field.Label, field.Value)}
		for _, o := range field.Options {
			tick := "[ ]"
			if o.Checked {
				tick = "[x]"
			}
			s.Words = append(append(s.Words, tick), words(field.Label, o.Label)...)
		}
		for _, chosen := range field.Selected {
			s.Words = append(s.Words, words(field.Label, chosen)...)
		}
		all = append(all, s)
	}
	return all
}

// answersOf digests a form. Base is not set.
func answersOf(f *parser.Form, secret []byte) *Answers {
	whole := func(_, text string) []string { return strings.Fields(text) }
	less := eachOnce(lessLeaks)
	rest := func(question, text string) []string { return restWords(less(question, text)) }
	a := &Answers{Full: keyed(secret, sayings(f, whole))}
	a.Masked = keyed(secret, sayings(f, rest))
	for _, field := range f.Fields {
		l := less(field.Label, field.Value)
		a.Marks += l.marks
		for _, said := range l.leaks {
			a.Leaks = append(a.Leaks, keyed(secret, said)[:16])
		}
	}
	if len(a.Leaks) > leakLimit {
		a.Masked, a.Leaks, a.Marks = a.Full, nil, 0
	}
	slices.Sort(a.Leaks)
	return a
}

// within reports whether each of some is among all, as often; both are sorted.
func within(some, all []string) bool {
	for _, s := range some {
		i := slices.Index(all, s)
		if i < 0 {
			return false
		}
		all = all[i+1:]
	}
	return true
}

// named returns the registry and the account as they are now: of the fresh
// snapshot, or, without one, as they are remembered.
func (m *move) named() (registry, account string) {
	if m.q.Facts.Stale || m.q.Facts.Unseen {
		return m.next.Registry, m.next.Account
	}
	return m.read.registry.Key, m.read.account
}

// newAddress reports whether the account shall get another address: staff say
// so, or it is what the request is about.
func (m *move) newAddress() bool {
	about := func(k Kind) bool { return k == KindLostEmail || k == KindTypoEmail }
	return m.next.NewAddress || about(m.next.Kind) || slices.ContainsFunc(m.next.Marks, about)
}

// bound is what an approval is of. Evidence is left out, so that more of it
// voids nothing; that some was taken away stands in Revoked.
type bound struct {
	Registry   string
	Account    string
	Repository int64
	Issue      int64
	Author     int64
	Answers    string
	NewAddress bool
	Gate       json.RawMessage
	Revoked    int
	Classes    []Class `json:",omitempty"`
}

// bind digests what an approval with these classes would be of now. It is ""
// where nothing can be approved: without the key of the case, or without an
// account.
func (m *move) bind(classes []Class) string {
	registry, account := m.named()
	if len(m.q.Facts.Secret) == 0 || account == "" || m.next.Answers == nil {
		return ""
	}
	return keyed(m.q.Facts.Secret, bound{
		Registry: registry, Account: m.rules.registry(registry).Names.Canonical(account),
		Repository: m.q.Issue.Repository, Issue: m.q.Issue.ID, Author: m.q.Issue.Author.ID,
		Answers: m.next.Answers.Base, NewAddress: m.newAddress(),
		Gate: m.rules.gateSection(), Revoked: m.next.Revoked, Classes: classes,
	})
}

// shown is how much of a digest people write in /approve.
const shown = 8

// digest is what /approve must name: it tells that its author saw the request
// as it is. "" where nothing can be approved.
func (m *move) digest() string {
	b := m.bind(nil)
	return b[:min(shown, len(b))]
}

// compare notices what changed in the request since it was last read: what was
// approved was another one.
func (m *move) compare() {
	if m.q.Facts.Unseen || len(m.q.Facts.Secret) == 0 {
		return
	}
	registry, account := m.named()
	who := keyed(m.q.Facts.Secret, []any{
		registry, m.rules.registry(registry).Names.Canonical(account), m.q.Issue.Author.ID,
	})
	if m.q.Facts.Stale {
		m.compareStale(who)
		return
	}
	is, was := answersOf(&m.q.Form, m.q.Facts.Secret), m.next.Answers
	is.Who = who
	is.Base = is.Full
	if was != nil {
		is.At = was.At
	}
	m.next.Answers = is
	switch {
	case was == nil:
		m.unprove("unknown")
	case was.Who != is.Who:
		is.At = m.changedAt()
		m.unprove("account")
	case is.follows(was):
		is.Base = was.Base
	default:
		m.voidApprovals("answers")
	}
}

// compareStale notices that a command named another account, though the answers
// are not known.
func (m *move) compareStale(who string) {
	was := m.next.Answers
	if was == nil || was.Who == who {
		return
	}
	is := *was
	is.Who, is.At = who, m.changedAt()
	m.next.Answers = &is
	m.unprove("account")
}

// readingTime is how long staff may take to see that the requester changed the
// account.
const readingTime = 30 * time.Second

// changedAt returns when staff could see the change that this decision brings:
// when the event made it, or now, if it is only seen with another event.
func (m *move) changedAt() time.Time {
	at := m.now
	if m.accepted || m.ev.Kind == Edited {
		at = m.at
	}
	if m.byAuthor() {
		at = at.Add(readingTime)
	}
	return at
}

// overtaken reports that the event's comment was written before the account
// became what it is: it tells of another one.
func (m *move) overtaken() bool {
	a := m.next.Answers
	return a != nil && !a.At.IsZero() && !m.ev.At.IsZero() && !m.ev.At.After(a.At)
}

// unprove takes back all that was shown, approved and told about an account
// that is not the request's any more.
func (m *move) unprove(why string) {
	approved := len(m.next.Approvals) > 0
	m.voidProof(why)
	if approved {
		m.alert(AlertVoid, Agents)
	}
	m.back()
}

// voidApprovals takes all approvals back, loudly. The evidence stays.
func (m *move) voidApprovals(why string) {
	if len(m.next.Approvals) == 0 {
		return
	}
	m.next.Approvals, m.next.Quorum = nil, time.Time{}
	m.because("approvals-void", why)
	m.alert(AlertVoid, Agents)
	m.back()
}

// back hands a request whose gate does not hold any more to staff: now, however
// old the event is that showed it.
func (m *move) back() {
	if m.next.State == Waiting || m.next.State == Ready {
		at := m.at
		m.at = m.now
		m.hand(Review)
		m.at = at
		m.because("back-to-review")
	}
}
