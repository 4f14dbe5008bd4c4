package policy

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/parser"
)

// sentence is a line of testdata/kinds.txt.
type sentence struct {
	line          int
	title, reason string
	want          []Kind
	known         bool // known to be read wrongly
}

func sentences(t *testing.T) []sentence {
	t.Helper()
	src, err := os.ReadFile("testdata/kinds.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []sentence
	for i, line := range strings.Split(string(src), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		text, known := strings.CutPrefix(line, "? ")
		text, kinds, ok := strings.Cut(text, " -> ")
		title, reason, both := strings.Cut(text, " | ")
		if !ok || !both {
			t.Fatalf("kinds.txt:%d: want TITLE | REASON -> KIND, MARK", i+1)
		}
		s := sentence{line: i + 1, title: title, reason: reason, known: known}
		for k := range strings.SplitSeq(kinds, ", ") {
			if !slices.Contains(Kinds(), Kind(k)) {
				t.Fatalf("kinds.txt:%d: there is no kind %q", i+1, k)
			}
			s.want = append(s.want, Kind(k))
		}
		all = append(all, s)
	}
	return all
}

// testdata/kinds.txt has what people write, and what it means. The test counts
// how often the built-in words are right.
func TestKinds(t *testing.T) {
	r, err := Preset("pypi")
	if err != nil {
		t.Fatal(err)
	}
	all := sentences(t)
	if len(all) < 120 {
		t.Errorf("kinds.txt has %d sentences, want 120 at least", len(all))
	}
	named, right, exact := map[Kind]int{}, map[Kind]int{}, 0
	for _, s := range all {
		form := &parser.Form{Fields: []parser.Field{{Label: r.Requests.Reason, Value: s.reason}}}
		got := r.KindsOf(s.title, form)
		named[got[0]]++
		if got[0] == s.want[0] {
			right[got[0]]++
		}
		diff := cmp.Diff(s.want, got)
		if diff == "" {
			exact++
		}
		switch {
		case diff != "" && !s.known:
			t.Errorf("kinds.txt:%d: %q | %q (-want +got):\n%s", s.line, s.title, s.reason, diff)
		case diff == "" && s.known:
			t.Errorf("kinds.txt:%d is right now: take the ? away", s.line)
		}
	}
	t.Logf("%d sentences, %d read exactly as a person does (%.1f %%)", len(all), exact, percent(exact, len(all)))
	for _, k := range Kinds() {
		if right[k] == 0 {
			t.Errorf("no sentence of kinds.txt is rightly read as %s", k)
		}
		t.Logf("  %-16s right in %d of the %d where it leads: precision %.1f %%", k, right[k], named[k], percent(right[k], named[k]))
	}
	if percent(exact, len(all)) < 95 {
		t.Error("want 95 % at least")
	}
}

func percent(part, all int) float64 { return 100 * float64(part) / float64(max(all, 1)) }

// A policy's own kinds come first, in its order; the preset's words stay.
func TestKindsOfPolicy(t *testing.T) {
	src := string(storyPolicy(t)) + "kinds: {lost-email: {words: [Owl Post]}, compromised: {words: [it's not me]}}\n"
	r := testRules(t, []byte(src))
	for title, want := range map[string][]Kind{
		"no owl-post since my account was hacked": {KindCompromised},
		"the owl post is lost, I was hacked":      {KindLostEmail, KindCompromised},
		"I was hacked, and I lost my 2FA":         {KindCompromised, KindLost2FA},
		"Its not me!":                             {KindCompromised},
		"lost my phone":                           {KindLost2FA},
		"owl posting":                             {KindOther},
		"owl. post":                               {KindOther},
	} {
		if diff := cmp.Diff(want, r.KindsOf(title, &parser.Form{})); diff != "" {
			t.Errorf("%q (-want +got):\n%s", title, diff)
		}
	}
	if got := r.goesTo([]Kind{KindLostEmail, KindCompromised}); got != Security {
		t.Errorf("a takeover report goes to %q, want the preset's %q", got, Security)
	}
}
