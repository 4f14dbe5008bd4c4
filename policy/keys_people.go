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
	}
}

func (l *loader) repository() value {
	var r Repository
	var name yamlfile.Node
	return value{
		lacks: "a repository needs its name: {id: 123, name: OWNER/NAME}; `recoverybot pin` writes the id",
		keys: []key{
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
					r.Owner, r.Name, name = m[1], m[2], n
				}),
			},
		},
		later: []string{"desk"},
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

func (l *loader) people() value {
	return value{keys: []key{
		{name: string(Agents), origin: "nobody", about: "People with rights at the registry: they recover accounts.", value: l.group(Agents)},
		{name: string(Helpers), origin: "nobody", about: "Volunteers: they ask and sort, and decide nothing.", value: l.group(Helpers)},
		{name: string(Security), origin: "nobody", about: "People for accounts that were taken over.", value: l.group(Security)},
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
				about: "Who of staff may use `/ask`, `/kind`, `/registry`, `/assign`, `/unassign`, `/recheck` and `/ignore`.",
				value: l.grant(MaySort),
			},
			{
				name: string(MayDeny), def: "[agents, security]", example: "[agents]",
				about: "Who may use `/deny`.",
				value: l.grant(MayDeny),
			},
			{
				name: string(MayComplete), def: "[agents]", example: "[agents, security]",
				about: "Who may use `/complete`.",
				value: l.grant(MayComplete),
			},
		},
		later: []string{"attest", "approve", "hold", "resume"},
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
