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

// Detect finds the template that fits a body best. It is for tools that know no more than the body: a request must
// be judged by the form that was in force when it was filed, or its author picks the form.
func Detect(ts []*Template, body string) Match {
	m := Match{Index: -1, RunnerUp: -1}
	d := newDocument(body)
	headings := 0
	for _, line := range d.lines {
		if strings.HasPrefix(line, "### ") {
			headings++
		}
	}
	for i, t := range ts {
		score := agreement(t, d, headings)
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
func agreement(t *Template, d *document, headings int) float64 {
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
	return 0.9*float64(2*found)/(n+float64(headings)) + 0.1*float64(fits)/n
}
