package yamlfile_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// walk reads a file as a small policy would and returns what it saw, one value in a line.
func walk(f *yamlfile.File) string {
	var seen []string
	say := func(format string, args ...any) { seen = append(seen, fmt.Sprintf(format, args...)) }
	f.Root().Object(map[string]func(yamlfile.Node){
		"text":   func(n yamlfile.Node) { say("text %q", n.Text()) },
		"scalar": func(n yamlfile.Node) { say("scalar %q", n.Scalar()) },
		"int":    func(n yamlfile.Node) { say("int %d", n.Int()) },
		"bool":   func(n yamlfile.Node) { say("bool %t", n.Bool()) },
		"word":   func(n yamlfile.Node) { say("word %q", n.OneOf("input", "dropdown", "textarea")) },
		"exists": func(n yamlfile.Node) { say("exists %t list %t object %t", n.Exists(), n.IsList(), n.IsObject()) },
		"list": func(n yamlfile.Node) {
			n.List(func(i int, item yamlfile.Node) {
				line, column := item.Pos()
				say("list %d %q at %d:%d", i, item.Text(), line, column)
			})
		},
		"any": func(n yamlfile.Node) {
			n.Entries(func(key string, keyNode, value yamlfile.Node) {
				kl, kc := keyNode.Pos()
				vl, vc := value.Pos()
				say("any %q at %d:%d = %q at %d:%d", key, kl, kc, value.Scalar(), vl, vc)
			})
		},
	})
	return strings.Join(seen, "\n")
}

func TestRead(t *testing.T) {
	tests := []struct{ name, src, want, errs string }{
		{"empty", "", "", "1:1: want keys with values, got nothing"},
		{"comment only", "# c\n", "", "1:1: want keys with values, got nothing"},
		{"markers", "---\ntext: a\n...\n", `text "a"`, ""},
		{"byte order mark and CRLF", "\ufefftext: a\r\nint: 7\r\n", "text \"a\"\nint 7", ""},
		{"texts", "text: |\n  a\n  b\nscalar: 7d\n", "text \"a\\nb\\n\"\nscalar \"7d\"", ""},
		{"literal as scalar", "scalar: |\n  a\n", `scalar "a\n"`, ""},
		{"number as scalar", "scalar: 0x1F\n", `scalar "0x1F"`, ""},
		{"list as scalar", "scalar: [a]\n", `scalar ""`, "1:9: want one value, got a list"},
		{"quoted yes", "text: \"yes\"\n", `text "yes"`, ""},
		{"plain yes", "text: yes\n", `text ""`, "1:7: want text, got yes, which YAML 1.1 reads as a boolean: put quotes around it"},
		{"number as text", "text: 12\n", `text ""`, "1:7: want text, got a number: put quotes around it"},
		{"boolean as text", "text: true\n", `text ""`, "1:7: want text, got a boolean: put quotes around it"},
		{"null as text", "text: ~\n", `text ""`, "1:7: want text, got nothing"},
		{"list as text", "text:\n  - a\n", `text ""`, "2:3: want text, got a list"},
		{"mapping as text", "text:\n  a: b\n", `text ""`, "2:3: want text, got keys with values"},
		{"flow mapping as text", "text: {a: b}\n", `text ""`, "1:7: want text, got keys with values"},
		{"int", "int: -12\n", "int -12", ""},
		{"hexadecimal int", "int: 0x10\n", "int 0", "1:6: want a whole number in decimal digits, up to 63 bits"},
		{"word as int", "int: twelve\n", "int 0", "1:6: want a whole number, got a text"},
		{"bool", "bool: true\n", "bool true", ""},
		{"old bool", "bool: on\n", "bool false", "1:7: want true or false, got on: write true or false (or put quotes around it if it is a text)"},
		{"quoted bool", "bool: \"on\"\n", "bool false", "1:7: want true or false, got a text"},
		{"shouted bool", "bool: TRUE\n", "bool true", "1:7: write true instead of TRUE"},
		{"one of", "word: input\n", `word "input"`, ""},
		{"one of, near", "word: inptu\n", `word ""`, `1:7: unknown word "inptu": did you mean "input"? allowed: input, dropdown, textarea`},
		{"one of, far", "word: 12\n", `word ""`, `1:7: unknown word "12": allowed: input, dropdown, textarea`},
		{"one of a list", "word: [input]\n", `word ""`, "1:7: want one of: input, dropdown, textarea, got a list"},
		{"exists", "exists: 1\n", "exists true list false object false", ""},
		{"null does not exist", "exists:\n", "exists false list false object false", ""},
		{"list", "list:\n  - é\n  - b\n", "list 0 \"é\" at 2:5\nlist 1 \"b\" at 3:5", ""},
		{"columns count characters", "list: [é, b]\n", "list 0 \"é\" at 1:8\nlist 1 \"b\" at 1:11", ""},
		{"no list", "list: a\n", "", "1:7: want a list, got a text"},
		{"entries", "any: {b: 1, a: x}\n", "any \"b\" at 1:7 = \"1\" at 1:10\nany \"a\" at 1:13 = \"x\" at 1:16", ""},
		{"unknown key", "txet: a\nint: 1\n", "int 1", `1:1: unknown key "txet": did you mean "text"? allowed: any, bool, exists, int, list, scalar, text, word`},
		{
			"all problems at once", "int: a\ntext: 1\n", "int 0\ntext \"\"",
			"1:6: want a whole number, got a text\n2:7: want text, got a number: put quotes around it",
		},
		{"not a mapping", "- a\n", "", "1:1: want keys with values, got a list"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := yamlfile.Read([]byte(test.src))
			if diff := cmp.Diff(test.want, walk(f)); diff != "" {
				t.Errorf("values (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(test.errs, errorText(f)); diff != "" {
				t.Errorf("errors (-want +got):\n%s", diff)
			}
		})
	}
}

func errorText(f *yamlfile.File) string {
	if err := f.Err(); err != nil {
		return err.Error()
	}
	return ""
}

func TestReadRefuses(t *testing.T) {
	tests := []struct{ name, src, want string }{
		{"too large", strings.Repeat("#", 64<<10+1), "1:1: the file has 65537 bytes: the most is 65536"},
		{"not UTF-8", "a: é\nb: é\xff\n", "2:5: not valid UTF-8 text"},
		{"NUL", "a: \x00\n", "1:4: not valid UTF-8 text"},
		{"blank lines", "a: |\n" + strings.Repeat("\n", 200), "102:1: more than 100 blank lines in a row"},
		{"syntax", "a: 1\nb: [\n", "2:4: sequence end token ']' not found"},
		{"two documents", "a: 1\n---\nb: 1\n", "3:2: a second document: only one is allowed"},
		{"anchor and alias", "a: &x 1\nb: *x\n", "1:4: anchors (&) and aliases (*) are not allowed: put quotes around a text that begins so\n" +
			"2:4: anchors (&) and aliases (*) are not allowed: put quotes around a text that begins so"},
		{"tag", "a: !!str 1\n", "1:4: tags (!) are not allowed: put quotes around a text that begins so"},
		{"merge key", "<<: {a: 1}\n", "1:1: merge keys (<<) are not allowed"},
		{"directive", "%YAML 1.1\n---\na: 1\n", "1:1: directives (%) are not allowed"},
		{"complex key", "? a\n: b\n", "1:1: write `key: value`, without `?`"},
		{"duplicate keys", "a: 1\nb:\n  - {c: 1, c: 2}\na: 2\n", "3:12: key \"c\" is already in line 3\n4:1: key \"a\" is already in line 1"},
		{"deep flow", strings.Repeat("[", 51), "1:50: nested deeper than 50 levels"},
		{"deep list", strings.Repeat("- ", 51), "1:101: nested deeper than 50 levels"},
		{"deep mapping", nested(51), "51:51: nested deeper than 50 levels"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := yamlfile.Read([]byte(test.src))
			if diff := cmp.Diff(test.want, errorText(f)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if f.Root() != (yamlfile.Node{}) {
				t.Error("Root is not the zero Node")
			}
			if got := walk(f); got != "" {
				t.Errorf("walk of an unreadable file saw %q", got)
			}
			if diff := cmp.Diff(test.want, errorText(f)); diff != "" {
				t.Errorf("after the walk (-want +got):\n%s", diff)
			}
		})
	}
}

func nested(depth int) string {
	var b strings.Builder
	for i := range depth {
		fmt.Fprintf(&b, "%sa:\n", strings.Repeat(" ", i))
	}
	return b.String()
}

func TestZeroNode(t *testing.T) {
	var n yamlfile.Node
	if n.Exists() || n.Text() != "" || n.Scalar() != "" || n.Int() != 0 || n.Bool() || n.OneOf("a") != "" {
		t.Error("the zero Node has a value")
	}
	n.List(func(int, yamlfile.Node) { t.Error("the zero Node has an item") })
	f := yamlfile.Read([]byte("a: 1\n"))
	f.Errorf(n, "no %s", "jobs")
	if got, want := errorText(f), "1:1: no jobs"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestErrorsAreSortedAndUnique(t *testing.T) {
	f := yamlfile.Read([]byte("a: 1\nb: 2\n"))
	f.Root().Entries(func(_ string, keyNode, _ yamlfile.Node) {
		defer f.Errorf(f.Root(), "first")
		f.Errorf(keyNode, "here")
	})
	if diff := cmp.Diff("1:1: here\n1:1: first\n2:1: here", errorText(f)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestClosest(t *testing.T) {
	allowed := []string{"approvals", "approve", "wait"}
	tests := map[string]string{
		"aprovals": "approvals", "aprove": "approve", "Wait": "wait", "wiat": "wait", "": "", "x": "", "evidence": "",
		"approvl": "approve", strings.Repeat("a", 1000): "",
	}
	for word, want := range tests {
		// "wiat" is two changes away from "wait", and 1 + 4/4 are allowed.
		if got := yamlfile.Closest(word, allowed); got != want {
			t.Errorf("Closest(%q) = %q, want %q", word, got, want)
		}
	}
}

func FuzzRead(f *testing.F) {
	for _, seed := range []string{
		"", "---\na: 1\n...\n", "a: [1, {b: c}]\n", "a: &x [*x]\n", "text: |\n  a\n\nlist:\n- x\n", "? a\n: b", "a: \"\\u00e9", "é: yes\r\n",
		"a:\n  - b: c\n    d: >-\n      e\n", "\ufeff", "{", "- - - a", "%YAML", "!!map {}", "a: b: c", "'", "\t",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		file := yamlfile.Read(src)
		walk(file)
		err := file.Err()
		if err == nil {
			return
		}
		lines := strings.Split(strings.ReplaceAll(strings.ReplaceAll(string(src), "\r\n", "\n"), "\r", "\n"), "\n")
		all, ok := errors.AsType[yamlfile.Errors](err)
		if !ok {
			t.Fatalf("Err() is a %T", err)
		}
		for _, e := range all {
			if e.Line < 1 || e.Line > len(lines) || e.Column < 1 || e.Column > utf8.RuneCountInString(lines[e.Line-1])+1 {
				t.Errorf("%v is outside the file", e)
			}
		}
	})
}

// A problem carries the line of the file, whatever the line ends are.
func TestErrorSource(t *testing.T) {
	f := yamlfile.Read([]byte("a: 1\r\nb: [two, 3]\r\n"))
	yamlfile.Node{}.Errorf("of no file")
	f.Root().Object(map[string]func(yamlfile.Node){
		"a": func(n yamlfile.Node) {
			if !n.IsNumber() || n.IsText() {
				t.Error("1 is no number")
			}
		},
		"b": func(n yamlfile.Node) {
			n.List(func(i int, n yamlfile.Node) {
				if n.IsText() != (i == 0) || n.IsNumber() != (i == 1) {
					t.Errorf("item %d is of the wrong kind", i)
				}
				n.Errorf("item %d", i)
			})
		},
	})
	want := yamlfile.Errors{
		{Line: 2, Column: 5, Text: "item 0", Source: "b: [two, 3]"},
		{Line: 2, Column: 10, Text: "item 1", Source: "b: [two, 3]"},
	}
	if diff := cmp.Diff(error(want), f.Err()); diff != "" {
		t.Errorf("the problems (-want +got):\n%s", diff)
	}
}
