package parser_test

import (
	"cmp"
	"regexp"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/parser"
)

// pypiRules are the rules of a real registry, as a policy's preset has them.
func pypiRules() parser.NameRules {
	return parser.NameRules{
		MaxLength:   50,
		Pattern:     regexp.MustCompile(`\A[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\z`),
		ProfileURLs: []string{"", "https://pypi.org/user/"},
	}
}

// TestClean reads testdata/names.txt.
func TestClean(t *testing.T) {
	for _, c := range cases(t, "testdata/names.txt", 3) {
		name, code := pypiRules().Clean(unquote(t, c[0]))
		if cmp.Or(name, "-") != c[1] || cmp.Or(code, "good") != c[2] {
			t.Errorf("Clean(%s) = %q, %q; want %q, %q", c[0], name, code, c[1], c[2])
		}
	}
}

func TestCleanMaxLength(t *testing.T) {
	fifty := strings.Repeat("a", 50)
	if name, code := pypiRules().Clean("`" + fifty + "`"); name != fifty || code != "" {
		t.Errorf("fifty letters: %q, %q", name, code)
	}
	if name, code := pypiRules().Clean(fifty + "a"); name != "" || code != parser.NameTooLong {
		t.Errorf("fifty-one letters: %q, %q", name, code)
	}
}

func TestCleanWithoutAnchorsOrRules(t *testing.T) {
	if name, code := (parser.NameRules{}).Clean(" `J+x` "); name != "J+x" || code != "" {
		t.Errorf("got %q, %q", name, code)
	}
	loose := parser.NameRules{Pattern: regexp.MustCompile(`[a-z]+`)}
	if name, code := loose.Clean("abc+"); name != "" || code != parser.NameInvalid {
		t.Errorf("a part of the name is enough: %q, %q", name, code)
	}
}

func TestCanonical(t *testing.T) {
	r := pypiRules()
	if got, want := r.Canonical("J.B-b_Er"), "j.b-b_er"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	r.CaseSensitive = true
	if got, want := r.Canonical("JBber"), "JBber"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFold(t *testing.T) {
	alike := [][2]string{{"j.b-b_er", "jbber"}, {"Il1i", "1111"}, {"o0O", "000"}, {"rnodern", "modem"}, {"mr-n", "mm"}, {"cr.n", "cm"}}
	for _, pair := range alike {
		if parser.Fold(pair[0]) != parser.Fold(pair[1]) {
			t.Errorf("%q and %q differ: %q, %q", pair[0], pair[1], parser.Fold(pair[0]), parser.Fold(pair[1]))
		}
	}
	if parser.Fold("jbber") == parser.Fold("jbbar") {
		t.Error("e and a look alike")
	}
}

func TestCodePoints(t *testing.T) {
	tests := map[string][]string{
		"jbber": nil, "": nil, "j\u0430b\u0430\u200b": {"U+0430", "U+200B"}, "\U0001f600\xff": {"U+1F600", "U+FFFD"},
		"\u0410\u0411\u0412\u0413\u0414\u0415\u0416\u0417\u0418\u0419\u041a": {
			"U+0410", "U+0411", "U+0412", "U+0413", "U+0414", "U+0415", "U+0416", "U+0417", "U+0418", "U+0419",
		},
	}
	for value, want := range tests {
		if diff := gocmp.Diff(want, parser.CodePoints(value)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", value, diff)
		}
	}
}

func FuzzClean(f *testing.F) {
	for _, seed := range []string{"jbber", "`@jbber`", "Username: [x]", "https://pypi.org/user/a/", "a@b", "a or b", "\u0430", "''"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		rules := pypiRules()
		name, code := rules.Clean(value)
		if (name == "") != (code != "") {
			t.Fatalf("Clean(%q) = %q, %q: want either", value, name, code)
		}
		if code != "" {
			return
		}
		if !strings.Contains(value, name) || !rules.Pattern.MatchString(name) || len(name) > rules.MaxLength {
			t.Errorf("Clean(%q) made up the name %q", value, name)
		}
		if again, code := rules.Clean(name); again != name || code != "" {
			t.Errorf("Clean(%q) = %q, %q: a clean name is not clean", name, again, code)
		}
	})
}
