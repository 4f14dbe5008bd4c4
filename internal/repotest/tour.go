package repotest

import (
	"go/ast"
	"path"
	"regexp"
	"strings"
)

// tourFile tells a newcomer how the program is made.
const tourFile = "bot/doc.go"

var testNameRE = regexp.MustCompile(`\bTest[A-Z]\w*`)

// Tour checks that the tour names every package, by its folder or as "package NAME", and no test that
// does not exist.
func Tour(t *Tree) []Finding {
	doc, _ := t.find(tourFile)
	text := string(doc.Data)
	var out []Finding
	for _, dir := range t.Dirs() {
		name := regexp.MustCompile(`\b(?:` + regexp.QuoteMeta(dir) + `|[Pp]ackage ` + regexp.QuoteMeta(path.Base(dir)) + `)\b`)
		if !name.MatchString(text) {
			out = append(out, Finding{Path: tourFile, Name: dir, Text: "the tour does not come by " + dir})
		}
	}
	tests := map[string]bool{}
	for _, f := range t.Go {
		for _, d := range f.AST.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && f.Test {
				tests[fn.Name.Name] = true
			}
		}
	}
	n := 0
	for line := range strings.Lines(text) {
		n++
		for _, name := range testNameRE.FindAllString(line, -1) {
			if !tests[name] {
				out = append(out, Finding{tourFile, n, name, "there is no test " + name})
			}
		}
	}
	return out
}
