package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/parser"
)

// TestExampleFiles shows that the demo's policy and form are those of .github,
// which a newcomer reads and copies.
func TestExampleFiles(t *testing.T) {
	n := 0
	err := fs.WalkDir(demoFiles, "demo", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		n++
		got, err := demoFiles.ReadFile(path)
		if err != nil {
			return err
		}
		name := filepath.Join("..", "..", ".github", strings.TrimPrefix(path, "demo/"))
		want, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if string(got) != string(want) {
			t.Errorf("%s differs from %s: copy one over the other", path, name)
		}
		return nil
	})
	if err != nil || n != 2 {
		t.Errorf("%d files compared, want 2; error: %v", n, err)
	}
}

func TestExamplePolicyIsGood(t *testing.T) {
	code, out, errs := run1(t.Context(), "check", "../../.github/recovery.yml")
	if code != exitOK || !strings.Contains(out, ": good. ") || errs != "" {
		t.Errorf("exit %d\n%s\n%s", code, out, errs)
	}
}

// TestMeaning finds every reason in the source: each has words.
func TestMeaning(t *testing.T) {
	code := regexp.MustCompile(`because\("([a-z-]+)"|policy\.Reason\{\{Code: "([a-z-]+)"|\badd\("(rests-[a-z-]+)"`)
	var found []string
	for _, dir := range []string{"../../policy", "../../bot", "../../bot/store"} {
		names, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names {
			src, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			for _, m := range code.FindAllStringSubmatch(string(src), -1) {
				found = append(found, m[1]+m[2]+m[3])
			}
		}
	}
	slices.Sort(found)
	found = slices.Compact(found)
	if len(found) < 75 || !slices.Contains(found, "delivery-dead") || !slices.Contains(found, "rests-on-hold") {
		t.Fatalf("found only %q", found)
	}
	for _, code := range found {
		if words := meaning(code); strings.HasPrefix(words, "(") || len(words) > 80 {
			t.Errorf("%s: %q", code, words)
		}
	}
	if words := meaning("no-such-code"); !strings.HasPrefix(words, "(") {
		t.Errorf("an unknown code means %q", words)
	}
}

func TestWrap(t *testing.T) {
	for text, want := range map[string]string{
		"":                           "",
		"one two":                    "one two",
		"one two three four":         "one two\nthree four",
		"äöü äöü äöü":                "äöü äöü\näöü",
		"averyverylongword and":      "averyverylongword and",
		"two lines\n\nand a third x": "two lines\n\nand a\nthird x",
	} {
		if got := wrap(text, 10); got != want {
			t.Errorf("wrap(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestShorten(t *testing.T) {
	for text, want := range map[string]string{"": "", "12345": "12345", "123456": "1234…", "äöüäöü": "äöüä…", "123 567": "123…"} {
		if got := shorten(text, 5); got != want {
			t.Errorf("shorten(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestQuoted(t *testing.T) {
	for word, want := range map[string]string{
		"": "''", "data/a-b_c.db": "data/a-b_c.db", "my file": "'my file'", "it's": `'it'\''s'`, "$HOME": "'$HOME'", "a;b": "'a;b'",
	} {
		if got := quoted(word); got != want {
			t.Errorf("quoted(%q) = %s, want %s", word, got, want)
		}
	}
}

// TestParsePrint is what parse shows on a terminal.
func TestParsePrint(t *testing.T) {
	src, err := demoFiles.ReadFile("demo/ISSUE_TEMPLATE/account-recovery.yml")
	if err != nil {
		t.Fatal(err)
	}
	rules, err := (&parseCmd{Policy: "../../.github/recovery.yml"}).rules()
	if err != nil {
		t.Fatal(err)
	}
	form, err := parser.ParseTemplate(src)
	if err != nil {
		t.Fatal(err)
	}
	body := "### PyPI Username\n\nab\u202ecd\n\n### Reason for request\n\nred \x1b[31m\nnext: lost 2FA, forgot password\n\n### Code of Conduct\n\n- [x] I agree to follow the Code of Conduct of this project"
	var b strings.Builder
	p := judge(rules, rules.Fit(form), body)
	_, p.Match = detect([]source{{form, "one.yml"}, {form, "two.yml"}, {form, "three.yml"}}, body)
	p.print(&b)
	for _, want := range []string{
		"complete   no\n", "account    none can be read\n", "match      0.74 one.yml\nrunner-up  0.74 two.yml\n", "\n  ab\\u202ecd\n", "\n  red \\x1b[31m\n  next: lost 2FA, forgot password\n", "marks      lost-password\nregistry   pypi\n",
		"\n  [x] I agree to follow the Code of Conduct of this project (required)\n", "\n  1:1: PyPI Username: ", "(non-ascii)\n",
	} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no %q in:\n%s", want, b.String())
		}
	}
	if strings.ContainsAny(b.String(), "\x1b\u202e") {
		t.Errorf("hidden characters reach the terminal: %q", b.String())
	}
}
