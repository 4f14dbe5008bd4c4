package policy

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// side is where evidence comes from. What comes from one side alone can be
// had by one theft.
type side string

const (
	accountSide side = "account"
	codeSide    side = "code"
	personSide  side = "person"
)

// weight is how much evidence says. What has less than mediumWeight never adds up.
type weight int

const (
	zeroWeight weight = iota
	lowWeight
	mediumWeight
	highWeight
)

// worth returns what a class says, and from which side.
func (c Class) worth() (side, weight) {
	switch c {
	case Mailbox, Linked, Session:
		return accountSide, highWeight
	case MailboxUnverified:
		return accountSide, mediumWeight
	case BranchAttested, BranchOwner:
		return codeSide, highWeight
	case BranchDeclared:
		return codeSide, mediumWeight
	case BranchSeen:
		return codeSide, lowWeight
	case CoOwner:
		return personSide, mediumWeight
	case NoProject:
	}
	return "", zeroWeight
}

// The times since the notice that no policy makes shorter.
const (
	leastWait   = 72 * time.Hour
	weakWait    = 7 * 24 * time.Hour  // with evidence that is not high, and where nobody else looks
	addressWait = 14 * 24 * time.Hour // where the account shall get another address
)

// fixedRule is what no policy can weaken: evidence from two different sides,
// of which one is high. Low evidence never adds up.
func fixedRule(have []Class) bool {
	sides, high := map[side]bool{}, false
	for _, c := range have {
		if from, w := c.worth(); w >= mediumWeight {
			sides[from] = true
			high = high || w == highWeight
		}
	}
	return high && len(sides) >= 2
}

// exception is the one case in which the fixed rule is not asked for: there is
// no usable project, and the account's mailbox answered.
func (p *Path) exception(choice []Class) bool {
	return slices.Contains(p.OnlyFor, TraitNoProject) && slices.Equal(choice, []Class{Mailbox})
}

// path returns the first path whose evidence is complete and that is for such
// a request; nil if none is. A path that the fixed rule forbids is none,
// whatever the policy says.
func (r *Rules) path(have []Class, traits []Trait) *Path {
	for i := range r.Paths {
		p := &r.Paths[i]
		if p.complete(have) && p.fits(traits) && len(r.weaknesses(p)) == 0 {
			return p
		}
	}
	return nil
}

// complete reports that one class of each list is there. A branch in the
// author's own repository is a branch in an attested one.
func (p *Path) complete(have []Class) bool {
	if slices.Contains(have, BranchOwner) {
		have = append(slices.Clone(have), BranchAttested)
	}
	for _, list := range p.Evidence {
		if !slices.ContainsFunc(list, func(c Class) bool { return slices.Contains(have, c) }) {
			return false
		}
	}
	return len(p.Evidence) > 0
}

// fits reports that the path is for a request with these traits.
func (p *Path) fits(traits []Trait) bool {
	has := func(t Trait) bool { return slices.Contains(traits, t) }
	not := append(p.impliedNot(), p.NotFor...)
	return !slices.ContainsFunc(not, has) && !slices.ContainsFunc(p.OnlyFor, func(t Trait) bool { return !has(t) })
}

// impliedNot returns what a path is never for, whether it says so or not.
func (p *Path) impliedNot() []Trait {
	var not []Trait
	if p.Approvals < 2 {
		not = append(not, TraitNewAddress, TraitFlagged, TraitProtected, TraitStaffOwn)
	} else if p.Wait < addressWait || p.ByRole[Security] < 1 {
		not = append(not, TraitNewAddress)
	}
	return not
}

// weakness is one way in which a path is weaker than any may be: the key that is
// to be changed, and why.
type weakness struct{ key, why string }

// weaknesses returns what the fixed rule forbids about a path.
func (r *Rules) weaknesses(p *Path) []weakness {
	var all []weakness
	add := func(key, format string, args ...any) { all = append(all, weakness{key, fmt.Sprintf(format, args...)}) }
	for _, choice := range p.choices() {
		if !fixedRule(choice) && !p.exception(choice) {
			add("evidence", "%s: not enough, for %s", together(choice), p.lacks(choice))
			break
		}
	}
	switch {
	case p.Approvals < 1:
		add("approvals", "nobody approves")
	case p.Approvals < 2:
		all = append(all, p.smallTeam()...)
	}
	if slices.Contains(p.OnlyFor, TraitNewAddress) && p.ByRole[Security] < 1 {
		add("approvals", "a new address needs one of security among those who approve, as in {agents: 1, security: 1}")
	}
	if least, why := r.leastWait(p); p.Wait < least {
		add("wait", "%s: at least %s", why, inUnits(least))
	}
	return all
}

// lacks says why a choice is not enough.
func (p *Path) lacks(choice []Class) string {
	sides, low := map[side]bool{}, false
	for _, c := range choice {
		from, w := c.worth()
		low = low || w < mediumWeight
		sides[from] = sides[from] || w >= mediumWeight
	}
	maps.DeleteFunc(sides, func(_ side, counts bool) bool { return !counts })
	switch {
	case len(sides) >= 2:
		return "no evidence of it is high (mailbox, linked, session, branch-attested, branch-owner)"
	case low:
		return "branch-seen never counts, and evidence must come from two of account, code and person"
	case slices.Contains(p.OnlyFor, TraitNoProject):
		return "where there is no usable project the mailbox alone is, and nothing less"
	}
	return "evidence must come from two of account, code and person; the mailbox alone is only for no-usable-project"
}

// smallTeam returns what is wrong with a path that asks for one approval.
func (p *Path) smallTeam() []weakness {
	var all []weakness
	proven := func(choice []Class) bool {
		account, code := 0, 0
		for _, c := range choice {
			switch from, w := c.worth(); {
			case w != highWeight:
				return false
			case from == accountSide:
				account++
			case from == codeSide:
				code++
			}
		}
		return account > 0 && code > 0
	}
	for _, choice := range p.choices() {
		if !proven(choice) {
			all = append(all, weakness{"approvals", "one approval is enough only where the evidence is mailbox, linked or session, and branch-attested: " +
				"with " + together(choice) + " two must approve"})
			break
		}
	}
	for _, t := range []Trait{TraitNewAddress, TraitFlagged, TraitProtected} {
		if !slices.Contains(p.NotFor, t) {
			all = append(all, weakness{"approvals", "a path with one approval must say not-for: [new-address, flagged, protected]"})
			break
		}
	}
	return all
}

// leastWait returns the shortest time that a path may have, and why.
func (r *Rules) leastWait(p *Path) (least time.Duration, why string) {
	weak := ""
	for _, c := range slices.Concat(p.Evidence...) {
		if _, w := c.worth(); w < highWeight {
			weak = string(c)
		}
	}
	switch {
	case slices.Contains(p.OnlyFor, TraitNewAddress):
		return addressWait, "an owner must have time to object to a new address"
	case weak != "":
		return weakWait, "the evidence " + weak + " is not high"
	case slices.ContainsFunc(p.choices(), p.exception):
		return weakWait, "the mailbox alone, without a project, is less than others give"
	case p.Approvals < 2 && p.Veto == "":
		return weakWait, "one approval, and no veto group that could stop it"
	case p.Approvals < 2 && !r.othersVeto(p, nil):
		return weakWait, "one approval, and nobody else is in the veto group " + string(p.Veto)
	}
	return leastWait, "an owner must have time to object"
}

// choices returns every set of classes that one word of each list makes, each
// in the order of Classes.
func (p *Path) choices() [][]Class {
	known := Classes()
	sets := map[int]bool{0: true} // as bits: there are few, however many lists
	for _, list := range p.Evidence {
		next := map[int]bool{}
		for set := range sets {
			for _, c := range list {
				next[set|1<<max(slices.Index(known, c), 0)] = true
			}
		}
		sets = next
	}
	all := make([][]Class, 0, len(sets))
	for _, set := range slices.Sorted(maps.Keys(sets)) {
		var choice []Class
		for i, c := range known {
			if set&(1<<i) != 0 {
				choice = append(choice, c)
			}
		}
		all = append(all, choice)
	}
	return all
}

// together names evidence that comes together.
func together(choice []Class) string {
	words := make([]string, 0, len(choice))
	for _, c := range choice {
		words = append(words, string(c))
	}
	if len(words) < 2 {
		return strings.Join(words, "") + " alone"
	}
	return strings.Join(words, " + ")
}

// inUnits is a time as a policy writes it.
func inUnits(d time.Duration) string {
	if d > leastWait && d%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", d/(24*time.Hour))
	}
	return fmt.Sprintf("%dh", d/time.Hour)
}

// gateSection returns what an approval binds of the policy: the paths, the
// protected accounts, and who may attest and approve. Canonical JSON.
func (r *Rules) gateSection() []byte {
	may := map[Ability][]Role{}
	for _, a := range []Ability{MayAttest, MayApprove} {
		may[a] = slices.Sorted(slices.Values(r.May[a]))
	}
	section, _ := json.Marshal(struct { // these types have no value that JSON lacks
		Paths     []Path
		Protected []string
		May       map[Ability][]Role
	}{r.Paths, r.Protected, may})
	return section
}
