package policy

import (
	"slices"
	"testing"

	"github.com/recoverybot/recoverybot/parser/leak"
)

// The address of the registry's support, which our own texts name, is nobody's
// own: it is neither marked nor asked to be taken out. Any other still is.
func TestSupportIsNotPersonal(t *testing.T) {
	for _, c := range []struct {
		said string
		want []Find
	}{
		{"I wrote to support@registry.example.", nil},
		{"I wrote to <Support@Registry.example> twice.", nil},
		{"I wrote to support@registry.example from ann@mail.example.", []Find{{Leaked: Leaked{Class: leak.Email, In: InBody}, Count: 1}}},
		{"I am also.support@registry.example", []Find{{Leaked: Leaked{Class: leak.Email, In: InBody}, Count: 1}}},
	} {
		w := brought(t, twoRegistries(t), Triage)
		d := w.hand(w.edits(whois("ann"), w.issue.Body+"\n\n"+c.said))
		if got := d.Memory.Leaks; !slices.Equal(got, c.want) {
			t.Errorf("%q: found %v, want %v", c.said, got, c.want)
		}
		if got := slices.Contains(d.Memory.Flags, FlagPersonal); got != (c.want != nil) {
			t.Errorf("%q: marked as personal data: %v, want %v", c.said, got, c.want != nil)
		}
	}
}
