package parser

import (
	"cmp"
	"slices"
)

// Parse reads an issue body by a template. It never fails: what it can't read it reports as Problems. The same
// template and body always give the same Form, in time that grows with the body's length.
func Parse(t *Template, body string) Form {
	if t == nil {
		return Form{}
	}
	d := newDocument(body)
	var form Form
	form.Fields = make([]Field, 0, len(t.Fields))
	shape := newShape(t)
	for i, s := range shape.read(d) {
		form.add(&t.Fields[i], s, shape.answer(d, i, s))
	}
	return form
}

// answer reads the section of question i.
func (s *shape) answer(d *document, i int, at span) answer {
	q := &s.questions[i]
	if at.ok && !at.unclear {
		return readAnswer(q, s.section(d, at.first, at.end))
	}
	a := blankAnswer(q)
	a.unclear = at.unclear
	if !at.ok {
		line, column := d.end()
		a.problems = []Problem{problem(CodeMissing, line, column)}
	}
	return a
}

// add notes the answer to a question.
func (f *Form) add(q *Question, s span, a answer) {
	heading := 0
	if s.ok {
		heading = s.first + 1
	}
	if a.unclear {
		f.Ambiguous = true
		a = blankAnswer(q)
		a.problems = []Problem{problem(CodeAmbiguous, heading, 1)}
	} else if s.ok && q.Required && !a.field.Answered && !a.blocked() {
		a.problems = append(a.problems, problem(CodeEmpty, heading, 1))
	}
	a.field.ID, a.field.Label, a.field.Type, a.field.Required = q.ID, q.Label, q.Type, q.Required
	a.field.Found, a.field.Line = s.ok, heading
	f.Fields = append(f.Fields, a.field)
	for i := range a.problems {
		a.problems[i].Field = q.Label
		a.problems[i].Line = cmp.Or(a.problems[i].Line, heading)
	}
	slices.SortStableFunc(a.problems, func(x, y Problem) int {
		return cmp.Or(cmp.Compare(x.Line, y.Line), cmp.Compare(x.Column, y.Column))
	})
	f.Problems = append(f.Problems, a.problems...)
}

// blocked tells whether a problem is noted that makes the answer incomplete.
func (a *answer) blocked() bool {
	return slices.ContainsFunc(a.problems, func(p Problem) bool { return p.Code != CodeExtra })
}

// blankAnswer is the answer to a question that has none that can be read.
func blankAnswer(q *Question) answer {
	a := readAnswer(q, section{})
	a.problems = nil
	return a
}

// Headings counts the ATX headings of any level at column 0 of a body, outside closed fences and HTML blocks. So a
// caller can tell "headings, but none of ours" from prose.
func Headings(body string) int {
	d := newDocument(body)
	h := hider{doc: d, need: []int{0}}
	for i, line := range d.lines {
		if _, ok := atxHeading(line); ok {
			h.found = append(h.found, mark{line: i})
		}
	}
	return len(h.sort().seen)
}
