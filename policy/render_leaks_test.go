package policy

import (
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/parser/leak"
)

// leaks are what is written where somebody posted a secret.
func (p *textsPage) leaks() {
	x := sampleStatus(Held, OnSecurity)
	x.Leaks = []leak.Class{leak.Token}
	p.text("Paused, after a secret", x)
	x = sampleStatus(Triage, Staff)
	x.Personal = []leak.Class{leak.Email, leak.Phone}
	p.text("An address and a phone number stand in the text", x)
	x = sampleNotice(TextLeak, Held, OnSecurity)
	x.Leaks = leak.Classes()
	p.text("Secrets, of each kind", x, "text leak")
	x.Leaks, x.ByOthers = x.Leaks[:1], true
	p.text("A secret of somebody else", x)
}

// Each class has its words, in each language, and what to do about it.
func TestEveryLeakHasItsTexts(t *testing.T) {
	for _, language := range BuiltinLanguages() {
		_, said, err := layers(language)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range leak.Classes() {
			for _, name := range []string{"leak-" + string(c), "secret-" + string(c)} {
				if said[name] == nil {
					t.Errorf("%s: no text %q", language, name)
				}
			}
		}
		for _, in := range placesOf() {
			if said["place-"+string(in)] == nil {
				t.Errorf("%s: no text for the place %q", language, in)
			}
		}
	}
}

// TestLeakAdvice (security requirement 12): the advice says for each kind of
// secret what to do, that an edit is not enough and who can delete an older
// version, the same for everybody, and within the limit of words for all kinds
// at once.
func TestLeakAdvice(t *testing.T) {
	rules := textRules(t)
	seen := map[string]leak.Class{}
	for _, c := range leak.Classes() {
		x := sampleNotice(TextLeak, Held, OnSecurity)
		x.Leaks = []leak.Class{c}
		got := rules.mustRender(t, x)
		for _, want := range []string{"An edit is not enough", "Delete revision from history", "people with write access", "Everybody can read this page"} {
			if !strings.Contains(got, want) {
				t.Errorf("%s: the advice does not say %q:\n%s", c, want, got)
			}
		}
		for _, blame := range []string{"your fault", "mistake", "should not have", "careless"} {
			if strings.Contains(strings.ToLower(got), blame) {
				t.Errorf("%s: the advice blames: %q", c, blame)
			}
		}
		if other, ok := seen[got]; ok {
			t.Errorf("%s and %s have the same advice", c, other)
		}
		seen[got] = c
	}
	for _, language := range BuiltinLanguages() {
		x := sampleNotice(TextLeak, Held, OnSecurity)
		x.Leaks, x.Language = leak.Classes(), language
		bilingual := deskRules(t, language)
		if f := faults(bilingual, x, bilingual.mustRender(t, x)); len(f) > 0 {
			t.Errorf("%s: %s", language, strings.Join(f, "\n"))
		}
	}
}

// A class, a place or a comment that this version does not know is left out.
func TestUnknownLeaksAreLeftOut(t *testing.T) {
	rules := textRules(t)
	x := sampleStatus(Held, OnSecurity)
	x.Leaks = []leak.Class{"no-such-class"}
	if got := rules.mustRender(t, x); strings.Contains(got, "no-such") || strings.Contains(got, "secret") {
		t.Errorf("got\n%s", got)
	}
	x.Name, x.Desk = TextDesk, &Summary{Issue: "no such issue", Leaks: append(sampleFinds(),
		Find{Leaked: Leaked{Class: leak.Email, In: InTitle}, Count: 1},
		Find{Leaked: Leaked{Class: leak.Key, In: InComment, Comment: 33}, By: ByBot},
		Find{Leaked: Leaked{Class: leak.Seed, In: InDesk, Comment: 34}, By: ByOther},
		Find{Leaked: Leaked{Class: "no-such-class"}}, Find{Leaked: Leaked{Class: leak.Key, In: "no-such-place"}})}
	got := rules.mustRender(t, x)
	if strings.Contains(got, "no-such") || strings.Contains(got, "issuecomment") {
		t.Errorf("got\n%s", got)
	}
	if n := strings.Count(got, "\n- "); n < len(sampleFinds())+3 {
		t.Errorf("%d lines for %d finds:\n%s", n, len(sampleFinds())+3, got)
	}
}
