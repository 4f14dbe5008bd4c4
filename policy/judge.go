package policy

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/recoverybot/recoverybot/parser"
)

// Verdict is what a form says, for tools that have no issue.
type Verdict struct {
	Registry string // its key in the policy
	Account  string // valid name; "" where there is none
	Kind     Kind
	Marks    []Kind // the other kinds that fit, in the policy's order
	Complete bool
	Problems []parser.Problem // of the account's name; the form has its own
}

// Judge reads a form by the policy: the account's name, the kind, and whether
// all that is required is answered.
func (r *Rules) Judge(f *parser.Form) Verdict {
	rd := r.reading(Request{Form: *f})
	v := Verdict{Registry: rd.registry.Key, Account: rd.account, Kind: KindOther, Complete: rd.complete() && !f.Ambiguous}
	if len(rd.kinds) > 0 {
		v.Kind, v.Marks = rd.kinds[0], rd.kinds[1:]
	}
	for _, p := range rd.problems {
		if p.Field != r.Requests.Account || slices.ContainsFunc(f.Problems, func(q parser.Problem) bool { return q.Code == p.Code && q.Field == p.Field }) {
			continue
		}
		problem := parser.Problem{Field: p.Field, Code: p.Code, Text: r.problemText(p), Line: 1, Column: 1}
		if q := f.Field(p.Field); q != nil {
			problem.Line = max(q.Line, 1)
		}
		v.Problems = append(v.Problems, problem)
	}
	return v
}

// problemText is the sentence that the built-in English status comment has for
// a problem: it is for the operator. The templates begin it after a colon.
func (r *Rules) problemText(p TextProblem) string {
	s := speaker{set: r.texts[English].builtIn()}
	return firstUpper(s.say("problem-"+p.Code, s.problem(p, nameMarks(r.registry("").Names))))
}

// Section is a part of the queue.
type Section string

// The sections, in the order of the queue.
const (
	ForSecurity  Section = "security"  // on hold, and takeover reports, whether their form is complete or not
	ForAgents    Section = "ready"     // an agent may act
	ForStaff     Section = "staff"     // an answer waits
	AfterEnd     Section = "after end" // ended, with a new reply
	ForRequester Section = "requester"
	ForTime      Section = "waiting" // nobody's act is missing: a time runs
)

// Sections returns them in the order of the queue.
func Sections() []Section {
	return []Section{ForSecurity, ForAgents, ForStaff, AfterEnd, ForRequester, ForTime}
}

// Section returns where in the queue a request stands.
func (m Memory) Section() Section {
	switch {
	case m.State.Ended():
		return AfterEnd
	case m.Turn == OnSecurity, m.State == Held,
		m.GoesTo == Security && (m.Turn == Staff || m.State == Incomplete):
		return ForSecurity
	case m.State == Ready:
		return ForAgents
	case m.Turn == Staff:
		return ForStaff
	case m.Turn == OnClock:
		return ForTime
	}
	return ForRequester
}

// Queue orders requests for staff, and returns their places in ms: by section,
// and in each by the time of the hand-over to staff, so that no answer is
// buried, or by the start of the turn where it is not theirs.
func Queue(ms []Memory) []int {
	order := make([]int, len(ms))
	for i := range order {
		order[i] = i
	}
	class := func(m Memory) int { return slices.Index(Sections(), m.Section()) }
	slices.SortStableFunc(order, func(i, j int) int {
		a, b := ms[i], ms[j]
		since := func(m Memory) time.Time {
			if m.Turn.ours() {
				return m.Queued
			}
			return m.Since
		}
		return cmp.Or(class(a)-class(b), since(a).Compare(since(b)))
	})
	return order
}

// formChanged is how many requests in a row with unknown headings mean that
// the form has changed.
const formChanged = 3

// Alerts are the lines above the queue: what staff or the operator must hear
// at once.
func Alerts(ms []Memory) []string {
	var alerts []string
	late := 0
	for _, m := range ms {
		if m.Late {
			late++
		}
	}
	if late == 1 {
		alerts = append(alerts, "1 request is past the staff target")
	} else if late > 1 {
		alerts = append(alerts, strconv.Itoa(late)+" requests are past the staff target")
	}
	newest := slices.Clone(ms)
	slices.SortStableFunc(newest, func(a, b Memory) int { return b.Since.Compare(a.Since) })
	if len(newest) >= formChanged && !slices.ContainsFunc(newest[:formChanged], func(m Memory) bool {
		return !slices.Contains(m.Flags, FlagFormUnknown)
	}) {
		alerts = append(alerts, "the last three requests have headings that the form does not have: was the form changed? Add its new version to requests.forms")
	}
	return alerts
}

// Plan is what is known of old requests before they are taken over: numbers,
// and no text.
type Plan struct {
	States     map[State]int
	Unreadable int // headings, but none of the form's
	Duplicates int // asked for again by the same person
	Collisions int // asked for by different people
	Leaks      int // with a secret in the title or the text
	Ages       []Age
}

// Age counts the requests that are older than a time.
type Age struct {
	Than  time.Duration
	Count int
}

// Plan reads old requests as an adoption would, at now, and writes nothing.
func (r *Rules) Plan(old []Issue, now time.Time) Plan {
	p := Plan{States: map[State]int{}}
	type identity struct{ registry, account string }
	authors := map[identity][]int64{}
	day := 24 * time.Hour
	for _, than := range []time.Duration{7 * day, 30 * day, 90 * day, 365 * day} {
		n := 0
		for _, i := range old {
			if now.Sub(i.CreatedAt) > than {
				n++
			}
		}
		p.Ages = append(p.Ages, Age{Than: than, Count: n})
	}
	for _, i := range old {
		q := Request{Issue: i, Form: r.Form(i)}
		d := r.Decide(q, Event{Kind: Adopted}, now)
		p.States[d.Memory.State]++
		if slices.Contains(d.Memory.Flags, FlagFormUnknown) {
			p.Unreadable++
		}
		if slices.Contains(d.Memory.Flags, FlagLeak) {
			p.Leaks++
		}
		if d.Memory.Account == "" {
			continue
		}
		registry := r.registry(d.Memory.Registry)
		account := identity{registry.Key, registry.Names.Canonical(d.Memory.Account)}
		switch others := authors[account]; {
		case slices.Contains(others, i.Author.ID):
			p.Duplicates++
		case len(others) > 0:
			p.Collisions++
		}
		authors[account] = append(authors[account], i.Author.ID)
	}
	return p
}
