package policy

import (
	"reflect"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/recoverybot/recoverybot/parser/leak"
)

// textFunctions are the functions that a text may use. None makes a value that
// the view does not have, or a text longer than its parts.
func textFunctions() []string {
	return []string{"and", "eq", "ge", "gt", "include", "le", "len", "lt", "ne", "not", "or"}
}

// families are the texts that include chooses from, by the type that chooses.
func families() map[string]reflect.Type {
	return map[string]reflect.Type{
		"kind-": reflect.TypeFor[Kind](), "ask-": reflect.TypeFor[Ask](), "problem-": reflect.TypeFor[string](),
		"step-": reflect.TypeFor[StepKind](), "elsewhere-": reflect.TypeFor[placeWord](),
		"leak-": reflect.TypeFor[leak.Class](),
	}
}

func (c *typer) function(n *parse.IdentifierNode, args []parse.Node, dot reflect.Type) reflect.Type {
	if !slices.Contains(textFunctions(), n.Ident) {
		return c.bad(n, "unknown function %q: %sallowed: %s", n.Ident, didYouMean(n.Ident, textFunctions()), strings.Join(textFunctions(), ", "))
	}
	most := map[string]int{"not": 1, "len": 1, "ne": 2, "lt": 2, "le": 2, "gt": 2, "ge": 2, "include": 3}
	least := map[string]int{"and": 1, "or": 1, "eq": 2}
	if most, ok := most[n.Ident]; ok && len(args) != most || !ok && len(args) < least[n.Ident] {
		return c.bad(n, "%s takes another number of values", n.Ident)
	}
	types := c.values(args, dot)
	if slices.Contains(types, nil) {
		return nil
	}
	switch n.Ident {
	case "include":
		return c.include(n, args, types)
	case "len":
		if k := types[0].Kind(); k != reflect.Slice && k != reflect.String {
			return c.bad(n, "len needs a list or a text")
		}
		return reflect.TypeFor[int]()
	case "and", "or":
		if slices.ContainsFunc(types, func(t reflect.Type) bool { return t != types[0] }) {
			return reflect.TypeFor[any]()
		}
		return types[0]
	case "not":
		return reflect.TypeFor[bool]()
	}
	return c.compare(n, args, types)
}

// compare checks that the values can be compared, and that a word that a field
// never has is not waited for.
func (c *typer) compare(n parse.Node, args []parse.Node, types []reflect.Type) reflect.Type {
	for i, t := range types {
		switch t.Kind() {
		case reflect.String, reflect.Int, reflect.Bool:
		default:
			return c.bad(n, "%s cannot be compared: it is %s", args[i], kindOf(t))
		}
		if t.Kind() != types[0].Kind() {
			return c.bad(n, "%s is %s and %s is %s: they cannot be compared", args[0], kindOf(types[0]), args[i], kindOf(t))
		}
	}
	for i, a := range args {
		word, ok := a.(*parse.StringNode)
		values := closedValues(types[(i+1)%2])
		if ok && len(values) > 0 && !slices.Contains(values, word.Text) {
			return c.bad(a, "%s is never %q: %sallowed: %s", args[(i+1)%2], word.Text, didYouMean(word.Text, values), strings.Join(values, ", "))
		}
	}
	return reflect.TypeFor[bool]()
}

// closedValues returns all values of a closed type, nil for others.
func closedValues(t reflect.Type) []string {
	var all []string
	switch t {
	case reflect.TypeFor[Kind]():
		for _, k := range Kinds() {
			all = append(all, string(k))
		}
	case reflect.TypeFor[State]():
		for _, s := range States() {
			all = append(all, string(s))
		}
	case reflect.TypeFor[Ask]():
		for _, a := range Asks() {
			all = append(all, string(a))
		}
		all = append(all, string(AskMailed), "own-words")
	case reflect.TypeFor[StepKind]():
		all = []string{string(StepMail), string(StepBranch)}
	case reflect.TypeFor[leak.Class]():
		for _, c := range leak.Classes() {
			all = append(all, string(c))
		}
	case reflect.TypeFor[placeWord]():
		for _, w := range placeWords() {
			all = append(all, string(w))
		}
	}
	return all
}

// include chooses a text of a family by a field, as in include "kind-" .Kind .
func (c *typer) include(n parse.Node, args []parse.Node, types []reflect.Type) reflect.Type {
	family, ok := args[0].(*parse.StringNode)
	var by reflect.Type
	if ok {
		by, ok = families()[family.Text]
	}
	switch {
	case !ok:
		return c.bad(n, `include needs "ask-", "elsewhere-", "kind-", "leak-", "problem-" or "step-" first`)
	case types[1] != by || by.Kind() == reflect.String && by.Name() == "string" && !strings.HasSuffix(args[1].String(), ".Code"):
		return c.bad(n, "include %s cannot be chosen by %s", family, args[1])
	case types[2] != dataType(family.Text):
		return c.bad(n, "include %s cannot be used with %s here", family, args[2])
	}
	return reflect.TypeFor[string]()
}
