//go:build !race

package policy

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/recoverybot/recoverybot/internal/sample"
)

// The files of testdata/texts are folders of an operator's texts, with what is
// said about them. The first line of `languages` is the key of that name.
func TestOwnTexts(t *testing.T) {
	files, err := filepath.Glob("testdata/texts/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no texts: %v", err)
	}
	for _, file := range sample.Each(t, files, sample.Sizes{Plain: 1, Race: 7, All: 1}) {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) { checkOwn(t, file) })
	}
}

func checkOwn(t *testing.T, file string) {
	t.Helper()
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	files := testForms(t)
	src := string(storyPolicy(t)) + "texts: texts/\n"
	want, at := "", -1
	for i, f := range ar.Files {
		switch f.Name {
		case "languages":
			src += "languages: " + string(f.Data)
		case "want":
			want, at = string(f.Data), i
		default:
			files[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	got := ownSays(t, src, files)
	if updating() {
		if at < 0 {
			ar.Files = append(ar.Files, txtar.File{Name: "want"})
			at = len(ar.Files) - 1
		}
		ar.Files[at].Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(ar), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func ownSays(t *testing.T, src string, files fstest.MapFS) string {
	t.Helper()
	rules, err := ParseRules([]byte(src), files)
	if errs, ok := errors.AsType[Errors](err); ok {
		return errs.In("recovery.yml") + "\n"
	}
	if err != nil {
		t.Fatal(err)
	}
	got := "good\n"
	for _, w := range rules.Warnings() {
		if strings.HasPrefix(w, "texts: ") {
			got += w + "\n"
		}
	}
	return got
}

// TestLanguagesSayTheSame: a translation has each text, with the fields, texts
// and functions that the English one has, so that none forgets a date or a link.
func TestLanguagesSayTheSame(t *testing.T) {
	english, err := builtinTexts(English)
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := textFiles.ReadDir("texts")
	if err != nil {
		t.Fatal(err)
	}
	if len(dirs) != len(BuiltinLanguages()) {
		t.Errorf("%d folders of texts, %d languages", len(dirs), len(BuiltinLanguages()))
	}
	for _, language := range BuiltinLanguages()[1:] {
		other, err := builtinTexts(language)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(slices.Sorted(maps.Keys(english)), slices.Sorted(maps.Keys(other))); diff != "" {
			t.Errorf("%s has other texts (-en +%s):\n%s", language, language, diff)
		}
		for _, name := range slices.Sorted(maps.Keys(english)) {
			if other[name] == nil {
				continue
			}
			if diff := cmp.Diff(parts(english[name].Root.String()), parts(other[name].Root.String())); diff != "" {
				t.Errorf("%s: %q uses other values (-en +%s):\n%s", language, name, language, diff)
			}
		}
	}
}

// parts are the actions and the commands of a template, sorted: words may come
// in another order in another language. What Say is given is words.
func parts(src string) []string {
	var all []string
	for i, piece := range strings.Split(src, "{{") {
		action, _, _ := strings.Cut(piece, "}}")
		if i == 0 {
			continue
		}
		if strings.HasPrefix(action, ".Say \"") {
			action = ".Say"
		}
		all = append(all, action)
	}
	spans, _ := codeSpans(src)
	for _, m := range spans {
		if strings.HasPrefix(m, "/") && !strings.Contains(m, "{{") {
			all = append(all, m)
		}
	}
	slices.Sort(all)
	return all
}

// TestBuiltinTextsKeepTheRules: what an operator's texts must pass, ours pass.
func TestBuiltinTextsKeepTheRules(t *testing.T) {
	rules := textRules(t)
	for _, language := range BuiltinLanguages() {
		all, err := builtinTexts(language)
		if err != nil {
			t.Fatal(err)
		}
		o := &ownTexts{byName: map[string]trees{language: all}, places: map[string]Error{}, types: dataTypes()}
		for name, tree := range all {
			for _, e := range o.check(source{name, ""}, name, tree) {
				t.Errorf("%s: %s: %s", language, name, e.Text)
			}
			o.places[language+"/"+name] = Error{File: name}
		}
		set := *rules.texts[language]
		set.plain = rules.texts[language]
		rules.texts[language] = &set
		rules.own = o.byName
		if errs := o.judge(rules); len(errs) > 0 {
			t.Errorf("%s: %v", language, errs)
		}
	}
}

// TestUnsafeOwnTextGivesWay: a text that is not safe with values that no sample
// has is not written: the built-in one is.
func TestUnsafeOwnTextGivesWay(t *testing.T) {
	files := testForms(t)
	files["texts/a.md"] = &fstest.MapFile{Data: []byte("{{define \"footer\"}}<sub>{{if eq .Account \"hal\"}}<!-- recoverybot: status -->{{end}}ours</sub>{{end}}")}
	rules, err := ParseRules(append(storyPolicy(t), "texts: texts\n"...), files)
	if err != nil {
		t.Fatal(err)
	}
	x := sampleStatus(Triage, Staff)
	for account, own := range map[string]bool{"ann": true, "hal": false} {
		x.Account = account
		got, err := rules.Render(x)
		if err != nil || strings.Contains(got, "<!--") || strings.Contains(got, "<sub>ours</sub>") != own {
			t.Errorf("for %s: error %v, own text %v wanted:\n%s", account, err, own, got)
		}
	}
}

// TestTextsByLinks: the folder may be a ConfigMap of Kubernetes: links to files
// and folders below ..data, and what editors leave.
func TestTextsByLinks(t *testing.T) {
	dir := t.TempDir()
	for name, file := range testForms(t) {
		writeBelow(t, dir, name, file.Data)
	}
	writeBelow(t, dir, "texts/..2026_11_21/hello.md", []byte(`{{define "hello"}}Hi{{with .Mention}} {{.}}{{end}}{{end}}`))
	writeBelow(t, dir, "elsewhere/hello.md", []byte(`{{define "hello"}}Buenas{{with .Mention}} {{.}}{{end}}{{end}}`))
	for name, target := range map[string]string{
		"..data": "..2026_11_21", "hello.md": "..data/hello.md", "es": "../elsewhere", ".#hello.md": "ann@host.1234",
	} {
		if err := os.Symlink(target, filepath.Join(dir, "texts", name)); err != nil {
			t.Fatal(err)
		}
	}
	rules, err := ParseRules(append(storyPolicy(t), "languages: [en, es]\ntexts: texts\n"...), os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	for language, greeting := range map[string]string{"en": "Hi", "es": "Buenas"} {
		x := sampleStatus(Triage, Staff)
		x.Language = language
		if got, err := rules.Render(x); err != nil || !strings.Contains(got, greeting) {
			t.Errorf("%s: error %v, want the greeting %s:\n%s", language, err, greeting, got)
		}
	}
}

func writeBelow(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkOwnTexts checks texts that reach every comment. The aim is 100 ms.
func BenchmarkOwnTexts(b *testing.B) {
	files := testForms(b)
	files["texts/a.md"] = &fstest.MapFile{Data: []byte("{{define \"hello\"}}Hi{{with .Mention}} {{.}}{{end}}{{end}}")}
	src := append(storyPolicy(b), "texts: texts\n"...)
	for b.Loop() {
		if _, err := ParseRules(src, files); err != nil {
			b.Fatal(err)
		}
	}
}
