package repotest

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what the rules find into testdata")

// TestRules runs each rule over the small repository in testdata/RULE.txtar, whose file "want" lists what
// the rule must find: nothing less, and nothing in the good files. A rule without such a file fails.
func TestRules(t *testing.T) {
	for _, r := range Rules() {
		t.Run(r.Name, func(t *testing.T) {
			c := readCase(t, r.Name)
			c.check(t, Run(c.tree(t), []Rule{r}, nil))
		})
	}
}

// TestCheckCommands reads the commands of the documents in testdata/commands.txtar and looks them up in
// its files "help", "help serve" and so on.
func TestCheckCommands(t *testing.T) {
	c := readCase(t, "commands")
	help := func(words ...string) (string, error) {
		name := strings.Join(append([]string{"help"}, words...), " ")
		text, ok := c.files[name]
		if !ok {
			return "", fmt.Errorf("no file %q in %s", name, c.path)
		}
		return string(text.Data), nil
	}
	found, err := CheckCommands(Commands(c.tree(t)), help)
	if err != nil {
		t.Fatal(err)
	}
	c.check(t, found)
}

// rulesCase is one file of testdata: a repository, and what is to be found in it.
type rulesCase struct {
	path  string
	files fstest.MapFS
	want  string
}

func readCase(t *testing.T, name string) rulesCase {
	t.Helper()
	c := rulesCase{path: filepath.Join("testdata", name+".txtar"), files: fstest.MapFS{}}
	archive, err := txtar.ParseFile(c.path)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		if f.Name == "want" {
			c.want = string(f.Data)
			continue
		}
		c.files[f.Name] = &fstest.MapFile{Data: f.Data}
	}
	return c
}

func (c rulesCase) tree(t *testing.T) *Tree {
	t.Helper()
	tree, err := Load(c.files)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func (c rulesCase) check(t *testing.T, found []Finding) {
	t.Helper()
	got := report(found)
	if *update {
		c.write(t, got)
		return
	}
	if got == "" {
		t.Errorf("%s shows nothing bad: a rule that cannot fail is no rule", c.path)
	}
	if diff := cmp.Diff(c.want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", c.path, diff)
	}
}

func (c rulesCase) write(t *testing.T, got string) {
	t.Helper()
	archive, err := txtar.ParseFile(c.path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range archive.Files {
		if archive.Files[i].Name == "want" {
			archive.Files[i].Data = []byte(got)
		}
	}
	if err := os.WriteFile(c.path, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

func report(found []Finding) string {
	var b strings.Builder
	for _, f := range found {
		fmt.Fprintln(&b, f)
	}
	return b.String()
}

func TestRunExceptions(t *testing.T) {
	rule := Rule{"size", func(*Tree) []Finding {
		return []Finding{
			{Path: "cmd/a.go", Line: 3, Name: "main", Text: "too long"},
			{Path: "cmd/a.go", Line: 90, Name: "other", Text: "too long"},
		}
	}}
	exceptions := []Exception{
		{Rule: "size", Path: "cmd/a.go", Name: "main", Why: "wiring"},
		{Rule: "size", Path: "cmd/b.go", Name: "gone", Why: "wiring"},
		{Rule: "docs", Path: "cmd/a.go", Name: "other"},
	}
	want := `cmd/a.go:90: size: too long
cmd/b.go: size: the exception for gone is not needed any more: take it out
cmd/a.go: docs: the exception for other gives no reason
`
	if diff := cmp.Diff(want, report(Run(&Tree{}, []Rule{rule}, exceptions))); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

// TestSizeLimits checks the limits that would need long files to break: each is allowed, one more is not.
func TestSizeLimits(t *testing.T) {
	pad := func(n int) string { return strings.Repeat("\n", n) }
	function := func(lines int) string { return "func f() {" + pad(lines-1) + "}\n" }
	short := &fstest.MapFile{Data: []byte("package bot\n" + strings.Repeat("func g() {}\n", 10))}
	file := func(body string) fstest.MapFS {
		return fstest.MapFS{"bot/a.go": {Data: []byte("package bot\n" + body)}, "bot/b.go": short, "bot/c.go": short}
	}
	tests := []struct {
		name string
		fsys fstest.MapFS
		want string
	}{
		{"function at the limit", file(function(60)), ""},
		{"function over the limit", file(function(61)), "bot/a.go:2: f has 61 lines, more than 60: split it by what it does\n"},
		{"function of a test", fstest.MapFS{"bot/a_test.go": {Data: []byte("package bot\n" + function(61))}}, ""},
		{"file at the limit", file(pad(499)), ""},
		{"file over the limit", file(pad(500)), "bot/a.go:501: 501 lines, more than 500: split the file by what it is about\n"},
		{"test file over the limit", fstest.MapFS{"bot/a_test.go": {Data: []byte("package bot\n" + pad(500))}}, "bot/a_test.go:501: 501 lines, more than 500: split the file by what it is about\n"},
		{"median", fstest.MapFS{"bot/a.go": {Data: []byte("package bot\n" + function(13) + function(13) + function(2))}}, ".: the median function is 13 lines, more than 12\n"},
		{"p90", file(strings.Repeat(function(41), 3)), ".: the 90th percentile of functions is 41 lines, more than 40\n"},
		{"median file", fstest.MapFS{"bot/a.go": {Data: []byte("package bot\n" + pad(160))}}, ".: the median file is 161 lines, more than 160\n"},
		{"generated", fstest.MapFS{"bot/a.go": {Data: []byte("// Code generated by x. DO NOT EDIT.\n\npackage bot\n" + function(100))}}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tree, err := Load(tt.fsys)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, report(Size(tree))); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
		})
	}
}
