package policy

import (
	"slices"
	"strconv"
	"strings"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// key is one entry of the table of all keys of a policy. The table is the only
// source of what the loader accepts, of the defaults, of docs/policy.md, of
// docs/recovery.schema.json and of what `check --print` prints. A new key is a
// new entry; go test ./policy -update writes the documents.
type key struct {
	name     string
	about    string // what it means, its unit, and what leaving it out means
	value    value
	def      string // the value if it is left out, as YAML; "" for none
	origin   string // in words, where def cannot say it: "that of the preset"
	example  string // as YAML
	required bool
	missing  string   // said if it is required and missing; "" for the usual words
	needs    []string // keys that must stand beside it
}

// value is what may stand behind a key: keys again, names of the operator's
// choice (entry), a list (item), or one value (read).
type value struct {
	says   string         // what it is, for people
	schema map[string]any // what a JSON Schema can say of one value
	read   func(yamlfile.Node)

	keys   []key
	later  []string          // keys of later versions: refused by name
	gone   map[string]string // keys of earlier versions: what to do instead
	lacks  string            // said once if keys are missing; "" for a line for each
	either []string          // exactly one of these keys must be there

	item  func() value
	none  string // said if a list or a map is empty; "" if it may be
	begin func() // before the items of a list or map that is there

	entry func(name string) value
	names []string // the names that are allowed; nil for any

	adds bool                                // it is added to what the preset says, and does not replace it
	base func(yamlfile.Node) []yamlfile.Node // what presets say of it, the lowest first
	done func(yamlfile.Node)                 // after all parts, to check them together
}

// unsupported are the keys of later versions. They are refused by name, so
// that nobody believes in a gate that is not there.
const unsupported = "is not supported by this version: take it out"

// value reads a value: first what the preset says, then the file over it. The
// zero Node stands for what was left out.
func (l *loader) value(v value, n yamlfile.Node) {
	if v.base != nil {
		for _, layer := range v.base(n) {
			l.under(v, layer)
		}
	}
	switch {
	case v.read != nil:
		v.read(n)
	case v.item != nil:
		l.list(v, n)
	case v.entry != nil:
		l.entries(v, n)
	default:
		l.object(v, n)
	}
	if v.done != nil {
		v.done(n)
	}
}

// under reads what a preset says: only what stands there.
func (l *loader) under(v value, n yamlfile.Node) {
	was := l.preset
	l.preset = true
	v.base, v.done = nil, nil
	l.value(v, n)
	l.preset = was
}

func (l *loader) object(v value, n yamlfile.Node) {
	given := l.given(v, n)
	l.complete(v, n, given)
	for _, k := range v.keys {
		node, ok := given[k.name]
		switch {
		case ok:
			l.value(k.value, node)
		case l.preset:
		case k.def != "":
			l.value(k.value, k.defaults())
		case k.value.keys != nil || k.value.base != nil:
			l.value(k.value, yamlfile.Node{})
		}
	}
}

// defaults returns the value that is taken if the key is left out.
func (k key) defaults() yamlfile.Node { return yamlfile.Read([]byte(k.def)).Root() }

// given returns the values of an object by key, and refuses unknown keys.
func (l *loader) given(v value, n yamlfile.Node) map[string]yamlfile.Node {
	given := map[string]yamlfile.Node{}
	n.Entries(func(name string, keyNode, node yamlfile.Node) {
		switch {
		case slices.ContainsFunc(v.keys, func(k key) bool { return k.name == name }):
			given[name] = node
		case v.gone[name] != "":
			keyNode.Errorf("%s", v.gone[name])
		case slices.Contains(v.later, name):
			keyNode.Errorf("%q %s", name, unsupported)
		default:
			allowed := v.keyNames()
			near := yamlfile.Closest(name, allowed)
			if near != "" {
				near = "did you mean " + strconv.Quote(near) + "? "
			}
			keyNode.Errorf("unknown key %q: %sallowed: %s", name, near, strings.Join(allowed, ", "))
		}
	})
	return given
}

func (v value) keyNames() []string {
	names := make([]string, 0, len(v.keys))
	for _, k := range v.keys {
		names = append(names, k.name)
	}
	slices.Sort(names)
	return names
}

// complete reports keys that are missing.
func (l *loader) complete(v value, n yamlfile.Node, given map[string]yamlfile.Node) {
	if l.preset || !n.IsObject() {
		return
	}
	var missing []string
	has := func(name string) bool { _, ok := given[name]; return ok }
	for _, k := range v.keys {
		if k.required && !has(k.name) {
			text := k.missing
			if text == "" {
				text = "the key " + strconv.Quote(k.name) + " is missing"
			}
			missing = append(missing, text)
		}
		if has(k.name) && slices.ContainsFunc(k.needs, func(other string) bool { return !has(other) }) {
			missing = append(missing, v.lacks)
		}
	}
	count := len(slices.DeleteFunc(slices.Clone(v.either), func(name string) bool { return !has(name) }))
	if v.either != nil && count != 1 {
		missing = append(missing, v.lacks)
	}
	if len(missing) > 0 && v.lacks != "" {
		missing = []string{v.lacks}
	}
	for _, text := range missing {
		n.Errorf("%s", text)
	}
}

func (l *loader) list(v value, n yamlfile.Node) {
	if v.begin != nil {
		v.begin()
	}
	some := false
	n.List(func(_ int, item yamlfile.Node) {
		some = true
		l.value(v.item(), item)
	})
	if n.IsList() && !some && v.none != "" {
		n.Errorf("%s", v.none)
	}
}

func (l *loader) entries(v value, n yamlfile.Node) {
	if v.begin != nil {
		v.begin()
	}
	some := false
	n.Entries(func(name string, keyNode, item yamlfile.Node) {
		some = true
		if v.names != nil {
			keyNode.OneOf(v.names...)
		}
		l.value(v.entry(name), item)
	})
	if n.IsObject() && !some && v.none != "" {
		n.Errorf("%s", v.none)
	}
}
