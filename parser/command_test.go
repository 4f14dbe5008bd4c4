package parser_test

import (
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/parser"
)

// TestParseCommand reads testdata/commands.txt.
func TestParseCommand(t *testing.T) {
	for _, c := range cases(t, "testdata/commands.txt", 3) {
		t.Run(c[0], func(t *testing.T) {
			if diff := cmp.Diff(c[2], words(parser.ParseCommand(unquote(t, c[1])))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestParseCommandLimits(t *testing.T) {
	tests := []struct{ name, comment, want string }{
		{"longest", "/x " + strings.Repeat("a", 253), "x " + strings.Repeat("a", 253)},
		{"too long", "/x " + strings.Repeat("a", 254), "-"},
		{"too many arguments", "/x" + strings.Repeat(" a", 17), "-"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, words(parser.ParseCommand(test.comment))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// cases reads a table: a line for each case, its cells parted by " | ", and comments that begin with a number sign.
func cases(t *testing.T, path string, cells int) [][]string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var rows [][]string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSuffix(line, "\n")
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		row := strings.Split(line, " | ")
		if len(row) != cells {
			t.Fatalf("%s: %q has %d cells, want %d", path, line, len(row), cells)
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		t.Fatalf("%s has no cases", path)
	}
	return rows
}

func unquote(t *testing.T, text string) string {
	t.Helper()
	s, err := strconv.Unquote(text)
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return s
}

func words(c parser.Command, ok bool) string {
	if !ok {
		return "-"
	}
	return strings.Join(append([]string{c.Name}, c.Args...), " ")
}

func FuzzParseCommand(f *testing.F) {
	for _, seed := range []string{"/help", "/username jbber\n", "\r\n/a b c", "\ufeff/x", "> /x", "/x\nOn y wrote:", "/usr/bin"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, comment string) {
		c, ok := parser.ParseCommand(comment)
		if !ok {
			if diff := cmp.Diff(parser.Command{}, c); diff != "" {
				t.Errorf("a refused comment gives a command (-want +got):\n%s", diff)
			}
			return
		}
		if got, again := parser.ParseCommand(words(c, true)); again {
			t.Errorf("without the slash %q is a command: %v", words(c, true), got)
		}
		if diff := cmp.Diff(words(c, true), words(parser.ParseCommand("/"+words(c, true)))); diff != "" {
			t.Errorf("written anew it differs (-want +got):\n%s", diff)
		}
		for _, before := range []string{"> ", " ", "\t", "`", "- ", "<!--", "<details>", "\ufeff", "\u200b", "Hello\n", "> quote\n"} {
			if got, ok := parser.ParseCommand(before + comment); ok && strings.TrimLeft(comment, " \r\n") == comment {
				t.Errorf("%q before the command runs %v", before, got)
			}
		}
		if got, ok := parser.ParseCommand("> " + comment); ok {
			t.Errorf("quoted it runs %v", got)
		}
	})
}
