package policy

import (
	"slices"
	"testing"
)

// TestClaimOfNobodyKnown (security requirement 20): that nobody can tell who is
// staff does not make a stranger's claim unheard.
func TestClaimOfNobodyKnown(t *testing.T) {
	for _, s := range []State{Waiting, Ready} {
		w := ledTo(t, s)
		w.unknown = true
		ev := w.says(whois("sam"), "this is my account, write to me on Telegram")
		ev.Offer = true
		d := w.hand(ev)
		if d.Memory.State != Waiting || d.Memory.Turn != Staff || !slices.Contains(d.Memory.Flags, FlagClaimed) {
			t.Errorf("in %s it leads to %s, %s's turn, marked %q: %v", s, d.Memory.State, d.Memory.Turn, d.Memory.Flags, d.Reasons)
		}
	}
}
