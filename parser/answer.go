package parser

import "strings"

// noResponse is what GitHub writes for a text that was left empty, and noChoice for a dropdown since 2023.
const (
	noResponse = "_No response_"
	noChoice   = "None"
)

// answer is the text of one section, read by its question. The problems have no Field yet. fits is set where GitHub
// can have written the text so; unclear where it has more than one meaning.
type answer struct {
	field         Field
	problems      []Problem
	fits, unclear bool
}

func readAnswer(q *Question, s section) answer {
	switch q.Type {
	case Dropdown:
		return readDropdown(q, s)
	case Checkboxes:
		return readCheckboxes(q, s)
	case Input:
		return readInput(q, s)
	}
	return readTextarea(q, s)
}

func readInput(q *Question, s section) answer {
	a := answer{fits: len(s.lines) == 1}
	a.setText(q, s.text(), s)
	for i := 1; i < len(s.lines); i++ {
		if !isBlank(s.lines[i]) {
			a.problems = append(a.problems, s.at(i, CodeExtra))
			break
		}
	}
	return a
}

func readTextarea(q *Question, s section) answer {
	if q.Render == "" {
		a := answer{fits: true}
		a.setText(q, s.text(), s)
		return a
	}
	inner, ok := unfence(q.Render, s)
	a := answer{fits: ok || strings.TrimSpace(s.text()) == noResponse}
	a.setText(q, inner.text(), inner)
	return a
}

// unfence removes the fence that GitHub puts around an answer with `render`: the first and the last line. Fences
// in between are part of the answer.
func unfence(info string, s section) (section, bool) {
	last := len(s.lines) - 1
	if last < 1 {
		return s, false
	}
	char, length, rest := fenceRun(s.lines[0])
	endChar, endLength, tail := fenceRun(s.lines[last])
	if length == 0 || strings.TrimSpace(rest) != info || endChar != char || endLength < length || !isBlank(tail) {
		return s, false
	}
	d := document{lines: s.lines}
	inner := d.section(1, last)
	inner.first += s.first
	return inner, true
}

func (a *answer) setText(q *Question, text string, s section) {
	if len(s.lines) == 0 || len(s.lines) == 1 && strings.TrimSpace(text) == noResponse {
		return
	}
	a.field.Answered = true
	a.field.Value = text
	if preset := newDocument(q.Default); q.Default != "" && preset.section(0, len(preset.lines)).text() == text {
		a.field.Default = true
		a.problems = append(a.problems, s.at(0, CodeDefault))
	}
}

// extra records the first line that is no option.
func (a *answer) extra(s section, i int) {
	for _, p := range a.problems {
		if p.Code == CodeExtra {
			return
		}
	}
	a.problems = append(a.problems, s.at(i, CodeExtra))
}

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

func readCheckboxes(q *Question, s section) answer {
	a := answer{fits: true}
	anyBox := false
	for _, line := range s.lines {
		_, _, boxed := box(line)
		anyBox = anyBox || boxed
	}
	places := make([]int, len(q.Options)) // 1 + the line of each option, 0 for one not found
	for _, o := range q.Options {
		a.field.Options = append(a.field.Options, Choice{Label: o.Label, Required: o.Required})
	}
	for i, line := range s.lines {
		if !isBlank(line) {
			a.readBox(s, i, places, anyBox)
		}
	}
	for i, place := range places {
		a.fits = a.fits && place > 0
		a.field.Answered = a.field.Answered || a.field.Options[i].Checked
		if q.Options[i].Required && !a.field.Options[i].Checked {
			a.problems = append(a.problems, uncheckedAt(s, place-1))
		}
	}
	return a
}

// readBox reads line i as an option. A label without a box counts as ticked, as long as no line of the section has a
// box: the first forms wrote only what was agreed to.
func (a *answer) readBox(s section, i int, places []int, anyBox bool) {
	label, checked, boxed := box(s.lines[i])
	at := -1
	for j, o := range a.field.Options {
		if o.Label == label {
			at = j
		}
	}
	switch {
	case at < 0 || anyBox && !boxed:
		a.fits = false
		a.extra(s, i)
	case places[at] > 0:
		a.fits = false
		a.unclear = a.unclear || a.field.Options[at].Checked != checked
		a.extra(s, i)
	default:
		places[at] = i + 1
		a.field.Options[at].Checked = checked || !boxed
	}
}

// uncheckedAt places the problem at the box. Without one, line 0 stands for the heading, filled in by Parse.
func uncheckedAt(s section, i int) Problem {
	if i < 0 {
		return problem(CodeUnchecked, 0, 1)
	}
	return s.at(i, CodeUnchecked)
}
