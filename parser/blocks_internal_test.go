package parser

import (
	"fmt"
	"maps"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	"github.com/yuin/goldmark/text"
)

// counting is a block parser that counts its calls.
type counting struct {
	parser.BlockParser
	calls *int
}

func (c counting) Open(parent ast.Node, reader text.Reader, pc parser.Context) (ast.Node, parser.State) {
	*c.calls++
	return c.BlockParser.Open(parent, reader, pc)
}

func (c counting) Continue(node ast.Node, reader text.Reader, pc parser.Context) parser.State {
	*c.calls++
	return c.BlockParser.Continue(node, reader, pc)
}

// blockCalls counts the calls to block parsers for a body, and for the same body of a Markdown template.
func blockCalls(body string) (form, markdown int) {
	calls := 0
	list := parser.DefaultBlockParsers()
	for i := range list {
		list[i].Value = counting{list[i].Value.(parser.BlockParser), &calls}
	}
	d := newDocument(body)
	h := hider{doc: d, need: []int{0}, found: []mark{{line: len(d.lines) - 1}}}
	p := parser.NewParser(parser.WithBlockParsers(list...))
	topHeadings(p, d.lines, h.masked(h.openings()))
	form, calls = calls, 0
	h = hider{doc: d, need: []int{0, 0}, mask: true}
	o := newOutline(hostileMarkdown().Fields)
	for i, line := range d.lines {
		if label, _, ok := o.question(line); ok {
			h.found = append(h.found, mark{i, label})
		}
	}
	topHeadings(p, d.lines, h.masked(h.openings()))
	return form, calls
}

// repeat returns line over and over, size bytes in all.
func repeat(line string) func(size int) string {
	return func(size int) string { return strings.Repeat(line, size/len(line)+1)[:size] }
}

// hostile are texts on which Markdown parsers, or readers of forms, take time out of proportion.
func hostile() map[string]func(size int) string {
	return map[string]func(int) string{
		"table headers":            func(n int) string { return "|a|b|\n|-|-|\n" + repeat("|a|b|\n")(n-12) },
		"table rows without end":   repeat("|a\n|-\n"),
		"lists on one line":        repeat("- "),
		"lists on many lines":      repeat(strings.Repeat("- ", 20) + "a\n"),
		"numbered lists":           repeat("1. "),
		"quotes on one line":       repeat("> "),
		"quotes without space":     repeat(">"),
		"quotes on many lines":     repeat(strings.Repeat("> ", 20) + "a\n"),
		"quotes and lists":         repeat("> - 1. "),
		"lazy quotes":              func(n int) string { return strings.Repeat("> ", 8) + repeat("a\n")(n-16) },
		"lists by indent":          func(n int) string { return stairs(n, " ") },
		"lists by tabs":            func(n int) string { return stairs(n, "\t") },
		"deep list, blank lines":   func(n int) string { return (stairs(n/2, "  ") + strings.Repeat("\n", n))[:n] },
		"eight lists, blank lines": func(n int) string { return strings.Repeat("- ", 8) + "a" + strings.Repeat("\n", n-17) },
		"eight lists, lines inside": func(n int) string {
			return strings.Repeat("- ", 8) + "a\n" + repeat(strings.Repeat(" ", 16)+"a\n\n")(n-18)
		},
		"emphasis":                 repeat("*_a"),
		"links":                    repeat("[a]("),
		"open brackets":            repeat("["),
		"link references":          repeat("[a]: b\n"),
		"fences of falling size":   falling,
		"fences, two kinds":        repeat("```\n~~~\n"),
		"fences with a language":   repeat("```a\n"),
		"unclosed comments":        repeat("<!--\n"),
		"unclosed tags":            repeat("<pre>\n<?\n<![CDATA[\n<!A\n"),
		"tags":                     repeat("<div>\n"),
		"tags, blank lines":        repeat("<a>\n\n"),
		"attributes":               repeat("<a b='c' "),
		"label headings":           repeat("### First\n\n"),
		"two label headings":       repeat("### First\n### Second\n"),
		"labels in open fences":    repeat("```a\n### First\n### Second\n"),
		"labels in closed fences":  repeat("```\n### First\n### Second\n```\n"),
		"labels in comments":       repeat("<!--\n### First\n-->\n### Second\n"),
		"setext headings":          repeat("a\n=\n"),
		"rules":                    repeat("* * *\n"),
		"one paragraph":            repeat("a\n"),
		"blank lines":              repeat("\n"),
		"carriage returns":         repeat("\r"),
		"number signs":             repeat("#"),
		"spaces":                   repeat(" "),
		"zero-width":               repeat("\u200b"),
		"indented code":            repeat("    a\n\n"),
		"comments on one line":     repeat("<!-- -->"),
		"comments behind text":     func(n int) string { return "a" + repeat(" <!-- -->")(n-1) },
		"comments behind a rule":   func(n int) string { return strings.Repeat("-", n/2) + repeat(" <!-- -->")(n/2) },
		"begins of comments":       repeat("<!--"),
		"ends of comments":         repeat("-->"),
		"ends on many lines":       repeat("-->\n"),
		"comments on two lines":    repeat("<!--\n-->\n"),
		"headings in lists":        repeat("- a\n  Second: b\n"),
		"headings in deep lists":   repeat("- - - - a\n   First\n  Second: b\n"),
		"lines with a colon":       repeat("Second: b\n"),
		"lines with two headings":  repeat("# First\nSecond: b\n"),
		"heading with white space": func(n int) string { return "#" + strings.Repeat(" \t", n/2-4) + "First" },
		"options":                  repeat("### Third\n- [x] One\n"),
		"choices":                  repeat("### Fourth\n\na, a, a, b, a\na, b, a\n"),
	}
}

// stairs is a list in which each line is nested in the one before, as deep as size bytes allow.
func stairs(size int, indent string) string {
	var b strings.Builder
	for depth := 0; b.Len() < size; depth++ {
		b.WriteString(strings.Repeat(indent, depth) + "- a\n")
	}
	return b.String()[:size]
}

// falling has fences that are each shorter than the one before, so that none closes, from the longest that fit.
func falling(size int) string {
	longest := 3
	for total := 0; total < size; longest++ {
		total += longest + 1
	}
	var b strings.Builder
	for n := longest; n >= 3; n-- {
		b.WriteString(strings.Repeat("`", n) + "\n")
	}
	return b.String()[:size]
}

// TestBlockParserCalls holds the work on hostile texts to that on a flat list.
func TestBlockParserCalls(t *testing.T) {
	const largest = 64 << 10
	flat, _ := blockCalls(repeat("- a\n")(largest))
	for _, name := range slices.Sorted(maps.Keys(hostile())) {
		t.Run(name, func(t *testing.T) {
			var before [2]int
			for _, size := range []int{16 << 10, 32 << 10, largest} {
				form, markdown := blockCalls(hostile()[name](size))
				for i, calls := range []int{form, markdown} {
					if before[i] > 0 && calls >= 3*before[i] {
						t.Errorf("%d bytes take %d calls, half of them %d: want less than 3 times", size, calls, before[i])
					}
					before[i] = max(calls, 100)
				}
			}
			if most := max(before[0], before[1]); most > 3*flat {
				t.Errorf("%d calls; a flat list takes %d: want at most 3 times", most, flat)
			}
		})
	}
}

// hostileTemplate has the labels that hostile texts use.
func hostileTemplate() *Template {
	return &Template{Name: "hostile", Fields: []Question{
		{Type: Textarea, Label: "First", Required: true},
		{Type: Input, Label: "Second", Required: true},
		{Type: Checkboxes, Label: "Third", Options: []Option{{Label: "One", Required: true}}},
		{Type: Dropdown, Label: "Fourth", Multiple: true, Options: []Option{{Label: "a"}, {Label: "b"}, {Label: "a, a"}}},
	}}
}

// hostileMarkdown has lines that hostile texts use.
func hostileMarkdown() *Template {
	return &Template{Name: "hostile", Fields: []Question{
		{Type: Textarea, Label: "First", Required: true, Headings: []string{"### First", "# First", "First"}},
		{Type: Input, Label: "Second", Required: true, Headings: []string{"### Second", "Second:"}},
	}}
}

// hostileBody puts a hostile text into an answer, so that goldmark has to be asked.
func hostileBody(size int, f func(int) string) string {
	return "### First\n\n<!-- -->\n" + f(size) + "\n\n### Second\n\nb\n\n### Third\n\n- [x] One\n\n### Fourth\n\na"
}

// allocated is how many bytes are taken while a body is read.
func allocated(t *Template, body string) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	Parse(t, body)
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// TestMemory: twice the text takes about twice the memory. Unlike time that is the same in each run.
func TestMemory(t *testing.T) {
	for _, name := range slices.Sorted(maps.Keys(hostile())) {
		for kind, template := range []*Template{hostileTemplate(), hostileMarkdown()} {
			small := allocated(template, hostileBody(32<<10, hostile()[name]))
			large := allocated(template, hostileBody(64<<10, hostile()[name]))
			if large > 3*max(small, 64<<10) {
				t.Errorf("%s, %s: 64 KiB take %d bytes, half of them %d: want less than 3 times", name, []string{"form", "Markdown"}[kind], large, small)
			}
		}
	}
}

// BenchmarkHostile prints the time for 32 and 64 KiB of each family, read with a form and with a Markdown template, beside that of plain prose; the aim is under 100 ms.
func BenchmarkHostile(b *testing.B) {
	all := hostile()
	all["plain prose"] = repeat("This is a line of plain prose, as people write it.\n")
	template := hostileTemplate()
	for _, name := range slices.Sorted(maps.Keys(all)) {
		for size := range 2 {
			body := hostileBody(32<<(10+size), all[name])
			for kind, t := range []*Template{template, hostileMarkdown()} {
				b.Run(fmt.Sprintf("%s/%s/%dKiB", strings.ReplaceAll(name, " ", "-"), []string{"form", "markdown"}[kind], 32<<size), func(b *testing.B) {
					for b.Loop() {
						Parse(t, body)
					}
				})
			}
		}
	}
}

func TestMaskMarkers(t *testing.T) {
	tests := []struct{ line, want string }{
		{"- a - b", "- a - b"},
		{"> > > > > > > > > > a", "> > > > > > > > x x a"},
		{">>>>>>>>>>", ">>>>>>>>xx"},
		{"1. 2) - + * > 7. 8. 9. 1", "1. 2) - + * > 7. 8x 9x 1"},
		{"                - a", "                x a"},
		{"\t\t\t\t- a", "\t\t\t\tx a"},
		{"               - a", "               - a"},
		{"1234567890. a", "1234567890. a"},
		{"-a", "-a"},
		{"12", "12"},
		{"12a", "12a"},
		{"", ""},
		{"-", "-"},
	}
	for _, test := range tests {
		line := []byte(test.line)
		maskMarkers(line)
		if diff := cmp.Diff(test.want, string(line)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", test.line, diff)
		}
	}
}

// TestMaskedSourceKeepsOffsets compares where the lines begin in the copy and in the text.
func TestMaskedSourceKeepsOffsets(t *testing.T) {
	for name, f := range hostile() {
		d := newDocument(f(1000))
		h := hider{doc: d, need: []int{0}, found: []mark{{line: len(d.lines) - 1}}}
		src, got := maskedSource(d.lines, h.openings())
		var want []int
		offset := 0
		for _, line := range d.lines {
			want = append(want, offset)
			offset += len(line) + 1
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if len(src) != offset {
			t.Errorf("%s: the copy has %d bytes, want %d", name, len(src), offset)
		}
	}
}

// broken is a Markdown parser that panics.
type broken struct{ parser.Parser }

func (broken) Parse(text.Reader, ...parser.ParseOption) ast.Node { panic("broken") }

func TestPanicOfTheMarkdownParser(t *testing.T) {
	if diff := cmp.Diff([]bool{true, true}, topHeadings(broken{}, []string{"# a", "b"}, nil)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
