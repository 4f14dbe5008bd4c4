package policy

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// readRegistry finds out which registry the account is on: what /registry said
// last, while the form's answer for the account is the same; else the site of
// a profile page in that answer; else the only registry that the title and the
// reason name (named is its place); else the default.
func (r *Rules) readRegistry(q Request, rd *reading, named int) {
	rd.registry = r.registry("")
	if len(r.Registries) < 2 {
		return
	}
	if said := q.Memory.SaidRegistry; said != nil && said.Against == shortDigest(rd.answer) {
		if at := r.registryNamed(said.Name); at >= 0 {
			rd.registry, rd.registrySaid = r.Registries[at], true
			return
		}
	}
	if at := r.site(rd.answer); at >= 0 {
		rd.registry = r.Registries[at]
	} else if named >= 0 {
		rd.registry = r.Registries[named]
	}
}

// site returns the place of the registry whose site, or else whose profile
// pages alone, an answer points to; -1 where it points to none.
func (r *Rules) site(answer string) int {
	if len(r.Registries) < 2 || !strings.Contains(answer, "/") {
		return noRegistry
	}
	answer = strings.ToLower(answer)
	if at := r.pointed(answer, func(reg Registry) []string { return []string{reg.URL + "/"} }); at >= 0 {
		return at
	}
	return r.pointed(answer, func(reg Registry) []string { return reg.Names.ProfileURLs })
}

// pointed returns the place of the only registry that has an address in answer.
func (r *Rules) pointed(answer string, addresses func(Registry) []string) int {
	at := noRegistry
	for i, reg := range r.Registries {
		has := slices.ContainsFunc(addresses(reg), func(url string) bool { return hasAddress(answer, url) })
		switch {
		case has && at != noRegistry:
			return severalRegistries
		case has:
			at = i
		}
	}
	return at
}

// hasAddress reports whether text, in lower case, has the address, with or
// without its scheme and "www.". "pypi.org/" is not in "test.pypi.org/".
func hasAddress(text, url string) bool {
	_, url, _ = strings.Cut(strings.ToLower(url), "://")
	url = strings.TrimPrefix(url, "www.")
	text = strings.ReplaceAll(text, "www.", "")
	for at := 0; url != ""; at += len(url) {
		i := strings.Index(text[at:], url)
		if i < 0 {
			return false
		}
		at += i
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		if at == 0 || !strings.ContainsRune(".-_@", before) && phrase(string(before)) == "" {
			return true
		}
	}
	return false
}

// registryNamed returns the place of the registry with this key or name, -1
// if there is none. Upper and lower case are the same.
func (r *Rules) registryNamed(name string) int {
	return slices.IndexFunc(r.Registries, func(reg Registry) bool {
		return strings.EqualFold(reg.Key, name) || strings.EqualFold(reg.Name, name)
	})
}

// registryKeys returns the words that /registry takes, in the policy's order;
// none where there is only one registry, and nothing to choose.
func (r *Rules) registryKeys() []string {
	if len(r.Registries) < 2 {
		return nil
	}
	keys := make([]string, 0, len(r.Registries))
	for _, reg := range r.Registries {
		keys = append(keys, reg.Key)
	}
	return keys
}

// runRegistry corrects the registry. What is known of the account stays: it is
// a name by the new registry's rules, or a problem.
func (m *move) runRegistry() {
	at := m.rules.registryNamed(strings.Join(m.ev.Command.Args, " "))
	if at < 0 && len(m.rules.Registries) < 2 {
		m.refuse(RefusedState, "registry") // no name would do: there is nothing to choose
		return
	}
	if at < 0 {
		m.refuse(RefusedUsage, "registry")
		return
	}
	if m.leftOut() {
		return
	}
	key := m.rules.Registries[at].Key
	m.accept(key)
	m.sayRegistry(key)
	m.read = m.rules.reading(m.q)
	if m.byAuthor() && m.next.Turn == Requester {
		m.answered()
	}
}

// sayRegistry keeps what was said against the form's answer of now.
func (m *move) sayRegistry(key string) {
	said := &Said{Name: key, Against: shortDigest(m.read.answer)}
	m.next.SaidRegistry, m.q.Memory.SaidRegistry = said, said
}
