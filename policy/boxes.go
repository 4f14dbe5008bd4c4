package policy

import (
	"fmt"
	"slices"

	"github.com/recoverybot/recoverybot/parser"
)

// Fit returns the form as the policy means it: of a confirmation that the
// policy names it says whether it is required, whatever the form says. In a
// required group with boxes that the form forces, the others stay the
// author's choice.
func (r *Rules) Fit(t *parser.Template) *parser.Template {
	fitted := *t
	fitted.Fields = slices.Clone(t.Fields)
	for i, q := range fitted.Fields {
		box, ok := r.box(q)
		if !ok {
			continue
		}
		forced := forces(q)
		options := slices.Clone(q.Options)
		for k := range options {
			options[k].Required = box.Required && (options[k].Required || !forced)
		}
		fitted.Fields[i].Required, fitted.Fields[i].Options = box.Required, options
	}
	return &fitted
}

// box returns what the policy says of a question, if it is boxes.
func (r *Rules) box(q parser.Question) (Box, bool) {
	i := slices.IndexFunc(r.Requests.Boxes, func(b Box) bool { return b.Label == q.Label })
	if q.Type != parser.Checkboxes || i < 0 {
		return Box{}, false
	}
	return r.Requests.Boxes[i], true
}

// forces reports whether a form makes its author tick one of the boxes.
func forces(q parser.Question) bool {
	return slices.ContainsFunc(q.Options, func(o parser.Option) bool { return o.Required })
}

// apart tells where a form and the policy differ about boxes.
func (r *Rules) apart(t *parser.Template, file string) []string {
	var all []string
	for _, q := range t.Fields {
		box, ok := r.box(q)
		switch {
		case ok && !box.Required && forces(q):
			all = append(all, fmt.Sprintf("requests.confirmations: %q is a hint, but %s makes the author tick it: nobody can leave it open, and so it tells nothing", q.Label, file))
		case ok && box.Required && !forces(q):
			all = append(all, fmt.Sprintf("requests.confirmations: %q is required, but %s lets the author leave it open: such requests wait for it", q.Label, file))
		}
	}
	return all
}

// readBoxes lists the hint boxes that are not ticked: an answer, and no
// obstacle.
func (r *Rules) readBoxes(form parser.Form, rd *reading) {
	for _, b := range r.Requests.Boxes {
		f := form.Field(b.Label)
		if b.Required || f == nil || !f.Found {
			continue
		}
		if slices.ContainsFunc(f.Options, func(c parser.Choice) bool { return !c.Checked }) {
			rd.boxes = append(rd.boxes, b.Label)
		}
	}
}
