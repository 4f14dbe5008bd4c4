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

// candidates returns the headings as places where a question's section may begin, in the order of the document.
// Where an opened block hides nothing, those hidden by other blocks take part too: which of them is text and which
// is a heading can't be known, and an equally good reading must show as ambiguous.
func (s *shape) candidates(d *document) []candidate {
	m := s.marks(d)
	all := m.seen
	if m.doubtful && len(m.hidden) > 0 {
		all = slices.Concat(m.seen, m.hidden)
		slices.SortFunc(all, func(a, b mark) int { return a.line - b.line })
	}
	var list []candidate
	for i, m := range all {
		next := len(d.lines)
		if i+1 < len(all) {
			next = all[i+1].line
		}
		for _, q := range s.asks[m.label] {
			list = append(list, candidate{line: m.line, next: next, question: q})
		}
	}
	return list
}
