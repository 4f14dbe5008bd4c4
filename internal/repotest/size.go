package repotest

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/types"
	"slices"
	"strings"
)

// The limits on length, in lines. A function's lines run from func to the closing brace.
const (
	maxFunc    = 60
	p90Func    = 40
	medianFunc = 12
	maxFile    = 500
	medianFile = 160
	maxParams  = 3
)

// Shape is how long the functions and files of a tree are, in lines, ascending. Tests are not counted,
// but for TestFiles.
type Shape struct {
	Funcs     []int
	Files     []int
	TestFiles []int
}

// Measure returns the shape of t.
func Measure(t *Tree) Shape {
	var s Shape
	for _, f := range t.Go {
		if f.Test {
			s.TestFiles = append(s.TestFiles, lines(f))
			continue
		}
		s.Files = append(s.Files, lines(f))
		for _, d := range f.funcs() {
			s.Funcs = append(s.Funcs, f.length(d))
		}
	}
	slices.Sort(s.Funcs)
	slices.Sort(s.Files)
	slices.Sort(s.TestFiles)
	return s
}

// String returns the figures and their limits, one line each.
func (s Shape) String() string {
	return fmt.Sprintf("functions: %d, median %d (limit %d), p90 %d (%d), longest %d (%d)\n"+
		"files: %d, median %d (limit %d), longest %d (%d)\n"+
		"lines of code: %d, of tests: %d",
		len(s.Funcs), quantile(s.Funcs, 50), medianFunc, quantile(s.Funcs, 90), p90Func, quantile(s.Funcs, 100), maxFunc,
		len(s.Files), quantile(s.Files, 50), medianFile, quantile(s.Files, 100), maxFile,
		sum(s.Files), sum(s.TestFiles))
}

// Size limits the length of each function and file, and of the usual one. Functions of tests may be long.
func Size(t *Tree) []Finding {
	var out []Finding
	for _, f := range t.Go {
		if n := lines(f); n > maxFile {
			out = append(out, Finding{f.Path, n, f.Path, fmt.Sprintf("%d lines, more than %d: split the file by what it is about", n, maxFile)})
		}
		if !f.Test {
			out = append(out, longFuncs(f)...)
		}
	}
	return append(out, usual(Measure(t))...)
}

func longFuncs(f *File) []Finding {
	var out []Finding
	for _, d := range f.funcs() {
		if n := f.length(d); n > maxFunc {
			out = append(out, f.finding(d, d.Name.Name, fmt.Sprintf("%s has %d lines, more than %d: split it by what it does", d.Name.Name, n, maxFunc)))
		}
	}
	return out
}

// usual checks the figures of the whole tree, which no single place breaks.
func usual(s Shape) []Finding {
	var out []Finding
	check := func(what string, got, limit int) {
		if got > limit {
			out = append(out, Finding{Path: ".", Name: what, Text: fmt.Sprintf("%s is %d lines, more than %d", what, got, limit)})
		}
	}
	check("the median function", quantile(s.Funcs, 50), medianFunc)
	check("the 90th percentile of functions", quantile(s.Funcs, 90), p90Func)
	check("the median file", quantile(s.Files, 50), medianFile)
	return out
}

// Params allows a function, and a method of an interface, three parameters: more belong into a struct with
// names. A context and a test's T come on top. Functions of tests, and function literals, whose shape others
// give, are free.
func Params(t *Tree) []Finding {
	var out []Finding
	for _, f := range t.Go {
		if f.Test {
			continue
		}
		for _, s := range f.signatures() {
			if n := params(s.takes); n > maxParams {
				out = append(out, f.finding(s.id, s.id.Name, fmt.Sprintf("%s has %d parameters, more than %d: make a struct of them", s.id.Name, n, maxParams)))
			}
		}
	}
	return out
}

// signature is what a function, or a method of an interface, takes.
type signature struct {
	id    *ast.Ident
	takes *ast.FuncType
}

func (f *File) signatures() []signature {
	var list []signature
	for n := range ast.Preorder(f.AST) {
		switch n := n.(type) {
		case *ast.FuncDecl:
			list = append(list, signature{n.Name, n.Type})
		case *ast.InterfaceType:
			for _, m := range n.Methods.List {
				if ft, ok := m.Type.(*ast.FuncType); ok {
					list = append(list, signature{m.Names[0], ft})
				}
			}
		}
	}
	return list
}

// params counts the parameters of ft, without a context and a testing.T, B, F or TB.
func params(ft *ast.FuncType) int {
	n := 0
	for _, field := range ft.Params.List {
		if typ := strings.TrimPrefix(types.ExprString(field.Type), "*"); typ == "context.Context" || strings.HasPrefix(typ, "testing.") {
			continue
		}
		n += max(1, len(field.Names))
	}
	return n
}

func (f *File) funcs() []*ast.FuncDecl {
	var list []*ast.FuncDecl
	for _, d := range f.AST.Decls {
		if d, ok := d.(*ast.FuncDecl); ok {
			list = append(list, d)
		}
	}
	return list
}

func (f *File) length(d *ast.FuncDecl) int { return f.line(d.End()) - f.line(d.Pos()) + 1 }

func lines(f *File) int { return bytes.Count(f.Src, []byte("\n")) }

// quantile returns the value below which percent of the sorted list lie, or 0 for an empty list.
func quantile(sorted []int, percent int) int {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, percent*len(sorted)/100)]
}

func sum(list []int) int {
	n := 0
	for _, x := range list {
		n += x
	}
	return n
}
