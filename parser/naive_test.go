package parser_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/recoverybot/recoverybot/parser"
)

// naive is the parser that is written first: it splits a body at every "### " and knows no form.
func naive(body string) map[string]string {
	answers := map[string]string{}
	for _, part := range strings.Split(body, "### ")[1:] {
		label, value, _ := strings.Cut(part, "\n")
		answers[strings.TrimSpace(label)] = strings.TrimSpace(value)
	}
	return answers
}

// naiveAnswer reads a naive value by the type of its question: ticks are "- [x]", and choices are parted by ", ".
func naiveAnswer(q parser.Question, value string) string {
	switch q.Type {
	case parser.Dropdown:
		return strings.Join(strings.Split(value, ", "), " + ")
	case parser.Checkboxes:
		var ticked []string
		for line := range strings.SplitSeq(value, "\n") {
			if label, ok := strings.CutPrefix(strings.TrimSpace(line), "- [x] "); ok {
				ticked = append(ticked, label)
			}
		}
		return strings.Join(ticked, " + ")
	}
	return value
}

// ourAnswer writes a field in the same way.
func ourAnswer(f parser.Field, form parser.Form) string {
	for _, p := range form.Problems {
		if p.Field == f.Label && (p.Code == parser.CodeAmbiguous || p.Code == parser.CodeUnknownOption) {
			return "(" + p.Code + ")"
		}
	}
	var ticked []string
	for _, o := range f.Options {
		if o.Checked {
			ticked = append(ticked, o.Label)
		}
	}
	switch {
	case f.Default:
		return "(untouched default)"
	case f.Type == parser.Dropdown:
		return strings.Join(f.Selected, " + ")
	case f.Type == parser.Checkboxes:
		return strings.Join(ticked, " + ")
	}
	return f.Value
}

// TestNaive reads the cases of testdata/naive with this parser and with the naive one: each is a rule, form.yml or
// sections, body.md or body-crlf.md, want: what this parser must read, and naive: what the other reads, which differs.
func TestNaive(t *testing.T) {
	eachCase(t, "testdata/naive/*.txtar", func(t *testing.T, a *txtar.Archive) string {
		template := exampleForm(t)
		if src, ok := file(a, "form.yml"); ok {
			var err error
			if template, err = parser.ParseTemplate([]byte("name: F\ndescription: d\nbody:\n" + src)); err != nil {
				t.Fatal(err)
			}
		} else if text, ok := file(a, "sections"); ok {
			template = markdownTemplate(t, text)
		}
		body, _ := file(a, "body.md")
		if crlf, ok := file(a, "body-crlf.md"); ok {
			body = strings.Replace(crlf, "\n", "\r\n", 9) // an old editor's value in a frame of LF: mixed
		}
		form, other := parser.Parse(template, body), naive(body)
		var ours, theirs strings.Builder
		for i, q := range template.Fields {
			ours.WriteString(q.Label + ": " + strings.ReplaceAll(ourAnswer(form.Fields[i], form), "\n", "\n    ") + "\n")
			value, ok := other[q.Label]
			if ok {
				value = naiveAnswer(q, value)
			}
			theirs.WriteString(q.Label + ": " + strings.ReplaceAll(strings.ReplaceAll(value, "\r", `\r`), "\n", "\n    ") + "\n")
		}
		if ours.String() == theirs.String() {
			t.Errorf("the naive parser reads this, too:\n%s", theirs.String())
		}
		if *update {
			setFile(a, "naive", theirs.String())
		}
		if want, _ := file(a, "naive"); want+"\n" != theirs.String() {
			t.Errorf("naive (-want +got):\n%s", cmp.Diff(want+"\n", theirs.String()))
		}
		return ours.String()
	})
}

// TestNaiveIndex: the index names every case once, and has a case or a reason for each rule.
func TestNaiveIndex(t *testing.T) {
	src, err := os.ReadFile("testdata/naive/README.md")
	if err != nil {
		t.Fatal(err)
	}
	paths, err := filepath.Glob("testdata/naive/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".txtar")
		if n := strings.Count(string(src), "`"+name+"`"); n != 1 {
			t.Errorf("the index names %s %d times, want once", name, n)
		}
	}
	rows := regexp.MustCompile(`(?m)^\| (W\d+|R\d+) \| [^|]+ \| ([^|]*) \|$`).FindAllStringSubmatch(string(src), -1)
	if len(rows) != 13+8 {
		t.Errorf("the index has %d rules, want 13 of writing and 8 of reading", len(rows))
	}
	for _, row := range rows {
		for _, name := range regexp.MustCompile("`([a-z0-9-]+)`").FindAllStringSubmatch(row[2], -1) {
			if _, err := os.Stat("testdata/naive/" + name[1] + ".txtar"); err != nil {
				t.Errorf("%s: %v", row[1], err)
			}
		}
		if !strings.Contains(row[2], "`") && !strings.Contains(row[2], "none:") {
			t.Errorf("%s has neither a case nor a reason", row[1])
		}
	}
}
