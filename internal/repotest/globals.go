package repotest

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// Globals allows no init function and no package variable, but for what never changes: sentinel errors
// (named Err… or err…), compiled regular expressions, embedded files, and checks that a type has an
// interface's methods (var _ I = …). Tests are free.
func Globals(t *Tree) []Finding {
	var out []Finding
	for _, f := range t.Go {
		if f.Test {
			continue
		}
		for _, d := range f.AST.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				if d.Recv == nil && d.Name.Name == "init" {
					out = append(out, f.finding(d, "init", "no init functions: do it where main can see it"))
				}
			case *ast.GenDecl:
				out = append(out, variables(f, d)...)
			}
		}
	}
	return out
}

func variables(f *File, d *ast.GenDecl) []Finding {
	if d.Tok != token.VAR {
		return nil
	}
	var out []Finding
	for _, spec := range d.Specs {
		spec := spec.(*ast.ValueSpec)
		if isEmbed(d.Doc) || isEmbed(spec.Doc) {
			continue
		}
		for i, id := range spec.Names {
			if id.Name == "_" || i < len(spec.Values) && isConstant(id.Name, spec.Values[i]) {
				continue
			}
			out = append(out, f.finding(id, id.Name, "package variable "+id.Name+": make it a constant, a function that returns it, or a field"))
		}
	}
	return out
}

// isConstant reports whether a variable of this name and value is one that nobody ever sets.
func isConstant(name string, value ast.Expr) bool {
	if strings.HasPrefix(name, "Err") || strings.HasPrefix(name, "err") {
		return true
	}
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return false
	}
	switch types.ExprString(call.Fun) {
	case "regexp.MustCompile", "sync.OnceValue", "sync.OnceValues":
		return true
	}
	return false
}

// isEmbed reads the comments one by one, because CommentGroup.Text leaves directives out.
func isEmbed(doc *ast.CommentGroup) bool {
	if doc == nil {
		return false
	}
	for _, c := range doc.List {
		if strings.HasPrefix(c.Text, "//go:embed ") {
			return true
		}
	}
	return false
}
