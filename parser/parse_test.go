package parser_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/recoverybot/recoverybot/parser"
)

var update = flag.Bool("update", false, "write the results of the cases in testdata into them")

// exampleForm is the form of cases that have no form.yml of their own.
func exampleForm(t testing.TB) *parser.Template {
	t.Helper()
	src, err := os.ReadFile("../.github/ISSUE_TEMPLATE/account-recovery.yml")
	if err != nil {
		t.Fatal(err)
	}
	template, err := parser.ParseTemplate(src)
	if err != nil {
		t.Fatal(err)
	}
	return template
}

// file returns a file of a case without the newline at its end, which no body of GitHub has.
func file(a *txtar.Archive, name string) (string, bool) {
	for _, f := range a.Files {
		if f.Name == name {
			return strings.TrimSuffix(string(f.Data), "\n"), true
		}
	}
	return "", false
}

func setFile(a *txtar.Archive, name, text string) {
	for i := range a.Files {
		if a.Files[i].Name == name {
			a.Files[i].Data = []byte(text)
			return
		}
	}
	a.Files = append(a.Files, txtar.File{Name: name, Data: []byte(text)})
}

// TestParse reads the cases of testdata/parse. A case is a rule in words, form.yml (or none, for the example form of
// this repository), body.md (body-crlf.md is given CRLF line ends) and want: what is read from it.
func TestParse(t *testing.T) {
	eachCase(t, "testdata/parse/*.txtar", func(t *testing.T, a *txtar.Archive) string {
		template := exampleForm(t)
		if src, ok := file(a, "form.yml"); ok {
			var err error
			if template, err = parser.ParseTemplate([]byte(src)); err != nil {
				t.Fatal(err)
			}
		}
		body, _ := file(a, "body.md")
		if crlf, ok := file(a, "body-crlf.md"); ok {
			body = strings.ReplaceAll(crlf, "\n", "\r\n")
		}
		return describe(parser.Parse(template, body))
	})
}

// TestParseTemplate reads the cases of testdata/template: form.yml and want, the template or all its mistakes.
func TestParseTemplate(t *testing.T) {
	eachCase(t, "testdata/template/*.txtar", func(_ *testing.T, a *txtar.Archive) string {
		src, _ := file(a, "form.yml")
		template, err := parser.ParseTemplate([]byte(src))
		if err != nil {
			return err.Error() + "\n"
		}
		return describeTemplate(template)
	})
}

func eachCase(t *testing.T, pattern string, run func(*testing.T, *txtar.Archive) string) {
	t.Helper()
	paths, err := filepath.Glob(pattern)
	if err != nil || len(paths) == 0 {
		t.Fatalf("cases %s: %d found, %v", pattern, len(paths), err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := run(t, a)
			if *update {
				setFile(a, "want", got)
				if err := os.WriteFile(path, txtar.Format(a), 0o600); err != nil {
					t.Fatal(err)
				}
				return
			}
			want, _ := file(a, "want")
			if diff := cmp.Diff(want+"\n", got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// describe writes a form so that a person can check it.
func describe(form parser.Form) string {
	var b strings.Builder
	fmt.Fprintf(&b, "complete: %s\n", yes(form.Complete()))
	if form.Ambiguous {
		b.WriteString("ambiguous: yes\n")
	}
	if form.Empty() {
		b.WriteString("empty: yes\n")
	}
	for _, f := range form.Fields {
		describeField(&b, f)
	}
	for _, p := range form.Problems {
		fmt.Fprintf(&b, "problem at %d:%d, %s: %s\n", p.Line, p.Column, p.Field, p.Code)
	}
	return b.String()
}

func describeField(b *strings.Builder, f parser.Field) {
	fmt.Fprintf(b, "%s (%s", f.Label, f.Type)
	if f.ID != "" {
		fmt.Fprintf(b, " %s", f.ID)
	}
	switch {
	case !f.Found:
		b.WriteString("): not found\n")
		return
	case !f.Answered:
		fmt.Fprintf(b, ", line %d): no answer\n", f.Line)
	case f.Default:
		fmt.Fprintf(b, ", line %d): untouched default\n", f.Line)
	default:
		fmt.Fprintf(b, ", line %d):\n", f.Line)
	}
	for _, o := range f.Options {
		fmt.Fprintf(b, "    [%s] %s\n", map[bool]string{true: "x", false: " "}[o.Checked], o.Label)
	}
	for _, s := range f.Selected {
		fmt.Fprintf(b, "    chosen: %s\n", s)
	}
	if f.Value != "" {
		b.WriteString("    |" + strings.ReplaceAll(f.Value, "\n", "\n    |") + "\n")
	}
}

func describeTemplate(t *parser.Template) string {
	var b strings.Builder
	fmt.Fprintf(&b, "name: %s\ntitle: %s\nlabels: %s\n", t.Name, t.Title, strings.Join(t.Labels, ", "))
	for _, q := range t.Fields {
		fmt.Fprintf(&b, "%s %q id=%q required=%s", q.Type, q.Label, q.ID, yes(q.Required))
		if q.Render != "" {
			fmt.Fprintf(&b, " render=%s", q.Render)
		}
		if q.Accept != nil {
			fmt.Fprintf(&b, " accept=%s", strings.Join(q.Accept, " "))
		}
		if q.Multiple {
			b.WriteString(" multiple")
		}
		if q.Default != "" {
			fmt.Fprintf(&b, " default=%q", q.Default)
		}
		b.WriteByte('\n')
		for _, o := range q.Options {
			fmt.Fprintf(&b, "    %q required=%s\n", o.Label, yes(o.Required))
		}
	}
	return b.String()
}

func yes(ok bool) string {
	if ok {
		return "yes"
	}
	return "no"
}

// TestParseByteOrderMark: files that were saved on Windows begin with one, and GitHub shows the heading behind it.
func TestParseByteOrderMark(t *testing.T) {
	template := exampleForm(t)
	body := "### PyPI Username\n\n`jbber`\n\n### Reason for request\n\nI have a new phone."
	if diff := cmp.Diff(parser.Parse(template, body), parser.Parse(template, "\ufeff"+body)); diff != "" {
		t.Errorf("a byte order mark before the body changes what is read (-without +with):\n%s", diff)
	}
	inside := strings.Replace(body, "### Reason", "\ufeff### Reason", 1)
	form := parser.Parse(template, inside)
	if form.Field("Reason for request").Found {
		t.Error("a byte order mark further below is an ordinary character: got a heading behind it")
	}
}
