package parser_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
	"github.com/recoverybot/recoverybot/parser"
)

// TestExampleForm holds the form of this repository to the labels that the built-in preset knows.
func TestExampleForm(t *testing.T) {
	template := exampleForm(t)
	var got []string
	for _, q := range template.Fields {
		got = append(got, string(q.Type)+" "+q.Label)
		if q.Required == (q.Label == "Recovery Codes") {
			t.Errorf("%q: required is %t; only who has codes leaves a box open", q.Label, q.Required)
		}
	}
	want := []string{
		"input PyPI Username", "textarea Reason for request", "checkboxes Recovery Codes", "checkboxes Code of Conduct",
		"checkboxes Acknowledgement",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("questions (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"account-recovery"}, template.Labels); diff != "" {
		t.Errorf("labels (-want +got):\n%s", diff)
	}
}

func TestParseTemplateErrorHasPositions(t *testing.T) {
	template, err := parser.ParseTemplate([]byte("name: F\ndescription: d\nbody: 1\n"))
	var list yamlfile.Errors
	if template != nil || !errors.As(err, &list) {
		t.Fatalf("got %v, %v", template, err)
	}
	if diff := cmp.Diff(yamlfile.Errors{{Line: 3, Column: 7, Text: "want a list, got a number", Source: "body: 1"}}, list); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
