package repotest

import (
	"go/ast"
	"go/token"
	"slices"
	"strconv"
	"strings"
)

// alarmsDocument explains each warning to the person who runs the program.
const alarmsDocument = "docs/operate.md"

// Alarms finds log lines at the levels WARN and ERROR that the operator's document does not explain. The
// document may quote a line with other quotation marks.
func Alarms(t *Tree) []Finding {
	doc, _ := t.find(alarmsDocument)
	known := unquoted(string(doc.Data))
	var out []Finding
	for _, f := range t.Go {
		if f.Test {
			continue
		}
		ast.Inspect(f.AST, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			if text := alarm(call); text != "" && !strings.Contains(known, unquoted(text)) {
				out = append(out, f.finding(call, text, alarmsDocument+" does not say what to do when the log says \""+text+"\""))
			}
			return true
		})
	}
	return out
}

// alarm returns the text of a call that logs a warning or an error, "" for any other call.
func alarm(call *ast.CallExpr) string {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || !slices.Contains([]string{"Warn", "WarnContext", "Error", "ErrorContext"}, sel.Sel.Name) || !isLog(sel.X) {
		return ""
	}
	for _, arg := range call.Args {
		if lit, ok := arg.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			text, err := strconv.Unquote(lit.Value)
			if err != nil {
				return ""
			}
			return text
		}
	}
	return ""
}

// isLog reports whether an expression is called like a logger.
func isLog(e ast.Expr) bool {
	name := ""
	switch e := e.(type) {
	case *ast.Ident:
		name = e.Name
	case *ast.SelectorExpr:
		name = e.Sel.Name
	}
	return slices.Contains([]string{"log", "logger", "slog"}, strings.ToLower(name))
}

// unquoted is a text on one line without quotation marks.
func unquoted(s string) string {
	for _, mark := range []string{"`", "‘", "’", `"`, "“", "”"} {
		s = strings.ReplaceAll(s, mark, "")
	}
	return strings.Join(strings.Fields(s), " ")
}
