package parser

import "strings"

// box reads a line of checkboxes: its bullet, its box and its label. boxed is false for a line without a box, as
// GitHub wrote them in early 2021.
func box(line string) (label string, checked, boxed bool) {
	text := strings.TrimSpace(line)
	if len(text) > 1 && strings.ContainsRune("-*+", rune(text[0])) && (text[1] == ' ' || text[1] == '\t') {
		text = strings.TrimSpace(text[1:])
	} else {
		return text, false, false
	}
	for _, mark := range []string{"[ ]", "[x]", "[X]"} {
		if rest, ok := strings.CutPrefix(text, mark); ok && (rest == "" || rest[0] == ' ' || rest[0] == '\t') {
			return strings.TrimSpace(rest), mark != "[ ]", true
		}
	}
	return text, false, false
}

// boxReader reads the section of checkboxes.
type boxReader struct {
	answer
	section section
	places  []int // by option: 1 + the line that has it, 0 for one not found
	boxed   bool  // whether any line has a box
}

func readCheckboxes(q *Question, s section) answer {
	r := boxReader{section: s, places: make([]int, len(q.Options))}
	r.fits = true
	for _, o := range q.Options {
		r.field.Options = append(r.field.Options, Choice{Label: o.Label, Required: o.Required})
	}
	for _, line := range s.lines {
		_, _, boxed := box(line)
		r.boxed = r.boxed || boxed
	}
	for i, line := range s.lines {
		if !isBlank(line) {
			r.read(i)
		}
	}
	for i, o := range r.field.Options {
		r.fits = r.fits && r.places[i] > 0
		r.field.Answered = r.field.Answered || o.Checked
		if o.Required && !o.Checked {
			r.problems = append(r.problems, uncheckedAt(s, r.places[i]-1))
		}
	}
	return r.answer
}

// read takes line i as an option. A label without a box counts as ticked, as long as no line of the section has a
// box: the first forms wrote only what was agreed to.
func (r *boxReader) read(i int) {
	label, checked, boxed := box(r.section.lines[i])
	at := -1
	for j, o := range r.field.Options {
		if o.Label == label {
			at = j
		}
	}
	switch {
	case at < 0 || r.boxed && !boxed:
		r.fits = false
		r.extra(r.section, i)
	case r.places[at] > 0:
		r.fits = false
		r.unclear = r.unclear || r.field.Options[at].Checked != (checked || !boxed)
		r.extra(r.section, i)
	default:
		r.places[at] = i + 1
		r.field.Options[at].Checked = checked || !boxed
	}
}

// uncheckedAt places the problem at the box. Without one, line 0 stands for the heading, filled in by Parse.
func uncheckedAt(s section, i int) Problem {
	if i < 0 {
		return problem(CodeUnchecked, 0, 1)
	}
	return s.at(i, CodeUnchecked)
}
