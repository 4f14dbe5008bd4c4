package policy

import (
	"strings"

	"github.com/recoverybot/recoverybot/parser"
)

// shownLookAlikes is how many other requests one is compared with: more would
// tell staff nothing new, and the work stays linear in a flood of such names.
const shownLookAlikes = 4

// LookAlikes returns for each of ms the places of the others whose accounts,
// in the same registry, may be mistaken for its own: "jbber" and "jb-ber", "0"
// and "O". The same account is none. It warns staff, and is no proof of
// anything; no requester is told.
func LookAlikes(ms []Memory) [][]int {
	type skeleton struct{ registry, name string }
	of := func(m Memory) skeleton { return skeleton{m.Registry, parser.Fold(m.Account)} }
	first := map[skeleton][]int{} // the first request for each account with this skeleton
	for i, m := range ms {
		s := of(m)
		if m.Account != "" && len(first[s]) <= shownLookAlikes && !sameAccount(ms, first[s], m) {
			first[s] = append(first[s], i)
		}
	}
	others := make([][]int, len(ms))
	for i, m := range ms {
		for _, j := range first[of(m)] {
			if m.Account != "" && !strings.EqualFold(ms[j].Account, m.Account) && len(others[i]) < shownLookAlikes {
				others[i] = append(others[i], j)
			}
		}
	}
	return others
}

// sameAccount reports whether one of the requests at these places is for the
// account of m.
func sameAccount(ms []Memory, at []int, m Memory) bool {
	for _, i := range at {
		if strings.EqualFold(ms[i].Account, m.Account) {
			return true
		}
	}
	return false
}
