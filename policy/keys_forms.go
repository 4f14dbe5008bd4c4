package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
	"github.com/recoverybot/recoverybot/parser"
)

const noForm = "requests.forms names no form: without one no request can be read"

func (l *loader) forms() value {
	return value{
		says: "list of forms",
		none: noForm,
		item: l.generation,
		done: func(n yamlfile.Node) {
			all := l.rules.Requests.Generations
			slices.SortStableFunc(all, func(a, b Generation) int { return a.From.Compare(b.From) })
			for i := 1; i < len(all); i++ {
				a, b := all[i-1], all[i]
				if a.From.Equal(b.From) || a.To.After(b.From) {
					n.Errorf("%s and %s are both in force on %s", a.name(), b.name(), b.From.Format(time.DateOnly))
				}
			}
		},
	}
}

func (l *loader) generation() value {
	var g Generation
	return value{
		lacks:  "a form has either a file, like {file: FORM.yml, from: 2024-07-09}, or, for an old Markdown template, markdown",
		either: []string{"file", "markdown"},
		keys: []key{
			{
				name: "file", example: "ISSUE_TEMPLATE/account-recovery.yml",
				about: "The issue form's file, by its path from the policy's folder.",
				value: textual("path", "", func(n yamlfile.Node) {
					g.File = n.Text()
					if t := l.form(n, g.File); t != nil {
						g.Template, g.apart = l.rules.Fit(t), l.rules.apart(t, g.File)
					}
				}),
			},
			{
				name: "markdown", example: "{'PyPI Username': ['## PyPI Username'], 'Reason for request': ['##  Reason for request', 'Reason:']}",
				about: "Instead of a file: an old Markdown template. For each question its label, and the lines that stand before the answer.",
				value: l.markdown(&g),
			},
			{
				name: "from", example: "2024-07-09",
				about: "The first day on which this form was in force. Left out: since ever.", value: dateValue(&g.From),
			},
			{
				name: "to", example: "2026-12-01",
				about: "The first day on which it was not in force any more. Left out: still in force.", value: dateValue(&g.To),
			},
		},
		done: func(n yamlfile.Node) {
			if !g.To.IsZero() && !g.From.Before(g.To) {
				n.Errorf("the form ends before it begins")
			}
			if g.Template != nil {
				l.rules.Requests.Generations = append(l.rules.Requests.Generations, g)
			}
		},
	}
}

// markdown reads an old Markdown template: for each question the lines that
// stand for its heading. The account is one line, all else are free texts.
func (l *loader) markdown(g *Generation) value {
	var places [][]yamlfile.Node // by section: its list, then its lines
	return value{
		says: "lists of lines, by the label of the question",
		none: "the template asks nothing: add a section",
		entry: func(label string) value {
			s := parser.MarkdownSection{Label: label, Type: parser.Textarea, Required: true}
			if label == l.rules.Requests.Account {
				s.Type = parser.Input
			}
			var lines []yamlfile.Node
			v := listOf(textual("line", "", func(n yamlfile.Node) {
				s.Lines, lines = append(s.Lines, n.Text()), append(lines, n)
			}))
			v.done = func(n yamlfile.Node) {
				g.Markdown, places = append(g.Markdown, s), append(places, append([]yamlfile.Node{n}, lines...))
			}
			return v
		},
		done: func(n yamlfile.Node) {
			if len(g.Markdown) > 0 {
				g.Template = l.markdownTemplate(n, g.Markdown, places)
			}
		},
	}
}

// markdownTemplate makes a form of the sections. Each problem is told where
// its section or line stands.
func (l *loader) markdownTemplate(n yamlfile.Node, sections []parser.MarkdownSection, places [][]yamlfile.Node) *parser.Template {
	t, err := parser.MarkdownTemplate(sections)
	if problems, ok := errors.AsType[parser.MarkdownErrors](err); ok {
		for _, p := range problems {
			place := n
			if p.Section >= 0 {
				place = places[p.Section][p.Line+1]
			}
			place.Errorf("%s", p.Text)
		}
		return nil
	}
	t.Name = markdownName
	return l.checked(n, t)
}

// form reads an issue form, and checks that it asks what the policy expects.
func (l *loader) form(n yamlfile.Node, name string) *parser.Template {
	src, err := fs.ReadFile(l.files, name)
	if err != nil {
		n.Errorf("the form %q cannot be read: it is looked for beside the policy, by a path without ..", name)
		return nil
	}
	t, err := parser.ParseTemplate(src)
	if err != nil {
		l.errs = append(l.errs, Problems(name, err)...)
		return nil
	}
	return l.checked(n, t)
}

func (l *loader) checked(n yamlfile.Node, t *parser.Template) *parser.Template {
	account := l.rules.Requests.Account
	var labels []string
	for _, q := range t.Fields {
		labels = append(labels, q.Label)
	}
	if !slices.Contains(labels, account) {
		guess := ""
		if near := yamlfile.Closest(account, labels); near != "" {
			guess = fmt.Sprintf(": did you mean %q?", near)
		}
		n.Errorf("the form has no question %q (requests.account)%s", account, guess)
	}
	return t
}
