package policy

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The table of commands says the same as the list by hand.
func TestCommandsMatchTheList(t *testing.T) {
	for _, state := range States() {
		for _, turn := range turns(state) {
			for _, author := range []string{sampleAuthor, ""} {
				x := sampleStatus(state, turn)
				x.Name, x.Author = TextHelp, author
				rules := textRules(t)
				v := rules.view(x, &speaker{set: rules.texts[English]})
				if diff := cmp.Diff(helped(x), v.listed()); diff != "" {
					t.Errorf("%s, turn %q, help for %s (-want +got):\n%s", state, turn, readerName(author), diff)
				}
				var got []string
				for _, c := range Commands() {
					if v.Can(c.Name) {
						got = append(got, c.Name)
					}
				}
				if diff := cmp.Diff(usable(x), got); diff != "" {
					t.Errorf("%s, turn %q, %s (-want +got):\n%s", state, turn, readerName(author), diff)
				}
			}
		}
	}
}

func TestCommandsAreWellFormed(t *testing.T) {
	var names []string
	for _, c := range Commands() {
		names = append(names, c.Name)
		if word := strings.Fields(c.Usage)[0]; word != "/"+c.Name {
			t.Errorf("%s: usage %q does not begin with the command", c.Name, c.Usage)
		}
		if c.Staff && c.Ability == "" {
			t.Errorf("%s: staff %v, ability %q", c.Name, c.Staff, c.Ability)
		}
		if got, ok := CommandNamed(c.Name); !ok || got.Usage != c.Usage {
			t.Errorf("CommandNamed(%q) = %v, %v", c.Name, got, ok)
		}
	}
	slices.Sort(names)
	if len(slices.Compact(slices.Clone(names))) != len(names) {
		t.Errorf("a command is listed twice: %q", names)
	}
	for _, name := range []string{"", "objects", "/help", "HELP"} {
		if c, ok := CommandNamed(name); ok {
			t.Errorf("CommandNamed(%q) = %v, want none", name, c)
		}
	}
}

// TestMeanings: in each language each command has words that continue its
// usage line, and the codes that it takes stand there.
func TestMeanings(t *testing.T) {
	rules := textRules(t)
	for _, language := range BuiltinLanguages() {
		s := &speaker{set: rules.texts[language]}
		var all strings.Builder
		for _, c := range Commands() {
			meaning := s.command(c.Name).Meaning
			if meaning == "" || !strings.HasSuffix(meaning, ".") || firstUpper(meaning) == meaning {
				t.Errorf("%s: %s: meaning %q does not continue the usage line as a sentence", language, c.Name, meaning)
			}
			all.WriteString(meaning)
		}
		if s.err != nil {
			t.Error(s.err)
		}
		for _, code := range append(DenyCodes(), stringsOf(Asks())...) {
			if !strings.Contains(all.String(), code) {
				t.Errorf("%s: no meaning names the code %q", language, code)
			}
		}
	}
}

func stringsOf(asks []Ask) []string {
	var out []string
	for _, a := range asks {
		out = append(out, string(a))
	}
	return out
}
