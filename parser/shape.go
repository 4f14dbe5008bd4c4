package parser

import "slices"

// shape is a template prepared for reading: its distinct headings, and which questions stand under each.
type shape struct {
	questions []Question
	labels    []string // distinct texts of headings, of a form
	outline   *outline // of a Markdown template, else nil
	asks      [][]int  // by label: the questions, in form order
	need      []int    // by label: how many questions have it
}

func newShape(t *Template) *shape {
	s := &shape{questions: t.Fields, labels: make([]string, 0, len(t.Fields))}
	if t.isMarkdown() {
		s.outline = newOutline(t.Fields)
		for i := range t.Fields {
			s.asks = append(s.asks, []int{i})
			s.need = append(s.need, 1)
		}
		return s
	}
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

// label returns the heading that a line is, as an index into asks.
func (s *shape) label(line string) (label int, ok bool) {
	if s.outline != nil {
		label, _, ok = s.outline.question(line)
		return label, ok
	}
	text, ok := labelHeading(line)
	if !ok {
		return 0, false
	}
	label = slices.Index(s.labels, text)
	return label, label >= 0
}

// marks finds the headings of the template in a document.
func (s *shape) marks(d *document) marks {
	var found []mark
	for i, line := range d.lines {
		if label, ok := s.label(line); ok {
			found = append(found, mark{i, label})
		}
	}
	h := hider{doc: d, found: found, need: s.need, mask: s.outline != nil}
	return h.sort()
}

// lead returns the first line that has text, or the number of lines. What a Markdown template wrote is no text.
func (s *shape) lead(d *document) int {
	if s.outline != nil {
		return section{lines: slices.Clone(d.lines), outline: s.outline}.prune().first
	}
	return d.section(0, len(d.lines)).first
}

// section returns the text of a question under the heading at a line, up to before end.
func (s *shape) section(d *document, heading, end int) section {
	if s.outline == nil {
		return d.section(heading+1, end)
	}
	text := section{lines: slices.Clone(d.lines[heading:end]), first: heading, outline: s.outline}
	owner, at, _ := s.outline.question(text.lines[0])
	for range s.outline.lines(owner) {
		if at > 0 {
			return text.cut(at).prune()
		}
		text = text.from(1).prune()
		if len(text.lines) == 0 {
			break
		}
		var next int
		var ok bool
		if next, at, ok = s.outline.question(text.lines[0]); !ok || next != owner {
			break
		}
	}
	return text
}

// read returns the section of each question.
//
// Headings that a closed block hides take part only where that is safer: if a block hides nothing, for then which of
// the headings are text can't be known, and an equally good reading must show; or if the reading gets better, for
// then the block is none that an author meant, such as a fence from one answer to the next.
func (s *shape) read(d *document) []span {
	m := s.marks(d)
	seen := &reader{shape: s, doc: d, lead: s.lead(d), all: s.candidates(d, m.seen)}
	if len(m.hidden) == 0 {
		return seen.read()
	}
	both := slices.Concat(m.seen, m.hidden)
	slices.SortFunc(both, func(a, b mark) int { return a.line - b.line })
	all := &reader{shape: s, doc: d, lead: seen.lead, all: s.candidates(d, both)}
	if m.doubtful || all.reach() > seen.reach() {
		return all.read()
	}
	return seen.read()
}

// withoutSecond drops the lines that a Markdown template wrote directly below another line for the same question: no
// section begins there.
func (s *shape) withoutSecond(d *document, headings []mark) []mark {
	if s.outline == nil {
		return headings
	}
	var kept []mark
	for i, m := range headings {
		if i > 0 && headings[i-1].label == m.label && s.outline.lines(m.label) > 1 && len(s.section(d, headings[i-1].line, m.line).lines) == 0 {
			continue
		}
		kept = append(kept, m)
	}
	return kept
}

// candidates returns the headings as places where a question's section may begin, in the order of the document.
func (s *shape) candidates(d *document, headings []mark) []candidate {
	headings = s.withoutSecond(d, headings)
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
