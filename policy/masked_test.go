package policy

import (
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/text"

	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/parser/leak"
)

// maskedToken has the form of a PyPI token, and was never one.
const maskedToken = "pypi-AgEIcHlwaS5vcmcCJDExMTExMTExLTIyMjItNDMzMy04NDQ0LTU1NTU1NTU1NTU1NQACKlszLCI2NjY2NjY2Ni03Nzc3LTQ4ODgtODk5OS0wMDAwMDAwMDAwMDAiXQAABiB5hbDIuFjnf1fG1AOzFa3gTSSF1uwtCWlCVurdINtvJw"

func TestWithoutSecrets(t *testing.T) {
	for _, c := range []struct {
		text, want string
		most       int
		had        bool
	}{
		{"", "", 100, false},
		{"Nothing here, see git commit da39a3ee5e6b4b0d3255bfef95601890afd80709.", "Nothing here, see git commit da39a3ee5e6b4b0d3255bfef95601890afd80709.", 10, false},
		{"mine is ann@example.org", "mine is ann@example.org", 100, false},
		{"It is " + maskedToken + ", thanks.", "It is [removed: token], thanks.", 100, true},
		{maskedToken + " and " + maskedToken, "[removed: token] and [removed: token]", 100, true},
		{"Straße " + maskedToken, "Straße [re…", 11, true},
		{"Straße " + maskedToken, "Straße [removed: token]", 23, true},
		{strings.Repeat("ä", 99) + " " + maskedToken, strings.Repeat("ä", 99) + " …", 101, true},
	} {
		got, had := WithoutSecrets(c.text, c.most)
		if got != c.want || had != c.had {
			t.Errorf("%.40q, %d: got %q, %v; want %q, %v", c.text, c.most, got, had, c.want, c.had)
		}
	}
}

func maskedRules(t testing.TB) *Rules {
	t.Helper()
	return testRules(t, storyPolicy(t))
}

func maskedOf(written string) Masked {
	return Masked{Login: "ann", Written: time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC), Text: written}
}

func TestRenderMasked(t *testing.T) {
	const intro = "`ann` wrote this on 3 December 2026, 10:00 UTC. There was a secret in it, so we took the secret out and deleted the first version.\n\n"
	for written, want := range map[string]string{
		"My token:\n" + maskedToken:                 "```\nMy token:\n[removed: token]\n```",
		"`" + maskedToken + "` ok":                  "```\n`[removed: token]` ok\n```",
		"```\n" + maskedToken + "\n```\n@bob":       "````\n```\n[removed: token]\n```\n＠bob\n````",
		"a\r\nb\rc " + maskedToken:                  "```\na\nb\nc [removed: token]\n```",
		"fixes #12 " + maskedToken:                  "```\nfixes ＃12 [removed: token]\n```",
		"x\u202ey\u200bz\x00 " + maskedToken:        "```\nx[U+202E]y[U+200B]z[U+0000] [removed: token]\n```",
		strings.Repeat("`", 40) + " " + maskedToken: strings.Repeat("`", 16) + "\n" + strings.Repeat("`", 15) + "… [removed: token]\n" + strings.Repeat("`", 16),
	} {
		got, err := maskedRules(t).RenderMasked(maskedOf(written))
		if err != nil || got != intro+want {
			t.Errorf("got %v\n%s\nwant\n%s", err, got, intro+want)
		}
	}
}

// Who wrote it is told where GitHub says so, in the language that is asked for,
// else in the default one.
func TestMaskedIntroduction(t *testing.T) {
	for login, want := range map[string]string{"ann": "`ann` wrote this", "": "Somebody wrote this", "a`@bob": "Somebody wrote this", "a b": "Somebody wrote this"} {
		m := maskedOf(maskedToken)
		m.Login = login
		got, err := maskedRules(t).RenderMasked(m)
		if err != nil || !strings.HasPrefix(got, want+" on ") || strings.Contains(got, "@") {
			t.Errorf("%q: got %v\n%s\nwant %q", login, err, got, want)
		}
	}
	m := maskedOf(maskedToken)
	m.Written = time.Time{}
	if got, err := maskedRules(t).RenderMasked(m); err != nil || !strings.HasPrefix(got, "`ann` wrote this. There") {
		t.Errorf("got %v\n%s\nwant no time", err, got)
	}
	if _, err := new(Rules).RenderMasked(m); err == nil {
		t.Error("rules that are not finished have texts")
	}
	es := maskedRules(t)
	es.Languages = []string{"es"}
	if err := es.learn(); err != nil {
		t.Fatal(err)
	}
	if got, err := es.RenderMasked(m); err != nil || !strings.HasPrefix(got, "`ann` escribió esto.") {
		t.Errorf("got %v\n%s\nwant Spanish", err, got)
	}
	es.Languages = []string{"en", "es"}
	for language, want := range map[string]string{"es": "`ann` escribió esto.", "en": "`ann` wrote this.", "": "`ann` wrote this.", "fr": "`ann` wrote this."} {
		m.Language = language
		if got, err := es.RenderMasked(m); err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("in %q: got %v\n%s\nwant %s", language, err, got, want)
		}
	}
}

// FuzzRenderMasked: whatever somebody wrote, what we post has no secret and is
// not too long; all of it but our own words is one block of code; and it is no
// command, mentions nobody, refers to nothing and hides nothing.
func FuzzRenderMasked(f *testing.F) {
	for _, s := range []string{
		"see " + maskedToken, "```\n/approve\n```\n/withdraw " + maskedToken, "~~~\n<!-- recoverybot: mask:1 -->", "/object\n@octo/admins fixes #1",
		"\u202e\u200b\x00\xff\r\n\r", strings.Repeat("`", 70000), strings.Repeat("\u200b", 66000), "    ````\n\t```", "&#64;bob &commat;bob", "</code></pre>",
		"password: hunter2secret", "codes: 0123456789abcdef fedcba9876543210", "ghp_0123456789abcdefghijABCDEFGHIJ012345",
	} {
		f.Add(s)
	}
	rules := maskedRules(f)
	f.Fuzz(func(t *testing.T, written string) {
		got, err := rules.RenderMasked(maskedOf(written))
		if err != nil {
			t.Fatal(err)
		}
		for _, bad := range badMasked(got) {
			t.Errorf("%q: %s\n%s", written, bad, got)
		}
	})
}

// badMasked returns what is wrong with a comment that is posted anew.
func badMasked(got string) (bad []string) {
	if anySecret(leak.Scan(got)) {
		bad = append(bad, "a secret")
	}
	if n := utf8.RuneCountInString(got); n > MaxBody-100 {
		bad = append(bad, fmt.Sprintf("%d characters, and no room for the key", n))
	}
	if _, ok := parser.ParseCommand(got); ok {
		bad = append(bad, "a command")
	}
	if strings.ContainsAny(got, "@#\r\u200b\u202e\x00") || !utf8.ValidString(got) {
		bad = append(bad, "a mention, a reference, or a hidden character")
	}
	var kinds []string
	for n := goldmark.DefaultParser().Parse(text.NewReader([]byte(got))).FirstChild(); n != nil; n = n.NextSibling() {
		kinds = append(kinds, n.Kind().String())
	}
	if fmt.Sprint(kinds) != fmt.Sprint([]string{ast.KindParagraph.String(), ast.KindFencedCodeBlock.String()}) {
		bad = append(bad, fmt.Sprintf("not words and one block of code: %v", kinds))
	}
	return bad
}
