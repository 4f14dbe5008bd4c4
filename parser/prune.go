package parser

import (
	"slices"
	"strings"
)

// prune drops what a Markdown template itself wrote around an answer: comments, thematic breaks and blank lines. A
// comment with a heading of the template in it stays: it may have begun in one answer and ended in another. The
// section must own its lines.
func (s section) prune() section {
	for len(s.lines) > 0 {
		switch line := s.lines[0]; {
		case isBlank(line) || isBreak(line):
			s = s.from(1)
		case strings.HasPrefix(strings.TrimLeft(line, " "), "<!--"):
			row, at := s.commentEnd()
			if row < 0 || s.heading(1, row) {
				return s.pruneEnd()
			}
			s = s.from(row).cut(at)
		default:
			return s.pruneEnd()
		}
	}
	return s
}

// pruneEnd does so at the end, in a section whose first line stays, unless nothing that can be seen stands there before
// a comment.
func (s section) pruneEnd() section {
	for len(s.lines) > 0 {
		last := len(s.lines) - 1
		switch line := s.lines[last]; {
		case strings.HasSuffix(strings.TrimRight(line, " \t"), "-->"):
			row, at := s.commentStart()
			if row < 0 || s.heading(row+1, last) {
				return s
			}
			s.lines = s.lines[:row+1]
			s.lines[row] = strings.TrimRight(s.lines[row][:at], " \t")
		case isBlank(line) || isBreak(line):
			s.lines = s.lines[:last]
		default:
			return s
		}
	}
	return s
}

// heading tells whether a line from first to last is a heading of the template. Where a comment begins there is none.
func (s section) heading(first, last int) bool {
	return slices.ContainsFunc(s.lines[first:last+1], func(line string) bool {
		_, _, ok := s.outline.question(line)
		return ok
	})
}

// from drops the lines before line n.
func (s section) from(n int) section {
	if n > 0 {
		s.offset = 0
	}
	s.lines, s.first = s.lines[n:], s.first+n
	return s
}

// cut drops the first n bytes of the first line, and white space behind them.
func (s section) cut(n int) section {
	line := s.lines[0]
	n = skipSpace(line, n)
	s.offset += column(line, n) - 1
	s.lines[0] = line[n:]
	return s
}

// commentEnd returns the line and the index behind the comment with which the section begins; -1 if it never ends.
func (s section) commentEnd() (row, at int) {
	from := strings.Index(s.lines[0], "<!--") + len("<!")
	for i, line := range s.lines {
		if end := strings.Index(line[from:], "-->"); end >= 0 {
			return i, from + end + len("-->")
		}
		from = 0
	}
	return -1, 0
}

// commentStart returns where the comment begins with which the section ends; -1 if that is no comment on lines of its
// own and none on the last line.
func (s section) commentStart() (row, at int) {
	row = len(s.lines) - 1
	line := strings.TrimRight(s.lines[row], " \t")
	if at = strings.LastIndex(line, "<!--"); at >= 0 {
		if strings.Index(line[at+2:], "-->") == len(line)-at-5 {
			return row, at
		}
		return -1, 0
	}
	if strings.Index(line, "-->") != len(line)-3 {
		return -1, 0
	}
	for row--; row >= 0 && !strings.Contains(s.lines[row], "-->"); row-- {
		if text := strings.TrimLeft(s.lines[row], " "); strings.HasPrefix(text, "<!--") {
			return row, len(s.lines[row]) - len(text)
		}
	}
	return -1, 0
}

// isBreak tells whether a line is a thematic break (CommonMark 0.31.2, 4.1), or the underline that a text directly
// above it makes of one.
func isBreak(line string) bool {
	text, ok := unindent(line)
	if !ok || text == "" || !strings.ContainsRune("-*_", rune(text[0])) {
		return false
	}
	count := strings.Count(text, text[:1])
	return count >= 3 && strings.Trim(text, text[:1]+" \t") == "" && count+strings.Count(text, " ")+strings.Count(text, "\t") == len(text)
}
