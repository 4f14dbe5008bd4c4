package policy

import (
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// ofPreset is the origin of what a preset may give.
const ofPreset = "that of the preset"

func (l *loader) registries() value {
	return value{
		says: "registries by a short name of your choice",
		none: "no registry: name one, for instance {pypi: {preset: pypi}}",
		entry: func(name string) value {
			reg := &Registry{Key: name}
			v := l.registry(reg)
			v.base = func(n yamlfile.Node) []yamlfile.Node {
				var all []yamlfile.Node
				for _, layer := range l.layers(presetOf(n)) {
					all = append(all, at(at(layer.root, "registries"), layer.preset))
				}
				return all
			}
			v.done = func(n yamlfile.Node) { l.addRegistry(n, reg) }
			return v
		},
	}
}

// addRegistry completes a registry by what the policy left out: two of one
// preset are told apart, and pages without a site are those of the registry's own,
// as test.pypi.org has the pages of pypi.org.
func (l *loader) addRegistry(n yamlfile.Node, reg *Registry) {
	all := &l.rules.Registries
	if !accountShape.MatchString(reg.Key) {
		n.Errorf("the registry's key %q is no word of letters and digits: people write it, as in /registry pypi", reg.Key)
	}
	if slices.ContainsFunc(*all, func(r Registry) bool { return r.Name == reg.Name }) {
		reg.Name = reg.Key
	}
	for _, page := range []*string{&reg.Links.SignIn, &reg.Links.Codes, &reg.Links.Password, &reg.Links.Help} {
		if !strings.HasPrefix(*page, "/") {
			continue
		}
		if reg.URL == "" {
			at(n, "links").Errorf("the registry has no url, which the page %s belongs to", *page)
		}
		*page = reg.URL + *page
	}
	*all = append(*all, *reg)
}

func (l *loader) registry(reg *Registry) value {
	return value{
		keys: []key{
			{
				name: "preset", def: plainPreset, example: "pypi",
				about: "What is built in for a registry of this sort: rules for names, links, words.",
				value: wordValue(Presets(), func(name string) { reg.Preset = name }),
			},
			{name: "name", origin: ofPreset, example: "PyPI", about: "The registry's name, as people call it. It stands in texts.", value: textValue(&reg.Name)},
			{
				name: "url", origin: ofPreset, example: "https://pypi.org", about: "The address of its site.",
				value: linkValue(func(url string) { reg.URL = strings.TrimSuffix(url, "/") }),
			},
			{
				name: "mail", origin: ofPreset, example: "support@pypi.org",
				about: "The mail address of its support, for texts. Left out, and not in the preset: no text names one.",
				value: textValue(&reg.Mail),
			},
			{
				name: "words", origin: ofPreset, example: "[testpypi, test pypi]",
				about: "Words by which people mean this registry and not the first one.",
				value: phrasesValue(&reg.Words),
			},
			{
				name: "offers", origin: ofPreset, example: "[2fa, recovery-codes]",
				about: "What accounts there have. Advice about anything else is not given.",
				value: offersValue(&reg.Offers),
			},
			{name: "links", about: "Pages that texts point to.", value: linksValue(&reg.Links)},
			{name: "names", about: "The registry's rules for account names.", value: namesValue(reg)},
			{
				name: "proof", def: "registry", example: "registry",
				about: "Who sends the name of the branch that shows control of a project. `registry`: the registry itself, by mail. " +
					"`bot` is a later version's, and refused.",
				value: proofValue(),
			},
		},
	}
}

func proofValue() value {
	v := wordValue([]string{"registry"}, func(string) {})
	read := v.read
	v.read = func(n yamlfile.Node) {
		if n.IsText() && n.Scalar() == "bot" {
			n.Errorf("%q %s: no branch names are made yet", "bot", unsupported)
			return
		}
		read(n)
	}
	return v
}

func phrasesValue(into *[]string) value {
	v := listOf(phraseValue(func(w string) { *into = append(*into, w) }))
	v.begin = func() { *into = nil }
	return v
}

func offersValue(into *[]string) value {
	v := listOf(wordValue(Offers(), func(o string) { *into = append(*into, o) }))
	v.begin = func() { *into = nil }
	return v
}

func linksValue(links *Links) value {
	link := func(into *string) value { return pageValue(func(url string) { *into = url }) }
	return value{keys: []key{
		{name: "sign-in", origin: ofPreset, example: "/account/login/", about: "The page to log in.", value: link(&links.SignIn)},
		{
			name: "codes", origin: ofPreset, example: "https://pypi.org/help/#recoverycodes",
			about: "The page to log in with a recovery code, or its help.", value: link(&links.Codes),
		},
		{
			name: "password", origin: ofPreset, example: "https://pypi.org/account/request-password-reset/",
			about: "The page that mails a link for a new password.", value: link(&links.Password),
		},
		{name: "help", origin: ofPreset, example: "https://pypi.org/help/", about: "The help about accounts.", value: link(&links.Help)},
	}}
}

func namesValue(reg *Registry) value {
	rules := &reg.Names
	profiles := listOf(linkValue(func(url string) { rules.ProfileURLs = append(rules.ProfileURLs, url) }))
	profiles.begin = func() { rules.ProfileURLs = nil }
	return value{keys: []key{
		{
			name: "max-length", origin: ofPreset, example: "50", about: "The most characters of a name. 0: no limit.",
			value: value{
				says: "whole number", schema: map[string]any{"type": "integer"},
				read: func(n yamlfile.Node) { rules.MaxLength = int(n.Int()) },
			},
		},
		{
			name: "pattern", origin: ofPreset, example: "'[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?'",
			about: "What a name looks like.", value: patternValue(&rules.Pattern),
		},
		{
			name: "profiles", origin: ofPreset, example: "['https://pypi.org/user/']",
			about: "What stands before the name in the address of a profile page. It is taken off a name that somebody gives so.",
			value: profiles,
		},
	}}
}
