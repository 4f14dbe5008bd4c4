package policy

import (
	"reflect"
	"slices"
	"strings"
	"text/template/parse"
)

// reads is what a template, with all that it may put in, may depend on. It is
// found by names alone, wherever they stand: a field of the same name in a list
// counts for that of the view, so it is rather too much than too little.
type reads struct {
	names map[string]bool // fields and methods
	texts map[string]bool // itself, and what it puts in
	all   bool            // something in it is not understood: it may read everything

	fields          []int // places of the view's fields that are read
	madeOf, methods map[string][]string
}

// methodReads returns the fields of the view that its methods look at.
func methodReads() map[string][]string {
	return map[string][]string{
		"Can":    {"State", "ForStaff", "Reopen", "requesterTurn", "Others"},
		"Say":    {"Mention", "greeting"},
		"Offers": {"offers"},
	}
}

// madeOf returns, for each field of the view that has words of other texts in
// it, how the names of these texts begin.
func madeOf() map[string][]string {
	all := map[string][]string{
		"Opening": {"opening-"}, "Now": {"opening-"}, "greeting": {"hello"}, "Problems": {"your-text"}, "Named": {"your-text"},
		"Asking": {"your-text"}, "Command": {"command-"}, "Suggestion": {"command-"}, "Commands": {"command-"},
		"Languages": {"language-name"}, "Others": {"language-name"}, "Forecast": {"span"}, "Leaks": {"secret-"}, "Alert": {"alert-"},
		"Desk":  {"class-", "lack-", "secret-", "place-", "language-name", string(textNotice), "moment", "month-"},
		"Steps": {"day", "moment", "month-"}, "Digest": {"moment", "month-", "span"},
	}
	for _, field := range []string{"Remind", "Close", "Reopen", "Mailed", "Notified", "Snooze", "Away"} {
		all[field] = []string{"day", "month-"}
	}
	for _, field := range []string{"Created", "Queued", "Ready"} {
		all[field] = []string{"moment", "month-"}
	}
	return all
}

// reads returns what the template of this name may depend on.
func (t trees) reads(name string) *reads {
	r := &reads{names: map[string]bool{}, texts: map[string]bool{}, madeOf: madeOf(), methods: methodReads()}
	r.text(t, name)
	for i := range reflect.TypeFor[view]().NumField() {
		if r.all || r.names[reflect.TypeFor[view]().Field(i).Name] {
			r.fields = append(r.fields, i)
		}
	}
	return r
}

func (r *reads) text(of trees, name string) {
	if r.texts[name] || of[name] == nil {
		return
	}
	r.texts[name] = true
	r.node(of, of[name].Root)
}

// node collects the names in a part of a template. Of a kind that is not here
// it is not known what it reads.
func (r *reads) node(of trees, n parse.Node) {
	switch n := n.(type) {
	case *parse.ListNode:
		if n != nil {
			for _, inner := range n.Nodes {
				r.node(of, inner)
			}
		}
	case *parse.ActionNode:
		r.node(of, n.Pipe)
	case *parse.IfNode:
		r.branch(of, &n.BranchNode)
	case *parse.WithNode:
		r.branch(of, &n.BranchNode)
	case *parse.RangeNode:
		r.branch(of, &n.BranchNode)
	case *parse.TemplateNode:
		r.node(of, n.Pipe)
		r.text(of, n.Name)
	case *parse.PipeNode:
		if n != nil {
			for _, c := range n.Cmds {
				r.command(of, c)
			}
		}
	default:
		r.operand(of, n)
	}
}

func (r *reads) branch(of trees, n *parse.BranchNode) {
	r.node(of, n.Pipe)
	r.node(of, n.List)
	r.node(of, n.ElseList)
}

func (r *reads) command(of trees, n *parse.CommandNode) {
	for _, a := range n.Args {
		r.node(of, a)
	}
	f, ok := n.Args[0].(*parse.IdentifierNode)
	if !ok || f.Ident != "include" || len(n.Args) < 2 {
		return
	}
	family, ok := n.Args[1].(*parse.StringNode)
	if !ok {
		r.all = true
		return
	}
	r.family(of, family.Text)
}

// family adds all texts whose names begin alike.
func (r *reads) family(of trees, begin string) {
	for name := range of {
		if strings.HasPrefix(name, begin) {
			r.text(of, name)
		}
	}
}

func (r *reads) operand(of trees, n parse.Node) {
	switch n := n.(type) {
	case *parse.FieldNode:
		r.add(of, n.Ident)
	case *parse.VariableNode:
		r.add(of, n.Ident[1:])
	case *parse.ChainNode:
		r.node(of, n.Node)
		r.add(of, n.Field)
	case *parse.IdentifierNode:
		r.all = r.all || !slices.Contains(textFunctions(), n.Ident)
	case *parse.DotNode, *parse.StringNode, *parse.NumberNode, *parse.BoolNode, *parse.NilNode,
		*parse.TextNode, *parse.CommentNode, *parse.BreakNode, *parse.ContinueNode:
	default:
		r.all = true
	}
}

// add adds names that follow each other, as in .Links.Codes.
func (r *reads) add(of trees, names []string) {
	for _, name := range names {
		if r.names[name] {
			continue
		}
		r.names[name] = true
		for _, begin := range r.madeOf[name] {
			r.family(of, begin)
		}
		fields, known := r.methods[name]
		r.add(of, fields)
		if _, is := reflect.TypeFor[view]().MethodByName(name); is && !known {
			r.all = true
		}
	}
}

// influence tells which texts the operator's can change.
type influence struct {
	set   *textSet
	own   map[string]bool
	known map[string]bool // by template
}

// influence is that of the operator's texts in a language. The name of each
// language stands in the texts of all.
func (r *Rules) influence(set *textSet) *influence {
	own := map[string]bool{}
	for name := range r.own[set.language] {
		own[name] = true
	}
	for _, texts := range r.own {
		own["language-name"] = own["language-name"] || texts["language-name"] != nil
	}
	return &influence{set: set, own: own, known: map[string]bool{}}
}

// on reports whether one of the operator's texts can change what a template
// writes, or what is asked of it: openings tell what any text must say.
func (i *influence) on(name string) bool {
	is, ok := i.known[name]
	if !ok {
		found := i.set.memo.readsOf(i.set, name)
		is = found.all
		for own := range i.own {
			is = is || i.own[own] && (found.texts[own] || strings.HasPrefix(own, "opening-"))
		}
		i.known[name] = is
	}
	return is
}
