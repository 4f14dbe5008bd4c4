package policy

import (
	"maps"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const ownFile = "../docs/texts-own.md"

// TestOwnTextsDocument: docs/texts-own.md has each field, each function and each
// name, and its example loads.
func TestOwnTextsDocument(t *testing.T) {
	src, err := os.ReadFile(ownFile)
	if err != nil {
		t.Fatal(err)
	}
	doc := string(src)
	var fields []string
	for _, m := range regexp.MustCompile("(?m)^\\| `\\.([A-Za-z]+)` \\| .").FindAllStringSubmatch(doc, -1) {
		fields = append(fields, m[1])
	}
	slices.Sort(fields)
	if diff := cmp.Diff(fieldNames(reflect.TypeFor[view]()), fields); diff != "" {
		t.Errorf("the table of fields (-code +document):\n%s", diff)
	}
	for _, of := range []reflect.Type{
		reflect.TypeFor[Links](), reflect.TypeFor[problemView](), reflect.TypeFor[commandView](), reflect.TypeFor[languageView](), reflect.TypeFor[dateView](),
		reflect.TypeFor[stepView](), reflect.TypeFor[forecastView](), reflect.TypeFor[spanView](), reflect.TypeFor[deskView](), reflect.TypeFor[evidenceView](),
		reflect.TypeFor[wordOf](), reflect.TypeFor[mailView](), reflect.TypeFor[digestView](), reflect.TypeFor[endView](), reflect.TypeFor[oldestView](), reflect.TypeFor[kindForecastView](), reflect.TypeFor[leakView](), reflect.TypeFor[findView](), reflect.TypeFor[relatedView](),
	} {
		for _, name := range fieldNames(of) {
			if !strings.Contains(doc, "."+name+"`") {
				t.Errorf("no word about .%s of %s", name, of.Name())
			}
		}
	}
	_, functions, _ := strings.Cut(doc, "The functions are ")
	functions, _, _ = strings.Cut(functions, ". ")
	for _, f := range textFunctions() {
		if !strings.Contains(functions, "`"+f+"`") {
			t.Errorf("the function %s is not listed in %q", f, functions)
		}
	}
	_, example, _ := strings.Cut(doc, "```text\n")
	example, _, _ = strings.Cut(example, "```")
	files := testForms(t)
	files["texts/example.md"] = &fstest.MapFile{Data: []byte(example)}
	rules, err := ParseRules(append(storyPolicy(t), "texts: texts/\nlanguages: [en, es]\n"...), files)
	if err != nil || len(rules.own[English]) != 2 {
		t.Errorf("the example does not load: %v", err)
	}
	compareNames(t, doc)
}

func compareNames(t *testing.T, doc string) {
	t.Helper()
	before, _, ok := strings.Cut(doc, "## The names\n")
	if !ok {
		t.Fatal("no chapter of names")
	}
	var b strings.Builder
	b.WriteString(before + "## The names\n\n")
	for _, name := range slices.Sorted(maps.Keys(dataTypes())) {
		b.WriteString("- `" + name + "`\n")
	}
	if *updateTexts {
		if err := os.WriteFile(ownFile, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(doc, b.String()); diff != "" {
		t.Errorf("%s is out of date, run this test with -update (-want +got):\n%s", ownFile, diff)
	}
}
