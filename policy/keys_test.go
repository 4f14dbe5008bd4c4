package policy

import (
	"regexp"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// A placed key is a key of the table, under its path.
type placed struct {
	key
	path string // "requests.forms[].file"
}

// tableLoader is a loader whose rules nobody looks at.
func tableLoader() *loader { return newLoader(yamlfile.Node{}, fstest.MapFS{}) }

// tableKeys returns the whole table, each object before its keys.
func tableKeys() []placed {
	var all []placed
	var walk func(path string, v value)
	walk = func(path string, v value) {
		switch {
		case v.item != nil:
			walk(path+"[]", v.item())
		case v.entry != nil:
			walk(path+".NAME", v.entry("other"))
		}
		for _, k := range v.keys {
			p := strings.TrimPrefix(path+"."+k.name, ".")
			all = append(all, placed{k, p})
			walk(p, k.value)
		}
	}
	walk("", tableLoader().policy())
	return all
}

var wholeSentence = regexp.MustCompile(`\A[A-Z].*[.]\z`)

// TestTable: each key is told in whole sentences, and its default and example
// are values that the loader takes.
func TestTable(t *testing.T) {
	for _, k := range tableKeys() {
		if !wholeSentence.MatchString(k.about) {
			t.Errorf("%s: %q is no whole sentence", k.path, k.about)
		}
		if k.value.keys == nil && k.example == "" {
			t.Errorf("%s has no example", k.path)
		}
		if k.def != "" && k.origin != "" {
			t.Errorf("%s has a default of its own, and the preset's: which one counts?", k.path)
		}
		for _, src := range []string{k.def, k.example} {
			if src == "" || strings.Contains(k.path, "forms") || k.name == "forms" {
				continue // a form must be there: TestSmallPolicy
			}
			f := yamlfile.Read([]byte(src))
			tableLoader().value(tableValue(t, k.path), f.Root())
			if err := f.Err(); err != nil {
				t.Errorf("%s: %s is refused: %v", k.path, src, err)
			}
		}
	}
}

// tableValue returns the value of a key, fresh: to read into.
func tableValue(t *testing.T, path string) value {
	t.Helper()
	for _, k := range tableKeys() {
		if k.path == path {
			return k.value
		}
	}
	t.Fatalf("no key %s", path)
	return value{}
}

// TestPresetFiles: a preset is a right piece of a policy, and gives no key
// whose default in the table would hide it; but for the preset that it builds
// on, which is no value of its own.
func TestPresetFiles(t *testing.T) {
	for _, name := range Presets() {
		src, err := presets.ReadFile("presets/" + name + ".yml")
		if err != nil {
			t.Fatal(err)
		}
		f := yamlfile.Read(src)
		l := newLoader(yamlfile.Node{}, fstest.MapFS{})
		sections := map[string]value{"requests": l.requests(), "kinds": l.kinds(), "negations": l.negations()}
		places := map[string]yamlfile.Node{"requests": at(f.Root(), "requests"), "kinds": at(f.Root(), "kinds"), "negations": at(f.Root(), "negations")}
		sections["registry"], places["registry"] = l.registry(&Registry{}), at(at(f.Root(), "registries"), name)
		for section, v := range sections {
			l.under(v, places[section])
			for _, k := range v.keys {
				if k.def != "" && k.name != "preset" && at(places[section], k.name).Exists() {
					t.Errorf("%s: the default of %s hides the preset's", name, k.name)
				}
			}
		}
		keys := map[string]func(yamlfile.Node){"registries": ignore, "requests": ignore, "kinds": ignore, "negations": ignore}
		if name == plainPreset {
			sections["paths"], places["paths"] = l.paths(), at(f.Root(), "paths")
			keys["paths"] = ignore // of all presets
		}
		f.Root().Object(keys)
		if err := f.Err(); err != nil {
			t.Errorf("the preset %s: %v", name, err)
		}
	}
}

func ignore(yamlfile.Node) {}

// A pattern that is just not too deep alone is too deep with what stands
// around it.
func TestPatternTooDeep(t *testing.T) {
	f := yamlfile.Read([]byte(quote(strings.Repeat("(", 999) + "a" + strings.Repeat(")", 999))))
	patternValue(new(*regexp.Regexp)).read(f.Root())
	if err := f.Err(); err == nil || !strings.Contains(err.Error(), "too large") {
		t.Errorf("the error is %v, want one that says too large", err)
	}
}
