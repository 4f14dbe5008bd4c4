package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/parser"
)

// grace is how long after a change of the form a body in the older form is
// still expected: the page may have been open.
const grace = 24 * time.Hour

// Form reads an issue's body with the generation of the form that was in
// force when the issue was created, never with the one that fits best: a body
// written by hand must not choose the laxest form. Only within a day after a
// change the older generation is taken if it fits better.
func (r *Rules) Form(i Issue) parser.Form {
	t, older := r.generation(i.CreatedAt)
	form := parser.Parse(t.Template, i.Body)
	if older == nil {
		return form
	}
	if old := parser.Parse(older.Template, i.Body); found(old) > found(form) {
		return old
	}
	return form
}

func (r *Rules) generation(created time.Time) (inForce, older *Generation) {
	all := r.Requests.Generations
	inForce = &all[0]
	for i := range all {
		if all[i].From.After(created) {
			break
		}
		older, inForce = inForce, &all[i]
	}
	if older == inForce || created.Sub(inForce.From) > grace {
		older = nil
	}
	return inForce, older
}

// found is how many questions of the form the body answers to, less those it lacks.
func found(f parser.Form) int {
	n := 0
	for _, field := range f.Fields {
		if field.Found {
			n++
		} else {
			n--
		}
	}
	return n
}

// reading is what a form says, judged by the policy.
type reading struct {
	problems     []TextProblem
	account      string // valid name; "" where there is none
	answer       string // the form's own answer for the account; never stored, but its digest
	saidHolds    bool   // what /username said stands
	nameUnknown  bool   // /username unknown stands
	registry     Registry
	registrySaid bool     // what /registry said stands
	reason       string   // the form's own answer for the reason; never stored, but its digest
	kinds        []Kind   // that the title and the reason name, in the policy's order
	boxes        []string // hint boxes that are not ticked
	formUnknown  bool     // headings, but none of ours, on an issue with the intake label
	formComplete bool     // every required section is there
	empty        bool     // nothing is answered at all
	leaks        []Find   // what the title and the text have in them
}

func (rd reading) complete() bool { return len(rd.problems) == 0 }

func (rd reading) codes() []string {
	codes := make([]string, 0, len(rd.problems))
	for _, p := range rd.problems {
		codes = append(codes, p.Code)
	}
	return codes
}

func (r *Rules) reading(q Request) reading {
	if q.Facts.Unseen {
		return r.recalled(q.Memory)
	}
	rd := reading{formComplete: true, empty: q.Form.Empty(), leaks: r.scan(q.Issue)}
	some := false
	for _, f := range q.Form.Fields {
		some = some || f.Found
		rd.formComplete = rd.formComplete && (f.Found || !f.Required)
	}
	rd.formComplete = rd.formComplete && some
	rd.formUnknown = !some && parser.Headings(q.Issue.Body) > 0
	for _, p := range q.Form.Problems {
		f := q.Form.Field(p.Field)
		if p.Code != parser.CodeExtra && p.Field != r.Requests.Account && f != nil && f.Required {
			rd.problems = append(rd.problems, TextProblem{Field: p.Field, Code: p.Code, Option: openBox(f, p.Code)})
		}
	}
	rd.answer, rd.reason = valueOf(q.Form.Field(r.Requests.Account)), valueOf(q.Form.Field(r.Requests.Reason))
	said := r.listen(q.Issue.Title, rd.reason)
	rd.kinds = r.kindsOf(said)
	r.readRegistry(q, &rd, said.registry)
	r.readAccount(q, &rd)
	r.readBoxes(q.Form, &rd)
	return rd
}

// openBox returns the first required box that is not ticked, where the code says
// that there is one.
func openBox(f *parser.Field, code string) string {
	for _, c := range f.Options {
		if code == parser.CodeUnchecked && c.Required && !c.Checked {
			return c.Label
		}
	}
	return ""
}

// readAccount takes the account's name from what was said last: /username
// stands until the form's own answer changes.
func (r *Rules) readAccount(q Request, rd *reading) {
	label, value := r.Requests.Account, rd.answer
	if said := q.Memory.Said; said != nil && (said.Staff || said.Against == shortDigest(value)) {
		rd.saidHolds, rd.nameUnknown = true, said.Name == ""
		if said.Name != "" {
			r.takeName(rd, said.Name) // the registry may be another one since
		}
		return
	}
	for _, p := range q.Form.Problems {
		if p.Field == label && p.Code != parser.CodeExtra {
			rd.problems = slices.Insert(rd.problems, 0, TextProblem{Field: label, Code: p.Code})
			return
		}
	}
	r.takeName(rd, value)
}

func (r *Rules) takeName(rd *reading, value string) {
	name, p := r.CheckName(rd.registry.Key, value)
	if p != nil {
		rd.problems = slices.Insert(rd.problems, 0, *p)
		return
	}
	rd.account = name
}

// CheckName checks an answer for the account by the rules of the registry
// with this key, of the default one if there is none: the clean name, or what
// is wrong with it.
func (r *Rules) CheckName(registry, value string) (string, *TextProblem) {
	name, code := r.registry(registry).Names.Clean(value)
	if code == "" {
		return name, nil
	}
	p := &TextProblem{Field: r.Requests.Account, Code: code}
	if code == parser.NameNonASCII {
		points := parser.CodePoints(value)
		slices.Sort(points) // in their order they would tell the answer
		p.Points = points[:min(len(points), shownPoints)]
	}
	return "", p
}

// KindsOf returns the kinds that a title and a form name, in the policy's
// order, for tools that have no issue. There is always one.
func (r *Rules) KindsOf(title string, f *parser.Form) []Kind {
	kinds := r.kindsOf(r.listen(title, valueOf(f.Field(r.Requests.Reason))))
	if len(kinds) == 0 {
		return []Kind{KindOther}
	}
	return kinds
}

// valueOf returns the answer to a question, "" where the form has none.
func valueOf(f *parser.Field) string {
	if f == nil {
		return ""
	}
	return f.Value
}

// shortDigest is 128 bits of SHA-256: enough to tell answers apart.
func shortDigest(s string) string { return digestOf([]byte(s)) }

func digestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:16])
}
