package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/policy"
)

type parseCmd struct {
	Form   []string `required:"" sep:"none" help:"The issue form (YAML); several: the one that fits best is used and named." placeholder:"FORM.yml"`
	Policy string   `help:"The policy; without it the built-in preset for PyPI applies." placeholder:"FILE"`
	JSON   bool     `help:"Print JSON also on a terminal."`
	Body   string   `arg:"" help:"The issue body; - reads standard input." placeholder:"BODY.md"`
}

// parsed is what parse prints.
type parsed struct {
	Form      string          `json:"form"`
	Complete  bool            `json:"complete"`
	Ambiguous bool            `json:"ambiguous"`
	Account   *string         `json:"account"`
	Kind      policy.Kind     `json:"kind"`
	Fields    []any           `json:"fields"`
	Problems  []parsedProblem `json:"problems"`
}

type parsedProblem struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Text   string `json:"text"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// field is what every kind of field has.
type field struct {
	ID       string      `json:"id"`
	Label    string      `json:"label"`
	Type     parser.Type `json:"type"`
	Answered bool        `json:"answered"`
	Line     int         `json:"line"`
}

type textField struct {
	field
	Value   string `json:"value"`
	Default bool   `json:"default,omitempty"`
}

type boxesField struct {
	field
	Options []option `json:"options"`
}

type option struct {
	Label    string `json:"label"`
	Checked  bool   `json:"checked"`
	Required bool   `json:"required"`
}

type dropdownField struct {
	field
	Selected []string `json:"selected"`
}

// Run reads a body and prints what it says.
func (c *parseCmd) Run(e *env) error {
	rules, err := c.rules()
	if err != nil {
		return err
	}
	templates, err := c.templates(rules)
	if err != nil {
		return err
	}
	body, err := readInput(e, c.Body)
	if err != nil {
		return err
	}
	best := max(parser.Detect(templates, body).Index, 0)
	p := judge(rules, templates[best], body)
	if c.JSON || !e.colour {
		return printJSON(e.out, p)
	}
	return p.print(e.out)
}

func (c *parseCmd) rules() (*policy.Rules, error) {
	if c.Policy == "" {
		return policy.Preset(policy.Presets()[0])
	}
	return readPolicy(c.Policy)
}

func (c *parseCmd) templates(rules *policy.Rules) ([]*parser.Template, error) {
	var all []*parser.Template
	var problems policy.Errors
	for _, name := range c.Form {
		src, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the issue form: %w", err)
		}
		t, err := parser.ParseTemplate(src)
		if err != nil {
			problems = append(problems, policy.Problems(name, err)...)
			continue
		}
		all = append(all, rules.Fit(t))
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return all, nil
}

// judge reads a body with a form, and the account's name by the rules.
func judge(rules *policy.Rules, t *parser.Template, body string) parsed {
	form := parser.Parse(t, body)
	verdict := rules.Judge(&form)
	p := parsed{
		Form: t.Name, Complete: verdict.Complete, Ambiguous: form.Ambiguous, Kind: verdict.Kind,
		Fields: []any{}, Problems: []parsedProblem{},
	}
	if verdict.Account != "" {
		p.Account = &verdict.Account
	}
	for i := range form.Fields {
		p.Fields = append(p.Fields, shown(&form.Fields[i]))
	}
	for _, f := range form.Problems {
		p.Problems = append(p.Problems, parsedProblem(f))
	}
	for _, f := range verdict.Problems {
		p.Problems = append(p.Problems, parsedProblem(f))
	}
	slices.SortStableFunc(p.Problems, func(a, b parsedProblem) int { return a.Line - b.Line })
	return p
}

func shown(f *parser.Field) any {
	base := field{ID: f.ID, Label: f.Label, Type: f.Type, Answered: f.Answered, Line: f.Line}
	switch f.Type {
	case parser.Checkboxes:
		b := boxesField{field: base, Options: []option{}}
		for _, o := range f.Options {
			b.Options = append(b.Options, option(o))
		}
		return b
	case parser.Dropdown:
		return dropdownField{field: base, Selected: append([]string{}, f.Selected...)}
	case parser.Input, parser.Textarea:
	}
	return textField{field: base, Value: f.Value, Default: f.Default}
}

func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	return nil
}

// print writes the result for a person. What the author typed is shown with
// its hidden characters visible.
func (p parsed) print(w io.Writer) error {
	account := "none"
	if p.Account != nil {
		account = *p.Account
	}
	fmt.Fprintf(w, "form      %s\ncomplete  %t\nambiguous %t\naccount   %s\nkind      %s\n\n", p.Form, p.Complete, p.Ambiguous, account, p.Kind)
	for _, f := range p.Fields {
		switch f := f.(type) {
		case textField:
			fmt.Fprintf(w, "%s: %q\n", f.Label, f.Value)
		case dropdownField:
			fmt.Fprintf(w, "%s: %s\n", f.Label, strings.Join(f.Selected, ", "))
		case boxesField:
			fmt.Fprintf(w, "%s:\n", f.Label)
			for _, o := range f.Options {
				mark := " "
				if o.Checked {
					mark = "x"
				}
				fmt.Fprintf(w, "  [%s] %s\n", mark, o.Label)
			}
		}
	}
	for _, q := range p.Problems {
		fmt.Fprintf(w, "\n%d:%d: %s: %s (%s)", q.Line, q.Column, q.Field, q.Text, q.Code)
	}
	fmt.Fprintln(w)
	return nil
}
