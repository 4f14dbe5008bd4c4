package policy

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// boxesForm has a group of two boxes, of which the form forces the first, a
// group that it forces whole, and one that it leaves to the author.
const boxesForm = `name: Account recovery
description: Get help
body:
  - type: input
    attributes: {label: PyPI Username}
    validations: {required: true}
  - type: checkboxes
    attributes:
      label: Code of Conduct
      options:
        - {label: I agree, required: true}
        - {label: Send me news}
  - type: checkboxes
    attributes:
      label: Recovery Codes
      options:
        - {label: I have none, required: true}
  - type: checkboxes
    attributes:
      label: Acknowledgement
      options:
        - {label: It takes long}
        - {label: Everybody can read this}
`

func boxesRules(t *testing.T) *Rules {
	t.Helper()
	src := string(storyPolicy(t))
	i, j := strings.Index(src, "  forms:"), strings.Index(src, "clocks:")
	r, err := ParseRules([]byte(src[:i]+"  forms: [{file: form.yml}]\n"+src[j:]), fstest.MapFS{"form.yml": {Data: []byte(boxesForm)}})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// The policy says whether a group is required; in a group with boxes that the
// form itself leaves to the author, those stay theirs.
func TestBoxes(t *testing.T) {
	r := boxesRules(t)
	for name, c := range map[string]struct {
		agree, news, none, long, read string
		problems, boxes               []string
	}{
		"all ticked":                {"x", "x", "x", "x", "x", nil, nil},
		"the free box is not":       {"x", " ", "x", "x", "x", nil, nil},
		"the forced box is not":     {" ", "x", "x", "x", "x", []string{"Code of Conduct: I agree"}, nil},
		"the hint is not":           {"x", " ", " ", "x", "x", nil, []string{"Recovery Codes"}},
		"required by policy is not": {"x", " ", "x", "x", " ", []string{"Acknowledgement: Everybody can read this"}, nil},
		"nothing is ticked": {
			" ", " ", " ", " ", " ",
			[]string{"Code of Conduct: I agree", "Acknowledgement: It takes long"},
			[]string{"Recovery Codes"},
		},
	} {
		body := "### PyPI Username\n\njbber\n\n### Code of Conduct\n\n- [" + c.agree + "] I agree\n- [" + c.news + "] Send me news\n\n" +
			"### Recovery Codes\n\n- [" + c.none + "] I have none\n\n" +
			"### Acknowledgement\n\n- [" + c.long + "] It takes long\n- [" + c.read + "] Everybody can read this\n"
		q := Request{Issue: Issue{Body: body}}
		q.Form = r.Form(q.Issue)
		rd := r.reading(q)
		var problems []string
		for _, p := range rd.problems {
			problems = append(problems, p.Field+": "+p.Option)
		}
		if diff := cmp.Diff(c.problems, slices.Compact(problems)); diff != "" {
			t.Errorf("%s: problems (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(c.boxes, rd.boxes); diff != "" {
			t.Errorf("%s: unticked hints (-want +got):\n%s", name, diff)
		}
	}
}

// A form without boxes, as the old ones were, has none to tick.
func TestNoBoxes(t *testing.T) {
	r := boxesRules(t)
	r.Requests.Generations[0].Template.Fields = r.Requests.Generations[0].Template.Fields[:1]
	q := Request{Issue: Issue{Body: "### PyPI Username\n\njbber"}}
	q.Form = r.Form(q.Issue)
	if rd := r.reading(q); !rd.complete() || rd.boxes != nil {
		t.Errorf("got the problems %v and the boxes %v, want none", rd.problems, rd.boxes)
	}
}

// check tells where the form's word and the policy's differ.
func TestBoxWarnings(t *testing.T) {
	var got []string
	for _, w := range boxesRules(t).Warnings() {
		if strings.HasPrefix(w, "requests.confirmations") {
			got = append(got, w)
		}
	}
	want := []string{
		`requests.confirmations: "Recovery Codes" is a hint, but form.yml makes the author tick it: nobody can leave it open, and so it tells nothing`,
		`requests.confirmations: "Acknowledgement" is required, but form.yml lets the author leave it open: such requests wait for it`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("warnings (-want +got):\n%s", diff)
	}
}
