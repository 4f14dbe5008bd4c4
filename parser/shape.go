package parser

import "slices"

// shape is a template prepared for reading: its distinct headings, and which questions stand under each.
type shape struct {
	questions []Question
	labels    []string // distinct texts of headings
	asks      [][]int  // by label: the questions, in form order
	need      []int    // by label: how many questions have it
}

func newShape(t *Template) *shape {
	s := &shape{questions: t.Fields, labels: make([]string, 0, len(t.Fields))}
	for i, q := range t.Fields {
		label := headingLabel(q.Label)
		at := slices.Index(s.labels, label)
		if at < 0 {
			at = len(s.labels)
			s.labels = append(s.labels, label)
			s.asks = append(s.asks, nil)
			s.need = append(s.need, 0)
		}
		s.asks[at] = append(s.asks[at], i)
		s.need[at]++
	}
	return s
}

// marks finds the headings of the template in a document.
func (s *shape) marks(d *document) marks {
	var found []mark
	for i, line := range d.lines {
		text, ok := labelHeading(line)
		if !ok {
			continue
		}
		if label := slices.Index(s.labels, text); label >= 0 {
			found = append(found, mark{i, label})
		}
	}
	h := hider{doc: d, found: found, need: s.need}
	return h.sort()
}

// read returns the section of each question.
//
// Headings that a closed block hides take part only where that is safer: if a block hides nothing, for then which of
// the headings are text can't be known, and an equally good reading must show; or if the reading gets better, for
// then the block is none that an author meant, such as a fence from one answer to the next.
func (s *shape) read(d *document) []span {
	m := s.marks(d)
	seen := &reader{shape: s, doc: d, all: s.candidates(d, m.seen)}
	if len(m.hidden) == 0 {
		return seen.read()
	}
	both := slices.Concat(m.seen, m.hidden)
	slices.SortFunc(both, func(a, b mark) int { return a.line - b.line })
	all := &reader{shape: s, doc: d, all: s.candidates(d, both)}
	if m.doubtful || all.reach() > seen.reach() {
		return all.read()
	}
	return seen.read()
}

// candidates returns the headings as places where a question's section may begin, in the order of the document.
func (s *shape) candidates(d *document, headings []mark) []candidate {
	list := make([]candidate, 0, len(headings))
	for i, m := range headings {
		next := len(d.lines)
		if i+1 < len(headings) {
			next = headings[i+1].line
		}
		for _, q := range s.asks[m.label] {
			list = append(list, candidate{line: m.line, next: next, question: q})
		}
	}
	return list
}
