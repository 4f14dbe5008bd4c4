package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"

	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/policy"
)

type parseCmd struct {
	Form   []string `sep:"none" env:"-" help:"The issue form. Give it several times for several forms: the one that fits best is used and named." placeholder:"FORM.yml"`
	Policy string   `env:"-" help:"The policy. Its forms are used where --form is not given. Without it the rules of --preset apply." placeholder:"FILE"`
	JSON   bool     `env:"-" help:"Print JSON on a terminal, too. Into a file or a pipe it is always JSON."`
	Preset string   `default:"pypi" env:"-" enum:"${presets}" help:"Without a policy: read names and words by the rules of this preset: ${presets}. Default: ${default}" placeholder:"NAME"`
	Body   string   `arg:"" help:"The text of the issue: a file, or - for standard input." placeholder:"BODY.md"`
}

// Help is the long part of --help.
func (parseCmd) Help() string {
	return `Exit status 0 whether or not the request is complete: read "complete" and "problems". 1: a form or a file can't be read. Nothing is sent anywhere.

Of several forms the one is used that fits best, and "match" tells how well it fits, from 0 to 1, and which comes next: with equal scores the text can't tell them apart. The bot does not choose so: it takes the form that was in force when the issue was created.

  recoverybot parse --form account-recovery.yml body.md
  gh issue view 12 --json body --jq .body | recoverybot parse --form account-recovery.yml -`
}

// parsed is what parse prints.
type parsed struct {
	Form      string          `json:"form"`
	Complete  bool            `json:"complete"`
	Ambiguous bool            `json:"ambiguous"`
	Account   *string         `json:"account"`
	Registry  string          `json:"registry,omitempty"` // where the policy has several
	Kind      policy.Kind     `json:"kind"`
	Marks     []policy.Kind   `json:"marks,omitempty"`
	Fields    []field         `json:"fields"`
	Problems  []parsedProblem `json:"problems"`
	Match     *match          `json:"match,omitempty"`
}

// match says why a form was taken out of several.
type match struct {
	candidate
	RunnerUp *candidate `json:"runner_up"`
}

// candidate is a form with how well it fits.
type candidate struct {
	Form  string  `json:"form"`
	File  string  `json:"file,omitempty"`
	Score float64 `json:"score"`
}

// source is a form, and the file that it was read from; "" for a Markdown
// template.
type source struct {
	template *parser.Template
	file     string
}

type parsedProblem struct {
	Field  string `json:"field"`
	Code   string `json:"code"`
	Text   string `json:"text"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

// field is one answer: a text, boxes, or what was chosen from a list.
type field struct {
	ID       string      `json:"id"`
	Label    string      `json:"label"`
	Type     parser.Type `json:"type"`
	Answered bool        `json:"answered"`
	Value    *string     `json:"value,omitempty"`
	Default  bool        `json:"default,omitempty"`
	Options  []option    `json:"options,omitzero"`
	Selected []string    `json:"selected,omitzero"`
	Line     int         `json:"line"`
}

type option struct {
	Label    string `json:"label"`
	Checked  bool   `json:"checked"`
	Required bool   `json:"required"`
}

// Run reads a body and prints what it says.
func (c *parseCmd) Run(e *env) error {
	rules, err := c.rules()
	if err != nil {
		return err
	}
	sources, err := c.sources(rules)
	if err != nil {
		return err
	}
	body, err := readInput(e, c.Body)
	if err != nil {
		return err
	}
	best, m := detect(sources, body)
	p := judge(rules, best, body)
	p.Match = m
	if c.JSON || !e.colour {
		return printJSON(e.out, p)
	}
	p.print(e.out)
	return nil
}

func (c *parseCmd) rules() (*policy.Rules, error) {
	if c.Policy == "" {
		return policy.Preset(c.Preset)
	}
	return readPolicy(c.Policy)
}

// sources are the forms of the flags, or else those of the policy.
func (c *parseCmd) sources(rules *policy.Rules) ([]source, error) {
	if len(c.Form) == 0 {
		return policySources(rules)
	}
	var all []source
	var problems policy.Errors
	for _, name := range c.Form {
		t, err := readForm(name)
		if errs, ok := errors.AsType[policy.Errors](err); ok {
			problems = append(problems, errs...)
			continue
		}
		if err != nil {
			return nil, err
		}
		all = append(all, source{rules.Fit(t), name})
	}
	if len(problems) > 0 {
		return nil, problems
	}
	return all, nil
}

func policySources(rules *policy.Rules) ([]source, error) {
	var all []source
	for _, g := range rules.Requests.Generations {
		all = append(all, source{g.Template, g.File})
	}
	if len(all) == 0 {
		return nil, usageError{text: "no form: give --form FORM.yml, or --policy FILE for the forms of a policy"}
	}
	return all, nil
}

// readForm reads an issue form. Its mistakes are policy.Errors.
func readForm(name string) (*parser.Template, error) {
	src, err := os.ReadFile(name) //nolint:gosec // the operator's word
	if err != nil {
		return nil, fmt.Errorf("reading the issue form: %w", err)
	}
	t, err := parser.ParseTemplate(src)
	if err != nil {
		return nil, policy.Problems(name, err)
	}
	return t, nil
}

// detect chooses the form that fits a body best, the first if none does. The
// match is nil if there is no choice.
func detect(sources []source, body string) (*parser.Template, *match) {
	if len(sources) == 1 {
		return sources[0].template, nil
	}
	templates := make([]*parser.Template, len(sources))
	for i, s := range sources {
		templates[i] = s.template
	}
	found := parser.Detect(templates, body)
	shown := func(i int, score float64) candidate {
		return candidate{Form: templates[i].Name, File: sources[i].file, Score: math.Round(score*100) / 100}
	}
	best := max(found.Index, 0)
	m := &match{candidate: shown(best, found.Score)}
	if found.RunnerUp >= 0 {
		next := shown(found.RunnerUp, found.RunnerUpScore)
		m.RunnerUp = &next
	}
	return templates[best], m
}

// judge reads a body with a form, and the account's name by the rules.
func judge(rules *policy.Rules, t *parser.Template, body string) parsed {
	form := parser.Parse(t, body)
	verdict := rules.Judge(&form)
	p := parsed{
		Form: t.Name, Complete: verdict.Complete, Ambiguous: form.Ambiguous, Kind: verdict.Kind, Marks: verdict.Marks,
		Fields: []field{}, Problems: []parsedProblem{},
	}
	if len(rules.Registries) > 1 {
		p.Registry = verdict.Registry
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

func shown(f *parser.Field) field {
	x := field{ID: f.ID, Label: f.Label, Type: f.Type, Answered: f.Answered, Line: f.Line}
	switch f.Type {
	case parser.Checkboxes:
		x.Options = []option{}
		for _, o := range f.Options {
			x.Options = append(x.Options, option(o))
		}
	case parser.Dropdown:
		x.Selected = append([]string{}, f.Selected...)
	case parser.Input, parser.Textarea, parser.Upload:
		x.Value, x.Default = &f.Value, f.Default
	}
	return x
}

// printJSON prints one line. Characters that nobody sees are written as \u202e:
// to a program that is the same, and a person sees them.
func printJSON(w io.Writer, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(v)
	if err == nil {
		_, err = io.WriteString(w, escapeHidden(b.String()))
	}
	if err != nil {
		return fmt.Errorf("printing JSON: %w", err)
	}
	return nil
}

// escapeHidden escapes hidden characters in JSON: they are parts of strings.
func escapeHidden(text string) string {
	if !strings.ContainsFunc(text, parser.Hidden) {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		if !parser.Hidden(r) {
			b.WriteRune(r)
			continue
		}
		for _, unit := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&b, `\u%04x`, unit)
		}
	}
	return b.String()
}

// print writes the result for a person. What the author typed is shown with
// its hidden characters visible.
func (p parsed) print(w io.Writer) {
	yes := map[bool]string{true: "yes", false: "no"}
	account := "none can be read"
	if p.Account != nil {
		account = *p.Account
	}
	fmt.Fprintf(w, "form       %s\ncomplete   %s\nambiguous  %s\naccount    %s\nkind       %s\n", p.Form, yes[p.Complete], yes[p.Ambiguous], account, p.Kind)
	if len(p.Marks) > 0 {
		fmt.Fprintf(w, "marks      %s\n", joined(p.Marks))
	}
	if p.Registry != "" {
		fmt.Fprintf(w, "registry   %s\n", p.Registry)
	}
	if p.Match != nil {
		p.Match.print(w)
	}
	for _, f := range p.Fields {
		fmt.Fprintf(w, "\n%s\n", parser.Visible(f.Label))
		f.print(w)
	}
	if len(p.Problems) > 0 {
		fmt.Fprintf(w, "\n%s (line:column of the text)\n", count(len(p.Problems), "problem", "problems"))
	}
	for _, q := range p.Problems {
		fmt.Fprintf(w, "  %d:%d: %s: %s (%s)\n", q.Line, q.Column, parser.Visible(q.Field), parser.Visible(q.Text), q.Code)
	}
}

func (m *match) print(w io.Writer) {
	fmt.Fprintf(w, "match      %.2f %s\n", m.Score, cmp.Or(m.File, m.Form))
	if m.RunnerUp != nil {
		fmt.Fprintf(w, "runner-up  %.2f %s\n", m.RunnerUp.Score, cmp.Or(m.RunnerUp.File, m.RunnerUp.Form))
	}
}

func (f field) print(w io.Writer) {
	switch {
	case !f.Answered && len(f.Options) == 0:
		fmt.Fprintln(w, "  (no answer)")
	case f.Value != nil:
		for line := range strings.Lines(*f.Value) {
			shown := strconv.QuoteToGraphic(strings.TrimRight(line, "\r\n"))
			fmt.Fprintf(w, "  %s\n", parser.Visible(shown[1:len(shown)-1]))
		}
	}
	for _, s := range f.Selected {
		fmt.Fprintf(w, "  %s\n", parser.Visible(s))
	}
	for _, o := range f.Options {
		mark, required := " ", ""
		if o.Checked {
			mark = "x"
		}
		if o.Required {
			required = " (required)"
		}
		fmt.Fprintf(w, "  [%s] %s%s\n", mark, parser.Visible(o.Label), required)
	}
}
