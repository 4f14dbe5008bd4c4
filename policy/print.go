package policy

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// The longest comment above a key, and the longest list on one line, in
// characters.
const (
	shortAbout = 100
	shortList  = 100
)

// Filled returns a policy with every default filled in, as a policy: read back,
// it gives the same rules. What the policy does not say itself is marked with a
// comment. The source is one that ParseRules takes.
func Filled(src []byte) string {
	root := yamlfile.Read(src).Root()
	p := &printer{told: map[string]bool{}}
	p.object(newLoader(root, nil).policy(), filling{given: root})
	return strings.Join(p.lines, "\n") + "\n"
}

// The marks of what the policy does not say itself.
const (
	defaultMark = "  # default"
	presetMark  = "  # default (preset)"
)

// filling is what stands behind a key: what the policy says, what the presets
// say, the lowest first, and what the table says.
type filling struct {
	given  yamlfile.Node
	preset []yamlfile.Node
	table  yamlfile.Node
}

// at goes one name down.
func (f filling) at(name string) filling {
	inner := filling{given: at(f.given, name)}
	for _, layer := range f.preset {
		inner.preset = append(inner.preset, at(layer, name))
	}
	return inner.there()
}

// there drops the presets that say nothing.
func (f filling) there() filling {
	f.preset = slices.DeleteFunc(slices.Clone(f.preset), func(n yamlfile.Node) bool { return !n.Exists() })
	return f
}

// taken returns what counts, and the mark of where it comes from.
func (f filling) taken() (n yamlfile.Node, mark string) {
	switch {
	case f.given.Exists():
		return f.given, ""
	case len(f.preset) > 0:
		return f.preset[len(f.preset)-1], presetMark
	}
	return f.table, defaultMark
}

// printer writes YAML, line by line.
type printer struct {
	lines  []string
	indent string
	told   map[string]bool // comments that were written: each stands once
}

func (p *printer) line(text string) { p.lines = append(p.lines, p.indent+text) }

// inside runs f one step further in, and returns the lines that it writes.
func (p *printer) inside(f func(*printer)) []string {
	inner := &printer{indent: p.indent + "  ", told: p.told}
	f(inner)
	return inner.lines
}

func (p *printer) object(v value, f filling) {
	for _, k := range v.keys {
		if p.indent == "" && len(p.lines) > 0 {
			p.lines = append(p.lines, "")
		}
		p.tell(k.about)
		inner := f.at(k.name)
		if k.def != "" {
			inner.table = k.defaults()
		}
		p.named(k.name, k.value, inner)
	}
}

// tell writes what a key means, or the first sentence of it, if it is short.
func (p *printer) tell(about string) {
	if utf8.RuneCountInString(about) > shortAbout {
		first, _, _ := strings.Cut(about, ". ")
		about = strings.TrimSuffix(first, ".") + "."
	}
	if !p.told[about] && utf8.RuneCountInString(about) <= shortAbout {
		p.told[about] = true
		p.line("# " + about)
	}
}

// named writes a key with its value. One that has none is a comment.
func (p *printer) named(name string, v value, f filling) {
	if v.base != nil {
		f.preset = v.base(f.given)
		f = f.there()
	}
	n, mark := f.taken()
	switch {
	case v.keys != nil:
		p.block(name, f, p.inside(func(in *printer) { in.object(v, f) }))
	case v.entry != nil:
		p.block(name, f, p.inside(func(in *printer) { in.entries(v, f) }))
	case !n.Exists():
		p.line("# " + name + ": not set")
	case v.item != nil:
		p.list(name, v, f)
	default:
		p.line(name + ": " + flow(n) + mark)
	}
}

// block writes an object. An object that is empty on purpose stays so.
func (p *printer) block(name string, f filling, lines []string) {
	comment := func(line string) bool { return strings.HasPrefix(strings.TrimSpace(line), "#") }
	switch {
	case slices.ContainsFunc(lines, func(line string) bool { return !comment(line) }):
		p.line(name + ":")
		p.lines = append(p.lines, lines...)
	case f.given.Exists():
		p.line(name + ": {}")
	default:
		p.line("# " + name + ": not set")
	}
}

// entries writes what the policy names, and then what the presets name, if it
// is added. What is not added is taken whole, from one of them.
func (p *printer) entries(v value, f filling) {
	all := []yamlfile.Node{f.given}
	if v.adds {
		all = append(all, f.preset...)
	} else {
		taken, _ := f.taken()
		all = []yamlfile.Node{taken}
		if f.given.Exists() {
			f.preset = nil
		}
	}
	seen := map[string]bool{}
	for _, names := range all {
		names.Entries(func(name string, _, _ yamlfile.Node) {
			if !seen[name] {
				seen[name] = true
				p.named(quote(name), v.entry(name), f.at(name))
			}
		})
	}
}

func (p *printer) list(name string, v value, f filling) {
	n, mark := f.taken()
	items := flows(n)
	var added []string
	if v.adds {
		items, added = f.added()
	}
	all := strings.Join(slices.Concat(items, added), ", ")
	both := len(items) > 0 && len(added) > 0
	if len(items) == 0 && len(added) > 0 {
		mark = presetMark
	}
	if !both && utf8.RuneCountInString(all) <= shortList && !strings.HasPrefix(all, "{") {
		p.line(name + ": [" + all + "]" + mark)
		return
	}
	p.line(name + ":")
	for _, item := range items {
		p.line("  - " + item + mark)
	}
	for _, item := range added {
		p.line("  - " + item + presetMark)
	}
}

// added returns the items of the policy, and those that presets add to them.
func (f filling) added() (given, added []string) {
	given = flows(f.given)
	for _, layer := range f.preset {
		for _, item := range flows(layer) {
			if !slices.Contains(given, item) && !slices.Contains(added, item) {
				added = append(added, item)
			}
		}
	}
	return given, added
}

func flows(list yamlfile.Node) []string {
	var items []string
	list.List(func(_ int, n yamlfile.Node) { items = append(items, flow(n)) })
	return items
}

// flow returns a value as YAML on one line.
func flow(n yamlfile.Node) string {
	switch {
	case n.IsList():
		return "[" + strings.Join(flows(n), ", ") + "]"
	case n.IsObject():
		var parts []string
		n.Entries(func(name string, _, v yamlfile.Node) { parts = append(parts, quote(name)+": "+flow(v)) })
		return "{" + strings.Join(parts, ", ") + "}"
	case n.IsText():
		return quote(n.Scalar())
	}
	return n.Scalar()
}
