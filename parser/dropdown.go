package parser

import (
	"slices"
	"strings"
)

// Limits on the work for a dropdown with a hostile text.
const (
	maxChoiceLines = 64
	maxReadings    = 16
)

func readDropdown(q *Question, s section) answer {
	switch text := strings.TrimSpace(s.text()); {
	case len(s.lines) == 0:
		return answer{}
	case text == noResponse, text == noChoice && !hasOption(q, noChoice):
		return answer{fits: true}
	}
	a := answer{}
	a.field.Answered = true
	a.field.Value = s.text()
	chosen := -1
	for i, line := range s.lines {
		if isBlank(line) || i >= maxChoiceLines {
			continue
		}
		choice, ways := choose(q, strings.TrimSpace(line))
		if ways == 0 {
			continue
		}
		a.unclear = a.unclear || ways > 1 || chosen >= 0
		chosen = i
		a.field.Selected = choice
	}
	if chosen < 0 {
		a.problems = []Problem{s.at(0, CodeUnknownOption)}
		return a
	}
	a.fits = len(s.lines) == 1 && !a.unclear
	for i, line := range s.lines {
		if i != chosen && !isBlank(line) {
			a.extra(s, i)
		}
	}
	return a
}

func hasOption(q *Question, label string) bool {
	return slices.ContainsFunc(q.Options, func(o Option) bool { return o.Label == label })
}

// choose returns the options that a line names, in form order, and in how many ways it can be read, 2 for more. GitHub
// joins options by ", " in form order and escapes nothing; another order is only taken where that can't be.
func choose(q *Question, line string) (labels []string, ways int) {
	if !q.Multiple {
		if hasOption(q, line) {
			return []string{line}, 1
		}
		return nil, 0
	}
	c := chooser{options: q.Options, text: line, dead: map[int]bool{}}
	if len(line) > c.longest() {
		return nil, 0
	}
	c.walk(0)
	found := c.ordered
	if len(found) == 0 {
		found = c.unordered
	}
	if len(found) == 0 {
		return nil, 0
	}
	slices.Sort(found[0])
	for _, i := range found[0] {
		labels = append(labels, q.Options[i].Label)
	}
	return labels, min(2, len(found))
}

// chooser lists the ways to cut a text into options.
type chooser struct {
	options            []Option
	text               string
	dead               map[int]bool // places from which no cut reaches the end
	path               []int
	cuts               int
	ordered, unordered [][]int
}

// longest is the length of all options joined.
func (c *chooser) longest() int {
	n := 0
	for _, o := range c.options {
		n += len(o.Label) + len(", ")
	}
	return n
}

// walk cuts the text from pos on and tells whether the end can be reached.
func (c *chooser) walk(pos int) bool {
	reached := false
	for i, o := range c.options {
		end := pos + len(o.Label)
		if c.cuts >= maxReadings || !strings.HasPrefix(c.text[pos:], o.Label) {
			continue
		}
		c.path = append(c.path, i)
		switch {
		case end == len(c.text):
			c.keep()
			reached = true
		case strings.HasPrefix(c.text[end:], ", ") && !c.dead[end+2]:
			reached = c.walk(end+2) || reached
		}
		c.path = c.path[:len(c.path)-1]
	}
	c.dead[pos] = !reached
	return reached
}

// keep notes the present cut, unless it has an option twice.
func (c *chooser) keep() {
	c.cuts++
	cut := slices.Clone(c.path)
	if slices.IsSorted(cut) && len(slices.Compact(slices.Clone(cut))) == len(cut) {
		c.ordered = append(c.ordered, cut)
		return
	}
	sorted := slices.Sorted(slices.Values(cut))
	if len(slices.Compact(sorted)) == len(cut) {
		c.unordered = append(c.unordered, cut)
	}
}
