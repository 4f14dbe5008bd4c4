package parser

// maxCandidates caps the headings that take part in a reading. A body with more is ambiguous: nobody types so many
// headings of a form, and 3,000 fit into a body.
const maxCandidates = 256

// candidate is a heading that may begin the section of a question.
type candidate struct {
	line, next int // its line, and that of the next heading of the form or the end
	question   int
	fits       bool // the text up to next is what GitHub writes for the question
}

// span is the section chosen for a question: its heading's line and the line behind its last. ok is false where the
// question has none; unclear where another reading is as good.
type span struct {
	first, end  int
	ok, unclear bool
}

// reader finds the in-order assignment of candidates to questions that matches the most questions, and among those
// the one whose texts fit best. A text before the first section fits nothing.
type reader struct {
	shape *shape
	doc   *document
	lead  int // the first line that has text
	all   []candidate
	// before[i] and after[i] are the best scores of a reading that contains candidate i, up to it and from it on.
	before, after []int
	best          int
}

// read returns the section of each question.
func (r *reader) read() []span {
	switch {
	case r.plain():
		return r.inOrder()
	case len(r.all) > maxCandidates:
		return r.hopeless()
	}
	r.judge()
	r.score()
	return r.choose()
}

// reach returns the score of the best reading; 0 where there are too many candidates to tell.
func (r *reader) reach() int {
	if len(r.all) > maxCandidates {
		return 0
	}
	r.judge()
	r.score()
	return r.best
}

// plain tells whether each candidate is for a later question than the one before: then taking all of them matches
// more questions than any other reading.
func (r *reader) plain() bool {
	for i := 1; i < len(r.all); i++ {
		if r.all[i].question <= r.all[i-1].question || r.all[i].line == r.all[i-1].line {
			return false
		}
	}
	return true
}

func (r *reader) inOrder() []span {
	spans := make([]span, len(r.shape.questions))
	for _, c := range r.all {
		spans[c.question] = span{first: c.line, end: c.next, ok: true}
	}
	return spans
}

func (r *reader) hopeless() []span {
	spans := make([]span, len(r.shape.questions))
	for _, c := range r.all {
		if !spans[c.question].ok {
			spans[c.question] = span{first: c.line, end: c.next, ok: true, unclear: true}
		}
	}
	return spans
}

// judge looks at the text between neighbouring candidates.
func (r *reader) judge() {
	for i := range r.all {
		c := &r.all[i]
		q := &r.shape.questions[c.question]
		c.fits = readAnswer(q, r.shape.section(r.doc, c.line, c.next)).fits
	}
}

// fit is 1 if the lines up to end are what GitHub writes for the candidate's question, else 0. A heading of the form
// in between is only possible in a free text, and as the one line of an input.
func (r *reader) fit(c candidate, end int) int {
	fits := c.fits
	if end != c.next {
		q := &r.shape.questions[c.question]
		if q.Type == Input && r.shape.outline == nil {
			fits = r.doc.filled[end]-r.doc.filled[c.line+1] == 1
		} else {
			fits = q.Type == Textarea && q.Render == ""
		}
	}
	if fits {
		return 1
	}
	return 0
}

// worth is what one more question is worth: more than all fitting texts together.
func (r *reader) worth() int { return len(r.shape.questions) + 2 }

// leads is 1 if there is no text before the line.
func (r *reader) leads(line int) int {
	if line <= r.lead {
		return 1
	}
	return 0
}

func (c candidate) precedes(d candidate) bool { return c.line < d.line && c.question < d.question }

func (r *reader) score() {
	end := len(r.doc.lines)
	r.before, r.after = make([]int, len(r.all)), make([]int, len(r.all))
	for i, c := range r.all {
		best := r.leads(c.line)
		for j, p := range r.all[:i] {
			if p.precedes(c) {
				best = max(best, r.before[j]+r.fit(p, c.line))
			}
		}
		r.before[i] = best + r.worth()
		r.best = max(r.best, r.before[i]+r.fit(c, end))
	}
	for i := len(r.all) - 1; i >= 0; i-- {
		c := r.all[i]
		r.after[i] = r.fit(c, end)
		for j := i + 1; j < len(r.all); j++ {
			if n := r.all[j]; c.precedes(n) {
				r.after[i] = max(r.after[i], r.fit(c, n.line)+r.worth()+r.after[j])
			}
		}
	}
}

// choose follows the best readings. Where there is more than one, the questions on which they differ are unclear:
// another section, or none at all.
func (r *reader) choose() []span {
	spans := make([]span, len(r.shape.questions))
	skipped := make([]bool, len(spans))
	for i, c := range r.all {
		if r.before[i]+r.after[i] != r.best {
			continue
		}
		if r.before[i] == r.leads(c.line)+r.worth() {
			skip(skipped, -1, c.question)
		}
		for _, to := range r.successors(i) {
			spans[c.question].add(c.line, to.line)
			skip(skipped, c.question, to.question)
		}
	}
	for q := range spans {
		spans[q].unclear = spans[q].ok && (spans[q].unclear || skipped[q])
	}
	return spans
}

// successors returns what follows candidate i in the best readings; the end counts as a candidate of its own.
func (r *reader) successors(i int) []candidate {
	var list []candidate
	c := r.all[i]
	for j := i + 1; j < len(r.all); j++ {
		if n := r.all[j]; c.precedes(n) && r.after[i] == r.fit(c, n.line)+r.worth()+r.after[j] {
			list = append(list, n)
		}
	}
	if end := len(r.doc.lines); r.after[i] == r.fit(c, end) {
		list = append(list, candidate{line: end, question: len(r.shape.questions)})
	}
	return list
}

func (s *span) add(first, end int) {
	switch {
	case !s.ok:
		*s = span{first: first, end: end, ok: true}
	case s.first != first || s.end != end:
		s.unclear = true
	}
}

func skip(skipped []bool, from, to int) {
	for q := from + 1; q < to; q++ {
		skipped[q] = true
	}
}
