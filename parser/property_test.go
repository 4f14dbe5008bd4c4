package parser_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/parser"
)

// drawTemplate makes a form with questions of all types. Labels are distinct; some are hard to tell from Markdown.
func drawTemplate(t *rapid.T) *parser.Template {
	labels := []string{"Name", "Reason for request", "**Bold** [x]", "A, b: c?", "C#", "- [ ] List", "`Code`", "What #", "Ünïcode"}
	types := []parser.Type{parser.Input, parser.Textarea, parser.Dropdown, parser.Checkboxes, parser.Upload}
	template := &parser.Template{Name: "drawn"}
	for _, label := range labels[:rapid.IntRange(1, len(labels)).Draw(t, "questions")] {
		q := parser.Question{Label: label, Type: rapid.SampledFrom(types).Draw(t, "type"), Required: rapid.Bool().Draw(t, "required")}
		switch q.Type {
		case parser.Textarea:
			q.Render = rapid.SampledFrom([]string{"", "", "shell"}).Draw(t, "render")
		case parser.Dropdown:
			q.Multiple = rapid.Bool().Draw(t, "multiple")
			q.Options = []parser.Option{{Label: "red"}, {Label: "blue, dark"}, {Label: "green"}}
		case parser.Checkboxes:
			q.Options = []parser.Option{{Label: "I agree"}, {Label: "I am **old**", Required: true}}
		}
		template.Fields = append(template.Fields, q)
	}
	return template
}

// line draws one line of text, as people and attackers type it; of is what the lines are made of.
func drawText(t *rapid.T, of []string) string {
	lines := rapid.SliceOfN(rapid.SampledFrom(of), 0, 8).Draw(t, "text")
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// plainLines hold all but headings of the form.
func plainLines() []string {
	return []string{
		"", "hello", "  two", "### Steps", "#### Name", "# Name", "Name", "===", "---", "```", "~~~~", "```go", "<!--", "-->", "<pre>",
		"</pre>", "<details>", "- [x] I agree", "> ### Name", "    ### Name", " ### Name", "###Name", "None", "*", "1. a", "<?", "?>", "\u200b",
	}
}

func drawAnswers(t *rapid.T, template *parser.Template) []parser.Answer {
	answers := make([]parser.Answer, len(template.Fields))
	for i, q := range template.Fields {
		switch q.Type {
		case parser.Input:
			answers[i].Value = rapid.SampledFrom([]string{"", "jbber", "`jbber`", "None", "#", "### Steps", "```", "<!-- a", "é"}).Draw(t, "value")
		case parser.Textarea, parser.Upload:
			if text := drawText(t, plainLines()); text != "\u200b" && strings.Trim(text, "\u200b \n") != "" {
				answers[i].Value = strings.Trim(text, "\u200b\n")
			}
		case parser.Dropdown:
			answers[i].Selected = drawIndexes(t, len(q.Options))
			if !q.Multiple && len(answers[i].Selected) > 1 {
				answers[i].Selected = answers[i].Selected[:1]
			}
		case parser.Checkboxes:
			answers[i].Checked = drawIndexes(t, len(q.Options))
		}
	}
	return answers
}

func drawIndexes(t *rapid.T, n int) []int {
	var list []int
	for i := range n {
		if rapid.Bool().Draw(t, "chosen") {
			list = append(list, i)
		}
	}
	return list
}

// answersOf is what was entered, by what was read.
func answersOf(template *parser.Template, form parser.Form) []parser.Answer {
	answers := make([]parser.Answer, len(form.Fields))
	for i, f := range form.Fields {
		if f.Type != parser.Dropdown && f.Type != parser.Checkboxes {
			answers[i].Value = f.Value
		}
		for j, o := range f.Options {
			if o.Checked {
				answers[i].Checked = append(answers[i].Checked, j)
			}
		}
		for j, o := range template.Fields[i].Options {
			if slices.Contains(f.Selected, o.Label) {
				answers[i].Selected = append(answers[i].Selected, j)
			}
		}
	}
	return answers
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		template := drawTemplate(t)
		want := drawAnswers(t, template)
		body := template.Render(want)
		if rapid.Bool().Draw(t, "crlf") {
			body = strings.ReplaceAll(body, "\n", "\r\n")
		}
		form := parser.Parse(template, body)
		if diff := cmp.Diff(want, answersOf(template, form)); diff != "" || form.Ambiguous {
			t.Fatalf("ambiguous: %t (-want +got):\n%s\n%s", form.Ambiguous, diff, body)
		}
		if m := parser.Detect([]*parser.Template{{}, template}, body); m.Index != 1 || m.RunnerUp != -1 {
			t.Fatalf("Detect = %+v", m)
		}
	})
}

// TestTypedHeadingNeverWins fills the reason of the example form with headings, boxes and fences of all kinds: the
// username is always the one of the first field, or the form is ambiguous.
func TestTypedHeadingNeverWins(t *testing.T) {
	template := exampleForm(t)
	lines := plainLines()
	for _, q := range template.Fields {
		lines = append(lines, "### "+q.Label, "### "+q.Label+" ###", "", "evil")
		for _, o := range q.Options {
			lines = append(lines, "- [x] "+o.Label, "- [ ] "+o.Label)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.SampledFrom([]string{"`jbber`", "", "### PyPI Username", "```", "<!--"}).Draw(t, "name")
		answers := []parser.Answer{{Value: name}, {Value: drawText(t, lines)}, {Checked: []int{0}}, {Checked: []int{0}}, {Checked: []int{0}}}
		body := template.Render(answers)
		form := parser.Parse(template, body)
		if got := form.Field("PyPI Username").Value; got != name && !form.Ambiguous {
			t.Fatalf("got %q, want %q\n%s", got, name, body)
		}
	})
}

// TestTypedHeadingInOneAnswer types headings into one answer of any form: each other answer is read as entered, or
// the form is ambiguous.
func TestTypedHeadingInOneAnswer(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		template := drawTemplate(t)
		lines := []string{"", "evil", "- [x] I agree", "- [x] I am **old**", "- [ ] I agree", "green"}
		for i := range template.Fields {
			template.Fields[i].Render = ""
			lines = append(lines, "### "+template.Fields[i].Label)
		}
		at := rapid.IntRange(0, len(template.Fields)-1).Draw(t, "question")
		template.Fields[at].Type = parser.Textarea
		want := drawAnswers(t, template)
		for i := range want {
			if template.Fields[i].Type == parser.Textarea {
				want[i].Value = "text"
			}
		}
		want[at] = parser.Answer{Value: drawText(t, lines)}
		form := parser.Parse(template, template.Render(want))
		got := answersOf(template, form)
		if diff := cmp.Diff(want, got); diff != "" && !form.Ambiguous {
			t.Fatalf("(-want +got):\n%s\n%s", diff, template.Render(want))
		}
	})
}

func FuzzParse(f *testing.F) {
	template := exampleForm(f)
	answers := []parser.Answer{{Value: "jbber"}, {Value: "lost\n```\n### PyPI Username"}, {Checked: []int{0}}}
	f.Add(template.Render(answers))
	for _, seed := range []string{"", "\r", "### PyPI Username", "### PyPI Username\r\n\r\n<!--\n### Acknowledgement\n-->", "- - ```\n###", "~~~\n\n\n~~~~"} {
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
		if form.Complete() && form.Empty() {
			t.Error("complete and empty")
		}
		crlf := strings.Join(lines, "\r\n")
		if diff := cmp.Diff(form, parser.Parse(template, crlf)); diff != "" {
			t.Errorf("with CRLF (-LF +CRLF):\n%s", diff)
		}
		parser.Headings(body)
		parser.Detect([]*parser.Template{template}, body)
	})
}

func FuzzParseTemplate(f *testing.F) {
	f.Add([]byte("name: F\ndescription: d\nbody:\n  - {type: input, attributes: {label: A}}\n"))
	f.Add([]byte("name: F\nbody:\n  - type: dropdown\n    attributes:\n      label: B\n      options: [a, 'b, c']\n      default: 1\n"))
	f.Add([]byte("body:\n  - type: checkboxes\n    attributes: {label: C, options: [{label: x, required: true}]}\n  - type: markdown\n"))
	f.Add([]byte("name: F\ndescription: d\nbody:\n  - type: upload\n    attributes: {label: Name?}\n    validations: {required: true, accept: '.a, .b'}\n"))
	f.Add([]byte("name: F\ndescription: d\nbody:\n  - type: textarea\n    id: name\n    attributes: {label: Password, render: Plain Text, value: a}\n"))
	f.Fuzz(func(t *testing.T, src []byte) {
		template, err := parser.ParseTemplate(src)
		if err != nil {
			return
		}
		parser.Parse(template, template.Render(template.Untouched()))
		form := parser.Parse(template, template.Render(nil))
		if len(form.Fields) != len(template.Fields) || len(form.Fields) == 0 {
			t.Fatalf("%d fields of %d questions", len(form.Fields), len(template.Fields))
		}
		for _, field := range form.Fields {
			if !field.Found && !form.Ambiguous {
				t.Errorf("question %q is not found in its own body", field.Label)
			}
		}
	})
}

func BenchmarkParse(b *testing.B) {
	template := exampleForm(b)
	body := template.Render([]parser.Answer{
		{Value: "`jbber`"},
		{Value: strings.Repeat("I have a new phone, and my authenticator app is gone.\n", 12)},
		{Checked: []int{0}},
		{Checked: []int{0}},
		{Checked: []int{0}},
	})
	if form := parser.Parse(template, body); !form.Complete() {
		b.Fatal(fmt.Sprint(form.Problems))
	}
	b.ReportAllocs()
	for b.Loop() {
		parser.Parse(template, body)
	}
}
