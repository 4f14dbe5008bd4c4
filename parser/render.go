package parser

import (
	"slices"
	"strings"
)

// Answer is what somebody entered for one question.
type Answer struct {
	// Value is the text of an input or a textarea.
	Value string
	// Checked are the ticked boxes of checkboxes, as indexes into its options.
	Checked []int
	// Selected are the choices of a dropdown, as indexes into its options.
	Selected []int
}

// Untouched returns the answers of somebody who sends the form as it is: only what the form fills in itself.
func (t *Template) Untouched() []Answer {
	answers := make([]Answer, len(t.Fields))
	for i, q := range t.Fields {
		if q.Type != Dropdown {
			answers[i].Value = q.Default
		} else if at := slices.IndexFunc(q.Options, func(o Option) bool { return o.Label == q.Default }); at >= 0 {
			answers[i].Selected = []int{at}
		}
	}
	return answers
}

// Render writes the body that GitHub makes of the answers, one for each question; missing ones count as empty. It is
// the inverse of Parse for all answers that GitHub's own format keeps apart. For a Markdown template the body is what an
// author leaves who writes each answer under its heading.
func (t *Template) Render(answers []Answer) string {
	blocks := make([]string, len(t.Fields))
	for i, q := range t.Fields {
		var a Answer
		if i < len(answers) {
			a = answers[i]
		}
		if len(q.Headings) > 0 {
			blocks[i] = strings.TrimRight(q.Headings[0]+"\n\n"+a.Value, "\n")
			continue
		}
		blocks[i] = "### " + q.Label + "\n\n" + q.render(a)
	}
	return strings.Join(blocks, "\n\n")
}

func (q *Question) render(a Answer) string {
	blank := strings.TrimSpace(a.Value) == ""
	switch {
	case q.Type == Checkboxes:
		return q.renderBoxes(a.Checked)
	case q.Type == Dropdown:
		return q.renderChoice(a.Selected)
	case q.Render != "" && blank:
		return "```" + q.Render + "\n\n```"
	case q.Render != "":
		return "```" + q.Render + "\n" + a.Value + "\n```"
	case blank:
		return noResponse
	case q.Type == Input:
		// A browser drops line ends from an input.
		return strings.NewReplacer("\r", "", "\n", "").Replace(a.Value)
	}
	return a.Value
}

func (q *Question) renderBoxes(checked []int) string {
	lines := make([]string, len(q.Options))
	for i, o := range q.Options {
		lines[i] = "- [ ] " + o.Label
	}
	for _, i := range checked {
		if i >= 0 && i < len(lines) {
			lines[i] = "- [x] " + q.Options[i].Label
		}
	}
	return strings.Join(lines, "\n")
}

func (q *Question) renderChoice(selected []int) string {
	chosen := make([]bool, len(q.Options))
	for _, i := range selected {
		if i >= 0 && i < len(chosen) {
			chosen[i] = true
		}
	}
	var labels []string
	for i, o := range q.Options {
		if chosen[i] {
			labels = append(labels, o.Label)
		}
	}
	if len(labels) == 0 {
		return noChoice
	}
	return strings.Join(labels, ", ")
}
