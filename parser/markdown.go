package parser

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// MarkdownSection is one question of an old Markdown template, as MarkdownTemplate takes it.
type MarkdownSection struct {
	Label    string
	Type     Type // Input or Textarea
	Required bool
	// Lines are the lines that stand for the question in bodies, such as "## Username" or "Reason:". One line can only
	// stand for one question. Behind a line that ends in a colon the answer may begin on the same line.
	Lines []string
}

// MarkdownProblem is a mistake in a section: in its line with index Line, or in the section itself where Line is -1.
// Section is -1 where there is no section at all.
type MarkdownProblem struct {
	Section, Line int
	Text          string
}

// MarkdownErrors are all mistakes of a Markdown template, in the order of the sections.
type MarkdownErrors []MarkdownProblem

// Error returns the problems, one on each line; sections and lines are counted from 1.
func (e MarkdownErrors) Error() string {
	lines := make([]string, len(e))
	for i, p := range e {
		lines[i] = fmt.Sprintf("section %d: %s", p.Section+1, p.Text)
		if p.Line >= 0 {
			lines[i] = fmt.Sprintf("section %d, line %d: %s", p.Section+1, p.Line+1, p.Text)
		}
	}
	return strings.Join(lines, "\n")
}

// MarkdownTemplate returns the template for bodies that people wrote over an old Markdown template, before the
// repository had an issue form. Parse, Detect and Render take it like that of a form. The error is MarkdownErrors.
//
// A line of a body begins a section if it is one of the section's lines: white space at both ends and the length of
// white space inside don't count, nor do the closing number signs of an ATX heading (CommonMark 0.31.2, 4.2). A line
// that is indented by four columns is code, and none. Comments and thematic breaks around an answer belong to the template, and so
// does another of the section's lines directly below the first: a template may have "## Reason" and then "Reason:".
func MarkdownTemplate(sections []MarkdownSection) (*Template, error) {
	t := &Template{}
	var errs MarkdownErrors
	owners := map[string]int{}
	for i, s := range sections {
		q := Question{Type: s.Type, Label: strings.TrimSpace(s.Label), Required: s.Required}
		if text := sectionProblem(q, s, t); text != "" {
			errs = append(errs, MarkdownProblem{i, -1, text})
		}
		for j, line := range s.Lines {
			key := foldLine(strings.TrimSpace(line))
			if text := lineProblem(line); text != "" {
				errs = append(errs, MarkdownProblem{i, j, text})
			} else if owner, ok := owners[key]; ok {
				errs = append(errs, MarkdownProblem{i, j, fmt.Sprintf("this line stands for %q already", sections[owner].Label)})
			}
			owners[key] = i
			q.Headings = append(q.Headings, key)
		}
		t.Fields = append(t.Fields, q)
	}
	if len(sections) == 0 {
		errs = MarkdownErrors{{-1, -1, "the template asks nothing: add a section"}}
	}
	if len(errs) > 0 {
		return nil, errs
	}
	return t, nil
}

// sectionProblem says what is wrong with a section, apart from its lines; t has the sections before it.
func sectionProblem(q Question, s MarkdownSection, t *Template) string {
	switch {
	case q.Label == "" || strings.ContainsAny(q.Label, "\r\n"):
		return "a label is one line and not empty"
	case slices.ContainsFunc(t.Fields, func(other Question) bool { return other.Label == q.Label }):
		return "another section has this label"
	case q.Type != Input && q.Type != Textarea:
		return "a section is an input or a textarea"
	case len(s.Lines) == 0:
		return "no line stands for this section: add one, like \"## " + q.Label + "\""
	}
	return ""
}

// lineProblem says why a line can't stand for a section; "" if it can.
func lineProblem(line string) string {
	text := strings.TrimSpace(line)
	_, command := ParseCommand(text)
	_, opens := open(text)
	switch {
	case text == "":
		return "the line is empty"
	case strings.ContainsAny(text, "\r\n"):
		return "this is more than one line"
	case command:
		return "a comment that begins with this line is a command: it can't be a heading"
	case strings.IndexFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) }) < 0:
		return "the line needs a letter or a digit: leave out lines like ---, which are known"
	case opens:
		return "the line opens a block in which no heading counts: a fence, a comment or HTML"
	case strings.IndexFunc(text, isInvisible) == 0:
		return "the line begins with a character that nobody sees"
	case text[0] == '>':
		return "the line is a quote, in which no heading counts"
	}
	return ""
}

// foldLine is what is compared of a line: its words with one space between them, and no closing number signs. It is
// "" for a line that is indented as code.
func foldLine(line string) string {
	text, ok := unindent(line)
	if !ok || strings.HasPrefix(text, "\t") {
		return ""
	}
	words := strings.Fields(text)
	if len(words) == 0 {
		return ""
	}
	if _, heading := atxHeading(words[0]); heading {
		for len(words) > 1 && strings.Trim(words[len(words)-1], "#") == "" {
			words = words[:len(words)-1]
		}
	}
	return strings.Join(words, " ")
}

// skipSpace returns the index of the first byte from i on that is no white space.
func skipSpace(line string, i int) int {
	return len(line) - len(strings.TrimLeftFunc(line[i:], unicode.IsSpace))
}

// behind returns the index in line at which the answer begins that stands on the line of the heading; ok is false if
// the line does not begin with the heading, a folded line that ends in a colon.
func behind(line, heading string) (at int, ok bool) {
	i := skipSpace(line, 0)
	for j := range len(heading) {
		if heading[j] == ' ' {
			next := skipSpace(line, i)
			if next == i {
				return 0, false
			}
			i = next
			continue
		}
		if i == len(line) || line[i] != heading[j] {
			return 0, false
		}
		i++
	}
	return i, true
}

// outline finds the lines that stand for the questions of a Markdown template.
type outline struct {
	whole  map[string]int // folded line -> question
	colons []string       // those that end in a colon, the longest first
}

func newOutline(questions []Question) *outline {
	o := &outline{whole: map[string]int{}}
	for i, q := range questions {
		for _, line := range q.Headings {
			key := foldLine(line)
			o.whole[key] = i
			if strings.HasSuffix(key, ":") {
				o.colons = append(o.colons, key)
			}
		}
	}
	slices.SortStableFunc(o.colons, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return o
}

// lines returns how many lines stand for a question. A template may have them all, one below the other.
func (o *outline) lines(question int) int {
	n := 0
	for _, i := range o.whole {
		if i == question {
			n++
		}
	}
	return n
}

// question returns the question for which a line stands, and where on the line the answer begins; at is 0 if the
// line is the heading alone.
func (o *outline) question(line string) (i, at int, ok bool) {
	key := foldLine(line)
	if i, ok := o.whole[key]; ok || key == "" {
		return i, 0, ok
	}
	for _, heading := range o.colons {
		if at, ok := behind(line, heading); ok {
			return o.whole[heading], at, true
		}
	}
	return 0, 0, false
}

// isMarkdown tells whether the template is an old Markdown template and no issue form.
func (t *Template) isMarkdown() bool {
	return slices.ContainsFunc(t.Fields, func(q Question) bool { return len(q.Headings) > 0 })
}
