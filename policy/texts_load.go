package policy

import (
	"fmt"
	"io/fs"
	"maps"
	"path"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"
	"unicode/utf8"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// maxTextFile is what one file of an operator's texts may have, in bytes.
const maxTextFile = 64 << 10

var (
	languageCode = regexp.MustCompile(`\A[a-z]{2,3}(-[a-z0-9]{2,8})?\z`)
	syntaxPlace  = regexp.MustCompile(`\Atemplate: .*?:([0-9]+):(?:[0-9]+:)? (.*)`)
	definition   = regexp.MustCompile(`\{\{-?\s*define\s+"([^"]*)"`)
)

// languages are the languages of the texts, of which the first is the default.
func (l *loader) languages() value {
	v := listOf(textual("code of a language", `^[a-z]{2,3}(-[a-z0-9]{2,8})?$`, func(n yamlfile.Node) {
		code := n.Scalar()
		switch {
		case !languageCode.MatchString(code):
			n.Errorf("want the code of a language, like en or pt-br")
		case slices.Contains(l.rules.Languages, code):
			n.Errorf("the language %q stands here twice", code)
		default:
			l.rules.Languages, l.codes = append(l.rules.Languages, code), append(l.codes, n)
		}
	}))
	v.none = "no language: texts need one, like [en]"
	v.begin = func() { l.rules.Languages, l.codes = nil, nil }
	return v
}

// ownTexts are the texts of an operator, and where they stand.
type ownTexts struct {
	folder string
	byName map[string]trees // by language
	places map[string]Error // by language/name; the Text is empty
	types  map[string]reflect.Type
	errs   Errors
}

// source is a file of templates.
type source struct{ file, text string }

// readTexts reads the operator's own texts and checks what can be seen
// without rendering them.
func (l *loader) readTexts() *ownTexts {
	o := &ownTexts{byName: map[string]trees{}, places: map[string]Error{}}
	if l.texts.Exists() {
		o.types = dataTypes()
		o.folder = strings.TrimSuffix(strings.TrimPrefix(l.texts.Text(), "./"), "/")
		if !fs.ValidPath(o.folder) || !o.walk(l.files, l.rules.Languages) {
			l.texts.Errorf("the folder of texts %q cannot be read: it is looked for beside the policy, by a path without ..", o.folder)
		}
	}
	for i, code := range l.rules.Languages {
		if slices.Contains(BuiltinLanguages(), code) || i >= len(l.codes) {
			continue
		}
		if o.byName[code]["language-name"] == nil {
			l.codes[i].Errorf(`the language %q is not built in (that are %s): put its texts into a folder %s beside the policy, with {{define "language-name"}} at least, and name the folder above it with the key "texts"`,
				code, strings.Join(BuiltinLanguages(), ", "), path.Join(o.folder, code))
		}
	}
	l.errs = append(l.errs, o.errs...)
	l.rules.own = o.byName
	l.rules.Texts = nil
	for _, language := range slices.Sorted(maps.Keys(o.byName)) {
		if l.rules.Texts == nil {
			l.rules.Texts = map[string]string{}
		}
		l.rules.Texts[language] = shortDigest(o.byName[language].String())
	}
	return o
}

// walk reads FOLDER/*.md for the default language and FOLDER/LANGUAGE/*.md. It
// reports whether the folder is there.
func (o *ownTexts) walk(files fs.FS, languages []string) bool {
	entries, err := fs.ReadDir(files, o.folder)
	if err != nil || len(languages) == 0 {
		return err == nil
	}
	for _, e := range entries {
		name := path.Join(o.folder, e.Name())
		isDir := e.IsDir()
		if info, err := fs.Stat(files, name); err == nil {
			isDir = info.IsDir() // a link may lead to one
		}
		switch {
		case hidden(e):
		case !isDir && path.Ext(name) == ".md":
			o.read(files, name, languages[0])
		case isDir && slices.Contains(languages, e.Name()):
			inner, err := fs.ReadDir(files, name)
			if err != nil {
				o.bad(Error{File: name, Line: 1, Column: 1}, "this folder cannot be read")
			}
			for _, f := range inner {
				if !hidden(f) && !f.IsDir() && path.Ext(f.Name()) == ".md" {
					o.read(files, path.Join(name, f.Name()), e.Name())
				}
			}
		case isDir:
			o.bad(Error{File: name, Line: 1, Column: 1}, "the folder %q is no language of the key \"languages\": %sallowed: %s",
				e.Name(), didYouMean(e.Name(), languages), strings.Join(languages, ", "))
		}
	}
	return true
}

// hidden reports whether other programs keep their things there: an editor, git,
// or Kubernetes, which shows a ConfigMap's files as links into ..data.
func hidden(e fs.DirEntry) bool { return strings.HasPrefix(e.Name(), ".") }

func didYouMean(word string, allowed []string) string {
	if near := yamlfile.Closest(word, allowed); near != "" {
		return fmt.Sprintf("did you mean %q? ", near)
	}
	return ""
}

func (o *ownTexts) bad(at Error, format string, args ...any) {
	at.Text = fmt.Sprintf(format, args...)
	o.errs = append(o.errs, at)
}

// read reads one file of templates for a language.
func (o *ownTexts) read(files fs.FS, name, language string) {
	at := Error{File: name, Line: 1, Column: 1}
	if info, err := fs.Stat(files, name); err == nil && info.Size() > maxTextFile {
		o.bad(at, "the file has %d bytes: the most is %d", info.Size(), maxTextFile)
		return
	}
	b, err := fs.ReadFile(files, name)
	switch {
	case err != nil:
		o.bad(at, "the file cannot be read")
		return
	case len(b) > maxTextFile || !utf8.Valid(b):
		o.bad(at, "want UTF-8 text of at most %d bytes", maxTextFile)
		return
	}
	src := source{name, strings.ReplaceAll(strings.TrimPrefix(string(b), "\ufeff"), "\r\n", "\n")}
	found, root, err := parseFile(src)
	if err != nil {
		o.syntax(src)
		return
	}
	if root != nil {
		o.bad(src.at(root.Position()), `text outside of a {{define "name"}} block: nobody would see it`)
	}
	o.add(src, found, language)
}

// parseFile returns the templates of a file by name, and the first node outside
// of them.
func parseFile(src source) (map[string]*parse.Tree, parse.Node, error) {
	p := parse.New(src.file)
	p.Mode = parse.SkipFuncCheck
	found := map[string]*parse.Tree{}
	if _, err := p.Parse(src.text, "", "", found); err != nil {
		return nil, nil, err //nolint:wrapcheck // syntax says it in our words
	}
	root := found[src.file]
	delete(found, src.file)
	if root != nil {
		for _, n := range root.Root.Nodes {
			if text, ok := n.(*parse.TextNode); !ok || len(strings.TrimSpace(string(text.Text))) > 0 {
				return found, n, nil
			}
		}
	}
	return found, nil, nil
}

// syntax reports a mistake in each block of a file that cannot be parsed as a
// whole.
func (o *ownTexts) syntax(src source) {
	before := len(o.errs)
	starts := definition.FindAllStringIndex(src.text, -1)
	for i, s := range starts {
		from, to := s[0], len(src.text)
		if i == 0 {
			from = 0
		}
		if i+1 < len(starts) {
			to = starts[i+1][0]
		}
		// Line ends keep the block at its lines.
		block := strings.Repeat("\n", strings.Count(src.text[:from], "\n")) + src.text[from:to]
		if _, _, err := parseFile(source{src.file, block}); err != nil {
			o.syntaxError(src, err)
		}
	}
	if _, _, err := parseFile(src); len(o.errs) == before {
		o.syntaxError(src, err)
	}
}

func (o *ownTexts) syntaxError(src source, err error) {
	at := Error{File: src.file, Line: 1, Column: 1}
	text := err.Error()
	if m := syntaxPlace.FindStringSubmatch(text); m != nil {
		_, _ = fmt.Sscan(m[1], &at.Line) // only digits match
		text = m[2]
		if lines := strings.Split(src.text, "\n"); at.Line <= len(lines) {
			line := lines[at.Line-1]
			at.Column = utf8.RuneCountInString(line[:max(strings.Index(line, "{{"), 0)]) + 1
		}
	}
	o.bad(at, "%s", text)
}

// at returns the place of a byte of the file.
func (s source) at(pos parse.Pos) Error {
	before := s.text[:min(int(pos), len(s.text))]
	line := strings.LastIndexByte(before, '\n') + 1
	return Error{File: s.file, Line: strings.Count(before, "\n") + 1, Column: utf8.RuneCountInString(before[line:]) + 1}
}

// add takes the templates of a file over, after a check of each.
func (o *ownTexts) add(src source, found map[string]*parse.Tree, language string) {
	known := slices.Sorted(maps.Keys(o.types))
	defined := map[string]bool{}
	for _, m := range definition.FindAllStringSubmatchIndex(src.text, -1) {
		name := src.text[m[2]:m[3]]
		tree, at := found[name], src.at(parse.Pos(m[0]))
		key := language + "/" + name
		defined[name] = true
		first, twice := o.places[key]
		switch {
		case tree == nil:
			continue // in a comment
		case !slices.Contains(known, name):
			o.bad(at, "unknown text %q: %sdocs/texts-own.md lists all", name, didYouMean(name, known))
		case twice:
			o.bad(at, "the text %q is already in %s:%d", name, first.File, first.Line)
		default:
			o.places[key] = at
			if o.byName[language] == nil {
				o.byName[language] = trees{}
			}
			o.byName[language][name] = tree
			o.errs = append(o.errs, o.check(src, name, tree)...)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(found)) {
		if !defined[name] {
			o.bad(src.at(found[name].Root.Pos), "write {{define %q}} to define a text: no other way is read", name)
		}
	}
}
