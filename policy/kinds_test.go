package policy

import (
	"os"
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/parser"
)

// testdata/kinds.txt has sentences and the kind that they mean.
func TestKinds(t *testing.T) {
	src, err := os.ReadFile("testdata/kinds.txt")
	if err != nil {
		t.Fatal(err)
	}
	r, err := Preset("pypi")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[Kind]bool{}
	for i, line := range strings.Split(string(src), "\n") {
		if line == "" || line[0] == '#' {
			continue
		}
		kind, sentence, ok := strings.Cut(line, ":")
		if !ok {
			t.Fatalf("kinds.txt:%d: want KIND: SENTENCE", i+1)
		}
		want, sentence := Kind(kind), strings.TrimSpace(sentence)
		seen[want] = true
		form := &parser.Form{Fields: []parser.Field{{Label: r.Requests.Reason, Value: sentence}}}
		if got := r.KindOf("Account recovery", form); got != want {
			t.Errorf("kinds.txt:%d: %q is %s, want %s", i+1, sentence, got, want)
		}
		if got := r.KindOf(sentence, &parser.Form{}); got != want {
			t.Errorf("kinds.txt:%d: the title %q is %s, want %s", i+1, sentence, got, want)
		}
	}
	for _, k := range Kinds() {
		if !seen[k] {
			t.Errorf("kinds.txt has no sentence for %s", k)
		}
	}
}

// A policy's own kinds come first, in its order; the preset's words stay.
func TestKindsOfPolicy(t *testing.T) {
	src := string(storyPolicy(t)) + "kinds: {lost-email: {words: [Owl Post]}, compromised: {words: [it's not me]}}\n"
	r := testRules(t, []byte(src))
	for title, want := range map[string]Kind{
		"no owl-post since my account was hacked": KindLostEmail,
		"I was hacked, and I lost my 2FA":         KindCompromised,
		"Its not me!":                             KindCompromised,
		"lost my phone":                           KindLost2FA,
		"owl posting":                             KindOther,
	} {
		if got := r.KindOf(title, &parser.Form{}); got != want {
			t.Errorf("%q is %s, want %s", title, got, want)
		}
	}
}
