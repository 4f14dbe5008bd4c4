package policy

import (
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

var (
	// pathName is how a path may be called: the name stands in texts.
	pathName = regexp.MustCompile(`\A[a-z0-9][a-z0-9-]{0,39}\z`)
	// redirectTarget is a page or a mail address.
	redirectTarget = regexp.MustCompile(redirectPattern)
)

const redirectPattern = `^(https://[^\s()<>"]+|mailto:[^\s()<>"@?&]+@[^\s()<>"@?&]+)$`

// ways are the keys about what leads to ready, or elsewhere.
func (l *loader) ways() []key {
	return []key{
		{
			name: "paths", origin: "the [built-in paths](#the-built-in-paths)", example: "{ordinary: {evidence: [[mailbox], [branch-attested]], wait: 7d}}",
			about: "The ways to `ready`: the evidence, the approvals and the time that each asks for. " +
				"From above, the first counts whose evidence is complete. Yours replace all built-in ones.",
			value: l.paths(),
		},
		{name: "protected", about: "Accounts that are worth more than others.", value: l.protectedAccounts()},
		{
			name: "redirect", example: "{appeal: 'mailto:appeal@registry.example'}",
			about: "Where `/redirect` points to, by its word. A word that is left out is answered without a place.",
			value: l.redirects(),
		},
	}
}

// paths are those of the policy, or else the built-in ones: never both.
func (l *loader) paths() value {
	var given, preset []Path
	v := value{
		says: "paths by names of your choice, in order",
		none: "no path: no request could ever be approved; leave the key out for the built-in paths",
		base: func(yamlfile.Node) []yamlfile.Node { return []yamlfile.Node{l.builtInPaths()} },
		done: func(n yamlfile.Node) {
			l.rules.Paths = preset
			if n.Exists() {
				l.rules.Paths = given
			}
			l.letApprove()
		},
	}
	v.entry = func(name string) value {
		p := &Path{Name: name}
		path := l.path(p)
		path.done = func(n yamlfile.Node) {
			l.from(p)
			if l.preset {
				preset = append(preset, p.whole())
				return
			}
			l.lawful(n, p)
			given = append(given, p.whole())
		}
		return path
	}
	return v
}

func (l *loader) builtInPaths() yamlfile.Node { return at(l.layers(plainPreset)[0].root, "paths") }

// from says whose approvals a path counts.
func (l *loader) from(p *Path) {
	p.From = slices.Clone(l.rules.May[MayApprove])
	if p.ByRole != nil {
		p.From = slices.Collect(maps.Keys(p.ByRole))
	}
	slices.Sort(p.From)
	p.From = slices.Compact(p.From)
}

// whole returns the path with all that it is never for.
func (p *Path) whole() Path {
	p.NotFor = append(p.NotFor, p.impliedNot()...)
	for _, traits := range []*[]Trait{&p.NotFor, &p.OnlyFor} {
		slices.Sort(*traits)
		*traits = slices.Compact(*traits)
	}
	return *p
}

// lawful refuses a path that the fixed rule forbids. What was no value has a
// problem already.
func (l *loader) lawful(n yamlfile.Node, p *Path) {
	if !pathName.MatchString(p.Name) {
		n.Errorf("the path's name %q is no word of small letters, digits and hyphens", p.Name)
	}
	if len(p.Evidence) == 0 || slices.ContainsFunc(p.Evidence, func(list []Class) bool { return len(list) == 0 }) ||
		p.Approvals == 0 || p.Wait == 0 {
		return
	}
	for _, f := range l.rules.weaknesses(p) {
		firstOf(at(n, f.key), n).Errorf("%s", f.why)
	}
	switch {
	case p.Approvals < 2:
		l.needDesk(n)
	case p.Veto != "":
		at(n, "veto").Errorf("a veto group is for a path with one approval: here %d people must approve", p.Approvals)
	}
}

// needDesk refuses one approval where a repository has no desk: the veto group
// hears of it there.
func (l *loader) needDesk(n yamlfile.Node) {
	for _, r := range l.rules.Repositories {
		if r.Desk == nil && r.Name != "" {
			at(n, "approvals").Errorf("one approval needs a desk in each repository, for others hear of it there: %s has none. "+
				"Add it, as in {name: %s, desk: {name: OWNER/PRIVATE-REPOSITORY}}, or ask for 2 approvals", r, r)
			return
		}
	}
}

// letApprove lets the roles use /approve whose approval a path asks for by
// name. For which paths it counts, Path.From says.
func (l *loader) letApprove() {
	may := l.rules.May[MayApprove]
	for _, p := range l.rules.Paths {
		for _, role := range p.From {
			if !slices.Contains(may, role) {
				may = append(may, role)
			}
		}
	}
	l.rules.May[MayApprove] = may
}

func (l *loader) path(p *Path) value {
	classes := slices.DeleteFunc(Classes(), func(c Class) bool { return c == NoProject })
	traits := []Trait{TraitNewAddress, TraitFlagged, TraitProtected, TraitStaffOwn, TraitNoProject}
	return value{keys: []key{
		{
			name: "evidence", required: true, example: "[[mailbox, linked, session], [branch-attested]]",
			about: "What must be attested: of each list one word.",
			value: evidenceValue(p, asWords(classes)),
		},
		{
			name: "not-for", example: "[new-address, flagged]",
			about: "Requests that this path is not for, whatever the evidence. " +
				"A path that waits less than 14d, or asks for nobody of security, is never for a new address, whether it says so or not.",
			value: traitsValue(&p.NotFor, asWords(traits)),
		},
		{
			name: "only-for", example: "[no-usable-project]",
			about: "The only requests that this path is for: those of which each of these words is true.",
			value: traitsValue(&p.OnlyFor, asWords(traits)),
		},
		{
			name: "approvals", def: "2", example: "{agents: 1, security: 1}",
			about: "How many different people must approve; or how many of which role: for this path those roles approve, whatever `may.approve` says. " +
				"A small team may write `1` where the evidence is the best.",
			value: approvalsValue(p),
		},
		{
			name: "veto", example: "security",
			about: "For one approval: the people who are told of it at the desk and may stop it. Left out: the path waits at least 7d.",
			value: roleValue(func(r Role) { p.Veto = r }),
		},
		{
			name: "wait", required: true, example: "7d",
			about: "The time between the notice to all known addresses and `ready`, in which the owner may object.",
			value: durationValue(func(d time.Duration) { p.Wait = d }),
		},
	}}
}

func asWords[T ~string](all []T) []string {
	words := make([]string, 0, len(all))
	for _, w := range all {
		words = append(words, string(w))
	}
	return words
}

func evidenceValue(p *Path, words []string) value {
	v := value{says: "list of lists of words", none: "no evidence: the path would be open to everybody"}
	v.begin = func() { p.Evidence = nil }
	v.item = func() value {
		var list []Class
		inner := listOf(wordValue(words, func(w string) { list = append(list, Class(w)) }))
		inner.none = "a list without a word: nothing could complete it"
		inner.done = func(yamlfile.Node) { p.Evidence = append(p.Evidence, list) }
		return inner
	}
	return v
}

func traitsValue(into *[]Trait, words []string) value {
	v := listOf(wordValue(words, func(w string) { *into = append(*into, Trait(w)) }))
	v.begin = func() { *into = nil }
	return v
}

// approvalsValue is a number, or a number for each role.
func approvalsValue(p *Path) value {
	number := map[string]any{"type": "integer", "minimum": 1, "maximum": maxApprovals}
	roles := []string{string(Helpers), string(Agents), string(Security)}
	byRole := map[string]any{}
	for _, role := range roles {
		byRole[role] = number
	}
	count := func(n yamlfile.Node) int {
		people := n.Int()
		if n.IsNumber() && (people < 1 || people > maxApprovals) {
			n.Errorf("want a number of people, 1 to %d", maxApprovals)
			return 0
		}
		return int(people)
	}
	return value{
		says: "number of people, or numbers by role",
		schema: map[string]any{"anyOf": []any{
			number, map[string]any{"type": "object", "properties": byRole, "additionalProperties": false, "minProperties": 1},
		}},
		read: func(n yamlfile.Node) {
			p.Approvals, p.ByRole = 0, nil
			if !n.IsObject() {
				p.Approvals = count(n)
				return
			}
			n.Entries(func(name string, keyNode, v yamlfile.Node) {
				if role := keyNode.OneOf(roles...); role != "" {
					if p.ByRole == nil {
						p.ByRole = map[Role]int{}
					}
					p.ByRole[Role(name)] = count(v)
					p.Approvals += p.ByRole[Role(name)]
				}
			})
			if p.ByRole == nil {
				n.Errorf("nobody approves: want numbers by role, as in {agents: 1, security: 1}")
			}
		},
	}
}

// maxApprovals is more people than any team asks for one account.
const maxApprovals = 9

func (l *loader) protectedAccounts() value {
	accounts := listOf(textual("account name", `^[A-Za-z0-9][A-Za-z0-9._-]*$`, func(n yamlfile.Node) {
		name := n.Text()
		if n.IsText() && !accountShape.MatchString(name) {
			n.Errorf("want the name of an account, without quotes, spaces or an @")
			return
		}
		l.rules.Protected = append(l.rules.Protected, name)
	}))
	accounts.begin = func() { l.rules.Protected = nil }
	accounts.done = func(yamlfile.Node) {
		slices.Sort(l.rules.Protected)
		l.rules.Protected = slices.Compact(l.rules.Protected)
	}
	return value{
		keys: []key{{
			name: "accounts", def: "[]", example: "[octo-admin, octo-bot]",
			about: "Accounts, at any registry, for which one approval is never enough, nor the built-in path `proven`. They are compared as the registry compares names.",
			value: accounts,
		}},
		later: []string{"top-projects"},
	}
}

func (l *loader) redirects() value {
	return value{
		says:  "links or mail addresses by the word of `/redirect`",
		names: redirectWords(),
		begin: func() { l.rules.Redirects = nil },
		entry: func(word string) value {
			return textual("link, or mailto: with an address", redirectPattern, func(n yamlfile.Node) {
				if !redirectTarget.MatchString(n.Text()) {
					n.Errorf("want a link that begins with https://, or a mail address as mailto:NAME@HOST")
					return
				}
				if l.rules.Redirects == nil {
					l.rules.Redirects = map[string]string{}
				}
				l.rules.Redirects[word] = n.Text()
			})
		},
	}
}
