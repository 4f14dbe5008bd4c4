package policy

import (
	"cmp"
	"regexp"
	"slices"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// loginPattern is GitHub's login of a person. The logins that a company manages
// end in an underscore and its short code.
const loginPattern = `^[A-Za-z0-9][A-Za-z0-9-]{0,38}(_[A-Za-z0-9]{1,20})?$`

var loginName = regexp.MustCompile(loginPattern)

// Unpinned is a repository, team or user that a policy names without the
// numeric id. A name alone can be taken by somebody else: it gives nobody
// authority, and no command that acts accepts the policy.
type Unpinned struct {
	Line, Column int    // of the name in the policy
	What         string // "repository", "team" or "user"
	Name         string // OWNER/NAME, ORG/SLUG or a login
}

// String returns "team ORG/SLUG" and the like.
func (u Unpinned) String() string { return u.What + " " + u.Name }

// Unpinned returns what the policy names without an id, in the order of the
// file; nil if there is nothing.
func (r *Rules) Unpinned() []Unpinned {
	all := slices.Clone(r.unpinned)
	slices.SortStableFunc(all, func(a, b Unpinned) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return all
}

// unpin notes a name without an id.
func (l *loader) unpin(n yamlfile.Node, what, name string) {
	line, column := n.Pos()
	l.rules.unpinned = append(l.rules.unpinned, Unpinned{Line: line, Column: column, What: what, Name: name})
}

// user is an id, or a login that has none yet.
func (l *loader) user(g *Group) value {
	id := idValue(func(id int64) { g.Users = append(g.Users, id) })
	return value{
		says: "numeric id, or a login", schema: map[string]any{"anyOf": []any{
			id.schema, map[string]any{"type": "string", "pattern": loginPattern},
		}},
		read: func(n yamlfile.Node) {
			if !n.IsText() {
				id.read(n)
				return
			}
			login := n.Text()
			if !loginName.MatchString(login) {
				n.Errorf("want a numeric id, or a login like octocat (then `recoverybot pin` writes the id)")
				return
			}
			g.Logins = append(g.Logins, login)
			l.unpin(n, "user", login)
		},
	}
}

// pinned returns the team that members may be asked of: nil for one without an id.
func (g Group) pinned() *Team {
	if g.Team == nil || g.Team.ID == 0 {
		return nil
	}
	return g.Team
}
