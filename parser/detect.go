package parser

import "strings"

// Match tells which template a body came from.
type Match struct {
	// Index is the best template, -1 if none has a heading in the body. Of equals it is the first.
	Index int
	// Score is between 0 and 1: how well the headings agree, and how many answers have the right form.
	Score float64
	// RunnerUp is the second best template, -1 if no other has a heading in the body.
	RunnerUp int
	// RunnerUpScore is the score of the second best; equal scores mean that the body can't tell them apart.
	RunnerUpScore float64
}

// Tie tells whether another template fits as well as the best, so that Index means nothing.
func (m Match) Tie() bool { return m.RunnerUp >= 0 && m.Score == m.RunnerUpScore }

// Detect finds the template that fits a body best: an issue form or a Markdown template. It is for tools that know no
// more than the body: a request must be judged by the form that was in force when it was filed, or its author picks
// the form.
//
// Generations of one form share most headings, and so do a form and a body that has lost a section: the runner-up is
// near then, and a small distance is a reason to doubt. A body that a person wrote without any heading of a template
// fits none; one with some of them gets a low score, for each heading that is missing or foreign counts against it.
func Detect(ts []*Template, body string) Match {
	m := Match{Index: -1, RunnerUp: -1}
	d := newDocument(body)
	for i, t := range ts {
		score := agreement(t, d)
		switch {
		case score > m.Score:
			m = Match{Index: i, Score: score, RunnerUp: m.Index, RunnerUpScore: m.Score}
		case score > m.RunnerUpScore:
			m.RunnerUp, m.RunnerUpScore = i, score
		}
	}
	return m
}

// agreement weighs headings nine to one against the form of the answers.
func agreement(t *Template, d *document) float64 {
	if t == nil || len(t.Fields) == 0 {
		return 0
	}
	found, fits := 0, 0
	shape := newShape(t)
	for i, s := range shape.read(d) {
		if !s.ok {
			continue
		}
		found++
		if readAnswer(&t.Fields[i], shape.section(d, s.first, s.end)).fits {
			fits++
		}
	}
	n := float64(len(t.Fields))
	return 0.9*float64(2*found)/(n+float64(max(found, shape.headings(d)))) + 0.1*float64(fits)/n
}

// headings counts the lines that look like headings of the template or of another like it: those of the third level
// for a form, those of the template's levels for a Markdown template.
func (s *shape) headings(d *document) int {
	levels := map[string]bool{"###": true}
	if s.outline != nil {
		levels = map[string]bool{}
		for line := range s.outline.whole {
			if _, ok := atxHeading(line); ok {
				level, _, _ := strings.Cut(line, " ")
				levels[level] = true
			}
		}
	}
	count, above := 0, -1 // above is the question that the line before stands for
	for _, line := range d.lines {
		if isBlank(line) {
			continue
		}
		level, _, ok := strings.Cut(line, " ")
		label, ours := s.label(line)
		switch {
		case ours && s.outline != nil && label == above: // the template may have several lines for a question
		case ours || ok && levels[level]:
			count++
		}
		above = -1
		if ours {
			above = label
		}
	}
	return count
}
