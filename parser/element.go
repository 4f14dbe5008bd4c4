package parser

import (
	"cmp"
	_ "embed"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

//go:embed languages.txt
var languages string

var (
	extension     = regexp.MustCompile(`\A\.[A-Za-z0-9]+(\.[A-Za-z0-9]+)*\z`)
	forbiddenWord = regexp.MustCompile(`(?i)\bpasswords?\b`)
	notReference  = regexp.MustCompile(`[^a-z0-9_]+`)
)

// boxed is the text of a box, and the index of the question that it belongs to.
type boxed struct {
	question int
	label    string
	node     yamlfile.Node
}

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
	p.checkBoxes()
	if n.IsList() && len(p.template.Fields) == 0 && p.file.Err() == nil {
		p.file.Errorf(n, "the form asks nothing: add an element that is not markdown")
	}
}

func (p *templateParser) kind(n yamlfile.Node) string {
	return n.OneOf("checkboxes", "dropdown", "input", "markdown", "textarea", "upload")
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
	switch e.kind {
	case "":
		return
	case "markdown":
		p.markdown(e)
		return
	}
	keys, needs := p.attributes(e)
	p.require(e.attributes, needs...)
	e.attributes.Object(keys)
	if e.kind == string(Dropdown) {
		p.defaultChoice(e)
	}
	validations := map[string]func(yamlfile.Node){
		"required": func(n yamlfile.Node) { e.question.Required = n.Bool() || e.question.Required },
	}
	if e.kind == string(Upload) {
		validations["accept"] = func(n yamlfile.Node) { e.question.Accept = p.accept(n) }
	}
	e.validations.Object(validations)
	p.template.Fields = append(p.template.Fields, e.question)
}

// attributes returns the keys that an element may have under attributes, and those that it needs.
func (p *templateParser) attributes(e *element) (keys map[string]func(yamlfile.Node), needs []string) {
	keys = map[string]func(yamlfile.Node){
		"label":       func(n yamlfile.Node) { p.label(n, &e.question) },
		"description": func(n yamlfile.Node) { p.text(n) },
	}
	needs = []string{"label"}
	switch e.kind {
	case string(Textarea):
		keys["render"] = func(n yamlfile.Node) { e.question.Render = p.language(n) }
		fallthrough
	case string(Input):
		keys["placeholder"] = func(n yamlfile.Node) { p.text(n) }
		keys["value"] = func(n yamlfile.Node) { e.question.Default = p.text(n) }
	case string(Dropdown):
		keys["multiple"] = func(n yamlfile.Node) { e.question.Multiple = n.Bool() }
		keys["default"] = func(yamlfile.Node) {}
		keys["options"] = func(n yamlfile.Node) { p.choices(n, &e.question) }
		needs = append(needs, "options")
	case string(Checkboxes):
		keys["options"] = func(n yamlfile.Node) { p.boxes(n, &e.question) }
		needs = append(needs, "options")
	}
	return keys, needs
}

// accept reads the file name extensions that an upload takes: ".png, .log".
func (p *templateParser) accept(n yamlfile.Node) []string {
	text := p.line(n)
	if text == "" {
		return nil
	}
	var list []string
	for word := range strings.SplitSeq(text, ",") {
		word = strings.TrimSpace(word)
		if !extension.MatchString(word) {
			p.file.Errorf(n, "want file name extensions with commas between them, like \".png, .log\"")
			return nil
		}
		list = append(list, word)
	}
	return list
}

func (p *templateParser) markdown(e *element) {
	p.require(e.attributes, "value")
	e.attributes.Object(map[string]func(yamlfile.Node){"value": func(n yamlfile.Node) { p.text(n) }})
	if e.validations.Exists() {
		p.file.Errorf(e.validations, "markdown asks nothing: it has no validations")
	}
}

// label reads the text over a question.
func (p *templateParser) label(n yamlfile.Node, q *Question) {
	q.Label = p.line(n)
	switch {
	case q.Label == "":
		return
	case headingLabel(q.Label) == "":
		p.file.Errorf(n, "a label needs more than number signs")
	case (q.Type == Input || q.Type == Textarea) && forbiddenWord.MatchString(q.Label):
		p.file.Errorf(n, "GitHub forbids this word in the label of an input or a textarea: nobody shall write a password into an issue")
	}
	p.claim(n, q)
}

// claim records the name by which GitHub refers to a question, its id or else its label, and refuses one that is taken.
func (p *templateParser) claim(n yamlfile.Node, q *Question) {
	key := cmp.Or(q.ID, reference(q.Label))
	other, taken := p.refer[key]
	switch {
	case !taken:
		p.refer[key] = *q
	case q.ID != "" && other.ID != "": // said where the ids stand
	case q.ID == "" && q.Label == other.Label:
		p.file.Errorf(n, "another question has this label: give one an id")
	default:
		p.file.Errorf(n, "GitHub can't tell this question from %q: give one another id; without an id only the label's letters and digits count", other.Label)
	}
	p.bare[q.Label] = p.bare[q.Label] || q.ID == ""
}

// reference is what GitHub makes of the label of a question without an id: Rails' parameterize. That of a label with
// letters outside ASCII is not documented well enough to refuse a form: it stands for itself.
func reference(label string) string {
	if strings.IndexFunc(label, func(r rune) bool { return r >= utf8.RuneSelf }) >= 0 {
		return label
	}
	key := strings.Trim(notReference.ReplaceAllString(strings.ToLower(label), "-"), "-")
	return cmp.Or(key, label)
}

// checkBoxes holds the boxes of a question against the labels of the others.
func (p *templateParser) checkBoxes() {
	for _, b := range p.boxed {
		if p.bare[b.label] && p.template.Fields[b.question].Label != b.label {
			p.file.Errorf(b.node, "a question has this text as its label: change one, or give the question an id")
		}
	}
}

// language reads the language of a fence, which GitHub must know.
func (p *templateParser) language(n yamlfile.Node) string {
	language := p.line(n)
	if language == "" {
		return ""
	}
	all := strings.Split(languages, "\n")
	key := strings.ReplaceAll(strings.ToLower(language), " ", "_")
	if slices.Contains(all, key) {
		return language
	}
	if strings.ContainsAny(language, "` \t") {
		p.file.Errorf(n, "the language of a fence is one word")
	} else if near := yamlfile.Closest(key, all); near != "" {
		p.file.Errorf(n, "GitHub knows no language %q: did you mean %q?", language, near)
	} else {
		p.file.Errorf(n, "GitHub knows no language %q: take one of its names, like \"shell\" or \"text\"", language)
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
		p.boxed = append(p.boxed, boxed{len(p.template.Fields), o.Label, place})
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
		} else if len(e.question.Options) > 0 {
			e.question.Default = e.question.Options[i].Label
		}
	})
}
