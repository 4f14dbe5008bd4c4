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
		for _, turn := range turnsOf(state) {
			for _, author := range []string{sampleAuthor, ""} {
				x := sampleStatus(state, turn)
				x.Name, x.Author = TextHelp, author
				v := textRules(t).view(x)
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
		if !strings.HasSuffix(c.Meaning, ".") || strings.ToUpper(c.Meaning[:1]) == c.Meaning[:1] {
			t.Errorf("%s: meaning %q does not continue the usage line as a sentence", c.Name, c.Meaning)
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
	for _, code := range append(DenyCodes(), stringsOf(Asks())...) {
		if !slices.ContainsFunc(Commands(), func(c CommandInfo) bool { return strings.Contains(c.Meaning, code) }) {
			t.Errorf("no meaning names the code %q", code)
		}
	}
	for _, name := range []string{"", "object", "/help", "HELP"} {
		if c, ok := CommandNamed(name); ok {
			t.Errorf("CommandNamed(%q) = %v, want none", name, c)
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
