package policy

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"slices"
	"strings"
	"sync"
	"text/template"
	"text/template/parse"
)

// English is the language that stands in where another one lacks a text.
const English = "en"

//go:embed texts
var textFiles embed.FS

// BuiltinLanguages returns the codes of the languages that have all texts built
// in, English first.
func BuiltinLanguages() []string { return []string{English, "es"} }

// trees are templates by name.
type trees map[string]*parse.Tree

// maxText bounds what one template may write, in bytes: GitHub takes 65536
// characters.
const maxText = 60_000

var errTooLong = errors.New("the text is too long")

// textSet is the texts of one language. It is not changed once it is made.
type textSet struct {
	language  string
	name      string // of the language, in itself
	trees     trees
	templates *template.Template
	words     map[string]string // the texts that depend on nothing
	memo      *memo             // where many texts are made at once; else nil
	version   string            // changes with each text
	plain     *textSet          // without the operator's texts; nil: there are none
	lacks     []string          // the templates for which English stands in
}

// speaks returns the texts in a language, those of the default one where it is
// not offered, nil for rules that are not finished.
func (r *Rules) speaks(language string) *textSet {
	if slices.Contains(r.Languages, language) {
		return r.texts[language]
	}
	if len(r.Languages) == 0 {
		return nil
	}
	return r.texts[r.Languages[0]]
}

// tongue returns a language as a Text names it: "" for the default one, and
// for one that is not offered any more.
func (r *Rules) tongue(language string) string {
	if slices.Index(r.Languages, language) < 1 {
		return ""
	}
	return language
}

// learn makes the texts of all languages that are offered, and the English ones.
func (r *Rules) learn() error {
	r.texts = map[string]*textSet{}
	for _, language := range append([]string{English}, r.Languages...) {
		if r.texts[language] != nil {
			continue
		}
		set, err := newTextSet(language, r.own[language])
		if err != nil {
			return err
		}
		r.texts[language] = set
	}
	var names strings.Builder
	for _, language := range r.Languages {
		fmt.Fprintf(&names, "%s %s\n", language, r.texts[language].name)
	}
	for _, language := range slices.Sorted(maps.Keys(r.texts)) {
		set := r.texts[language]
		set.version = shortDigest(names.String() + set.trees.String())
	}
	return nil
}

// newTextSet lays the operator's own texts over the built-in ones, and these
// over the English ones.
func newTextSet(language string, own trees) (*textSet, error) {
	all, said, err := layers(language)
	if err != nil {
		return nil, err
	}
	var lacks []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if said[name] == nil && own[name] == nil {
			lacks = append(lacks, name)
		}
	}
	set, err := compile(language, all)
	if err != nil || own == nil {
		return set, err
	}
	plain := set
	all = maps.Clone(all)
	maps.Copy(all, own)
	if set, err = compile(language, all); err != nil {
		return nil, err
	}
	set.plain, set.lacks = plain, lacks
	return set, nil
}

// layers returns the built-in texts of a language, laid over the English ones,
// and alone: none for a language that is not built in.
func layers(language string) (all, said trees, err error) {
	if all, err = builtinTexts(English); err != nil {
		return nil, nil, err
	}
	switch {
	case language == English:
		said = maps.Clone(all)
	case slices.Contains(BuiltinLanguages(), language):
		if said, err = builtinTexts(language); err != nil {
			return nil, nil, err
		}
	}
	maps.Copy(all, said)
	return all, said, nil
}

// builtIn returns the set without the operator's texts.
func (s *textSet) builtIn() *textSet {
	if s.plain != nil {
		return s.plain
	}
	return s
}

// parsedTexts has the built-in texts of each language. They are parsed once,
// and nothing changes a parsed text: every policy that is read needs them.
var parsedTexts = sync.OnceValue(func() map[string]parsed {
	all := map[string]parsed{}
	for _, language := range BuiltinLanguages() {
		texts, err := parseTexts(language)
		all[language] = parsed{texts, err}
	}
	return all
})

type parsed struct {
	texts trees
	err   error
}

// builtinTexts returns the texts of a language that are built in, in a map of
// the caller's own. An error is a mistake in a text file.
func builtinTexts(language string) (trees, error) {
	if p, ok := parsedTexts()[language]; ok {
		return maps.Clone(p.texts), p.err
	}
	return parseTexts(language)
}

func parseTexts(language string) (trees, error) {
	dir := path.Join("texts", language)
	files, err := fs.Glob(textFiles, dir+"/*.md")
	if err != nil || len(files) == 0 {
		return nil, fmt.Errorf("reading the built-in texts: no files in %s: %w", dir, errors.Join(err, fs.ErrNotExist))
	}
	all := trees{}
	for _, file := range files {
		src, err := textFiles.ReadFile(file)
		if err != nil {
			return nil, fmt.Errorf("reading the built-in texts: %w", err)
		}
		if err := all.parse(file, string(src)); err != nil {
			return nil, fmt.Errorf("parsing the built-in texts: %w", err)
		}
	}
	return all, nil
}

// parse adds the templates that src defines. Functions are not looked up.
func (t trees) parse(file, src string) error {
	p := parse.New(file)
	p.Mode = parse.SkipFuncCheck
	found := map[string]*parse.Tree{}
	if _, err := p.Parse(src, "", "", found); err != nil {
		return err //nolint:wrapcheck // names the file and the line
	}
	delete(found, file)
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if t[name] != nil {
			return fmt.Errorf("%s: the template %q is there twice", file, name)
		}
		t[name] = found[name]
	}
	return nil
}

// String returns the sources of the templates, sorted by name.
func (t trees) String() string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(t)) {
		fmt.Fprintf(&b, "%s\n%s\n", name, t[name].Root)
	}
	return b.String()
}

// compile makes a set of templates ready for use. The trees may be shared with
// other sets: executing a template does not change it.
func compile(language string, all trees) (*textSet, error) {
	s := &textSet{language: language, trees: all}
	s.templates = template.New(language).Option("missingkey=error").Funcs(template.FuncMap{
		"include": func(family string, member, data any) (string, error) {
			return s.execute(fmt.Sprint(family, member), data)
		},
	})
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if _, err := s.templates.AddParseTree(name, all[name]); err != nil {
			return nil, fmt.Errorf("preparing the text %q: %w", name, err)
		}
	}
	s.words = map[string]string{}
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if dataType(name) != reflect.TypeFor[wordView]() {
			continue
		}
		text, err := s.execute(name, wordView{})
		if err != nil {
			return nil, fmt.Errorf("preparing the text %q: %w", name, err)
		}
		s.words[name] = text
	}
	s.name = s.words["language-name"]
	return s, nil
}

// execute returns what a template writes.
func (s *textSet) execute(name string, data any) (string, error) {
	var b limited
	if err := s.templates.ExecuteTemplate(&b, name, data); err != nil {
		return "", err //nolint:wrapcheck // names the template
	}
	return b.String(), nil
}

// limited collects a text, up to maxText.
type limited struct{ strings.Builder }

// Write fails where the text becomes too long.
func (l *limited) Write(p []byte) (int, error) {
	if l.Len()+len(p) > maxText {
		return 0, errTooLong
	}
	return l.Builder.Write(p) //nolint:wrapcheck // never fails
}
