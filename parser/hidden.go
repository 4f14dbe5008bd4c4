package parser

import (
	"slices"
	"sort"
)

// mark is a line that is a heading; label says which one, as an index into a list of labels.
type mark struct{ line, label int }

// marks are the headings found in a document, split by what a reader of the rendered text sees.
type marks struct {
	seen, hidden []mark
	// doubtful is set where a fence or an HTML block was opened and hides nothing: it never closes, or it would
	// have swallowed the only heading of a question.
	doubtful bool
}

// hider decides which headings are hidden in fences and HTML blocks.
//
// What opens in one answer can't close in another. So a block that never closes hides nothing, and so does one that
// contains the heading of a question that is then found too seldom: need[label] is how often it is wanted.
type hider struct {
	doc    *document
	found  []mark
	need   []int
	mask   bool    // the headings found are lines of any kind, which may be indented: goldmark must see headings there
	lines  [][]int // by label: the lines of its headings
	hidden []int   // by label: how many are hidden so far
}

// sort splits the headings found. Openers and closers are paired in one pass, and the document is parsed once at most.
func (h *hider) sort() marks {
	openings := h.openings()
	if len(openings) == 0 && !h.indented() {
		return marks{seen: h.found}
	}
	h.lines = make([][]int, len(h.need))
	h.hidden = make([]int, len(h.need))
	for _, m := range h.found {
		h.lines[m.label] = append(h.lines[m.label], m.line)
	}
	pair(h.doc.lines, openings)
	top := topHeadings(newBlockParser(), h.doc.lines, h.masked(openings))
	regions, doubtful := h.regions(openings, top)
	out := h.split(regions, top)
	out.doubtful = doubtful
	return out
}

// indented tells whether a heading is indented, so that it may be part of a list.
func (h *hider) indented() bool {
	return h.mask && slices.ContainsFunc(h.found, func(m mark) bool { return h.doc.lines[m.line][0] == ' ' })
}

// masked returns the openings, and the headings that Markdown may not take for such, in the order of the document.
func (h *hider) masked(openings []opening) []opening {
	if !h.mask {
		return openings
	}
	all := slices.Clone(openings)
	for _, m := range h.found {
		all = append(all, opening{line: m.line, fence: '#'})
	}
	slices.SortFunc(all, func(a, b opening) int { return a.line - b.line })
	return all
}

// openings lists the lines that may open a block; nil if none stands before a heading.
func (h *hider) openings() []opening {
	if len(h.found) == 0 {
		return nil
	}
	var list []opening
	last := h.found[len(h.found)-1].line
	for i, line := range h.doc.lines {
		if i > last && len(list) == 0 {
			return nil
		}
		if o, ok := open(line); ok {
			o.line, o.last = i, -1
			list = append(list, o)
		}
	}
	return list
}

// regions returns the closed blocks that hide headings, in order. top tells which lines are no part of a container.
func (h *hider) regions(openings []opening, top []bool) (regions []opening, doubtful bool) {
	until := -1
	for _, o := range openings {
		if o.line <= until || !top[o.line] || o.fence == 0 && o.closer == "" {
			continue
		}
		if o.last < 0 || h.starves(o) {
			doubtful = true
			continue
		}
		until = o.last
		for label := range h.lines {
			h.hidden[label] += h.inside(label, o)
		}
		regions = append(regions, o)
	}
	return regions, doubtful
}

// starves tells whether a question would miss its heading if the block hid what is in it.
func (h *hider) starves(o opening) bool {
	for label, need := range h.need {
		if in := h.inside(label, o); in > 0 && len(h.lines[label])-h.hidden[label]-in < need {
			return true
		}
	}
	return false
}

func (h *hider) inside(label int, o opening) int {
	lines := h.lines[label]
	return sort.SearchInts(lines, o.last+1) - sort.SearchInts(lines, o.line+1)
}

// split sorts out the headings in regions, and those in an HTML block that ends at a blank line, which only the
// block parser sees.
func (h *hider) split(regions []opening, top []bool) marks {
	var out marks
	for _, m := range h.found {
		i := sort.Search(len(regions), func(i int) bool { return regions[i].last >= m.line })
		inRegion := i < len(regions) && regions[i].line < m.line
		left := len(h.lines[m.label]) - h.hidden[m.label]
		switch {
		case inRegion:
			out.hidden = append(out.hidden, m)
		case !top[m.line] && left > h.need[m.label]:
			h.hidden[m.label]++
			out.hidden = append(out.hidden, m)
		default:
			out.seen = append(out.seen, m)
		}
	}
	return out
}

// fenceStack holds the closing fences behind a line, nearest last; each is longer than those nearer.
type fenceStack []opening

func (s *fenceStack) push(o opening) {
	for len(*s) > 0 && (*s)[len(*s)-1].length <= o.length {
		*s = (*s)[:len(*s)-1]
	}
	*s = append(*s, o)
}

// nearest returns the line of the first fence that is long enough, -1 if there is none.
func (s fenceStack) nearest(length int) int {
	i := sort.Search(len(s), func(i int) bool { return s[len(s)-1-i].length >= length })
	if i == len(s) {
		return -1
	}
	return s[len(s)-1-i].line
}

// pair sets the closing line of each opening, in one pass from the end.
func pair(lines []string, openings []opening) {
	fences := map[byte]*fenceStack{'`': {}, '~': {}}
	next := map[string]int{}
	for _, o := range openings {
		if o.closer != "" {
			next[o.closer] = -1
		}
	}
	closers := make([]string, 0, len(next))
	for closer := range next {
		closers = append(closers, closer)
	}
	slices.Sort(closers)
	at := len(openings) - 1
	for i, line := range slices.Backward(lines) {
		for _, closer := range closers {
			if closes(line, closer) {
				next[closer] = i
			}
		}
		if at >= 0 && openings[at].line == i {
			openings[at].last = lastLine(openings[at], fences, next)
			at--
		}
		if char, length, rest := fenceRun(line); length > 0 && isBlank(rest) {
			fences[char].push(opening{line: i, length: length})
		}
	}
}

func lastLine(o opening, fences map[byte]*fenceStack, next map[string]int) int {
	switch {
	case o.fence != 0:
		return fences[o.fence].nearest(o.length)
	case o.closer != "":
		return next[o.closer]
	}
	return -1
}
