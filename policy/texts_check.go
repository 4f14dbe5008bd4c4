package policy

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// dataTypes returns, for each text, the type of what its template can see.
func dataTypes() map[string]reflect.Type {
	all, _ := builtinTexts(English) // a test reads them all
	types := map[string]reflect.Type{}
	for name := range all {
		types[name] = dataType(name)
	}
	return types
}

func dataType(name string) reflect.Type {
	family, _, _ := strings.Cut(name, "-")
	switch {
	case name == "names":
		return reflect.TypeFor[[]string]()
	case name == "day", name == "moment":
		return reflect.TypeFor[dateView]()
	case name == "masked":
		return reflect.TypeFor[maskedView]()
	case name == "span":
		return reflect.TypeFor[spanView]()
	case family == "problem":
		return reflect.TypeFor[problemView]()
	case family == "step":
		return reflect.TypeFor[stepView]()
	case slices.Contains([]string{"opening", "month", "command", "language", "your", "class", "lack", "alert", "secret", "place"}, family) && name != string(TextAlert):
		return reflect.TypeFor[wordView]()
	}
	return reflect.TypeFor[view]()
}

// typer checks one template as a compiler would: every field, function and
// text that it names must exist, on every branch.
type typer struct {
	src   source
	texts map[string]reflect.Type
	vars  []variable
	errs  Errors
}

type variable struct {
	name string
	of   reflect.Type
}

// check returns all mistakes in a template that can be found without rendering
// it.
func (o *ownTexts) check(src source, name string, tree *parse.Tree) Errors {
	c := &typer{src: src, texts: o.types}
	dot := dataType(name)
	c.vars = []variable{{"$", dot}}
	c.list(tree.Root, dot)
	return c.errs
}

func (c *typer) bad(n parse.Node, format string, args ...any) reflect.Type {
	at := c.src.at(n.Position())
	at.Text = fmt.Sprintf(format, args...)
	c.errs = append(c.errs, at)
	return nil
}

// list walks what is done in sequence; variables end with it.
func (c *typer) list(l *parse.ListNode, dot reflect.Type) {
	if l == nil {
		return
	}
	known := len(c.vars)
	for _, n := range l.Nodes {
		c.node(n, dot)
	}
	c.vars = c.vars[:known]
}

func (c *typer) node(n parse.Node, dot reflect.Type) {
	switch n := n.(type) {
	case *parse.ActionNode:
		of := c.pipe(n.Pipe, dot)
		if len(n.Pipe.Decl) == 0 && of != nil && of.Kind() != reflect.String && of.Kind() != reflect.Int {
			c.bad(n, "%s cannot be printed: it is %s", n.Pipe, kindOf(of))
		}
	case *parse.IfNode:
		c.branch(&n.BranchNode, dot, func(reflect.Type) reflect.Type { return dot })
	case *parse.WithNode:
		c.branch(&n.BranchNode, dot, func(of reflect.Type) reflect.Type { return of })
	case *parse.RangeNode:
		c.ranges(n, dot)
	case *parse.TemplateNode:
		c.call(n, dot)
	}
}

// branch walks both ways of an if or with. What a pipe without a type would give
// is not looked at: its mistake is told already.
func (c *typer) branch(n *parse.BranchNode, dot reflect.Type, inside func(reflect.Type) reflect.Type) {
	known := len(c.vars)
	if of := inside(c.pipe(n.Pipe, dot)); of != nil {
		c.list(n.List, of)
	}
	c.list(n.ElseList, dot)
	c.vars = c.vars[:known]
}

// ranges allows a list of the view alone, so that no loop runs long.
func (c *typer) ranges(n *parse.RangeNode, dot reflect.Type) {
	known := len(c.vars)
	defer func() { c.vars = c.vars[:known] }()
	decl := n.Pipe.Decl
	bare := *n.Pipe
	bare.Decl = nil
	of := c.pipe(&bare, dot)
	if of != nil && of.Kind() != reflect.Slice {
		c.bad(n, "range needs a list: %s is %s", &bare, kindOf(of))
		of = nil
	}
	if of == nil {
		c.list(n.ElseList, dot)
		return
	}
	types := []reflect.Type{of.Elem()}
	if len(decl) == 2 {
		types = []reflect.Type{reflect.TypeFor[int](), of.Elem()}
	}
	for i, d := range decl {
		c.vars = append(c.vars, variable{d.Ident[0], types[i]})
	}
	c.list(n.List, of.Elem())
	c.list(n.ElseList, dot)
}

// call checks a {{template}}: it exists, and gets what it can see.
func (c *typer) call(n *parse.TemplateNode, dot reflect.Type) {
	want, ok := c.texts[n.Name]
	if !ok {
		names := slices.Sorted(maps.Keys(c.texts))
		c.bad(n, "unknown text %q: %sdocs/texts-own.md lists all", n.Name, didYouMean(n.Name, names))
		return
	}
	if n.Pipe == nil {
		c.bad(n, "write {{template %q .}}: the dot hands on what it can see", n.Name)
		return
	}
	if got := c.pipe(n.Pipe, dot); got != nil && got != want {
		c.bad(n, "the text %q cannot be used with %s here", n.Name, n.Pipe)
	}
}

// pipe returns the type of a value, nil after a mistake.
func (c *typer) pipe(p *parse.PipeNode, dot reflect.Type) reflect.Type {
	switch {
	case len(p.Cmds) != 1:
		return c.bad(p, "%s: pipes (|) are not allowed", p)
	case p.IsAssign: // with another type on one way only, no check could tell what it is
		return c.bad(p, "%s: a variable keeps its value: declare one with :=", p)
	}
	of := c.command(p.Cmds[0], dot)
	for _, d := range p.Decl {
		c.vars = append(c.vars, variable{d.Ident[0], of})
	}
	return of
}

func (c *typer) command(n *parse.CommandNode, dot reflect.Type) reflect.Type {
	args := n.Args[1:]
	switch first := n.Args[0].(type) {
	case *parse.IdentifierNode:
		return c.function(first, args, dot)
	case *parse.FieldNode:
		return c.fields(first, chain{dot, first.Ident, c.values(args, dot)})
	case *parse.VariableNode:
		return c.fields(first, chain{c.variable(first), first.Ident[1:], c.values(args, dot)})
	case *parse.ChainNode:
		return c.fields(first, chain{c.value(first.Node, dot), first.Field, c.values(args, dot)})
	default:
		if len(args) > 0 {
			return c.bad(n, "%s: only functions take values", n)
		}
		return c.value(first, dot)
	}
}

func (c *typer) values(args []parse.Node, dot reflect.Type) []reflect.Type {
	types := make([]reflect.Type, 0, len(args))
	for _, a := range args {
		types = append(types, c.value(a, dot))
	}
	return types
}

// value returns the type of one operand.
func (c *typer) value(n parse.Node, dot reflect.Type) reflect.Type {
	switch n := n.(type) {
	case *parse.DotNode:
		return dot
	case *parse.StringNode:
		return reflect.TypeFor[string]()
	case *parse.BoolNode:
		return reflect.TypeFor[bool]()
	case *parse.NumberNode:
		if n.IsInt {
			return reflect.TypeFor[int]()
		}
	case *parse.PipeNode:
		if len(n.Decl) > 0 { // it may not be run: and and or stop early
			return c.bad(n, "%s: a variable is declared in an action of its own", n)
		}
		return c.pipe(n, dot)
	case *parse.FieldNode, *parse.VariableNode, *parse.ChainNode, *parse.IdentifierNode:
		return c.command(&parse.CommandNode{Args: []parse.Node{n}, Pos: n.Position()}, dot)
	}
	return c.bad(n, "%s is not a value for a text", n)
}

func (c *typer) variable(n *parse.VariableNode) reflect.Type {
	var of reflect.Type // of one that is not known: the parser refuses it
	for _, v := range c.vars {
		if v.name == n.Ident[0] {
			of = v.of
		}
	}
	return of
}

// chain is names that follow a value, and what the last one is given.
type chain struct {
	of    reflect.Type
	names []string
	args  []reflect.Type
}

// fields follows names from a type: fields, and at the end a method.
func (c *typer) fields(n parse.Node, to chain) reflect.Type {
	of := to.of
	for i, name := range to.names {
		if of == nil {
			return nil
		}
		if m, ok := of.MethodByName(name); ok && i == len(to.names)-1 {
			return c.method(n, m, to.args)
		}
		known := fieldNames(of)
		if !slices.Contains(known, name) {
			return c.bad(n, "unknown field .%s: %sallowed here: %s", name, didYouMean(name, known), orNone(known))
		}
		f, _ := of.FieldByName(name)
		of = f.Type
	}
	if len(to.args) > 0 {
		return c.bad(n, "%s is a field: it takes no values", n)
	}
	return of
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "none"
	}
	return strings.Join(names, ", ")
}

// fieldNames returns what a template can name of a type, sorted.
func fieldNames(of reflect.Type) []string {
	var names []string
	if of.Kind() == reflect.Struct {
		for f := range of.Fields() {
			if f.IsExported() {
				names = append(names, f.Name)
			}
		}
	}
	for m := range of.Methods() {
		names = append(names, m.Name)
	}
	slices.Sort(names)
	return names
}

func (c *typer) method(n parse.Node, m reflect.Method, args []reflect.Type) reflect.Type {
	if want := m.Type.NumIn() - 1; len(args) != want {
		return c.bad(n, ".%s takes %d values, got %d", m.Name, want, len(args))
	}
	for _, a := range args {
		if a != nil && a.Kind() != reflect.String {
			return c.bad(n, ".%s takes text, got %s", m.Name, kindOf(a))
		}
	}
	return m.Type.Out(0)
}

// kindOf names a type for people.
func kindOf(of reflect.Type) string {
	switch of.Kind() {
	case reflect.String:
		return "a text"
	case reflect.Int:
		return "a number"
	case reflect.Bool:
		return "yes or no: use it with if"
	case reflect.Slice:
		return "a list: use range"
	case reflect.Interface:
		return "one of several values"
	default:
		return "a group of fields"
	}
}
