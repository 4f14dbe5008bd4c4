//go:build !race

package policy

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// TestFolderOfTexts: where the folder may be, and how large its files are.
func TestFolderOfTexts(t *testing.T) {
	block := func(n int) []byte {
		return []byte(`{{define "beware"}}We never ask for a code.{{end}}` + strings.Repeat("\n", n))
	}
	for name, c := range map[string]struct {
		folder string
		files  fstest.MapFS
		want   string
	}{
		"good":              {"texts", fstest.MapFS{"texts/a.md": {Data: block(0)}}, "good\n"},
		"with dot":          {"./texts/", fstest.MapFS{"texts/a.md": {Data: block(0)}}, "good\n"},
		"other files":       {"texts", fstest.MapFS{"texts/a.txt": {Data: []byte("{{")}}, "good\n"},
		"above the policy":  {"../texts", nil, "by a path without .."},
		"from the root":     {"/etc", nil, "by a path without .."},
		"too large":         {"texts", fstest.MapFS{"texts/a.md": {Data: block(64 << 10)}}, "texts/a.md:1:1: the file has 65586 bytes: the most is 65536"},
		"no text":           {"texts", fstest.MapFS{"texts/a.md": {Data: []byte("\xff")}}, "texts/a.md:1:1: want UTF-8 text"},
		"of other language": {"texts", fstest.MapFS{"texts/pt/a.md": {Data: block(0)}}, `texts/pt:1:1: the folder "pt" is no language`},
	} {
		files := testForms(t)
		for name, f := range c.files {
			files[name] = f
		}
		if got := ownSays(t, string(storyPolicy(t))+"texts: "+c.folder+"\n", files); !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestDigestFollowsTheTexts: a changed text is written anew, in its language
// alone; a new language changes the last line of all.
func TestDigestFollowsTheTexts(t *testing.T) {
	digests := func(more string, files fstest.MapFS) (en, es string) {
		all := testForms(t)
		for name, f := range files {
			all[name] = f
		}
		rules, err := ParseRules(append(storyPolicy(t), more...), all)
		if err != nil {
			t.Fatal(err)
		}
		return rules.digest(Text{}), rules.digest(Text{Language: "es"})
	}
	en, es := digests("languages: [en, es]\n", nil)
	en2, es2 := digests("languages: [en, es]\ntexts: texts\n", fstest.MapFS{
		"texts/es/a.md": {Data: []byte(`{{define "beware"}}Nunca pedimos un código.{{end}}`)},
	})
	if en != en2 || es == es2 {
		t.Errorf("a Spanish text changed: the English digest was %s and is %s, the Spanish one was %s and is %s", en, en2, es, es2)
	}
	if alone, _ := digests("", nil); alone == en {
		t.Errorf("with a second language the digest stays %s", en)
	}
}

// TestLanguageOfText: the default language, a chosen one, and one that is not
// offered any more.
func TestLanguageOfText(t *testing.T) {
	rules := textRules(t)
	for language, want := range map[string]string{
		"": "since 3 December 2026, 10:12 UTC", "en": "since 3 December 2026, 10:12 UTC",
		"es": "desde el 3 de diciembre de 2026, 10:12 UTC", "pt": "since 3 December 2026, 10:12 UTC",
	} {
		x := sampleStatus(Triage, Staff)
		x.Language = language
		got, err := rules.Render(x)
		if err != nil || !strings.Contains(got, want) {
			t.Errorf("%q: error %v, no %q in\n%s", language, err, want, got)
		}
		wantTongue := map[string]string{"es": "es"}[language]
		if got := rules.tongue(language); got != wantTongue {
			t.Errorf("tongue(%q) = %q, want %q", language, got, wantTongue)
		}
	}
	if got := rules.speaks("es").name; got != "Español" {
		t.Errorf("es calls itself %q", got)
	}
}

// TestExamplesCoverTheTexts: preview shows each state, kind, question, problem,
// refusal and notice.
func TestExamplesCoverTheTexts(t *testing.T) {
	rules := textRules(t)
	shown := map[string]bool{}
	for _, x := range rules.Examples(time.Date(2026, 12, 3, 10, 12, 0, 0, time.UTC)) {
		text, err := rules.Render(x.Text)
		if err != nil {
			t.Fatalf("%s: %v", x.Title, err)
		}
		if f := rules.flaws(x.Text, text, rules.speaks("")); len(f) > 0 {
			t.Errorf("%s: %s\n%s", x.Title, f, text)
		}
		if shown[x.Title] {
			t.Errorf("%q is there twice", x.Title)
		}
		shown[x.Title] = true
		shown[templateName(x.Text)] = true
		shown["kind-"+string(x.Kind)] = true
		shown["ask-"+string(x.Text.Ask)] = true
		shown["elsewhere-"+x.Text.Redirect] = true
		shown["alert-"+string(x.Text.Alert)] = true
		for _, p := range x.Text.Problems {
			shown["problem-"+p.Code] = true
		}
	}
	for name := range dataTypes() {
		family, _, _ := strings.Cut(name, "-")
		switch family {
		case "status", "kind", "problem", "ask", "refused", "elsewhere", "alert", "desk", "why", "digest":
			if !shown[name] && name != "ask-own-words" && !strings.HasPrefix(name, "desk-") && name != "problem-unclear" {
				t.Errorf("no example shows %q", name)
			}
		}
	}
}

// TestBuiltinTextsOfNoLanguage: a language without texts is an error, not a panic.
func TestBuiltinTextsOfNoLanguage(t *testing.T) {
	if _, err := builtinTexts("xx"); err == nil || !strings.Contains(err.Error(), "texts/xx") {
		t.Errorf("got %v, want an error that names the folder", err)
	}
	for src, want := range map[string]string{
		`{{define "a"}}{{`:                             "unclosed action",
		`{{define "beware"}}twice{{end}}`:              "there twice",
		`{{define "b"}}1{{end}}{{define "b"}}2{{end}}`: "multiple definition",
	} {
		all, err := builtinTexts(English)
		if err != nil {
			t.Fatal(err)
		}
		if err := all.parse("x.md", src); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("parsing %q: got %v, want %q", src, err, want)
		}
	}
}

// TestLongText: a text that would be longer than GitHub allows ends in an error.
func TestLongText(t *testing.T) {
	all := trees{}
	if err := all.parse("x.md", `{{define "long"}}{{range .}}`+strings.Repeat("words ", 100)+`{{end}}{{end}}`); err != nil {
		t.Fatal(err)
	}
	set, err := compile(English, all)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := set.execute("long", make([]string, 99)); err != nil {
		t.Errorf("99 times: %v", err)
	}
	if _, err := set.execute("long", make([]string, 101)); err == nil || !strings.Contains(err.Error(), errTooLong.Error()) {
		t.Errorf("101 times: got %v, want %v", err, errTooLong)
	}
}
