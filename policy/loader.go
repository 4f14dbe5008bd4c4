package policy

import (
	"io/fs"
	"regexp"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
	"github.com/recoverybot/recoverybot/parser"
)

// unsupported are the keys of later versions. They are refused by name, so
// that nobody believes in a gate that is not there.
const unsupported = "is not supported by this version: take it out"

// ownerName is GitHub's owner/name.
var ownerName = regexp.MustCompile(`\A([A-Za-z0-9](?:[A-Za-z0-9-]{0,38}))/([A-Za-z0-9._-]{1,100})\z`)

// loader reads one policy file into rules.
type loader struct {
	file  *yamlfile.File
	files fs.FS
	rules *Rules
	named int    // how many forms the policy names
	errs  Errors // of other files
}

// presetName looks ahead for the first registry's preset.
func (l *loader) presetName(root yamlfile.Node) string {
	name := ""
	if !root.IsObject() {
		return Presets()[0]
	}
	root.Entries(func(key string, _, v yamlfile.Node) {
		if key != "registries" || !v.IsObject() {
			return
		}
		v.Entries(func(_ string, _, reg yamlfile.Node) {
			if name != "" || !reg.IsObject() {
				return
			}
			reg.Entries(func(key string, _, p yamlfile.Node) {
				if key == "preset" && slices.Contains(Presets(), p.Scalar()) {
					name = p.Scalar()
				}
			})
		})
	})
	if name == "" {
		return Presets()[0]
	}
	return name
}

func (l *loader) policy(root yamlfile.Node) {
	seen := map[string]bool{}
	mark := func(key string, f func(yamlfile.Node)) func(yamlfile.Node) {
		return func(n yamlfile.Node) {
			seen[key] = true
			f(n)
		}
	}
	keys := map[string]func(yamlfile.Node){
		"version":      mark("version", l.version),
		"repositories": mark("repositories", l.repositories),
		"gate":         mark("gate", func(n yamlfile.Node) { n.OneOf("none") }),
		"calendar":     l.calendar,
		"people":       mark("people", l.people),
		"may":          l.may,
		"registries":   mark("registries", l.registries),
		"requests":     mark("requests", l.requests),
		"kinds":        l.kinds,
		"labels":       l.labels,
		"clocks":       l.clocks,
		"start":        l.start,
	}
	l.later(keys, "languages", "paths", "protected", "leaks", "redirect", "texts")
	root.Object(keys)
	for _, key := range []string{"version", "repositories", "people", "registries", "requests"} {
		if !seen[key] && root.IsObject() {
			l.file.Errorf(root, "the key %q is missing", key)
		}
	}
	if !seen["gate"] && root.IsObject() {
		l.file.Errorf(root, `the key "gate" is missing: this version has no approvals; write "gate: none" if you accept that one agent's /complete is enough`)
	}
	if seen["requests"] && l.named == 0 && root.IsObject() {
		l.file.Errorf(root, "requests.forms names no form: without one no request can be read")
	}
	l.distinctLabels(root)
}

// later adds keys that are known, and refused.
func (l *loader) later(keys map[string]func(yamlfile.Node), names ...string) {
	for _, name := range names {
		keys[name] = func(n yamlfile.Node) { l.file.Errorf(n, "%q %s", name, unsupported) }
	}
}

func (l *loader) version(n yamlfile.Node) {
	if v := n.Scalar(); v != "1" {
		l.file.Errorf(n, "version %s is not known: this version reads 1", v)
	}
}

func (l *loader) repositories(n yamlfile.Node) {
	n.List(func(_ int, item yamlfile.Node) {
		var r Repository
		keys := map[string]func(yamlfile.Node){
			"id": func(n yamlfile.Node) { r.ID = l.id(n) },
			"name": func(n yamlfile.Node) {
				m := ownerName.FindStringSubmatch(n.Text())
				if m == nil {
					l.file.Errorf(n, "want a repository as OWNER/NAME")
					return
				}
				r.Owner, r.Name = m[1], m[2]
			},
		}
		l.later(keys, "desk")
		item.Object(keys)
		if item.IsObject() && (r.ID == 0 || r.Name == "") {
			l.file.Errorf(item, "a repository needs both its id and its name: {id: 123, name: OWNER/NAME}; `check --github` prints ids")
		}
		if slices.ContainsFunc(l.rules.Repositories, func(o Repository) bool { return o.ID == r.ID && r.ID != 0 }) {
			l.file.Errorf(item, "the repository %d stands here twice", r.ID)
		}
		l.rules.Repositories = append(l.rules.Repositories, r)
	})
	if n.IsList() && len(l.rules.Repositories) == 0 {
		l.file.Errorf(n, "no repository: the bot would serve none")
	}
}

// id reads a numeric id of GitHub's.
func (l *loader) id(n yamlfile.Node) int64 {
	id := n.Int()
	if n.Exists() && id <= 0 {
		l.file.Errorf(n, "want a numeric id above 0; `check --github` prints ids")
	}
	return max(id, 0)
}

func (l *loader) people(n yamlfile.Node) {
	group := func(role Role) func(yamlfile.Node) {
		return func(n yamlfile.Node) { l.rules.People[role] = l.group(n) }
	}
	n.Object(map[string]func(yamlfile.Node){
		"helpers": group(Helpers), "agents": group(Agents), "security": group(Security),
	})
}

func (l *loader) group(n yamlfile.Node) Group {
	var g Group
	var team Team
	n.Object(map[string]func(yamlfile.Node){
		"team": func(n yamlfile.Node) {
			org, slug, ok := strings.Cut(n.Text(), "/")
			if !ok || org == "" || slug == "" || strings.ContainsAny(slug, "/ ") {
				l.file.Errorf(n, "want a team as ORG/SLUG")
				return
			}
			team.Org, team.Slug = org, slug
		},
		"id":  func(n yamlfile.Node) { team.ID = l.id(n) },
		"org": func(n yamlfile.Node) { team.OrgID = l.id(n) },
		"users": func(n yamlfile.Node) {
			n.List(func(_ int, n yamlfile.Node) { g.Users = append(g.Users, l.id(n)) })
		},
	})
	if team == (Team{}) {
		return g
	}
	if team.Slug == "" || team.ID == 0 {
		l.file.Errorf(n, "a team needs its name and its id: {team: ORG/SLUG, id: 123}; a name alone can be taken by somebody else")
	}
	for _, other := range l.rules.People {
		if o := other.Team; o != nil && strings.EqualFold(o.String(), team.String()) && *o != team {
			l.file.Errorf(n, "the team %s stands here with other ids too: one of them is wrong", team)
		}
	}
	g.Team = &team
	return g
}

func (l *loader) may(n yamlfile.Node) {
	grant := func(a Ability) func(yamlfile.Node) {
		return func(n yamlfile.Node) {
			var roles []Role
			n.List(func(_ int, n yamlfile.Node) {
				roles = append(roles, Role(n.OneOf(string(Helpers), string(Agents), string(Security))))
			})
			l.rules.May[a] = roles
		}
	}
	keys := map[string]func(yamlfile.Node){
		string(MaySort): grant(MaySort), string(MayDeny): grant(MayDeny), string(MayComplete): grant(MayComplete),
	}
	l.later(keys, "attest", "approve", "hold", "resume")
	n.Object(keys)
}

func (l *loader) kinds(n yamlfile.Node) {
	var given []KindRule
	n.Entries(func(_ string, keyNode, v yamlfile.Node) {
		known := make([]string, 0, len(Kinds()))
		for _, k := range Kinds() {
			known = append(known, string(k))
		}
		rule := KindRule{Kind: Kind(keyNode.OneOf(known...))}
		keys := map[string]func(yamlfile.Node){
			"words": func(n yamlfile.Node) {
				n.List(func(_ int, n yamlfile.Node) {
					w := strings.TrimSpace(phrase(n.Scalar()))
					if w == "" {
						l.file.Errorf(n, "want a word or a phrase")
						return
					}
					rule.Words = append(rule.Words, w)
				})
			},
		}
		l.later(keys, "goes-to")
		v.Object(keys)
		given = append(given, rule)
	})
	l.rules.Kinds = mergeKinds(given, l.rules.Kinds)
}

// mergeKinds puts the policy's kinds first, in its order, and adds the words
// that the preset has for them.
func mergeKinds(given, preset []KindRule) []KindRule {
	for _, p := range preset {
		i := slices.IndexFunc(given, func(g KindRule) bool { return g.Kind == p.Kind })
		if i < 0 {
			given = append(given, p)
			continue
		}
		given[i].Words = append(given[i].Words, p.Words...)
	}
	return given
}

func (l *loader) labels(n yamlfile.Node) {
	keys := map[string]func(yamlfile.Node){}
	for _, s := range States() {
		if s == Closed || s == Ignored {
			continue // they have no label
		}
		keys[string(s)] = func(n yamlfile.Node) {
			label := l.rules.Labels[s]
			label.Name = l.labelName(n)
			l.rules.Labels[s] = label
		}
	}
	n.Object(keys)
}

// labelName reads the name of a label: GitHub allows 50 characters.
func (l *loader) labelName(n yamlfile.Node) string {
	name := strings.TrimSpace(n.Text())
	if n.Exists() && (name == "" || len([]rune(name)) > 50 || strings.Contains(name, ",")) {
		l.file.Errorf(n, "a label's name has 1 to 50 characters and no comma")
	}
	return name
}

func (l *loader) distinctLabels(root yamlfile.Node) {
	used := map[string]State{strings.ToLower(l.rules.Requests.Label): None}
	for _, s := range States() {
		name := strings.ToLower(l.rules.Labels[s].Name)
		if name == "" {
			continue
		}
		if other, ok := used[name]; ok && root.IsObject() {
			if other == None {
				l.file.Errorf(root, "the label %q is both the intake label and the label of %s", l.rules.Labels[s].Name, s)
			} else {
				l.file.Errorf(root, "the label %q stands for both %s and %s", l.rules.Labels[s].Name, other, s)
			}
		}
		used[name] = s
	}
}

func (l *loader) fit(t *parser.Template) *parser.Template { return l.rules.Fit(t) }

// Fit returns the form as the policy means it: of a confirmation that the
// policy names it says whether it is required, whatever the form says.
func (r *Rules) Fit(t *parser.Template) *parser.Template {
	fitted := *t
	fitted.Fields = slices.Clone(t.Fields)
	for i, q := range fitted.Fields {
		j := slices.IndexFunc(r.Requests.Boxes, func(b Box) bool { return b.Label == q.Label })
		if q.Type != parser.Checkboxes || j < 0 {
			continue
		}
		fitted.Fields[i].Required = r.Requests.Boxes[j].Required
		options := slices.Clone(q.Options)
		for k := range options {
			options[k].Required = r.Requests.Boxes[j].Required
		}
		fitted.Fields[i].Options = options
	}
	return &fitted
}
