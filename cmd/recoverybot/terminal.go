package main

import (
	"io"
	"os"
	"regexp"
	"strings"
	"unicode"

	"golang.org/x/term"
)

func isTerminal(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }

// toPeople returns where to print: f as it is, or without what commands a
// terminal if it is one.
func toPeople(f *os.File) io.Writer {
	if isTerminal(f) {
		return harmless{f}
	}
	return f
}

// harmless shows characters that command a terminal, or that hide or turn text
// around, as "?": file names, policies, recorded webhooks and GitHub's answers
// are printed, and are other people's words. Only our own colours pass.
type harmless struct{ to io.Writer }

// ours are the colours of the demo, or any other character.
var ours = regexp.MustCompile(`\x1b\[(?:0|1|2|32|33|36)m|(?s:.)`)

// Write never splits what one call of it was given.
func (h harmless) Write(p []byte) (int, error) {
	var b strings.Builder
	for _, part := range ours.FindAllString(string(p), -1) {
		if r := []rune(part); len(r) == 1 && commands(r[0]) {
			part = "?"
		}
		b.WriteString(part)
	}
	if _, err := io.WriteString(h.to, b.String()); err != nil {
		return 0, err //nolint:wrapcheck // a writer's
	}
	return len(p), nil
}

// commands reports whether r does more than stand in a text. The joiners are
// letters' parts in some scripts.
func commands(r rune) bool {
	switch r {
	case '\n', '\t', '\u200c', '\u200d':
		return false
	}
	return r == unicode.ReplacementChar || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}
