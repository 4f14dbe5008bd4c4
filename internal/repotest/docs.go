package repotest

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/token"
	"slices"
	"strings"
)

// Docs asks for a comment on each package and each exported name, whose first sentence starts with the
// name, as go doc shows it. In a group of constants or variables the group's comment is enough. It also asks
// for a test in each package.
func Docs(t *Tree) []Finding {
	var out []Finding
	for _, f := range t.Go {
		if f.Test || f.AST.Name.Name == "main" {
			continue
		}
		for _, d := range f.AST.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				out = append(out, funcDoc(f, d)...)
			case *ast.GenDecl:
				out = append(out, genDoc(f, d)...)
			}
		}
	}
	return append(out, packages(t)...)
}

func funcDoc(f *File, d *ast.FuncDecl) []Finding {
	if !d.Name.IsExported() || d.Recv != nil && !ast.IsExported(receiver(d.Recv.List[0].Type)) {
		return nil
	}
	return named(f, d.Name, d.Doc)
}

func genDoc(f *File, d *ast.GenDecl) []Finding {
	var out []Finding
	for _, spec := range d.Specs {
		switch spec := spec.(type) {
		case *ast.TypeSpec:
			if spec.Name.IsExported() {
				out = append(out, named(f, spec.Name, cmp.Or(spec.Doc, d.Doc))...)
			}
		case *ast.ValueSpec:
			out = append(out, valueDoc(f, d, spec)...)
		}
	}
	return out
}

func valueDoc(f *File, d *ast.GenDecl, spec *ast.ValueSpec) []Finding {
	var out []Finding
	for _, id := range spec.Names {
		switch {
		case !id.IsExported():
		case d.Lparen == token.NoPos:
			out = append(out, named(f, id, d.Doc)...)
		case d.Doc == nil && spec.Doc == nil && spec.Comment == nil:
			out = append(out, f.finding(id, id.Name, id.Name+" has no comment: say what it promises"))
		}
	}
	return out
}

// named checks that doc says what id is, beginning with its name, perhaps after an article.
func named(f *File, id *ast.Ident, doc *ast.CommentGroup) []Finding {
	text := doc.Text()
	for _, article := range []string{"A ", "An ", "The "} {
		text = strings.TrimPrefix(text, article)
	}
	switch rest, ok := strings.CutPrefix(text, id.Name); {
	case text == "":
		return []Finding{f.finding(id, id.Name, id.Name+" has no comment: say what it promises")}
	case !ok || rest == "" || !strings.ContainsAny(rest[:1], " ,.:;'\n"):
		return []Finding{f.finding(id, id.Name, fmt.Sprintf("the comment of %s does not start with its name", id.Name))}
	}
	return nil
}

// packages checks that each package has one package comment, and a test.
func packages(t *Tree) []Finding {
	var out []Finding
	for _, dir := range t.Dirs() {
		files := slices.DeleteFunc(slices.Clone(t.Go), func(f *File) bool { return f.Dir != dir })
		if !slices.ContainsFunc(files, func(f *File) bool { return f.Test }) {
			out = append(out, Finding{Path: dir, Name: dir, Text: "the package has no test"})
		}
		var docs []*File
		for _, f := range files {
			if !f.Test && f.AST.Doc != nil {
				docs = append(docs, f)
			}
		}
		switch {
		case len(docs) == 0:
			out = append(out, Finding{Path: dir, Name: dir, Text: "the package has no package comment"})
		case len(docs) > 1:
			out = append(out, docs[1].finding(docs[1].AST.Name, dir, "a second package comment; the first is in "+docs[0].Path))
		case !startsPackage(docs[0].AST):
			out = append(out, docs[0].finding(docs[0].AST.Doc, dir, "the package comment does not start with \"Package "+docs[0].AST.Name.Name+"\""))
		}
	}
	return out
}

// startsPackage reports whether f's package comment starts as go doc expects. That of a program
// may start with anything, usually the program's name.
func startsPackage(f *ast.File) bool {
	return f.Name.Name == "main" || strings.HasPrefix(f.Doc.Text(), "Package "+f.Name.Name+" ")
}

// receiver returns the name of a receiver's type, without pointer and type parameters.
func receiver(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiver(e.X)
	case *ast.IndexExpr:
		return receiver(e.X)
	case *ast.IndexListExpr:
		return receiver(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}
