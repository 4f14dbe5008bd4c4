package policy

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"text/template/parse"
)

const (
	maxSteps    = 20_000 // parts of templates that one text may run through
	rangeFactor = 20     // a list of the view is not longer
	maxFlaws    = 20     // flaws that are told at once
)

// endless finds texts of the operator's that would not end together with the
// built-in ones. No text is run before it said that there are none.
func (o *ownTexts) endless() (Errors, error) {
	for _, language := range slices.Sorted(maps.Keys(o.byName)) {
		all, _, err := layers(language)
		if err != nil {
			return nil, err
		}
		maps.Copy(all, o.byName[language])
		w := &walker{trees: all, steps: map[string]int{}}
		for _, name := range slices.Sorted(maps.Keys(o.byName[language])) {
			if n := w.count(name); n > maxSteps {
				o.bad(o.places[language+"/"+name], "the text %q would run too long: it contains itself, or too much", name)
			}
		}
	}
	return o.errs, nil
}

// judge finds the operator's texts that break the rules with some values,
// together with the built-in ones. It renders them with every value that
// matters.
func (o *ownTexts) judge(r *Rules) Errors {
	for _, language := range slices.Sorted(maps.Keys(o.byName)) {
		set := *r.texts[language]
		set.memo = newMemo()
		o.render(r, &set, r.influence(&set).on)
	}
	return o.errs
}

// walker counts the steps that a template may take at the most.
type walker struct {
	trees trees
	steps map[string]int // -1 while it is being counted
}

func (w *walker) count(name string) int {
	if n, ok := w.steps[name]; ok {
		if n < 0 {
			return maxSteps + 1
		}
		return n
	}
	w.steps[name] = -1
	n := w.list(w.trees[name].Root)
	w.steps[name] = n
	return n
}

func (w *walker) list(l *parse.ListNode) int {
	if l == nil {
		return 0
	}
	n := 1
	for _, node := range l.Nodes {
		n += w.node(node)
		if n > maxSteps {
			return maxSteps + 1
		}
	}
	return n
}

func (w *walker) node(n parse.Node) int {
	switch n := n.(type) {
	case *parse.ActionNode:
		return 1 + w.included(n.Pipe)
	case *parse.IfNode:
		return w.included(n.Pipe) + w.list(n.List) + w.list(n.ElseList)
	case *parse.WithNode:
		return w.included(n.Pipe) + w.list(n.List) + w.list(n.ElseList)
	case *parse.RangeNode:
		return w.included(n.Pipe) + rangeFactor*w.list(n.List) + w.list(n.ElseList)
	case *parse.TemplateNode:
		return 1 + w.included(n.Pipe) + w.count(n.Name)
	}
	return 1
}

// included counts what an expression may include.
func (w *walker) included(n parse.Node) int {
	count := 0
	switch n := n.(type) {
	case *parse.PipeNode:
		for _, c := range n.Cmds {
			count += w.included(c)
		}
	case *parse.CommandNode:
		for _, a := range n.Args {
			count += w.included(a)
		}
		if f, ok := n.Args[0].(*parse.IdentifierNode); ok && f.Ident == "include" && len(n.Args) > 1 {
			count += w.longest(n.Args[1])
		}
	case *parse.ChainNode:
		count = w.included(n.Node)
	}
	return count
}

// longest counts the steps of the longest text of a family.
func (w *walker) longest(family parse.Node) int {
	most := 0
	for _, name := range slices.Sorted(maps.Keys(w.trees)) {
		if word, ok := family.(*parse.StringNode); ok && strings.HasPrefix(name, word.Text) {
			most = max(most, w.count(name))
		}
	}
	return most
}

// render reports the flaws of all texts that a set makes, each once, by place.
// It leaves out templates that do not matter.
func (o *ownTexts) render(r *Rules, set *textSet, matters func(template string) bool) {
	seen := map[string]bool{}
	once := func(parts ...string) bool {
		key := strings.Join(parts, "\n")
		was := seen[key]
		seen[key] = true
		return !was
	}
	var alone map[string]*textSet
	before := len(o.errs)
	everySample(r, func(t Text) {
		if t.Language = set.language; !matters(templateName(t)) {
			return
		}
		for _, flaw := range r.tried(t, set) {
			rule := strings.Trim(anyNumber.ReplaceAllString(flaw, "0"), "0")
			if len(o.errs)-before >= maxFlaws || !once(templateName(t), string(t.Kind), string(t.Ask), rule) {
				continue
			}
			if alone == nil {
				alone = r.alone(set.language)
			}
			culprit := r.culprit(t, rule, alone)
			if at, ok := o.places[set.language+"/"+culprit]; ok && once(culprit, rule) {
				o.bad(at, "the text %q as part of %q (%s) %s", culprit, templateName(t), situation(t), flaw)
			}
		}
	})
	slices.SortFunc(o.errs[before:], func(a, b Error) int {
		return cmp.Or(strings.Compare(a.File, b.File), a.Line-b.Line, a.Column-b.Column, strings.Compare(a.Text, b.Text))
	})
}

// anyNumber makes flaws comparable: one text has 201 words, another 202.
var anyNumber = regexp.MustCompile(`[0-9]+`)

// alone returns for each of the operator's texts the set in which it is the
// only one.
func (r *Rules) alone(language string) map[string]*textSet {
	set := r.texts[language]
	sets := map[string]*textSet{}
	for name, tree := range r.own[language] {
		all := maps.Clone(set.builtIn().trees)
		all[name] = tree
		if one, err := compile(language, all); err == nil {
			sets[name] = one
		}
	}
	return sets
}

// tried renders a text with a set and returns its flaws.
func (r *Rules) tried(t Text, set *textSet) []string {
	text, err := r.render(t, set)
	if err != nil {
		return []string{fmt.Sprintf("cannot be rendered: %v", err)}
	}
	if set.memo != nil {
		return set.memo.judge(r, judgedOf(t, text), set)
	}
	return r.flaws(t, text, set)
}

// culprit returns the operator's text that alone breaks the rule, else the text
// that is rendered, else the first.
func (r *Rules) culprit(t Text, rule string, alone map[string]*textSet) string {
	names := slices.Sorted(maps.Keys(alone))
	for _, name := range names {
		for _, flaw := range r.tried(t, alone[name]) {
			if strings.Trim(anyNumber.ReplaceAllString(flaw, "0"), "0") == rule {
				return name
			}
		}
	}
	if alone[templateName(t)] != nil || len(names) == 0 {
		return templateName(t)
	}
	return names[0]
}

// situation says when a text is written.
func situation(t Text) string {
	parts := []string{"state " + string(t.State)}
	add := func(name, value string) {
		if value != "" {
			parts = append(parts, name+" "+value)
		}
	}
	add("turn", string(t.Turn))
	add("kind", string(t.Kind))
	add("question", string(t.Ask))
	if len(t.Problems) > 0 {
		add("problem", t.Problems[0].Code)
	}
	for _, f := range t.Flags {
		add("mark", string(f))
	}
	return strings.Join(parts, ", ")
}
