package policy

import (
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"
)

// Of a line longer than snippetWhole the part around the place is shown.
// Lengths are in characters.
const (
	snippetWhole  = 100
	snippetBefore = 60
	snippetAfter  = 30
)

// snippet returns the line of the file, and under it a mark under the place,
// each after a line break; "" if there is nothing to show. A tab stays a tab
// in both lines, so that they fit however wide it is.
func (e Error) snippet() string {
	line := []rune(e.Source)
	if strings.TrimSpace(e.Source) == "" {
		return ""
	}
	at := min(max(e.Column-1, 0), len(line))
	from, to := 0, len(line)
	cutBefore, cutAfter := "", ""
	if len(line) > snippetWhole && at > snippetBefore {
		from, cutBefore = at-snippetBefore, "…"
	}
	if len(line) > snippetWhole && to-at > snippetAfter {
		to, cutAfter = at+snippetAfter, "…"
	}
	var shown, mark strings.Builder
	for i, r := range line[from:to] {
		shown.WriteRune(printed(r))
		if from+i < at {
			mark.WriteString(blank(r))
		}
	}
	number := fmt.Sprintf("%5d", e.Line)
	return fmt.Sprintf("\n%s | %s%s%s\n%*s | %s%s^", number, cutBefore, shown.String(), cutAfter,
		len(number), "", strings.Repeat(" ", len([]rune(cutBefore))), mark.String())
}

// printed keeps what a terminal would take for a command out of it.
func printed(r rune) rune {
	if r != '\t' && !unicode.IsGraphic(r) {
		return '?'
	}
	return r
}

// blank is as wide as a character.
func blank(r rune) string {
	switch kind := width.LookupRune(r).Kind(); {
	case r == '\t':
		return "\t"
	case unicode.In(r, unicode.Mn, unicode.Me):
		return ""
	case kind == width.EastAsianWide || kind == width.EastAsianFullwidth:
		return "  "
	}
	return " "
}
