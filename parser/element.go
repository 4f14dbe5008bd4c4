package parser

import (
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// element is one item of `body` while it is read.
type element struct {
	kind                    string
	question                Question
	attributes, validations yamlfile.Node
}

// body reads the elements of the form.
func (p *templateParser) body(n yamlfile.Node) {
	n.List(func(_ int, item yamlfile.Node) {
		e := element{}
		p.require(item, "type", "attributes")
		item.Object(map[string]func(yamlfile.Node){
			"type":        func(n yamlfile.Node) { e.kind = p.kind(n) },
			"id":          func(n yamlfile.Node) { e.question.ID = p.id(n) },
			"attributes":  func(n yamlfile.Node) { e.attributes = n },
			"validations": func(n yamlfile.Node) { e.validations = n },
		})
		e.question.Type = Type(e.kind)
		p.element(&e)
	})
	if n.IsList() && len(p.template.Fields) == 0 && p.file.Err() == nil {
		p.file.Errorf(n, "the form asks nothing: add an element that is not markdown")
	}
}

func (p *templateParser) kind(n yamlfile.Node) string {
	if n.Exists() && !n.IsList() && !n.IsObject() && n.Scalar() == "upload" {
		p.file.Errorf(n, "elements of type upload are not supported by this version")
		return ""
	}
	return n.OneOf("checkboxes", "dropdown", "input", "markdown", "textarea")
}

func (p *templateParser) id(n yamlfile.Node) string {
	id := p.line(n)
	switch {
	case id == "":
	case !questionID.MatchString(id):
		p.file.Errorf(n, "an id has only letters, digits, - and _")
	case p.ids[id]:
		p.file.Errorf(n, "another element has this id")
	}
	p.ids[id] = true
	return id
}

func (p *templateParser) element(e *element) {
	ignore := func(n yamlfile.Node) { n.Text() }
	keys := map[string]func(yamlfile.Node){
		"label":       func(n yamlfile.Node) { e.question.Label = p.label(n, e.question.ID) },
		"description": ignore,
	}
	needs := []string{"label"}
	switch e.kind {
	case "":
		return
	case "markdown":
		p.markdown(e)
		return
	case string(Textarea):
		keys["render"] = func(n yamlfile.Node) { e.question.Render = p.language(n) }
		fallthrough
	case string(Input):
		keys["placeholder"] = ignore
		keys["value"] = func(n yamlfile.Node) { e.question.Default = n.Text() }
	case string(Dropdown):
		keys["multiple"] = func(n yamlfile.Node) { e.question.Multiple = n.Bool() }
		keys["default"] = func(yamlfile.Node) {}
		keys["options"] = func(n yamlfile.Node) { p.choices(n, &e.question) }
		needs = append(needs, "options")
	case string(Checkboxes):
		keys["options"] = func(n yamlfile.Node) { p.boxes(n, &e.question) }
		needs = append(needs, "options")
	}
	p.require(e.attributes, needs...)
	e.attributes.Object(keys)
	if e.kind == string(Dropdown) {
		p.defaultChoice(e)
	}
	e.validations.Object(map[string]func(yamlfile.Node){
		"required": func(n yamlfile.Node) { e.question.Required = n.Bool() || e.question.Required },
	})
	p.template.Fields = append(p.template.Fields, e.question)
}

func (p *templateParser) markdown(e *element) {
	p.require(e.attributes, "value")
	e.attributes.Object(map[string]func(yamlfile.Node){"value": func(n yamlfile.Node) { n.Text() }})
	if e.validations.Exists() {
		p.file.Errorf(e.validations, "markdown asks nothing: it has no validations")
	}
}

// label reads the text over a question. Two questions may share it only if their ids differ: a body tells them apart
// by order alone.
func (p *templateParser) label(n yamlfile.Node, id string) string {
	label := p.line(n)
	heading := headingLabel(label)
	if label == "" {
		return ""
	}
	if heading == "" {
		p.file.Errorf(n, "a label needs more than number signs")
	}
	if others, ok := p.labels[heading]; ok && (id == "" || slices.Contains(others, "")) {
		p.file.Errorf(n, "another question has this label: give both an id")
	}
	p.labels[heading] = append(p.labels[heading], id)
	return label
}

func (p *templateParser) language(n yamlfile.Node) string {
	language := p.line(n)
	if strings.ContainsAny(language, "` \t") {
		p.file.Errorf(n, "the language of a fence is one word")
	}
	return language
}

// choices reads the options of a dropdown.
func (p *templateParser) choices(n yamlfile.Node, q *Question) {
	n.List(func(_ int, item yamlfile.Node) {
		label := p.line(item)
		if strings.EqualFold(label, noChoice) {
			p.file.Errorf(item, "an option can't be %q: GitHub writes it where nothing is chosen", label)
		}
		p.addOption(item, q, Option{Label: label})
	})
	p.needOptions(n, q)
}

// boxes reads the options of checkboxes.
func (p *templateParser) boxes(n yamlfile.Node, q *Question) {
	n.List(func(_ int, item yamlfile.Node) {
		p.require(item, "label")
		var o Option
		place := item
		item.Object(map[string]func(yamlfile.Node){
			"label":    func(n yamlfile.Node) { o.Label, place = p.line(n), n },
			"required": func(n yamlfile.Node) { o.Required = n.Bool() },
		})
		q.Required = q.Required || o.Required
		p.addOption(place, q, o)
	})
	p.needOptions(n, q)
}

func (p *templateParser) addOption(n yamlfile.Node, q *Question, o Option) {
	if o.Label != "" && hasOption(q, o.Label) {
		p.file.Errorf(n, "another option has this text")
	}
	q.Options = append(q.Options, o)
}

func (p *templateParser) needOptions(n yamlfile.Node, q *Question) {
	if n.IsList() && len(q.Options) == 0 {
		p.file.Errorf(n, "at least one option is needed")
	}
}

// defaultChoice checks the index of the option that a dropdown begins with.
func (p *templateParser) defaultChoice(e *element) {
	if !e.attributes.IsObject() {
		return
	}
	e.attributes.Entries(func(key string, _, value yamlfile.Node) {
		if key != "default" {
			return
		}
		if i := value.Int(); i < 0 || i >= int64(max(1, len(e.question.Options))) {
			p.file.Errorf(value, "no option has this number: the first is 0")
		}
	})
}
