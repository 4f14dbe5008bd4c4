package parser

import (
	"bytes"
	"slices"
	"strings"

	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// Limits on nesting, beyond which goldmark's time is out of proportion to the text: container markers (of lists and
// quotes) on one line, and the column up to which a line may begin one.
const (
	maxMarkers      = 8
	maxMarkerColumn = 16
)

// newBlockParser returns goldmark with block parsers only: no inlines, no tables, no link references.
func newBlockParser() parser.Parser {
	return parser.NewParser(parser.WithBlockParsers(parser.DefaultBlockParsers()...))
}

// topHeadings tells for each line whether an ATX heading begins there that is in no list, quote or HTML block. The
// lines of openings are read as headings: so the result says of each whether it is in a container, whatever stands
// between it and its closer. Should goldmark panic, nothing is known to be in a container, and all lines are top.
func topHeadings(p parser.Parser, lines []string, openings []opening) (top []bool) {
	defer func() {
		if r := recover(); r != nil {
			top = slices.Repeat([]bool{true}, len(lines))
		}
	}()
	src, starts := maskedSource(lines, openings)
	top = make([]bool, len(lines))
	line := 0
	doc := p.Parse(text.NewReader(src))
	for n := doc.FirstChild(); n != nil; n = n.NextSibling() {
		if n.Kind() != ast.KindHeading {
			continue
		}
		for line+1 < len(starts) && starts[line+1] <= n.Pos() {
			line++
		}
		top[line] = true
	}
	return top
}

// maskedSource joins the lines for goldmark. Each has the length that it had: deep container markers and openings are
// overwritten. Blank lines in a row become one long one, for each costs a call for each open container.
func maskedSource(lines []string, openings []opening) (src []byte, starts []int) {
	size := 0
	for _, line := range lines {
		size += len(line) + 1
	}
	src = make([]byte, 0, size)
	starts = make([]int, len(lines))
	for i, line := range lines {
		starts[i] = len(src)
		src = append(src, line...)
		masked := src[starts[i]:]
		if len(openings) > 0 && openings[0].line == i {
			maskOpening(masked, openings[0])
			openings = openings[1:]
		}
		maskMarkers(masked)
		end := byte('\n')
		if i+1 < len(lines) && isMarkdownBlank(line) && isMarkdownBlank(lines[i+1]) {
			end = ' '
		}
		src = append(src, end)
	}
	return src, starts
}

// isMarkdownBlank tells whether a line is blank for Markdown, which ignores no more than spaces and tabs.
func isMarkdownBlank(line string) bool { return strings.Trim(line, " \t") == "" }

// maskOpening overwrites a line with a heading, which interrupts what a fence interrupts. An HTML block that ends at
// a blank line is left: goldmark reads it.
func maskOpening(line []byte, o opening) {
	if o.fence == 0 && o.closer == "" {
		return
	}
	text := bytes.TrimLeft(line, " ")
	for i := range text {
		text[i] = 'x'
	}
	copy(text, "# ")
}

// maskMarkers overwrites the container markers of a line that are too many or too far to the right.
func maskMarkers(line []byte) {
	count, column := 0, 0
	for i := 0; i < len(line); {
		switch line[i] {
		case ' ':
			i, column = i+1, column+1
			continue
		case '\t':
			i, column = i+1, column+4-column%4
			continue
		}
		width := markerWidth(line[i:])
		if width == 0 {
			return
		}
		count++
		if count > maxMarkers || column >= maxMarkerColumn {
			line[i+width-1] = 'x'
		}
		i, column = i+width, column+width
	}
}

// markerWidth is the length of the container marker that text begins with; 0 if it begins with none.
func markerWidth(text []byte) int {
	i := 0
	for i < len(text) && i < 9 && '0' <= text[i] && text[i] <= '9' {
		i++
	}
	switch {
	case i == len(text):
		return 0
	case i == 0 && text[0] == '>':
		return 1
	case i == 0 && (text[0] == '-' || text[0] == '+' || text[0] == '*'),
		i > 0 && (text[i] == '.' || text[i] == ')'):
		i++
	default:
		return 0
	}
	if i < len(text) && text[i] != ' ' && text[i] != '\t' {
		return 0
	}
	return i
}
