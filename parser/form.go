package parser

// The codes of a Problem. All but CodeExtra make a required field incomplete.
const (
	// CodeMissing: the body has no section for the question. The position is the body's end.
	CodeMissing = "missing"
	// CodeEmpty: a required question has no answer. The position is its heading.
	CodeEmpty = "empty"
	// CodeUnchecked: a required box is not ticked. The position is the box, or the heading if the box is gone.
	CodeUnchecked = "unchecked"
	// CodeUnknownOption: a dropdown has a text that is none of its options.
	CodeUnknownOption = "unknown-option"
	// CodeExtra: there is text that the form can't have written.
	CodeExtra = "extra"
	// CodeDefault: the text that the form filled in was left as it is.
	CodeDefault = "default"
	// CodeAmbiguous: the body can be read in more than one way, and nothing tells which is meant.
	CodeAmbiguous = "ambiguous"
)

// Form is an issue body read by a Template.
type Form struct {
	// Fields has one Field for each question of the template, in its order.
	Fields []Field
	// Problems are in the order of the questions, those of one question from above to below.
	Problems []Problem
	// Ambiguous is set where a problem has CodeAmbiguous. Nothing may be done on such a form.
	Ambiguous bool
}

// Field is the answer to one question.
type Field struct {
	ID, Label string
	Type      Type
	// Required is the template's word on it; for checkboxes it is set if any box is required.
	Required bool
	// Found tells whether the body has a section for the question.
	Found bool
	// Answered tells whether there is a text, a choice, or at least one tick.
	Answered bool
	// Value is the text as typed, with LF line ends and without blank lines at both ends; "" if there is no answer.
	// It is text from a stranger: neither log nor store nor repeat it.
	Value string
	// Options are the boxes of checkboxes, in the order of the form.
	Options []Choice
	// Selected are the texts chosen from a dropdown, in the order of the form.
	Selected []string
	// Default is set where Value is the text that the form filled in.
	Default bool
	// Line is the 1-based line of the heading, 0 if it was not found.
	Line int
}

// Choice is one box of checkboxes.
type Choice struct {
	Label             string
	Checked, Required bool
}

// Problem is something that the author can mend by editing the body. Field is the label of the question and Text is
// plain English for the author; neither repeats what the author typed. Line and Column are 1-based and count lines
// and characters (not bytes) of the body as it came.
type Problem struct {
	Field, Code, Text string
	Line, Column      int
}

// Field returns the first field with the label, nil if there is none.
func (f *Form) Field(label string) *Field {
	for i := range f.Fields {
		if f.Fields[i].Label == label {
			return &f.Fields[i]
		}
	}
	return nil
}

// Complete tells whether a request can be worked on: the form is not Ambiguous, and no required field has a problem
// other than CodeExtra. Problems of fields that are not required don't count. Where two fields have the same label,
// a problem of either counts if one of them is required.
func (f *Form) Complete() bool {
	if f.Ambiguous {
		return false
	}
	required := map[string]bool{}
	for _, field := range f.Fields {
		required[field.Label] = required[field.Label] || field.Required
	}
	for _, p := range f.Problems {
		if p.Code != CodeExtra && required[p.Field] {
			return false
		}
	}
	return true
}

// Empty tells whether nothing was answered at all: no text but untouched defaults, no choice, no tick. An ambiguous
// form is not empty.
func (f *Form) Empty() bool {
	for _, field := range f.Fields {
		if field.Answered && !field.Default {
			return false
		}
	}
	return !f.Ambiguous
}

func problem(code string, line, column int) Problem {
	return Problem{Code: code, Text: problemText(code), Line: line, Column: column}
}

func problemText(code string) string {
	switch code {
	case CodeMissing:
		return "This question is not in your text. Please add its heading and your answer."
	case CodeEmpty:
		return "This question has no answer yet. Please write one."
	case CodeUnchecked:
		return "This box is not ticked. Please read it and tick it."
	case CodeUnknownOption:
		return "This answer is not one of the choices in the form. Please use one of them."
	case CodeExtra:
		return "There is more text here than the form asks for."
	case CodeDefault:
		return "This is still the example text of the form. Please write your own answer."
	}
	return "We can read this answer in more than one way. Please write it only once."
}
