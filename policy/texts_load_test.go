//go:build !race

package policy

import (
	"io/fs"
	"strings"
	"testing"
	"testing/fstest"
)

// lockedFS has a file or folder that is there and cannot be read.
type lockedFS struct {
	fstest.MapFS
	locked string
}

func (l lockedFS) ReadFile(name string) ([]byte, error) {
	if name == l.locked {
		return nil, fs.ErrPermission
	}
	return l.MapFS.ReadFile(name)
}

func (l lockedFS) ReadDir(name string) ([]fs.DirEntry, error) {
	if name == l.locked {
		return nil, fs.ErrPermission
	}
	return l.MapFS.ReadDir(name)
}

// TestTextsThatCannotBeRead: texts that are there must not be left out silently.
func TestTextsThatCannotBeRead(t *testing.T) {
	files := testForms(t)
	files["texts/a.md"] = &fstest.MapFile{Data: []byte(`{{define "beware"}}We never ask for a code.{{end}}`)}
	files["texts/es/a.md"] = &fstest.MapFile{Data: []byte(`{{define "beware"}}Nunca pedimos un código.{{end}}`)}
	for locked, want := range map[string]string{
		"texts/a.md":    "texts/a.md:1:1: the file cannot be read",
		"texts/es/a.md": "texts/es/a.md:1:1: the file cannot be read",
		"texts/es":      "texts/es:1:1: this folder cannot be read",
	} {
		src := string(storyPolicy(t)) + "languages: [en, es]\ntexts: texts\n"
		if _, err := ParseRules([]byte(src), lockedFS{files, locked}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s is locked: got %v, want %q", locked, err, want)
		}
	}
}

// TestLongOwnTexts: a text that GitHub would not take is found when the policy
// is read, wherever it is used.
func TestLongOwnTexts(t *testing.T) {
	long := strings.Repeat("Words. ", maxText/7)
	for name, text := range map[string]string{
		"month-1":         long + "and some more",
		"day":             long + "and some more",
		"closing":         long + "and some more",
		"problem-missing": long + "and some more",
	} {
		files := testForms(t)
		files["texts/a.md"] = &fstest.MapFile{Data: []byte(`{{define "` + name + `"}}` + text + `{{end}}`)}
		_, err := ParseRules(append(storyPolicy(t), "texts: texts\n"...), files)
		if err == nil || !strings.Contains(err.Error(), errTooLong.Error()) || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: got %v, want an error that names it and says %q", name, err, errTooLong)
		}
	}
}

// TestPresetInSpanish: a tool without a policy speaks each language that is built in.
func TestPresetInSpanish(t *testing.T) {
	rules, err := Preset("plain", "es")
	if err != nil {
		t.Fatal(err)
	}
	got, err := rules.Render(sampleStatus(Triage, Staff))
	if err != nil || !strings.Contains(got, "desde el 3 de diciembre de 2026") {
		t.Errorf("error %v, no Spanish date in\n%s", err, got)
	}
}
