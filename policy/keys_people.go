package policy

import (
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

func (l *loader) repositories() value {
	return value{
		says: "list of repositories",
		none: "no repository: the bot would serve none",
		item: l.repository,
		done: l.privateDesks,
	}
}

func (l *loader) repository() value {
	var r Repository
	var name yamlfile.Node
	return value{
		lacks: "a repository needs its name: {id: 123, name: OWNER/NAME}; `recoverybot pin` writes the id",
		keys: append(repositoryKeys(&r, &name), key{
			name:  "desk",
			about: "The private repository in which staff work on the requests: one issue for each. It may be that of several repositories.",
			value: l.desk(&r),
		}),
		done: func(n yamlfile.Node) {
			has := func(same func(Repository) bool) bool { return slices.ContainsFunc(l.rules.Repositories, same) }
			switch {
			case has(func(o Repository) bool { return o.ID == r.ID && r.ID != 0 }):
				n.Errorf("the repository %d stands here twice", r.ID)
			case has(func(o Repository) bool { return r.Name != "" && strings.EqualFold(o.String(), r.String()) }):
				n.Errorf("the repository %s stands here twice", r)
			}
			if r.ID == 0 && r.Name != "" {
				l.unpin(name, "repository", r.String())
			}
			l.rules.Repositories = append(l.rules.Repositories, r)
		},
	}
}

// repositoryKeys are the id and the name of a repository.
func repositoryKeys(r *Repository, name *yamlfile.Node) []key {
	return []key{
		{
			name: "id", example: "700001",
			about: "GitHub's numeric id of the repository, which `recoverybot pin` writes. Without it `serve` refuses: a name alone can be taken by somebody else.",
			value: idValue(func(id int64) { r.ID = id }),
		},
		{
			name: "name", required: true, example: "octo-registry/support",
			about: "Owner and name, as in the repository's address.",
			value: textual("OWNER/NAME", `^[A-Za-z0-9][A-Za-z0-9-]{0,38}/[A-Za-z0-9._-]{1,100}$`, func(n yamlfile.Node) {
				m := ownerName.FindStringSubmatch(n.Text())
				if m == nil {
					n.Errorf("want a repository as OWNER/NAME")
					return
				}
				r.Owner, r.Name, *name = m[1], m[2], n
			}),
		},
	}
}

// desk is a repository, too, and none of those that are served.
func (l *loader) desk(r *Repository) value {
	var d Repository
	var name yamlfile.Node
	v := value{
		lacks: "a desk needs its name: {id: 124, name: OWNER/NAME}; `recoverybot pin` writes the id",
		keys:  repositoryKeys(&d, &name),
	}
	v.done = func(n yamlfile.Node) {
		if !n.Exists() {
			return
		}
		if d.ID == 0 && d.Name != "" {
			l.unpin(name, "repository", d.String())
		}
		r.Desk = &d
		l.desks = append(l.desks, desk{n, d})
	}
	return v
}

// desk is one of the policy, and where it stands.
type desk struct {
	node       yamlfile.Node
	repository Repository
}

// privateDesks refuses a desk that is one of the repositories served, and one
// with two ids.
func (l *loader) privateDesks(yamlfile.Node) {
	same := func(a, b Repository) bool {
		return a.ID != 0 && a.ID == b.ID || a.Name != "" && strings.EqualFold(a.String(), b.String())
	}
	for i, d := range l.desks {
		if slices.ContainsFunc(l.rules.Repositories, func(r Repository) bool { return same(d.repository, r) }) {
			d.node.Errorf("the desk %s is a repository with requests: staff need another one, a private one", d.repository)
		}
		for _, other := range l.desks[:i] {
			if o := other.repository; same(d.repository, o) && (d.repository.ID != o.ID || !strings.EqualFold(d.repository.String(), o.String())) {
				d.node.Errorf("the desk %s stands here with another id or name, too: one of them is wrong", d.repository)
			}
		}
	}
}

func (l *loader) people() value {
	return value{keys: []key{
		{name: string(Agents), origin: "nobody", about: "People with rights at the registry: they recover accounts.", value: l.group(Agents)},
		{name: string(Helpers), origin: "nobody", about: "Volunteers: they ask, sort, and give the second look. They need no rights at the registry.", value: l.group(Helpers)},
		{name: string(Security), origin: "nobody", about: "People for accounts that were taken over: they hold, let go on, and stop.", value: l.group(Security)},
	}}
}

func (l *loader) group(role Role) value {
	var g Group
	var team Team
	var name yamlfile.Node
	return value{
		lacks: "a team needs its name: {team: ORG/SLUG}; `recoverybot pin` writes its ids",
		keys: []key{
			{
				name: "team", example: "octo-registry/support-agents",
				about: "A team: its organisation, and the last part of its address.",
				value: textual("ORG/SLUG", `^[^/]+/[^/ ]+$`, func(n yamlfile.Node) {
					org, slug, ok := strings.Cut(n.Text(), "/")
					if !ok || org == "" || slug == "" || strings.ContainsAny(slug, "/ ") {
						n.Errorf("want a team as ORG/SLUG")
						return
					}
					team.Org, team.Slug, name = org, slug, n
				}),
			},
			{
				name: "id", needs: []string{"team"}, example: "5001",
				about: "GitHub's numeric id of the team, which `recoverybot pin` writes. Without it `serve` refuses: a name alone can be taken by somebody else.",
				value: idValue(func(id int64) { team.ID = id }),
			},
			{
				name: "org", needs: []string{"team"}, example: "4001",
				about: "GitHub's numeric id of the team's organisation. Left out: it is not checked, and `check` warns.",
				value: idValue(func(id int64) { team.OrgID = id }),
			},
			{
				name: "users", example: "[1009]",
				about: "Single people, beside the team or instead of one: by their numeric GitHub ids, or by their logins until `recoverybot pin` has written the ids.",
				value: listOf(l.user(&g)),
			},
		},
		done: func(n yamlfile.Node) {
			if team != (Team{}) {
				g.Team = &team
			}
			if team.ID == 0 && team.Slug != "" {
				l.unpin(name, "team", team.String())
			}
			if n.Exists() {
				l.addGroup(n, role, g)
			}
		},
	}
}

func (l *loader) addGroup(n yamlfile.Node, role Role, g Group) {
	t := g.pinned()
	for _, other := range l.rules.People {
		if o := other.pinned(); o != nil && t != nil && strings.EqualFold(o.String(), t.String()) && *o != *t {
			n.Errorf("the team %s stands here with other ids too: one of them is wrong", t)
		}
	}
	l.rules.People[role] = g
}

func (l *loader) may() value {
	return value{
		keys: []key{
			{
				name: string(MaySort), def: "[helpers, agents, security]", example: "[agents, security]",
				about: "Who of staff may sort requests out: `/ask`, `/mailed`, `/proof`, `/notified`, `/kind`, `/username`, `/registry`, `/assign`, `/unassign`, " +
					"`/snooze`, `/duplicate`, `/redirect`, `/recheck`, `/ignore` and `/why`.",
				value: l.grant(MaySort),
			},
			{
				name: string(MayDeny), def: "[agents, security]", example: "[agents]",
				about: "Who may use `/deny`.",
				value: l.grant(MayDeny),
			},
			{
				name: string(MayAttest), def: "[agents]", example: "[agents, security]",
				about: "Who may use `/attest`: they see the registry's own data.",
				value: l.grant(MayAttest),
			},
			{
				name: string(MayApprove), def: "[agents, helpers]", example: "[agents]",
				about: "Who may use `/approve`. The second look needs no rights at the registry.",
				value: l.grant(MayApprove),
			},
			{
				name: string(MayComplete), def: "[agents]", example: "[agents, security]",
				about: "Who may use `/complete`.",
				value: l.grant(MayComplete),
			},
			{
				name: string(MayHold), def: "[helpers, agents, security]", example: "[agents, security]",
				about: "Who may pause a request with `/hold`.",
				value: l.grant(MayHold),
			},
			{
				name: string(MayResume), def: "[agents, security]", example: "[security]",
				about: "Who may let a paused request go on with `/resume`.",
				value: l.grant(MayResume),
			},
		},
	}
}

func (l *loader) grant(a Ability) value {
	v := listOf(roleValue(func(r Role) { l.rules.May[a] = append(l.rules.May[a], r) }))
	v.begin = func() { l.rules.May[a] = nil }
	return v
}

func roleValue(into func(Role)) value {
	return wordValue([]string{string(Helpers), string(Agents), string(Security)}, func(s string) { into(Role(s)) })
}
