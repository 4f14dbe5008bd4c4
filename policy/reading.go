package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"
	"unicode"

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
	kind         Kind
	boxes        []string // hint boxes that are not ticked
	formUnknown  bool     // headings, but none of ours, on an issue with the intake label
	formComplete bool     // every required section is there
	empty        bool     // nothing is answered at all
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
	rd := reading{formComplete: true, empty: q.Form.Empty()}
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
	r.readAccount(q, &rd)
	r.readBoxes(q.Form, &rd)
	rd.kind = r.kind(q.Issue.Title, q.Form.Field(r.Requests.Reason))
	return rd
}

// openBox returns the first required box that is not ticked.
func openBox(f *parser.Field, code string) string {
	if code != parser.CodeUnchecked {
		return ""
	}
	for _, c := range f.Options {
		if c.Required && !c.Checked {
			return c.Label
		}
	}
	return ""
}

// readAccount takes the account's name from what was said last: /username
// stands until the form's own answer changes.
func (r *Rules) readAccount(q Request, rd *reading) {
	label := r.Requests.Account
	value := ""
	if f := q.Form.Field(label); f != nil {
		value = f.Value
	}
	rd.answer = value
	if said := q.Memory.Said; said != nil && said.Against == shortDigest(value) {
		rd.saidHolds, rd.account, rd.nameUnknown = true, said.Name, said.Name == ""
		return
	}
	for _, p := range q.Form.Problems {
		if p.Field == label && p.Code != parser.CodeExtra {
			rd.problems = slices.Insert(rd.problems, 0, TextProblem{Field: label, Code: p.Code})
			return
		}
	}
	name, p := r.CheckName(value)
	if p != nil {
		rd.problems = slices.Insert(rd.problems, 0, *p)
		return
	}
	rd.account = name
}

// CheckName checks a form's answer for the account: the clean name, or what
// is wrong with it.
func (r *Rules) CheckName(value string) (string, *TextProblem) {
	name, code := r.registry("").Names.Clean(value)
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

func (r *Rules) readBoxes(form parser.Form, rd *reading) {
	for _, b := range r.Requests.Boxes {
		f := form.Field(b.Label)
		if b.Required || f == nil || !f.Found {
			continue
		}
		if slices.ContainsFunc(f.Options, func(c parser.Choice) bool { return !c.Checked }) {
			rd.boxes = append(rd.boxes, b.Label)
		}
	}
}

// kind returns the first kind whose words stand in the title or the reason.
func (r *Rules) kind(title string, reason *parser.Field) Kind {
	text := title
	if reason != nil {
		text += " . " + reason.Value
	}
	kind, lead := KindOther, len(r.Kinds)
	for rest := phrase(text)[1:]; rest != ""; {
		end := strings.IndexByte(rest, ' ') + 1
		for _, w := range r.words[rest[:end]] {
			if w.lead < lead && strings.HasPrefix(rest, w.phrase) {
				kind, lead = r.Kinds[w.lead].Kind, w.lead
			}
		}
		rest = rest[end:]
	}
	return kind
}

// kindWord is a phrase that means a kind, with a space at its end. Lead is the
// kind's place in the policy's order.
type kindWord struct {
	phrase string
	lead   int
}

// kindWords returns the phrases by their first word, so that a text is read
// once, however many phrases there are.
func kindWords(kinds []KindRule) map[string][]kindWord {
	words := map[string][]kindWord{}
	for lead, k := range kinds {
		for _, w := range k.Words {
			first, _, _ := strings.Cut(w, " ")
			words[first+" "] = append(words[first+" "], kindWord{phrase: w + " ", lead: lead})
		}
	}
	return words
}

// KindOf returns the kind of a form, for tools that have no issue.
func (r *Rules) KindOf(title string, f *parser.Form) Kind {
	return r.kind(title, f.Field(r.Requests.Reason))
}

// phrase folds a text to its words in lower case, each between two spaces.
// What stands between words, and so the end of a sentence, is dropped. "e-mail"
// is "email".
func phrase(s string) string {
	var b strings.Builder
	b.Grow(len(s) + 2)
	space := true
	b.WriteByte(' ')
	for _, c := range s {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			b.WriteRune(unicode.ToLower(c))
			space = false
			continue
		}
		if c == '\'' || c == '’' || space {
			continue
		}
		b.WriteByte(' ')
		space = true
	}
	if !space {
		b.WriteByte(' ')
	}
	return strings.ReplaceAll(b.String(), " e mail", " email")
}

// shortDigest is 128 bits of SHA-256: enough to tell answers apart.
func shortDigest(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:16])
}
