package policy

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/recoverybot/recoverybot/parser"
)

// The files of testdata/policies are policies, right and wrong, with every
// problem that an operator is told about.
func TestParseRules(t *testing.T) {
	files, err := filepath.Glob("testdata/policies/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no policies: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			checkPolicy(t, file)
		})
	}
}

func checkPolicy(t *testing.T, file string) {
	t.Helper()
	ar, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	forms := testForms(t)
	var src []byte
	want, at := "", -1
	for i, f := range ar.Files {
		switch f.Name {
		case "policy.yml":
			src = f.Data
		case "want":
			want, at = string(f.Data), i
		default:
			forms[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	got := "valid\n"
	if _, err := ParseRules(src, forms); err != nil {
		var errs Errors
		if !errors.As(err, &errs) {
			t.Fatalf("%v is a %T, want Errors", err, err)
		}
		got = errs.In("recovery.yml") + "\n"
	}
	if updating() {
		if at < 0 {
			ar.Files = append(ar.Files, txtar.File{Name: "want"})
			at = len(ar.Files) - 1
		}
		ar.Files[at].Data = []byte(got)
		if err := os.WriteFile(file, txtar.Format(ar), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

func testForms(t testing.TB) fstest.MapFS {
	t.Helper()
	forms := fstest.MapFS{}
	for _, name := range []string{"forms/recovery-2021.yml", "forms/recovery-2024.yml"} {
		src, err := os.ReadFile("testdata/" + name)
		if err != nil {
			t.Fatal(err)
		}
		forms[name] = &fstest.MapFile{Data: src}
	}
	return forms
}

// TestVersion: layout changes no version, any value does.
func TestVersion(t *testing.T) {
	src := string(storyPolicy(t))
	version := func(src string) string { return testRules(t, []byte(src)).Version }
	was := version(src)
	if len(was) != 12 {
		t.Errorf("the version is %q, want 12 hex digits", was)
	}
	same := []string{
		src + "\n# the end\n",
		strings.Replace(src, "  requester: {remind: [7d, 21d, 45d], close: 60d, empty: 14d, reopen: 90d}",
			"  requester:\n    close: 60d\n    remind: [7d, 3w, 45d]\n    reopen: 90d\n    empty: 2w", 1),
		strings.ReplaceAll(src, "\n", "\r\n"),
		src + "labels: {triage: 'recovery: triage'}\n",
		src + "calendar: {timezone: UTC, workdays: [fri, thu, wed, tue, mon]}\n",
	}
	for _, s := range same {
		if got := version(s); got != was {
			t.Errorf("the version changes from %s to %s by layout:\n%s", was, got, cmp.Diff(src, s))
		}
	}
	seen := map[string]string{was: "nothing"}
	for from, to := range map[string]string{
		"700001": "700003", "octo-registry/support": "octo-registry/help", "id: 5001": "id: 5003", "org: 4001}\n  h": "org: 4002}\n  h",
		"[41]": "[42]", "support@": "help@", "label: account-recovery": "label: recovery", "2021-04-05": "2021-04-06",
		"7d, 21d": "8d, 21d", "60d": "61d", "14d": "15d", "90d": "91d", "3 workdays": "4 workdays", "2026-11-01": "2026-11-02",
		"old-requests: all": "old-requests: new", "staff: {target: 3 workdays}": "staff: {target: 3 workdays}\n  sweep: '0 * * * *'",
		"clocks:": "calendar: {timezone: Europe/Paris}\nclocks:", "requests:": "kinds: {other: {words: [x]}}\nrequests:",
		"people:": "may: {deny: [agents]}\npeople:", "version: 1": "version: 1\nlabels: {triage: t}",
	} {
		s := strings.Replace(src, from, to, 1)
		if s == src {
			t.Fatalf("the policy has no %q", from)
		}
		got := version(s)
		if other, ok := seen[got]; ok {
			t.Errorf("the version is the same for %q and for %q", to, other)
		}
		seen[got] = to
	}
}

func TestPreset(t *testing.T) {
	for _, name := range Presets() {
		r, err := Preset(name)
		if err != nil {
			t.Fatal(err)
		}
		if got, problem := r.CheckName("", " `JBber` "); got != "JBber" || problem != nil {
			t.Errorf("%s: the name is %q (%v), want JBber", name, got, problem)
		}
		if len(r.Kinds) == 0 || len(r.Requests.Boxes) == 0 || r.Requests.Label == "" || r.Registries[0].Name == "" {
			t.Errorf("%s lacks kinds, boxes, a label or a name: %+v", name, r)
		}
		if got := r.Registries[0]; got.Key != name || got.Preset != name {
			t.Errorf("%s: its registry has the key %q and the preset %q", name, got.Key, got.Preset)
		}
	}
	if _, err := Preset("none"); err == nil {
		t.Error("a preset that does not exist is found")
	}
	if diff := cmp.Diff([]string{"plain", "pypi", "rubygems", "testpypi"}, Presets()); diff != "" {
		t.Errorf("the presets (-want +got):\n%s", diff)
	}
}

// TestPresetNames has names at the edges of what each registry allows.
func TestPresetNames(t *testing.T) {
	long := strings.Repeat("x", 41)
	for preset, names := range map[string]map[string]string{
		"pypi": {
			"a": "", "a.b-c_d": "", "_a": "invalid", "a-": "invalid", long[:40] + "0123456789": "", long + "0123456789": "too-long",
			"https://pypi.org/user/ann/": "",
		},
		"rubygems": {
			"a": "invalid", "ab": "", "a_": "", "a-b": "", "a.b": "invalid", "1ab": "invalid", long[:40]: "", long: "too-long",
			"https://rubygems.org/profiles/ann": "",
		},
		"plain": {"a": "", "a.b": "", "a b": "spaces", long + long: "too-long"},
	} {
		r, err := Preset(preset)
		if err != nil {
			t.Fatal(err)
		}
		for name, want := range names {
			got := ""
			if _, p := r.CheckName("", name); p != nil {
				got = p.Code
			}
			if got != want {
				t.Errorf("%s: the name %q has the problem %q, want %q", preset, name, got, want)
			}
		}
	}
}

// TestPresetLayers: a preset has the words of the one below it in their order,
// and its own; a test site is known only where there is one.
func TestPresetLayers(t *testing.T) {
	for sentence, want := range map[string]map[string]Kind{
		"I forgot my handle":                     {"rubygems": KindForgottenName, "pypi": KindOther, "plain": KindOther},
		"The OTP device is gone, account hacked": {"rubygems": KindCompromised, "pypi": KindCompromised, "plain": KindCompromised},
		"I lost my password for TestPyPI":        {"rubygems": KindLostPassword, "pypi": KindTestRegistry, "testpypi": KindTestRegistry, "plain": KindLostPassword},
	} {
		for preset, kind := range want {
			r, err := Preset(preset)
			if err != nil {
				t.Fatal(err)
			}
			if got := r.KindsOf(sentence, &parser.Form{})[0]; got != kind {
				t.Errorf("%s: %q is %s, want %s", preset, sentence, got, kind)
			}
		}
	}
	r, err := Preset("testpypi")
	if err != nil {
		t.Fatal(err)
	}
	reg := r.Registries[0]
	got := []string{reg.Name, reg.URL, fmt.Sprint(reg.Names.MaxLength), r.Requests.Account, r.Requests.Reason, fmt.Sprint(reg.Offers)}
	want := []string{"TestPyPI", "https://test.pypi.org", "50", "TestPyPI Username", "Reason for request", "[2fa recovery-codes tokens trusted-publishers]"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("testpypi over pypi over plain (-want +got):\n%s", diff)
	}
}

// TestProblems: an error without a place is a problem at the file's beginning.
func TestProblems(t *testing.T) {
	got := Problems("form.yml", errors.New("it is gone")).Show("recovery.yml")
	if want := "form.yml:1:1: it is gone"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestWarnings(t *testing.T) {
	src := string(storyPolicy(t))
	if got := testRules(t, []byte(src)).Warnings(); len(got) != 1 || !strings.Contains(got[0], "is a hint") {
		t.Errorf("the warnings are %q, want one about the hint that its form forces", got)
	}
	src = strings.Replace(src, "  security: {users: [41]} ", "  # ", 1)
	src = strings.Replace(src, ", org: 4001", "", 1)
	got := strings.Join(testRules(t, []byte(src)).Warnings(), "\n")
	for _, want := range []string{
		"people.agents: the team octo-registry/agents has no `org`",
		"paths new-address, new-address-co-owner: 1 of agents and 1 of security, different people, must approve, and there are fewer",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the warnings lack %q:\n%s", want, got)
		}
	}
}

// TestWarnsOfNoName: "the registry" stands in Spanish sentences, too.
func TestWarnsOfNoName(t *testing.T) {
	rules, err := Preset("plain")
	if err != nil {
		t.Fatal(err)
	}
	const want = `registries.plain has no name: texts say "the registry", in every language`
	if got := rules.Warnings(); !slices.Contains(got, want) {
		t.Errorf("the warnings lack %q: %q", want, got)
	}
	rules.Registries[0].Name = "Octo"
	if got := rules.Warnings(); slices.Contains(got, want) {
		t.Errorf("a registry with a name is warned of: %q", got)
	}
}

// TestExamplePolicy: the example that people copy is right, with its form.
func TestExamplePolicy(t *testing.T) {
	dir := os.DirFS("../.github")
	src, err := fs.ReadFile(dir, "recovery.yml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := ParseRules(src, dir)
	if err != nil {
		t.Fatalf("the example:\n%v", err)
	}
	if got, want := r.Clocks.Sweep.Next(time.Date(2026, 12, 3, 10, 1, 0, 0, time.UTC)).Minute(), 15; got != want {
		t.Errorf("the sweep comes at minute %d, want %d", got, want)
	}
	if b := r.Requests.Boxes; len(b) != 3 || b[0].Label != "Code of Conduct" || !b[0].Required || b[2].Required {
		t.Errorf("the confirmations are %v", b)
	}
}

func TestParseAdoption(t *testing.T) {
	for words, want := range map[string]Adoption{
		"new": {Choice: "new"}, "all": {Choice: "all"}, "oldest 5": {Choice: "oldest", PerDay: 5},
		"": {}, "some": {}, "oldest": {}, "oldest x": {}, "oldest -1": {}, "new 5": {}, "oldest 5 6": {},
	} {
		got, err := ParseAdoption(strings.Fields(words))
		if got != want || (err == nil) != (want != Adoption{}) {
			t.Errorf("%q is %+v (%v), want %+v", words, got, err, want)
		}
	}
}

func FuzzParseRules(f *testing.F) {
	files, err := filepath.Glob("testdata/policies/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, file := range files {
		ar, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(ar.Files[0].Data)
	}
	f.Add(storyPolicy(f))
	forms := testForms(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		r, err := ParseRules(src, forms)
		if (r == nil) == (err == nil) {
			t.Fatalf("rules %v and error %v", r, err)
		}
		if err != nil && err.Error() == "" {
			t.Fatal("an error that says nothing")
		}
		if err == nil && len(r.Version) != 12 {
			t.Fatalf("the version is %q", r.Version)
		}
		if err != nil {
			return
		}
		again, err := ParseRules([]byte(Filled(src)), forms)
		if err != nil || again.Version != r.Version {
			t.Fatalf("with all defaults it is another policy (%v):\n%s", err, Filled(src))
		}
	})
}

func TestCandidate(t *testing.T) {
	r, bodies := testRules(t, storyPolicy(t)), storyBodies(t)
	created := time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		body   string
		labels []string
		want   bool
	}{
		{"bug", nil, false},
		{"bug", []string{"bug", "recovery: triage"}, false},
		{"bug", []string{"account-recovery"}, true},
		{"complete", nil, true},
		{"nothing-answered", nil, true},
		{"form-2021", nil, false},
		{"foreign-headings", nil, false},
		{"empty", nil, false},
	} {
		i := Issue{Body: bodies[tt.body], Labels: tt.labels, CreatedAt: created}
		if got := r.Candidate(i); got != tt.want {
			t.Errorf("%s with the labels %q is a candidate: %v, want %v", tt.body, tt.labels, got, tt.want)
		}
	}
}

func ExampleParseRules() {
	_, err := ParseRules([]byte("version: 2\n"), fstest.MapFS{})
	var errs Errors
	if errors.As(err, &errs) {
		fmt.Println(errs[len(errs)-1:].In("recovery.yml"))
	}
	// Output: recovery.yml:1:10: version 2 is not known: this version reads 1
}
