package parser_test

import (
	"fmt"

	"github.com/recoverybot/recoverybot/parser"
)

const exampleYAML = `
name: Account recovery
description: Get help with your account
body:
  - type: input
    attributes:
      label: Username
    validations:
      required: true
  - type: checkboxes
    attributes:
      label: Code of Conduct
      options:
        - label: I agree
          required: true
`

func ExampleParse() {
	template, err := parser.ParseTemplate([]byte(exampleYAML))
	if err != nil {
		fmt.Println(err)
		return
	}
	form := parser.Parse(template, "### Username\n\njbber\n\n### Code of Conduct\n\n- [ ] I agree")
	fmt.Println(form.Field("Username").Value, form.Complete())
	for _, p := range form.Problems {
		fmt.Printf("line %d, %s: %s\n", p.Line, p.Field, p.Text)
	}
	// Output:
	// jbber false
	// line 7, Code of Conduct: This box is not ticked. Please read it and tick it.
}

func ExampleParseTemplate() {
	_, err := parser.ParseTemplate([]byte("name: Account recovery\nbody:\n  - type: inptu\n    attributes:\n      label: Yes\n"))
	fmt.Println(err)
	// Output:
	// 1:1: the key "description" is missing
	// 3:11: unknown word "inptu": did you mean "input"? allowed: checkboxes, dropdown, input, markdown, textarea, upload
}

func ExampleMarkdownTemplate() {
	template, err := parser.MarkdownTemplate([]parser.MarkdownSection{
		{Label: "Username", Type: parser.Input, Required: true, Lines: []string{"## PyPI Username"}},
		{Label: "Reason", Type: parser.Textarea, Required: true, Lines: []string{"##  Reason for request", "Reason:"}},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	form := parser.Parse(template, "## PyPI Username\n\n<!-- your account -->\njbber\n\n---\n\nReason: I lost my phone.")
	fmt.Println(form.Field("Username").Value, form.Field("Reason").Value, form.Complete())
	// Output: jbber I lost my phone. true
}

func ExampleDetect() {
	form := &parser.Template{Name: "form", Fields: []parser.Question{{Label: "Username", Type: parser.Input}, {Label: "Reason", Type: parser.Textarea}}}
	older := &parser.Template{Name: "older form", Fields: form.Fields[:1]}
	m := parser.Detect([]*parser.Template{older, form}, "### Username\n\njbber\n\n### Reason\n\nlost")
	fmt.Printf("%d %.2f, then %d %.2f, tie: %t\n", m.Index, m.Score, m.RunnerUp, m.RunnerUpScore, m.Tie())
	// Output: 1 1.00, then 0 0.60, tie: false
}

func ExampleParseCommand() {
	command, ok := parser.ParseCommand("/username jbber\n\nSorry, I gave you the wrong one.")
	fmt.Println(command.Name, command.Args, ok)
	_, ok = parser.ParseCommand("> /username evil")
	fmt.Println(ok)
	// Output:
	// username [jbber] true
	// false
}
