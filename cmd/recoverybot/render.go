package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
	"github.com/recoverybot/recoverybot/parser"
)

type renderCmd struct {
	Answer  []string `sep:"none" env:"-" help:"An answer. Give it several times; for boxes and for a list of several choices once for each: the value is the option's text." placeholder:"LABEL=VALUE"`
	Answers string   `env:"-" help:"A YAML file with the answers, {LABEL: VALUE} or {LABEL: [VALUE, ...]}; - for standard input." placeholder:"FILE"`
	Form    string   `arg:"" help:"The issue form." placeholder:"FORM.yml"`
}

// Help is the long part of --help.
func (renderCmd) Help() string {
	return `A question without an answer is written as GitHub writes it: with what the form fills in, or as empty. LABEL is the question's label, or its id. A newline is added at the end.

  recoverybot render account-recovery.yml --answer "PyPI Username=jbber" | recoverybot parse --form account-recovery.yml -`
}

// given is one answer as it was given, and where: "" for a flag, else the
// place in the file with a colon behind it.
type given struct {
	label, value, where string
}

// Run writes the body.
func (c *renderCmd) Run(e *env) error {
	t, err := readForm(c.Form)
	if err != nil {
		return err
	}
	all, err := c.fromFile(e)
	if err != nil {
		return err
	}
	for _, text := range c.Answer {
		g, err := splitAnswer(t, text)
		if err != nil {
			return err
		}
		all = append(all, g)
	}
	answers := t.Untouched()
	touched := make([]bool, len(answers))
	for _, g := range all {
		i, err := g.question(t)
		if err != nil {
			return err
		}
		if !touched[i] {
			answers[i] = parser.Answer{}
		} else if many(&t.Fields[i]) == "" {
			return usageError{text: fmt.Sprintf("%sthe question %q has an answer already, and takes one", g.where, g.label)}
		}
		touched[i] = true
		if err := g.enter(&t.Fields[i], &answers[i]); err != nil {
			return err
		}
	}
	fmt.Fprintln(e.out, t.Render(answers))
	return nil
}

// many says what a question has several of; "" if it takes one answer.
func many(q *parser.Question) string {
	switch {
	case q.Type == parser.Checkboxes:
		return "box"
	case q.Type == parser.Dropdown && q.Multiple:
		return "option"
	}
	return ""
}

// splitAnswer cuts LABEL=VALUE. A label may have an equals sign itself: the
// longest label of the form counts.
func splitAnswer(t *parser.Template, text string) (given, error) {
	label, value, ok := strings.Cut(text, "=")
	if !ok {
		return given{}, usageError{text: fmt.Sprintf("--answer %q: want LABEL=VALUE", text)}
	}
	for _, q := range t.Fields {
		if rest, ok := strings.CutPrefix(text, q.Label+"="); ok && len(q.Label) > len(label) {
			label, value = q.Label, rest
		}
	}
	return given{label: label, value: value}, nil
}

// fromFile reads the answers of a file, in its order.
func (c *renderCmd) fromFile(e *env) ([]given, error) {
	if c.Answers == "" {
		return nil, nil
	}
	src, err := readInput(e, c.Answers)
	if err != nil {
		return nil, err
	}
	var all []given
	f := yamlfile.Read([]byte(src))
	f.Root().Entries(func(label string, _, v yamlfile.Node) {
		add := func(n yamlfile.Node) {
			line, column := n.Pos()
			where := fmt.Sprintf("%s:%d:%d: ", c.Answers, line, column)
			all = append(all, given{label, strings.TrimSuffix(n.Scalar(), "\n"), where})
		}
		if v.IsList() {
			v.List(func(_ int, n yamlfile.Node) { add(n) })
			return
		}
		add(v)
	})
	if err := f.Err(); err != nil {
		return nil, fmt.Errorf("reading the answers %s:\n%w", c.Answers, err)
	}
	return all, nil
}

// question returns the index of the question that an answer is for.
func (g given) question(t *parser.Template) (int, error) {
	var labels []string
	found := -1
	for i, q := range t.Fields {
		labels = append(labels, q.Label)
		if q.ID == g.label && q.ID != "" {
			return i, nil
		}
		if q.Label == g.label && found >= 0 {
			return 0, usageError{text: fmt.Sprintf("%stwo questions have the label %q: name them by id", g.where, g.label)}
		}
		if q.Label == g.label {
			found = i
		}
	}
	if found < 0 {
		return 0, usageError{text: fmt.Sprintf("%sthe form has no question %q%s", g.where, g.label, nearest(g.label, labels))}
	}
	return found, nil
}

// enter adds an answer to what was entered before.
func (g given) enter(q *parser.Question, a *parser.Answer) error {
	if q.Type != parser.Checkboxes && q.Type != parser.Dropdown {
		a.Value = g.value
		return nil
	}
	var labels []string
	for _, o := range q.Options {
		labels = append(labels, o.Label)
	}
	at := slices.Index(labels, g.value)
	switch {
	case g.value == "":
	case at < 0:
		return usageError{text: fmt.Sprintf("%sthe question %q has no option %q%s", g.where, q.Label, g.value, nearest(g.value, labels))}
	case q.Type == parser.Checkboxes:
		a.Checked = append(a.Checked, at)
	default:
		a.Selected = append(a.Selected, at)
	}
	return nil
}

// nearest ends a message about an unknown word: what was meant, or else all
// that is allowed.
func nearest(word string, allowed []string) string {
	if near := yamlfile.Closest(word, allowed); near != "" {
		return fmt.Sprintf(": did you mean %q?", near)
	}
	return fmt.Sprintf(": want one of %q", allowed)
}
