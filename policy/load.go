package policy

import (
	"cmp"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

//go:embed presets/*.yml
var presets embed.FS

// Error is one problem of a policy, or of a form that it names.
type Error struct {
	File   string // of the form, as the policy names it; "" for the policy itself
	Line   int
	Column int
	Text   string
	Source string // the line of the file; "" if it is empty or not known
}

// Errors are all problems of a policy, in the order of the files.
type Errors []Error

// Error returns a line for each problem: "FILE:LINE:COLUMN: TEXT", with
// "policy" for the policy itself.
func (e Errors) Error() string { return e.In("policy") }

// In is Error with the policy's file name.
func (e Errors) In(policy string) string {
	lines := make([]string, 0, len(e))
	for _, p := range e {
		lines = append(lines, p.in(policy))
	}
	return strings.Join(lines, "\n")
}

// Show is In with the line of the file under each problem, and a mark under
// the place.
func (e Errors) Show(policy string) string {
	lines := make([]string, 0, len(e))
	for _, p := range e {
		lines = append(lines, p.in(policy)+p.snippet())
	}
	return strings.Join(lines, "\n")
}

func (e Error) in(policy string) string {
	return fmt.Sprintf("%s:%d:%d: %s", cmp.Or(e.File, policy), e.Line, e.Column, e.Text)
}

// ParseRules reads a policy (recovery.yml). The issue forms that it names are
// read from files, relative to the policy. All problems are reported at once,
// as Errors.
func ParseRules(src []byte, files fs.FS) (*Rules, error) {
	f := yamlfile.Read(src)
	if err := f.Err(); err != nil {
		return nil, Problems("", err)
	}
	l := newLoader(f.Root(), files)
	l.value(l.policy(), f.Root())
	own := l.readTexts()
	if err := f.Err(); err != nil {
		l.errs = append(Problems("", err), l.errs...)
	}
	if len(l.errs) > 0 {
		return nil, l.errs
	}
	errs, err := own.endless()
	if err != nil {
		return nil, err
	}
	if len(errs) > 0 {
		return nil, errs
	}
	rules, err := l.rules.finish()
	if err != nil {
		return nil, err
	}
	if errs := own.judge(rules); len(errs) > 0 {
		return nil, errs
	}
	return rules, nil
}

func newLoader(root yamlfile.Node, files fs.FS) *loader {
	return &loader{files: files, rules: bare(), first: presetName(root), presets: map[string][]layer{}}
}

// Preset returns the rules of a built-in preset, for tools that read a form
// without a policy: they serve no repository and know no form. They offer these
// built-in languages; none: English.
func Preset(name string, languages ...string) (*Rules, error) {
	if !slices.Contains(Presets(), name) {
		return nil, fmt.Errorf("there is no preset %q: %w", name, fs.ErrNotExist)
	}
	root := yamlfile.Read([]byte("registries: {" + name + ": {preset: " + name + "}}")).Root()
	l := newLoader(root, nil)
	l.value(l.policy(), root) // what is missing is left empty
	if len(languages) > 0 {
		l.rules.Languages = languages
	}
	return l.rules.finish()
}

// plainPreset is what every registry has in common.
const plainPreset = "plain"

// Presets returns the names of the built-in presets, sorted: those of the
// files in presets.
func Presets() []string {
	files, _ := presets.ReadDir("presets") // a folder that is built in can be read
	names := make([]string, 0, len(files))
	for _, f := range files {
		names = append(names, strings.TrimSuffix(f.Name(), ".yml"))
	}
	return names
}

// bare returns what the table of keys fills.
func bare() *Rules {
	return &Rules{May: map[Ability][]Role{}, People: map[Role]Group{}, Labels: defaultLabels()}
}

func defaultLabels() map[State]Label {
	label := func(name, color, about string) Label {
		return Label{Name: "recovery: " + name, Color: color, Description: about}
	}
	return map[State]Label{
		Incomplete: label("incomplete", "fbca04", "An answer is missing: the author's turn"),
		Triage:     label("triage", "1d76db", "Staff must look"),
		Asked:      label("author's turn", "fbca04", "Staff asked something: the author's turn"),
		Review:     label("review", "1d76db", "Answers are in: staff must review"),
		Proof:      label("author's turn", "fbca04", "Staff asked something: the author's turn"),
		Waiting:    label("safety time", "c5def5", "Approved: the safety time runs"),
		Ready:      label("ready", "0e8a16", "Every check passed: an agent may act"),
		Held:       label("paused", "b60205", "Paused: security must look"),
		Elsewhere:  label("redirected", "cccccc", "Ended: another place fits"),
		Duplicate:  label("duplicate", "cccccc", "Ended: another request has the same subject"),
		Completed:  label("completed", "0e8a16", "Ended: staff recovered the account"),
		Denied:     label("denied", "b60205", "Ended: staff cannot do this"),
		Withdrawn:  label("withdrawn", "cccccc", "Ended by the author"),
		Expired:    label("expired", "cccccc", "Ended: no answer"),
	}
}

// finish makes what the rules need at work.
func (r *Rules) finish() (*Rules, error) {
	if err := r.learn(); err != nil {
		return nil, err
	}
	r.words, r.offers, r.rows, r.run = r.wordIndex(), r.offerIndex(), table(), runners()
	canonical, err := json.Marshal(r)
	if err != nil {
		return nil, fmt.Errorf("computing the policy's version: %w", err)
	}
	sum := sha256.Sum256(canonical)
	r.Version = hex.EncodeToString(sum[:6])
	return r, nil
}

// unnamed is what presets/plain.yml calls a registry to which the policy gives no name.
const unnamed = "the registry"

// Warnings returns what an operator should know about rules that are valid.
func (r *Rules) Warnings() []string {
	warn := r.shortages(nil)
	for _, role := range slices.Sorted(maps.Keys(r.People)) {
		if t := r.People[role].Team; t != nil && t.ID != 0 && t.OrgID == 0 {
			warn = append(warn, fmt.Sprintf("people.%s: the team %s has no `org`: its organisation's id is not checked", role, t))
		}
	}
	if n := len(r.Requests.Generations); n > 0 {
		warn = append(warn, r.Requests.Generations[n-1].apart...)
	}
	for _, reg := range r.Registries {
		if reg.Name == unnamed {
			warn = append(warn, fmt.Sprintf("registries.%s has no name: texts say %q, in every language", reg.Key, unnamed))
		}
	}
	for _, language := range r.Languages {
		if lacks := r.texts[language].lacks; len(lacks) > 0 {
			warn = append(warn, fmt.Sprintf("texts: the language %q lacks %d texts, and English stands in: %s",
				language, len(lacks), strings.Join(lacks, ", ")))
		}
	}
	return warn
}

// Problems returns the errors of a form or policy file as Errors; file is "" for
// the policy itself. An error of any other kind is one problem at its beginning.
func Problems(file string, err error) Errors {
	errs, ok := err.(yamlfile.Errors) //nolint:errorlint // yamlfile documents this very type
	if !ok {
		return Errors{{File: file, Line: 1, Column: 1, Text: err.Error()}}
	}
	all := make(Errors, 0, len(errs))
	for _, e := range errs {
		all = append(all, Error{File: file, Line: e.Line, Column: e.Column, Text: e.Text, Source: e.Source})
	}
	return all
}
