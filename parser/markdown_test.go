package parser_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/parser"
)

// oldSections are those of a Markdown template that came before the example form.
const oldSections = `input required PyPI Username
    ## PyPI Username
textarea required Reason for request
    ##  Reason for request
    Reason:`

// markdownTemplate reads sections: a line with type, "required" or "optional", and label, then indented lines.
func markdownTemplate(t testing.TB, text string) *parser.Template {
	t.Helper()
	var sections []parser.MarkdownSection
	for line := range strings.SplitSeq(text, "\n") {
		if heading, ok := strings.CutPrefix(line, "    "); ok {
			last := &sections[len(sections)-1]
			last.Lines = append(last.Lines, heading)
			continue
		}
		words := strings.SplitN(line, " ", 3)
		sections = append(sections, parser.MarkdownSection{Type: parser.Type(words[0]), Required: words[1] == "required", Label: words[2]})
	}
	template, err := parser.MarkdownTemplate(sections)
	if err != nil {
		t.Fatal(err)
	}
	return template
}

// TestParseMarkdown reads the cases of testdata/markdown: a rule in words, sections (or none, for those above), body.md
// and want. Each body is read with CRLF line ends as well.
func TestParseMarkdown(t *testing.T) {
	eachCase(t, "testdata/markdown/*.txtar", func(t *testing.T, a *txtar.Archive) string {
		text, ok := file(a, "sections")
		if !ok {
			text = oldSections
		}
		template := markdownTemplate(t, text)
		body, _ := file(a, "body.md")
		form := parser.Parse(template, body)
		if diff := cmp.Diff(form, parser.Parse(template, strings.ReplaceAll(body, "\n", "\r\n"))); diff != "" {
			t.Errorf("with CRLF (-LF +CRLF):\n%s", diff)
		}
		return describe(form)
	})
}

func TestMarkdownTemplateMistakes(t *testing.T) {
	tests := []struct {
		name     string
		sections []parser.MarkdownSection
		want     string
	}{
		{"nothing", nil, "section 0: the template asks nothing: add a section"},
		{"no label", []parser.MarkdownSection{{Type: parser.Input, Lines: []string{"a"}}}, "section 1: a label is one line and not empty"},
		{
			"two lines in a label",
			[]parser.MarkdownSection{{Label: "a\nb", Type: parser.Input, Lines: []string{"a"}}},
			"section 1: a label is one line and not empty",
		},
		{
			"same label",
			[]parser.MarkdownSection{
				{Label: "A", Type: parser.Input, Lines: []string{"a"}}, {Label: " A ", Type: parser.Textarea, Lines: []string{"b"}},
			},
			"section 2: another section has this label",
		},
		{
			"type",
			[]parser.MarkdownSection{{Label: "A", Type: parser.Checkboxes, Lines: []string{"a"}}},
			"section 1: a section is an input or a textarea",
		},
		{"no line", []parser.MarkdownSection{{Label: "A", Type: parser.Input}}, `section 1: no line stands for this section: add one, like "## A"`},
		{
			"lines",
			[]parser.MarkdownSection{
				{Label: "A", Type: parser.Input, Lines: []string{
					"## A", " ", "a\nb", "/help", "---", "##", "```sh a", "<!-- a -->", "<div>a", "> a", "##  A ##", "A:", "\ufeffa",
				}},
				{Label: "B", Type: parser.Textarea, Lines: []string{"B:", "A:"}},
			},
			"section 1, line 2: the line is empty\n" +
				"section 1, line 3: this is more than one line\n" +
				"section 1, line 4: a comment that begins with this line is a command: it can't be a heading\n" +
				"section 1, line 5: the line needs a letter or a digit: leave out lines like ---, which are known\n" +
				"section 1, line 6: the line needs a letter or a digit: leave out lines like ---, which are known\n" +
				"section 1, line 7: the line opens a block in which no heading counts: a fence, a comment or HTML\n" +
				"section 1, line 8: the line opens a block in which no heading counts: a fence, a comment or HTML\n" +
				"section 1, line 9: the line opens a block in which no heading counts: a fence, a comment or HTML\n" +
				"section 1, line 10: the line is a quote, in which no heading counts\n" +
				"section 1, line 11: this line stands for \"A\" already\n" +
				"section 1, line 13: the line begins with a character that nobody sees\n" +
				"section 2, line 2: this line stands for \"A\" already",
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			template, err := parser.MarkdownTemplate(test.sections)
			var all parser.MarkdownErrors
			if template != nil || !errors.As(err, &all) {
				t.Fatalf("got %v, %v", template, err)
			}
			if diff := cmp.Diff(test.want, err.Error()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestParseMarkdownPositions: lines and columns are those of the body, also of answers that begin within a line.
func TestParseMarkdownPositions(t *testing.T) {
	template := markdownTemplate(t, "input required Name\n    Náme:\ntextarea required Reason\n    Reason:")
	form := parser.Parse(template, "Náme: <!-- é --> jbber\nmore\n\nReason: <!-- a -->")
	got := []parser.Problem{}
	for _, p := range form.Problems {
		got = append(got, parser.Problem{Field: p.Field, Code: p.Code, Line: p.Line, Column: p.Column})
	}
	want := []parser.Problem{{Field: "Name", Code: parser.CodeExtra, Line: 2, Column: 1}, {Field: "Reason", Code: parser.CodeEmpty, Line: 4, Column: 1}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("jbber\nmore", form.Field("Name").Value); diff != "" {
		t.Errorf("value (-want +got):\n%s", diff)
	}
}

// TestMarkdownRoundTrip: what is written under the headings is what is read, with other line ends and with the
// comments of a template around it.
func TestMarkdownRoundTrip(t *testing.T) {
	template := markdownTemplate(t, oldSections)
	rapid.Check(t, func(t *rapid.T) {
		var lines []string
		for _, line := range plainLines() {
			if !strings.Contains(line, "--") && line != "<?" && line != "*" {
				lines = append(lines, line)
			}
		}
		want := []string{rapid.SampledFrom([]string{"", "jbber", "`jbber`", "é"}).Draw(t, "name"), strings.Trim(drawText(t, lines), "\u200b\n")}
		if strings.Trim(want[1], "\u200b \n") == "" {
			want[1] = ""
		}
		body := template.Render([]parser.Answer{{Value: want[0]}, {Value: want[1]}})
		if rapid.Bool().Draw(t, "comments") {
			body = "<!-- a\nb -->\n" + strings.Replace(body, "\n\n##", "\n<!-- c -->\n---\n\n##", 1) + "\n\n<!--\nd\n-->\n***"
		}
		if rapid.Bool().Draw(t, "crlf") {
			body = strings.ReplaceAll(body, "\n", "\r\n")
		}
		form := parser.Parse(template, body)
		got := []string{form.Fields[0].Value, form.Fields[1].Value}
		if diff := cmp.Diff(want, got); diff != "" || form.Ambiguous {
			t.Fatalf("ambiguous: %t (-want +got):\n%s\n%s", form.Ambiguous, diff, body)
		}
	})
}

// TestMarkdownTypedHeadingNeverWins fills the reason with headings of all kinds, as its sister for forms.
func TestMarkdownTypedHeadingNeverWins(t *testing.T) {
	template := markdownTemplate(t, oldSections)
	lines := append(plainLines(), "## PyPI Username", "  ## PyPI Username ##", "##  Reason for request", "Reason: evil", "Reason:", "evil", "> - ")
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"jbber", "", "```", "<!--"}).Draw(t, "name")
		body := template.Render([]parser.Answer{{Value: name}, {Value: drawText(t, lines)}})
		form := parser.Parse(template, body)
		if got := form.Field("PyPI Username").Value; got != name && got != "" {
			t.Fatalf("got %q, want %q\n%s", got, name, body)
		}
	})
}

func FuzzParseMarkdown(f *testing.F) {
	template := markdownTemplate(f, oldSections)
	for _, seed := range []string{
		"", "Reason:", "Reason: a -->", "## PyPI Username\r\n<!-- a --> b <!-- c -->\r\n---\r\nReason: <!--", " ## PyPI Username\n- a\n  Reason: b", "<!-->",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, body string) {
		form := parser.Parse(template, body)
		lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(body, "\r\n", "\n"), "\r", "\n"), "\n")
		for _, p := range form.Problems {
			if p.Line < 1 || p.Line > len(lines) || p.Column < 1 || p.Column > len([]rune(lines[p.Line-1]))+1 {
				t.Errorf("%s at %d:%d is outside the body", p.Code, p.Line, p.Column)
			}
		}
		if diff := cmp.Diff(form, parser.Parse(template, strings.Join(lines, "\r\n"))); diff != "" {
			t.Errorf("with CRLF (-LF +CRLF):\n%s", diff)
		}
		for _, field := range form.Fields {
			if !strings.Contains(strings.Join(lines, "\n"), field.Value) {
				t.Errorf("%q does not stand in the body", field.Value)
			}
		}
		parser.Detect([]*parser.Template{template}, body)
	})
}

// FuzzMarkdownTemplate: of a template that is accepted, each line is found in a body, and begins its own section.
func FuzzMarkdownTemplate(f *testing.F) {
	f.Add("## A", "B:")
	f.Add("A: b:", "A:")
	f.Add("#\t A  #", "* - a")
	f.Add("1. a\u00a0", "Ä:")
	f.Fuzz(func(t *testing.T, first, second string) {
		template, err := parser.MarkdownTemplate([]parser.MarkdownSection{
			{Label: "First", Type: parser.Input, Lines: []string{first}}, {Label: "Second", Type: parser.Textarea, Lines: []string{second}},
		})
		if err != nil {
			return
		}
		first, second = strings.TrimSpace(first), strings.TrimSpace(second)
		for _, body := range []string{template.Render(nil), first + "\n" + second, " " + first + " \r\n" + second + "\t"} {
			form := parser.Parse(template, body)
			if !form.Fields[0].Found || !form.Fields[1].Found || !form.Empty() {
				t.Errorf("%q is read as %+v", body, form)
			}
		}
	})
}
