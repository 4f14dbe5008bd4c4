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
	Upload     Type = "upload"     // files; the answer is the Markdown that stands for them
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
	// Default is the text that an input or a textarea begins with, or the choice of a dropdown; "" for none.
	Default string
	// Multiple is set for a dropdown that allows more than one choice.
	Multiple bool
	Options  []Option // of a dropdown or of checkboxes
	// Accept are the file name extensions that an upload takes, such as ".png"; none for all that GitHub takes.
	Accept []string `json:",omitempty"`
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
//
// The rules are those of three pages of docs.github.com, in communities/using-templates-to-encourage-useful-issues-and-pull-requests:
// syntax-for-issue-forms, syntax-for-githubs-form-schema and common-validation-errors-when-creating-issue-forms. Not
// documented, and so not checked: how long names and labels may be, which words but "password" GitHub forbids in a
// label, how it compares labels with letters outside ASCII, and what it writes for an upload.
func ParseTemplate(src []byte) (*Template, error) {
	p := &templateParser{file: yamlfile.Read(src), ids: map[string]bool{}, refer: map[string]Question{}, bare: map[string]bool{}}
	root := p.file.Root()
	p.require(root, "name", "description", "body")
	root.Object(map[string]func(yamlfile.Node){
		"name":        func(n yamlfile.Node) { p.template.Name = p.line(n) },
		"description": func(n yamlfile.Node) { p.line(n) },
		"title":       func(n yamlfile.Node) { p.template.Title = p.text(n) },
		"labels":      func(n yamlfile.Node) { p.template.Labels = p.words(n) },
		"assignees":   func(n yamlfile.Node) { p.words(n) },
		"projects":    func(n yamlfile.Node) { p.words(n) },
		"type":        func(n yamlfile.Node) { p.line(n) },
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
	refer    map[string]Question // by GitHub's name for it
	bare     map[string]bool     // labels of questions without an id
	boxed    []boxed
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

// text reads a text that is not empty.
func (p *templateParser) text(n yamlfile.Node) string {
	text := n.Text()
	if strings.TrimSpace(text) == "" && !isRefusedText(n) {
		p.file.Errorf(n, "must not be empty")
	}
	return text
}

// line reads a text that has one line and is not empty.
func (p *templateParser) line(n yamlfile.Node) string {
	text := strings.TrimSpace(p.text(n))
	if strings.ContainsAny(text, "\r\n") {
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
	for word := range strings.SplitSeq(p.text(n), ",") {
		if word = strings.TrimSpace(word); word != "" {
			words = append(words, word)
		}
	}
	return words
}
