package parser_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/parser"
)

// textAt returns what stands at a line and column of a body, up to the end of the line. It counts by itself: one
// character after the other, with LF, CRLF and CR as line ends.
func textAt(body string, line, column int) (text string, ok bool) {
	chars := []rune(body)
	l, c, from := 1, 1, -1
	for i := 0; i <= len(chars); i++ {
		if l == line && c == column {
			from = i
		}
		end := i == len(chars) || chars[i] == '\n' || chars[i] == '\r'
		if end && from >= 0 {
			return string(chars[from:i]), true
		}
		c++
		if end && i < len(chars) {
			if chars[i] == '\r' && i+1 < len(chars) && chars[i+1] == '\n' {
				i++
			}
			l, c = l+1, 1
		}
	}
	return "", false
}

func TestTextAt(t *testing.T) {
	body := "é1\r\n\r\né2\rb\n\nc"
	for _, test := range []struct {
		line, column int
		want         string
		ok           bool
	}{{1, 1, "é1", true}, {1, 3, "", true}, {2, 1, "", true}, {3, 2, "2", true}, {4, 1, "b", true}, {6, 1, "c", true}, {6, 2, "", true}, {6, 3, "", false}, {7, 1, "", false}} {
		if got, ok := textAt(body, test.line, test.column); got != test.want || ok != test.ok {
			t.Errorf("at %d:%d: got %q, %t, want %q, %t", test.line, test.column, got, ok, test.want, test.ok)
		}
	}
}

// drawEnds joins lines by LF, CRLF and CR, drawn for each.
func drawEnds(t *rapid.T, lines []string) string {
	var b strings.Builder
	for i, line := range lines {
		b.WriteString(line)
		if i == len(lines)-1 {
			break
		}
		ends := []string{"\n", "\r\n", "\r"}
		if line == "" && strings.HasSuffix(b.String(), "\r") {
			ends = ends[1:] // CR, nothing and LF would be one line end
		}
		b.WriteString(rapid.SampledFrom(ends).Draw(t, "end"))
	}
	return b.String()
}

// TestPositions: with line ends of any kind a body is read as with LF alone, and every position in it is that of the
// same text. Headings stand where they are said to be, and boxes that are not ticked as well.
func TestPositions(t *testing.T) {
	forms := map[string]*parser.Template{"example": exampleForm(t), "markdown": markdownTemplate(t, oldSections)}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"drawn", "example", "markdown"}).Draw(t, "template")
		template := forms[name]
		if template == nil {
			template = drawTemplate(t)
		}
		lines := strings.Split(template.Render(drawAnswers(t, template)), "\n")
		for range rapid.IntRange(0, 4).Draw(t, "edits") {
			at := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
			lines[at] = rapid.SampledFrom(append(plainLines(), "  é", "\u3000x", lines[at]+" é", "Reason: <!-- é --> x", "## PyPI Username")).Draw(t, "text")
		}
		plain, mixed := strings.Join(lines, "\n"), drawEnds(t, lines)
		want, got := parser.Parse(template, plain), parser.Parse(template, mixed)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("(-LF +mixed):\n%s\n%q", diff, mixed)
		}
		for i, f := range got.Fields {
			if f.Found {
				samePlace(t, [2]string{plain, mixed}, [2]int{f.Line, 1}, template.Fields[i].Headings, "### "+f.Label)
			}
		}
		for _, p := range got.Problems {
			begins := ""
			if p.Code == parser.CodeUnchecked && p.Column > 1 {
				begins = "- "
			}
			samePlace(t, [2]string{plain, mixed}, [2]int{p.Line, p.Column}, nil, begins)
		}
	})
}

// samePlace compares what stands at a place of both bodies. It must begin as said, unless the heading is another one.
func samePlace(t *rapid.T, bodies [2]string, place [2]int, other []string, begins string) {
	a, okA := textAt(bodies[0], place[0], place[1])
	b, okB := textAt(bodies[1], place[0], place[1])
	if !okA || !okB || a != b {
		t.Fatalf("%d:%d is %q (%t) with LF and %q (%t) in %q", place[0], place[1], a, okA, b, okB, bodies[1])
	}
	if len(other) == 0 && !strings.HasPrefix(a, begins) {
		t.Fatalf("%d:%d is %q, want %q", place[0], place[1], a, begins)
	}
	for _, heading := range other {
		if word := strings.Trim(heading, "# :"); strings.Contains(strings.Join(strings.Fields(a), " "), word) {
			return
		}
	}
	if len(other) > 0 {
		t.Fatalf("%d:%d is %q, want one of %q", place[0], place[1], a, other)
	}
}
