package policy

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/internal/sample"
	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// goodPolicies returns every good policy of the test data and each preset
// alone, with their forms.
func goodPolicies(t *testing.T) (sources map[string]string, forms fstest.MapFS) {
	t.Helper()
	sources, forms = map[string]string{}, testForms(t)
	read := func(file string) string {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		return string(src)
	}
	forms["ISSUE_TEMPLATE/account-recovery.yml"] = &fstest.MapFile{Data: []byte(read("../.github/ISSUE_TEMPLATE/account-recovery.yml"))}
	sources["the example"], sources["the stories' policy"] = read("../.github/recovery.yml"), read("testdata/recovery.yml")
	for _, name := range Presets() {
		r, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		sources["the preset "+name] = smallPolicy(name)
		forms["forms/"+name+".yml"] = &fstest.MapFile{Data: []byte("name: Form\ndescription: x\nbody: [{type: input, attributes: {label: " + r.Requests.Account + "}}]\n")}
	}
	for _, dir := range []string{"policies", "stories"} {
		files, err := filepath.Glob("testdata/" + dir + "/*.txtar")
		if err != nil || len(files) == 0 {
			t.Fatalf("no policies: %v", err)
		}
		for _, file := range files {
			ar, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range ar.Files {
				switch {
				case f.Name == "policy.yml" && dir == "stories":
					sources[file] = string(f.Data)
				case f.Name == "want" && string(f.Data) == "valid\n":
					sources[file] = string(ar.Files[0].Data)
				case strings.HasSuffix(f.Name, "form.yml") || strings.HasSuffix(f.Name, ".md"):
					forms[f.Name] = &fstest.MapFile{Data: f.Data}
				}
			}
		}
	}
	return sources, forms
}

func smallPolicy(preset string) string {
	return "version: 1\nrepositories: [{id: 1, name: octo/support}]\npeople: {agents: {users: [31, 32]}}\nregistries: {it: {preset: " + preset + "}}\n" +
		"requests: {forms: [{file: forms/" + preset + ".yml}]}\n"
}

// TestFilled: a policy with all defaults is the same policy, and has no
// default left.
func TestFilled(t *testing.T) {
	sources, forms := goodPolicies(t)
	if len(sources) < 8 {
		t.Errorf("only %d policies", len(sources))
	}
	for _, name := range sample.Each(t, slices.Sorted(maps.Keys(sources)), sample.Sizes{Plain: 2, Race: 11, All: 1}) {
		src := sources[name]
		want, err := ParseRules([]byte(src), forms)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		filled := Filled([]byte(src))
		got, err := ParseRules([]byte(filled), forms)
		if err != nil {
			t.Errorf("%s, filled in, is refused: %v\n%s", name, err, filled)
			continue
		}
		if got.Version != want.Version {
			t.Errorf("%s, filled in, is another policy:\n%s\n%s", name, cmp.Diff(jsonOf(t, want), jsonOf(t, got)), filled)
		}
		again := Filled([]byte(filled))
		if diff := cmp.Diff(unmarked(filled), unmarked(again)); diff != "" {
			t.Errorf("%s, filled in twice:\n%s", name, diff)
		}
		if strings.Contains(again, defaultMark) {
			t.Errorf("%s, filled in, still has defaults:\n%s", name, again)
		}
	}
}

// unmarked takes the marks away, and the layout of lists: a list of a preset
// and of the policy stands line by line.
func unmarked(filled string) string {
	filled = strings.ReplaceAll(strings.ReplaceAll(filled, presetMark, ""), defaultMark, "")
	return strings.NewReplacer("[", "", "]", "", ",", "", "\n", "", "- ", "", " ", "").Replace(filled)
}

// TestFilledHasAllKeys: each key that has a value is there, others are named
// as not set.
func TestFilledHasAllKeys(t *testing.T) {
	sources, _ := goodPolicies(t)
	for _, name := range []string{"the example", "testdata/policies/all-keys.txtar"} {
		var lines []string
		for line := range strings.Lines(Filled([]byte(sources[name]))) {
			lines = append(lines, strings.TrimPrefix(strings.TrimSpace(line), "# "))
		}
		for _, k := range tableKeys() {
			if strings.Contains(k.path, "[]") {
				continue // the items of lists are shown as they are
			}
			if !slices.ContainsFunc(lines, func(line string) bool { return strings.HasPrefix(line, k.name+":") }) {
				t.Errorf("%s, filled in, lacks %s", name, k.path)
			}
		}
	}
}

// TestFilledFile: what the example looks like with all defaults.
func TestFilledFile(t *testing.T) {
	sources, _ := goodPolicies(t)
	current(t, "testdata/filled.yml", Filled([]byte(sources["the preset pypi"])))
}

// TestQuote: any text is read back as it was, in any place.
func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"PyPI Username": "PyPI Username", "7d": "7d", "2024-07-09": "2024-07-09", "https://pypi.org/help/#codes": "https://pypi.org/help/#codes",
		"007": "'007'", "true": "'true'", "yes": "'yes'", "null": "'null'", "a: b": "'a: b'", "it's": "it's", "a, b": "'a, b'",
		"": "''", " a": "' a'", "*/15 * * * *": "'*/15 * * * *'", "a\tb": `"a\tb"`, "受付": "'受付'", "a #b": "'a #b'",
	} {
		if got := quote(text); got != want {
			t.Errorf("%q is quoted as %s, want %s", text, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringOf(rapid.OneOf(rapid.RuneFrom([]rune("aZ09 -:#,[]{}'\"\\\n\t*&!|>%@`?~.é受🎉")), rapid.Rune())).Draw(t, "text")
		text = strings.Map(func(r rune) rune {
			if r == 0 || r == '\ufeff' {
				return -1 // no YAML file has them
			}
			return r
		}, text)
		q := quote(text)
		f := yamlfile.Read([]byte("- [" + q + ", " + q + "]\n- {k: " + q + "}\n- " + q + "\n"))
		var got []string
		var walk func(_ int, n yamlfile.Node)
		walk = func(_ int, n yamlfile.Node) {
			switch {
			case n.IsList():
				n.List(walk)
			case n.IsObject():
				n.Entries(func(_ string, _, v yamlfile.Node) { got = append(got, v.Text()) })
			default:
				got = append(got, n.Text())
			}
		}
		f.Root().List(walk)
		if want := []string{text, text, text, text}; f.Err() != nil || !slices.Equal(got, want) {
			t.Fatalf("%q, quoted as %s, is read as %q (%v)", text, q, got, f.Err())
		}
	})
}
