//go:build !race

package policy

import (
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"text/template/parse"

	"github.com/google/go-cmp/cmp"
)

// TestReads: what is found by names alone, also where it stands in another text,
// behind a variable or in a text that the view is made of.
func TestReads(t *testing.T) {
	all := trees{}
	err := all.parse("a.md", `{{define "a"}}{{with .Links}}{{.Codes}}{{end}}{{template "b" .}}{{range $i, $p := .Problems}}{{$p.Field}}{{$.Late}}{{end}}{{end}}
{{define "b"}}{{if and (eq .Kind "other") (not (.Links).Help)}}{{include "kind-" .Kind .}}{{end}}{{end}}
{{define "kind-x"}}{{.Can "done"}}{{end}}{{define "kind-y"}}{{.Say "x"}}{{end}}
{{define "hello"}}{{.Mention}}{{.Ready}}{{end}}{{define "day"}}{{.Day}}{{end}}
{{define "odd"}}{{printf "%v" .}}{{end}}{{define "any"}}{{include .Kind .Kind .}}{{end}}{{define "alone"}}words{{end}}`)
	if err != nil {
		t.Fatal(err)
	}
	named := func(name string) (fields, texts []string) {
		r := all.reads(name)
		for _, i := range r.fields {
			fields = append(fields, reflect.TypeFor[view]().Field(i).Name)
		}
		slices.Sort(fields)
		return fields, slices.Sorted(maps.Keys(r.texts))
	}
	fields, texts := named("a")
	want := strings.Fields("Kind Late Links Mention Others Problems Ready Reopen State ForStaff requesterTurn greeting")
	slices.Sort(want)
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("fields (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(strings.Fields("a b day hello kind-x kind-y"), texts); diff != "" {
		t.Errorf("texts (-want +got):\n%s", diff)
	}
	if fields, _ := named("alone"); len(fields) > 0 {
		t.Errorf("words alone read %q", fields)
	}
	for _, name := range []string{"odd", "any"} {
		if fields, _ := named(name); len(fields) != reflect.TypeFor[view]().NumField() {
			t.Errorf("%s, which is not understood, reads %q, want all", name, fields)
		}
	}
}

// TestReadsWhatIsNew: a part of a template, a method, or a value of a kind that
// nobody has thought of is not passed over.
func TestReadsWhatIsNew(t *testing.T) {
	node, method := &reads{}, &reads{names: map[string]bool{}}
	node.node(trees{}, struct{ parse.Node }{})
	method.add(trees{}, []string{"Can"})
	if !node.all || !method.all {
		t.Errorf("a node reads all: %v, a method: %v; want both", node.all, method.all)
	}
	if _, known := appendValue(nil, reflect.ValueOf(map[string]int{})); known {
		t.Error("a map is written down, in some order")
	}
}

// TestMethodReads: two views in which these fields are the same answer alike.
func TestMethodReads(t *testing.T) {
	of := reflect.TypeFor[view]()
	var have []string
	for m := range of.Methods() {
		have = append(have, m.Name)
	}
	if diff := cmp.Diff(slices.Sorted(maps.Keys(methodReads())), have); diff != "" {
		t.Errorf("methods of the view (-in the table +there):\n%s", diff)
	}
	rules := textRules(t)
	answers := map[string]any{}
	for _, x := range rules.Examples(sampleAt()) {
		v := rules.view(x.Text, &speaker{set: rules.speaks("")})
		ask := func(method, arg string) {
			key := []byte(method + " " + arg + " ")
			for _, field := range methodReads()[method] {
				key, _ = appendValue(key, reflect.ValueOf(v).Elem().FieldByName(field))
			}
			got := reflect.ValueOf(v).MethodByName(method).Call([]reflect.Value{reflect.ValueOf(arg)})[0].Interface()
			if was, ok := answers[string(key)]; ok && was != got {
				t.Errorf("%s: .%s %q is %v, and elsewhere %v", x.Title, method, arg, got, was)
			}
			answers[string(key)] = got
		}
		for _, c := range Commands() {
			ask("Can", c.Name)
		}
		for _, what := range Offers() {
			ask("Offers", what)
		}
		ask("Say", "it is your turn.")
	}
}

// TestViewIsMadeOf: where the words of a text change, only those fields of the
// view change that are known to be made of them, and each of them does.
func TestViewIsMadeOf(t *testing.T) {
	plain := textRules(t)
	got := map[string][]string{}
	for begin, rules := range changedRules(t) {
		for _, x := range append(plain.Examples(sampleAt()), Example{Text: problemOfNoField()}) {
			for _, x.Text.Language = range BuiltinLanguages() {
				was := plain.view(x.Text, &speaker{set: plain.speaks(x.Text.Language)})
				is := rules.view(x.Text, &speaker{set: rules.speaks(x.Text.Language)})
				for i := range reflect.TypeFor[view]().NumField() {
					a, _ := appendValue(nil, reflect.ValueOf(was).Elem().Field(i))
					b, ok := appendValue(nil, reflect.ValueOf(is).Elem().Field(i))
					if !ok {
						t.Fatalf("%s cannot be compared", reflect.TypeFor[view]().Field(i).Name)
					}
					if field := reflect.TypeFor[view]().Field(i).Name; string(a) != string(b) && !slices.Contains(got[field], begin) {
						got[field] = append(got[field], begin)
					}
				}
			}
		}
	}
	want := madeOf()
	for _, fields := range []map[string][]string{got, want} {
		for _, names := range fields {
			slices.Sort(names)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("fields made of texts (-in the table +found):\n%s", diff)
	}
}

// problemOfNoField is a text about a question that has no words of its own.
func problemOfNoField() Text {
	x := sampleStatus(Incomplete, Requester)
	for range 5 {
		x.Problems = append(x.Problems, TextProblem{Code: "missing"})
	}
	x.Suggestion, x.Command, x.Commands = "done", "done", []string{"done"}
	return x
}

// changedRules are the rules of textRules with other words in the texts that
// begin alike. All others are one group more, in which no text may be in a view.
func changedRules(t *testing.T) map[string]*Rules {
	t.Helper()
	groups := map[string]map[string]trees{}
	for _, language := range BuiltinLanguages() {
		builtin, err := builtinTexts(language)
		if err != nil {
			t.Fatal(err)
		}
		for name, tree := range builtin {
			begin := "others"
			for _, all := range madeOf() {
				for _, b := range all {
					if strings.HasPrefix(name, b) {
						begin = b
					}
				}
			}
			if groups[begin] == nil {
				groups[begin] = map[string]trees{English: {}, "es": {}}
			}
			if err := groups[begin][language].parse("a.md", `{{define "`+name+`"}}`+tree.Root.String()+` changed{{end}}`); err != nil {
				t.Fatal(err)
			}
		}
	}
	all := map[string]*Rules{}
	for begin, own := range groups {
		rules := textRules(t)
		rules.own = own
		if err := rules.learn(); err != nil {
			t.Fatal(err)
		}
		all[begin] = rules
	}
	return all
}
