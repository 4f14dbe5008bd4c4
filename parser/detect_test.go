package parser_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/parser"
)

// generation returns the example form without the questions of the given labels, as it was in an earlier year.
func generation(t *testing.T, without ...string) *parser.Template {
	t.Helper()
	template := exampleForm(t)
	var fields []parser.Question
	for _, q := range template.Fields {
		keep := true
		for _, label := range without {
			keep = keep && q.Label != label
		}
		if keep {
			fields = append(fields, q)
		}
	}
	template.Fields = fields
	return template
}

func TestDetect(t *testing.T) {
	now := generation(t)
	early := generation(t, "Recovery Codes")
	earliest := generation(t, "Recovery Codes", "Acknowledgement")
	reworded := generation(t)
	reworded.Fields[3].Options = []parser.Option{{Label: "I follow the rules"}}
	other := &parser.Template{Fields: []parser.Question{{Type: parser.Input, Label: "Project"}}}
	all := []*parser.Template{other, earliest, early, now, reworded, nil, {}}
	answers := []parser.Answer{{Value: "jbber"}, {Value: "lost"}}
	tests := []struct {
		name, body      string
		index, runnerUp int
	}{
		{"today's", now.Render(answers), 3, 4},
		{"other words at a box", reworded.Render(answers), 4, 3},
		{"without recovery codes", early.Render(answers), 2, 3},
		{"without acknowledgement", earliest.Render(answers), 1, 2},
		{"another form", other.Render(answers), 0, -1},
		{"no form", "### Steps\n\nnone", -1, -1},
		{"nothing", "", -1, -1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := parser.Detect(all, test.body)
			if m.Index != test.index || m.RunnerUp != test.runnerUp {
				t.Errorf("got %+v, want index %d, runner-up %d", m, test.index, test.runnerUp)
			}
			if m.Score > 1 || m.Score < m.RunnerUpScore || m.Index >= 0 && m.Score <= 0 {
				t.Errorf("scores of %+v are out of order", m)
			}
		})
	}
	if m := parser.Detect(nil, "### A"); m.Index != -1 {
		t.Errorf("without templates: %+v", m)
	}
}

func TestDetectSaysWhenNothingTellsApart(t *testing.T) {
	m := parser.Detect([]*parser.Template{exampleForm(t), exampleForm(t)}, exampleForm(t).Render(nil))
	if m.Index != 0 || m.RunnerUp != 1 || !m.Tie() {
		t.Errorf("got %+v", m)
	}
}

// TestDetectMarkdown tells Markdown templates, forms and texts by hand from each other.
func TestDetectMarkdown(t *testing.T) {
	old := markdownTemplate(t, oldSections)
	older := markdownTemplate(t, "input required PyPI Username\n    ## PyPI Username\ntextarea required Project\n    ## Project")
	colons := markdownTemplate(t, "input required Name\n    Name:\ntextarea required Reason\n    Reason:")
	form := exampleForm(t)
	answers := []parser.Answer{{Value: "jbber"}, {Value: "lost"}}
	all := []*parser.Template{form, old, older, colons}
	tests := []struct {
		name, body      string
		index, runnerUp int
		low             bool // the best score is under one half
	}{
		{"the form", form.Render(answers), 0, -1, false},
		{"Markdown", old.Render(answers), 1, 2, false},
		{"Markdown, untouched", old.Render(nil), 1, 2, false},
		{"an older one", older.Render(answers), 2, 1, false},
		{"only lines with colons", "Name: jbber\nReason: lost", 3, 1, false},
		{"foreign headings", "## PyPI Username\n\na\n\n## Steps\n\nb\n\n## More\n\nc", 1, 2, true},
		{"by hand", "### PyPI Username\n\njbber\n\n### Help\n\nplease", 0, -1, true},
		{"prose", "I lost my phone.", -1, -1, true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m := parser.Detect(all, test.body)
			if m.Index != test.index || m.RunnerUp != test.runnerUp || (m.Score < 0.5) != test.low {
				t.Errorf("got %+v, want index %d, runner-up %d, low: %t", m, test.index, test.runnerUp, test.low)
			}
			if m.Score > 1 || m.Score < m.RunnerUpScore {
				t.Errorf("scores of %+v are out of order", m)
			}
		})
	}
}

func TestHeadings(t *testing.T) {
	tests := []struct {
		name, body string
		want       int
	}{
		{"nothing", "", 0},
		{"prose", "Hello #1\n#2 is no heading\n    # nor this\n- # nor this\n> # nor this\n####### nor this", 0},
		{"all levels", "# a\n## b\n### c\r\n#### d\n##### e\n###### f\n#\n#\tg", 8},
		{"in a fence", "# a\n```\n# b\n```\n# c", 2},
		{"in an open fence", "# a\n```\n# b", 2},
		{"in a comment", "<!--\n# a\n-->\n# b", 1},
	}
	for _, test := range tests {
		if got := parser.Headings(test.body); got != test.want {
			t.Errorf("%s: got %d, want %d", test.name, got, test.want)
		}
	}
}

func TestRender(t *testing.T) {
	template := &parser.Template{Fields: []parser.Question{
		{Type: parser.Input, Label: "In"},
		{Type: parser.Textarea, Label: "Area"},
		{Type: parser.Textarea, Label: "Log", Render: "shell"},
		{Type: parser.Dropdown, Label: "Drop", Multiple: true, Options: []parser.Option{{Label: "a, b"}, {Label: "c"}}},
		{Type: parser.Checkboxes, Label: "Boxes", Options: []parser.Option{{Label: "one"}, {Label: "two"}}},
	}}
	tests := []struct {
		name    string
		answers []parser.Answer
		want    string
	}{
		{
			"nothing", nil,
			"### In\n\n_No response_\n\n### Area\n\n_No response_\n\n### Log\n\n```shell\n\n```\n\n### Drop\n\nNone\n\n### Boxes\n\n- [ ] one\n- [ ] two",
		},
		{
			"all",
			[]parser.Answer{{Value: "a\r\nb"}, {Value: "a\n\nb"}, {Value: "$ ls"}, {Selected: []int{1, 0, 7, -1}}, {Checked: []int{1, 2, -1}}},
			"### In\n\nab\n\n### Area\n\na\n\nb\n\n### Log\n\n```shell\n$ ls\n```\n\n### Drop\n\na, b, c\n\n### Boxes\n\n- [ ] one\n- [x] two",
		},
	}
	for _, test := range tests {
		if diff := cmp.Diff(test.want, template.Render(test.answers)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
	}
}

func TestFormMethods(t *testing.T) {
	form := parser.Parse(exampleForm(t), "### PyPI Username\n\njbber")
	if f := form.Field("PyPI Username"); f == nil || f.Value != "jbber" {
		t.Errorf("Field = %+v", f)
	}
	if f := form.Field("pypi username"); f != nil {
		t.Errorf("Field with another label = %+v", f)
	}
	if diff := cmp.Diff(parser.Form{}, parser.Parse(nil, "### A")); diff != "" {
		t.Errorf("Parse without a template (-want +got):\n%s", diff)
	}
}

// TestProblemsHaveText reads every code from the cases and wants a text of its own for each.
func TestProblemsHaveText(t *testing.T) {
	template := &parser.Template{Fields: []parser.Question{
		{Type: parser.Input, Label: "missing"},
		{Type: parser.Input, Label: "empty", Required: true},
		{Type: parser.Input, Label: "default", Default: "x"},
		{Type: parser.Input, Label: "extra"},
		{Type: parser.Dropdown, Label: "unknown-option", Options: []parser.Option{{Label: "a"}}},
		{Type: parser.Checkboxes, Label: "unchecked", Options: []parser.Option{{Label: "a", Required: true}}},
		{Type: parser.Dropdown, Label: "ambiguous", Options: []parser.Option{{Label: "a"}}},
	}}
	body := "### empty\n\n### default\n\nx\n\n### extra\n\na\nb\n\n### unknown-option\n\nb\n\n### unchecked\n\n- [ ] a\n\n### ambiguous\n\na\n\na"
	seen := map[string]bool{}
	form := parser.Parse(template, body)
	for _, p := range form.Problems {
		if p.Field != p.Code || p.Text == "" || seen[p.Text] {
			t.Errorf("%+v", p)
		}
		seen[p.Text] = true
	}
	if len(seen) != len(template.Fields) {
		t.Errorf("%d texts for %d codes", len(seen), len(template.Fields))
	}
}

func TestUntouched(t *testing.T) {
	template := &parser.Template{Fields: []parser.Question{
		{Type: parser.Input, Label: "In", Default: "a"},
		{Type: parser.Textarea, Label: "Area"},
		{Type: parser.Dropdown, Label: "Drop", Default: "c", Options: []parser.Option{{Label: "b"}, {Label: "c"}}},
		{Type: parser.Dropdown, Label: "None", Options: []parser.Option{{Label: "b"}}},
	}}
	want := "### In\n\na\n\n### Area\n\n_No response_\n\n### Drop\n\nc\n\n### None\n\nNone"
	if diff := cmp.Diff(want, template.Render(template.Untouched())); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
