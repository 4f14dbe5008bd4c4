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

func ExampleParseCommand() {
	command, ok := parser.ParseCommand("/username jbber\n\nSorry, I gave you the wrong one.")
	fmt.Println(command.Name, command.Args, ok)
	_, ok = parser.ParseCommand("> /username evil")
	fmt.Println(ok)
	// Output:
	// username [jbber] true
	// false
}
