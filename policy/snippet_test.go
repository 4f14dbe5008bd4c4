package policy

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// The files of testdata/snippets are wrong policies with what `check` prints,
// whatever the line ends are.
func TestSnippets(t *testing.T) {
	files, err := filepath.Glob("testdata/snippets/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no policies: %v", err)
	}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		forms, last := testForms(t), len(ar.Files)-1
		for _, f := range ar.Files[1:last] {
			forms[f.Name] = &fstest.MapFile{Data: f.Data}
		}
		got := shownProblems(t, ar.Files[0].Data, forms)
		if updating() {
			ar.Files[last].Data = []byte(got)
			if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if diff := cmp.Diff(string(ar.Files[last].Data), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", file, diff)
		}
		crlf := bytes.ReplaceAll(ar.Files[0].Data, []byte("\n"), []byte("\r\n"))
		if diff := cmp.Diff(got, shownProblems(t, crlf, forms)); diff != "" {
			t.Errorf("%s with CRLF (-LF +CRLF):\n%s", file, diff)
		}
	}
}

func shownProblems(t *testing.T, src []byte, forms fstest.MapFS) string {
	t.Helper()
	_, err := ParseRules(src, forms)
	var errs Errors
	if !errors.As(err, &errs) {
		t.Fatalf("%v is a %T, want Errors", err, err)
	}
	return errs.Show("recovery.yml") + "\n"
}

// TestSnippetMark: the mark is under the column, for any column of any line.
func TestSnippetMark(t *testing.T) {
	for _, source := range []string{"gate: two", "a\tb\tc", strings.Repeat("x", 200), "é: ü", strings.Repeat("\t", 100) + "x"} {
		line := []rune(source)
		for column := 1; column <= len(line)+1; column++ {
			parts := strings.Split(Error{Line: 7, Column: column, Source: source}.snippet(), "\n")
			if len(parts) != 3 {
				t.Fatalf("%q, column %d: %q", source, column, parts)
			}
			shown, mark := []rune(parts[1]), []rune(parts[2])
			at := len(mark) - 1
			if mark[at] != '^' {
				t.Fatalf("%q, column %d: no mark in %q", source, column, parts[2])
			}
			if column <= len(line) && shown[at] != line[column-1] {
				t.Errorf("%q, column %d: the mark is under %q, want %q", source, column, shown[at], line[column-1])
			}
			for i, r := range mark[:at] {
				if (r == '\t') != (shown[i] == '\t') {
					t.Errorf("%q, column %d: a tab stands in one line alone: %q", source, column, parts)
				}
			}
		}
	}
	if got := (Error{Line: 1, Column: 1, Source: " \t"}).snippet(); got != "" {
		t.Errorf("an empty line is shown as %q", got)
	}
}
