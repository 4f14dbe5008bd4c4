package policy

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// crowd is the people who have one of some roles.
type crowd struct {
	known map[string]bool // ids, and the logins that have none yet
	open  bool            // and the members of a team, whom nobody has counted
}

// crowd returns who has one of the roles. members are those of teams that were
// counted, by the team's name; a team that was not counts as enough people.
func (r *Rules) crowd(members map[string][]int64, roles ...Role) crowd {
	c := crowd{known: map[string]bool{}}
	for _, role := range roles {
		g := r.People[role]
		ids := g.Users
		if g.Team != nil {
			team, counted := members[g.Team.String()]
			ids = slices.Concat(ids, team)
			c.open = c.open || !counted
		}
		for _, id := range ids {
			c.known[strconv.FormatInt(id, 10)] = true
		}
		for _, login := range g.Logins {
			c.known["@"+strings.ToLower(login)] = true
		}
	}
	return c
}

func (c crowd) atLeast(n int) bool { return c.open || len(c.known) >= n }

// authority returns why nobody, or one person alone, could bring a request to
// its end; nil if neither is so.
func (r *Rules) authority(members map[string][]int64) []string {
	var why []string
	all, together := []crowd{}, map[string]bool{}
	for _, a := range []Ability{MayAttest, MayApprove, MayComplete} {
		c := r.crowd(members, r.May[a]...)
		if !c.atLeast(1) {
			why = append(why, fmt.Sprintf("nobody may %s: no request would ever end well; name people for one of the roles of may.%s", a, a))
		}
		all = append(all, c)
		maps.Copy(together, c.known)
	}
	open := slices.ContainsFunc(all, func(c crowd) bool { return c.open })
	if why == nil && !open && len(together) == 1 {
		why = append(why, "one person alone may attest, approve and complete: whoever has that account has every account of the registry. Name a second person")
	}
	return why
}

// enough reports that a path's approvals can come from different people.
func (r *Rules) enough(p *Path, members map[string][]int64) bool {
	roles := p.From
	if p.ByRole == nil {
		return r.crowd(members, roles...).atLeast(p.Approvals)
	}
	for set := range 1 << len(roles) { // any of the roles together, as bits
		var some []Role
		need := 0
		for i, role := range roles {
			if set&(1<<i) != 0 {
				some = append(some, role)
				need += p.ByRole[role]
			}
		}
		if !r.crowd(members, some...).atLeast(need) {
			return false
		}
	}
	return true
}

// othersVeto reports that whoever approves alone, somebody else is there to
// stop it.
func (r *Rules) othersVeto(p *Path, members map[string][]int64) bool {
	veto := r.crowd(members, p.Veto)
	if veto.atLeast(2) {
		return true
	}
	approve := r.crowd(members, p.From...)
	for who := range veto.known {
		return !approve.known[who]
	}
	return false
}

// shortages returns a line for each path that people are missing for.
func (r *Rules) shortages(members map[string][]int64) []string {
	var lines []string
	names := map[string][]string{}
	add := func(p *Path, line string) {
		if names[line] == nil {
			lines = append(lines, line)
		}
		names[line] = append(names[line], p.Name)
	}
	for i := range r.Paths {
		p := &r.Paths[i]
		if !r.enough(p, members) {
			add(p, p.needed()+" must approve, and there are fewer: it never leads to `ready`")
		}
		if p.Approvals < 2 && p.Veto != "" && !r.othersVeto(p, members) {
			add(p, "nobody else is in the veto group "+string(p.Veto)+": one person decides, and nobody could stop it")
		}
	}
	for i, line := range lines {
		lines[i] = "paths " + strings.Join(names[line], ", ") + ": " + line
	}
	return lines
}

// needed says who must approve.
func (p *Path) needed() string {
	if p.ByRole == nil {
		return fmt.Sprintf("%d different people of %s", p.Approvals, strings.Join(asWords(p.From), ", "))
	}
	var parts []string
	for _, role := range p.From {
		parts = append(parts, fmt.Sprintf("%d of %s", p.ByRole[role], role))
	}
	return strings.Join(parts, " and ") + ", different people,"
}

// WarningsOf returns what Warnings can only guess: what an operator should
// know once the members of the teams were counted, by the team's name. A team
// that is not in it counts as enough people. Nothing that Warnings says is
// said again.
func (r *Rules) WarningsOf(members map[string][]int64) []string {
	warn := append(r.authority(members), r.shortages(members)...)
	known := r.shortages(nil)
	return slices.DeleteFunc(warn, func(w string) bool { return slices.Contains(known, w) })
}
