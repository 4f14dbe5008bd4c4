package policy

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// declaredConstants returns the values of all constants of a type in this package's
// source, so that a new one without a text is found.
func declaredConstants(t *testing.T, typeName string) []string {
	t.Helper()
	var out []string
	for _, name := range []string{"state.go", "text.go", "request.go", "proving.go", "render_proof.go"} {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 {
				return true
			}
			id, isName := spec.Type.(*ast.Ident)
			value, isLiteral := spec.Values[0].(*ast.BasicLit)
			if isName && isLiteral && id.Name == typeName {
				s, err := strconv.Unquote(value.Value)
				if err != nil {
					t.Fatal(err)
				}
				out = append(out, s)
			}
			return true
		})
	}
	if len(out) == 0 {
		t.Fatalf("no constants of type %s found", typeName)
	}
	return out
}

// problemCodes are the codes that the parser gives to a required answer.
func problemCodes() []string {
	return []string{
		"missing", "empty", "unchecked", "unknown-option", "default", "ambiguous",
		"email", "spaces", "several", "too-long", "non-ascii", "invalid",
	}
}

// wantRows lists what docs/texts.md must show.
func wantRows(t *testing.T) []string {
	rows := []string{"late", "snoozed", "away", "forecast", "ask mailed", "reminder of proof", "has codes", "private", "another registry", "ask ", "several registries", "ask of several registries", "usage registry", "usage kind"}
	for _, s := range declaredConstants(t, "State") {
		for _, turn := range turns(State(s)) {
			if s != "" {
				rows = append(rows, fmt.Sprintf("state %s %s", s, turn))
			}
		}
	}
	for _, k := range declaredConstants(t, "Kind") {
		rows = append(rows, fmt.Sprintf("kind %s %s", Triage, k), fmt.Sprintf("kind %s %s", Incomplete, k))
	}
	for _, code := range problemCodes() {
		rows = append(rows, "problem "+code)
	}
	for _, a := range declaredConstants(t, "Ask") {
		rows = append(rows, "ask "+a)
	}
	for _, name := range declaredConstants(t, "TextName") {
		if name != string(TextStatus) && name != string(TextRefused) {
			rows = append(rows, "text "+name)
		}
	}
	for _, r := range declaredConstants(t, "Refusal") {
		rows = append(rows, "refusal "+r)
	}
	for _, a := range declaredConstants(t, "AlertCode") {
		rows = append(rows, "alert "+a)
	}
	for _, w := range placeWords() {
		rows = append(rows, "elsewhere "+string(w))
	}
	for _, s := range declaredConstants(t, "StepKind") {
		rows = append(rows, "step "+s+" open", "step "+s+" done", "step "+s+" cannot")
	}
	for _, f := range declaredConstants(t, "Flag") {
		if !slices.Contains(staffFlags(), Flag(f)) { // for staff alone
			rows = append(rows, "flag "+f)
		}
	}
	return rows
}

// staffFlags are those that no public text tells.
func staffFlags() []Flag {
	return []Flag{
		FlagRepliedAfterEnd, FlagLabelChanged, FlagStaleSnapshot, FlagObjected, FlagClaimed, FlagStaffOwn, FlagLeak, FlagPersonal,
		FlagCollision, FlagDenied, FlagAgain, FlagOffer,
	}
}

// TestNoTextForStaffFlags: what is for staff alone reaches no public text.
func TestNoTextForStaffFlags(t *testing.T) {
	for _, f := range staffFlags() {
		if got := textFlags([]Flag{f}); len(got) > 0 {
			t.Errorf("the flag %q reaches the texts: %q", f, got)
		}
	}
}

func TestEveryConstantHasItsTemplate(t *testing.T) {
	rules := textRules(t)
	for typeName, prefix := range map[string]string{
		"Kind": "kind-", "Ask": "ask-", "Refusal": "refused-", "AlertCode": "alert-", "Class": "class-", "StepKind": "step-",
	} {
		for _, value := range declaredConstants(t, typeName) {
			if rules.texts[English].trees[prefix+value] == nil {
				t.Errorf("no template for the %s %q", typeName, value)
			}
		}
	}
	for _, code := range problemCodes() {
		if rules.texts[English].trees["problem-"+code] == nil {
			t.Errorf("no template for the problem %q", code)
		}
	}
}

func TestRenderOfNothing(t *testing.T) {
	rules := textRules(t)
	for _, x := range []Text{
		{},
		{Name: "no-such-text"},
		{Name: "footer"},
		{Name: TextStatus},
		{Name: TextStatus, State: "no-such-state"},
		{Name: TextStatus, State: "ours"},
		{Name: TextRefused},
		{Name: TextRefused, Refusal: "no-such-refusal"},
		{Name: TextAlert},
		{Name: TextAlert, Alert: "no-such-alert"},
		{Name: textNotice},
	} {
		if got, err := rules.Render(x); err == nil {
			t.Errorf("Render(%+v) = %q, want an error", x, got)
		}
	}
	if _, err := (&Rules{}).Render(sampleStatus(Triage, Staff)); err == nil {
		t.Error("rules without templates rendered a text")
	}
}

// A status is for the requester, whose account on GitHub may be gone.
func TestStatusWithoutLogin(t *testing.T) {
	rules := textRules(t)
	x := sampleStatus(Triage, Staff)
	x.Author = ""
	got, err := rules.Render(x)
	if err != nil {
		t.Fatal(err)
	}
	if f := faults(rules, x, got); len(f) > 0 || !strings.Contains(got, "Hello, thank you.") || !strings.Contains(got, "`/withdraw`") {
		t.Errorf("the text greets wrongly or names no way out:\n%s\n- %s", got, strings.Join(f, "\n- "))
	}
}

// Values that this version does not know, or that are missing, take a general
// text: a person who waits must not find an empty comment.
func TestRenderOfUnknownValues(t *testing.T) {
	rules := textRules(t)
	for name, x := range map[string]Text{
		"kind":     {Name: TextStatus, State: Triage, Turn: Staff, Kind: "no-such-kind"},
		"problem":  {Name: TextStatus, State: Incomplete, Turn: Requester, Problems: []TextProblem{{Code: "no-such-code"}}},
		"ask":      {Name: TextStatus, State: Asked, Turn: Requester, Ask: "no-such-ask"},
		"registry": {Name: TextStatus, State: Triage, Turn: Staff, Registry: "no-such-registry"},
		"command":  {Name: TextRefused, State: Triage, Refusal: RefusedUsage, Command: "no-such-command"},
		"name":     {Name: TextRefused, State: Triage, Refusal: RefusedName},
		"step":     {Name: TextStatus, State: Proof, Turn: Requester, Steps: []Step{{Kind: "no-such-step"}}},
		"redirect": {Name: TextStatus, State: Elsewhere, Redirect: "no-such-place"},
		"flag":     {Name: TextDesk, State: Triage, Turn: Staff, Desk: &Summary{Issue: "no-such", Marks: []Kind{"no-such-kind"}, Next: []string{"/no-such"}}},
	} {
		got, err := rules.Render(x)
		if err != nil {
			t.Errorf("an unknown %s: %v", name, err)
		}
		if f := faults(rules, x, got); len(f) > 0 || strings.Contains(got, "no-such") {
			t.Errorf("an unknown %s gives\n%s\n- %s", name, got, strings.Join(f, "\n- "))
		}
	}
}
