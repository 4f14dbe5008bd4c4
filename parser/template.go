package parser

import (
	"regexp"
	"strings"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// Type is the kind of a question.
type Type string

// The types of questions that are read.
const (
	Input      Type = "input"      // one line
	Textarea   Type = "textarea"   // many lines
	Dropdown   Type = "dropdown"   // one of the options, or several
	Checkboxes Type = "checkboxes" // boxes to tick
)

// Template is an issue form: its questions, in order. A Template is read only after ParseTemplate and safe for
// concurrent use.
type Template struct {
	Name   string
	Title  string   // the default title of an issue
	Labels []string // that GitHub sets on a new issue
	// Fields has the questions; elements of type markdown are left out, for they leave no trace in a body.
	Fields []Question
}

// Question is an element of an issue form that asks something.
type Question struct {
	Type      Type
	ID, Label string // ID is "" where the form gives none
	// Required is set by validations, and for checkboxes also if any box is required.
	Required bool
	// Render is the language of the fence that GitHub puts around a textarea, "" for none.
	Render string
	// Default is the text that an input or a textarea begins with, "" for none.
	Default string
	// Multiple is set for a dropdown that allows more than one choice.
	Multiple bool
	Options  []Option // of a dropdown or of checkboxes
	// Headings are the lines that stand for the question in bodies of an old Markdown template, as MarkdownTemplate
	// folds them; none for a form, whose heading is the label.
	Headings []string `json:",omitempty"`
}

// Option is a choice of a dropdown or a box of checkboxes. Required is for boxes only.
type Option struct {
	Label    string
	Required bool
}

var questionID = regexp.MustCompile(`\A[A-Za-z0-9_-]+\z`)

// ParseTemplate reads the YAML of an issue form as strictly as GitHub does. The error is a yamlfile.Errors: all
// problems at once, each with line and column.
func ParseTemplate(src []byte) (*Template, error) {
	p := &templateParser{file: yamlfile.Read(src), ids: map[string]bool{}, labels: map[string][]string{}}
	root := p.file.Root()
	p.require(root, "name", "description", "body")
	root.Object(map[string]func(yamlfile.Node){
		"name":        func(n yamlfile.Node) { p.template.Name = p.line(n) },
		"description": func(n yamlfile.Node) { p.line(n) },
		"title":       func(n yamlfile.Node) { p.template.Title = n.Text() },
		"labels":      func(n yamlfile.Node) { p.template.Labels = p.words(n) },
		"assignees":   func(n yamlfile.Node) { p.words(n) },
		"projects":    func(n yamlfile.Node) { p.words(n) },
		"type":        func(n yamlfile.Node) { n.Text() },
		"body":        p.body,
	})
	if err := p.file.Err(); err != nil {
		return nil, err
	}
	return &p.template, nil
}

type templateParser struct {
	file     *yamlfile.File
	template Template
	ids      map[string]bool
	labels   map[string][]string // heading -> ids of the questions under it
}

// require records each key that a mapping lacks.
func (p *templateParser) require(n yamlfile.Node, keys ...string) {
	if !n.IsObject() {
		return
	}
	for _, want := range keys {
		found := false
		n.Entries(func(key string, _, _ yamlfile.Node) { found = found || key == want })
		if !found {
			p.file.Errorf(n, "the key %q is missing", want)
		}
	}
}

// line reads a text that has one line and is not empty.
func (p *templateParser) line(n yamlfile.Node) string {
	text := strings.TrimSpace(n.Text())
	switch {
	case text == "" && isRefusedText(n):
	case text == "":
		p.file.Errorf(n, "must not be empty")
	case strings.ContainsAny(text, "\r\n"):
		p.file.Errorf(n, "must be one line")
	}
	return text
}

// isRefusedText tells whether Text has recorded the value already.
func isRefusedText(n yamlfile.Node) bool {
	return n.IsList() || n.IsObject() || !n.Exists() || strings.TrimSpace(n.Scalar()) != ""
}

// words reads a list of texts, or one text with commas.
func (p *templateParser) words(n yamlfile.Node) []string {
	var words []string
	if n.IsList() {
		n.List(func(_ int, item yamlfile.Node) { words = append(words, p.line(item)) })
		return words
	}
	for word := range strings.SplitSeq(n.Text(), ",") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}
