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
	default:
		return readTextarea(q, s)
	}
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
