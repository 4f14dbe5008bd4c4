package policy

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// Pins are the ids that GitHub has for the names of a policy, each under the
// name as the policy spells it.
type Pins struct {
	Repositories map[string]int64 // by OWNER/NAME; desks, too
	Teams        map[string]Team  // by ORG/SLUG, with both ids
	Users        map[string]int64 // by login
}

// Pinned is a policy with ids, and what was changed in it.
type Pinned struct {
	Source  []byte
	Changes []Change // in the order of the file; none if every id was there
}

// Change is one change of a policy.
type Change struct {
	Name Unpinned // with its place before the change
	Text string   // "+ id: 5001, org: 4001" or "- octocat + 583231"
}

// ErrLayout means that a policy is written so that ids can't be put in.
var ErrLayout = errors.New("the ids do not fit into this layout: write each name on one line, as in {team: ORG/SLUG} and [LOGIN]")

// Pin writes ids beside the names of a policy and in place of its logins,
// which stay as comments. Everything else stays byte for byte. The result was
// read again and says what the policy said, but for the ids. A name that pins
// does not have stays as it is; ids that are there are not compared. The error
// is Errors for a policy that is wrong, and ErrLayout.
func Pin(src []byte, files fs.FS, pins Pins) (Pinned, error) {
	want, err := ParseRules(src, files)
	if err != nil {
		return Pinned{}, err
	}
	p := pinner{edit: yamlfile.NewEditor(src), pins: pins}
	p.file(p.edit.File.Root())
	if p.failed {
		return Pinned{}, ErrLayout
	}
	out := Pinned{Source: p.edit.Bytes(), Changes: p.changes}
	got, err := ParseRules(out.Source, files)
	if err != nil {
		return Pinned{}, ErrLayout
	}
	want.pin(pins)
	same, err := sayTheSame(want, got)
	if err == nil && !same {
		err = ErrLayout
	}
	if err != nil {
		return Pinned{}, err
	}
	return out, nil
}

// pinner walks a policy that was found good.
type pinner struct {
	edit    *yamlfile.Editor
	pins    Pins
	changes []Change
	failed  bool
}

func (p *pinner) file(root yamlfile.Node) {
	each(root, func(key string, v yamlfile.Node) {
		switch key {
		case "repositories":
			v.List(func(_ int, item yamlfile.Node) { p.repository(item) })
		case "people":
			each(v, func(_ string, group yamlfile.Node) { p.group(group) })
		case "ignored":
			p.group(v)
		}
	})
}

func each(n yamlfile.Node, f func(key string, v yamlfile.Node)) {
	n.Entries(func(key string, _, v yamlfile.Node) { f(key, v) })
}

// keys returns the values of a mapping by their keys.
func keys(n yamlfile.Node) map[string]yamlfile.Node {
	found := map[string]yamlfile.Node{}
	each(n, func(key string, v yamlfile.Node) { found[key] = v })
	return found
}

func (p *pinner) repository(n yamlfile.Node) {
	has := keys(n)
	name := has["name"]
	id, ok := p.pins.Repositories[name.Text()]
	if ok && !has["id"].Exists() {
		p.add(addition{n, name, "repository", []string{fmt.Sprintf("id: %d", id)}})
	}
	if desk := has["desk"]; desk.Exists() {
		p.repository(desk)
	}
}

func (p *pinner) group(n yamlfile.Node) {
	has := keys(n)
	if name := has["team"]; name.Exists() {
		var missing []string
		team, ok := p.pins.Teams[name.Text()]
		if !has["id"].Exists() {
			missing = append(missing, fmt.Sprintf("id: %d", team.ID))
		}
		if !has["org"].Exists() {
			missing = append(missing, fmt.Sprintf("org: %d", team.OrgID))
		}
		if ok && len(missing) > 0 {
			p.add(addition{n, name, "team", missing})
		}
	}
	if users := has["users"]; users.Exists() {
		users.List(func(_ int, u yamlfile.Node) { p.user(u) })
	}
}

// addition is keys to add to a mapping, behind its name.
type addition struct {
	mapping, name yamlfile.Node
	what          string
	entries       []string
}

func (p *pinner) add(a addition) {
	p.failed = !p.edit.Add(a.mapping, a.name, a.entries) || p.failed
	text := "+ " + a.entries[0]
	for _, e := range a.entries[1:] {
		text += ", " + e
	}
	p.changed(a.name, a.what, text)
}

func (p *pinner) user(n yamlfile.Node) {
	if !n.IsText() {
		return
	}
	login := n.Text()
	id, ok := p.pins.Users[login]
	if !ok {
		return
	}
	p.failed = !p.edit.Replace(n, fmt.Sprint(id), login) || p.failed
	p.changed(n, "user", fmt.Sprintf("- %s + %d", login, id))
}

func (p *pinner) changed(n yamlfile.Node, what, text string) {
	line, column := n.Pos()
	p.changes = append(p.changes, Change{Name: Unpinned{line, column, what, n.Text()}, Text: text})
}

// pin gives r the ids as Pin writes them.
func (r *Rules) pin(pins Pins) {
	for i := range r.Repositories {
		repo := &r.Repositories[i]
		repo.ID = cmp.Or(repo.ID, pins.Repositories[repo.String()])
		if repo.Desk != nil {
			desk := *repo.Desk
			desk.ID = cmp.Or(desk.ID, pins.Repositories[desk.String()])
			repo.Desk = &desk
		}
	}
	for _, role := range slices.Sorted(maps.Keys(r.People)) {
		g := r.People[role]
		if t := g.Team; t != nil {
			if found, ok := pins.Teams[t.String()]; ok {
				g.Team = &Team{Org: t.Org, Slug: t.Slug, ID: cmp.Or(t.ID, found.ID), OrgID: cmp.Or(t.OrgID, found.OrgID)}
			}
		}
		r.People[role] = g.withUsers(pins)
	}
	r.Ignored = r.Ignored.withUsers(pins)
}

// withUsers is the group with ids in place of logins.
func (g Group) withUsers(pins Pins) Group {
	var rest []string
	for _, login := range g.Logins {
		if id, ok := pins.Users[login]; ok {
			g.Users = append(g.Users, id)
			continue
		}
		rest = append(rest, login)
	}
	g.Logins = rest
	return g
}

// ordered is the group with its users sorted.
func (g Group) ordered() Group {
	g.Users = append([]int64{}, g.Users...)
	slices.Sort(g.Users)
	return g
}

// sayTheSame compares rules; the order of users means nothing.
func sayTheSame(a, b *Rules) (bool, error) {
	var said [2]string
	for i, r := range []*Rules{a, b} {
		same := *r
		same.Version = ""
		same.People = map[Role]Group{}
		for role, g := range r.People {
			same.People[role] = g.ordered()
		}
		same.Ignored = r.Ignored.ordered()
		canonical, err := json.Marshal(same)
		if err != nil {
			return false, fmt.Errorf("comparing the policy before and after: %w", err)
		}
		said[i] = string(canonical)
	}
	return said[0] == said[1], nil
}
