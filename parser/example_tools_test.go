package parser_test

import (
	"fmt"
	"regexp"

	"github.com/recoverybot/recoverybot/parser"
)

// What somebody types into the form, as GitHub writes it into the issue.
func ExampleTemplate_Render() {
	template, err := parser.ParseTemplate([]byte(exampleYAML))
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(template.Render([]parser.Answer{{Value: "jbber"}, {Checked: []int{0}}}))
	// Output:
	// ### Username
	//
	// jbber
	//
	// ### Code of Conduct
	//
	// - [x] I agree
}

// People write names in many ways. What is not surely one name is never guessed.
func ExampleNameRules_Clean() {
	rules := parser.NameRules{
		MaxLength:   50,
		Pattern:     regexp.MustCompile(`\A[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?\z`),
		ProfileURLs: []string{"https://pypi.org/user/"},
	}
	for _, answer := range []string{"`jbber`", "https://pypi.org/user/jbber/", "jbber@example.org", "jbber or jb-ber"} {
		name, code := rules.Clean(answer)
		fmt.Printf("%q %q\n", name, code)
	}
	// Output:
	// "jbber" ""
	// "jbber" ""
	// "" "email"
	// "" "several"
}
