package policy

import (
	"io/fs"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// loader reads one policy file into rules.
type loader struct {
	files   fs.FS
	rules   *Rules
	first   string // the first registry's preset: it says what requests look like
	preset  bool   // a preset is being read: nothing in it is missing
	presets map[string][]layer
	texts   yamlfile.Node   // the folder of the operator's own
	codes   []yamlfile.Node // of the languages
	desks   []desk          // of the repositories
	errs    Errors          // of other files
}

// policy is the table: every key of a policy, in the order of docs/policy.md.
// Its functions write into the loader's rules.
func (l *loader) policy() value {
	return value{
		keys: slices.Concat([]key{
			{
				name: "version", required: true, example: "1",
				about: "The version of the policy language. This program reads version 1.",
				value: versionValue(),
			},
			{
				name: "repositories", required: true, example: "[{id: 700001, name: octo-registry/support}]",
				about: "The repositories that the bot serves. What comes from any other is dropped.",
				value: l.repositories(),
			},
			{
				name: "languages", def: "[en]", example: "[en, es]",
				about: "The languages of the public texts. The first is the default; a requester changes it with `/language`.",
				value: l.languages(),
			},
			{
				name: "texts", example: "texts/",
				about: "A folder beside the policy with texts of your own: only the files that differ from the built-in ones. Left out: the built-in texts.",
				value: textual("folder", "", func(n yamlfile.Node) { l.texts = n }),
			},
			{name: "people", required: true, about: "Who is staff. A person may have several roles. A role that is left out has nobody.", value: l.people()},
			{name: "may", about: "Which roles may use which commands.", value: l.may()},
			{
				name: "registries", required: true, example: "{pypi: {preset: pypi, mail: support@pypi.org}}",
				about: "The package registries whose accounts people ask for, by a short name of your choice. The first is the default.",
				value: l.registries(),
			},
			{name: "requests", required: true, about: "What a request looks like: its label and its issue form.", value: l.requests()},
			{
				name: "kinds", origin: "that of the first registry's preset", example: "{compromised: {words: [somebody else is using my account]}}",
				about: "What requests are about, found by words. The first kind that fits leads; yours come before the others.",
				value: l.kinds(),
			},
			{
				name: "negations", origin: "that of the first registry's preset", example: "{words: [by no means]}",
				about: "Words by which a text denies what it names. Yours are added to the preset's.",
				value: l.negations(),
			},
		}, l.others(), l.ways(), []key{
			{name: "labels", about: "The names of the labels that the bot sets, one for each state.", value: l.labels()},
			{name: "clocks", about: "The times that the bot keeps.", value: l.clocks()},
			{name: "calendar", about: "Which days are workdays, and in which time zone.", value: l.calendar()},
			{name: "leaks", about: "What secrets and personal data in a text bring about.", value: l.leaks()},
			{name: "start", about: "Which issues are the bot's.", value: l.start()},
			{name: "retention", about: "How long the bot keeps what it knows of people.", value: l.retention()},
		}),
		gone: map[string]string{"gate": l.noGate()},
		done: func(root yamlfile.Node) {
			l.distinctLabels(root)
			l.notAlone(root)
		},
	}
}

// noGate says what became of `gate: none`.
func (l *loader) noGate() string {
	var names []string
	each(l.builtInPaths(), func(name string, _ yamlfile.Node) { names = append(names, name) })
	return `"gate" is no key any more: take this line out. Without it the built-in paths hold, and ` + "`/complete`" +
		" waits for their evidence, approvals and time: " + strings.Join(names, ", ") +
		`. They are described in docs/policy.md#paths; the key "paths" replaces them`
}

// notAlone refuses a policy by which nobody, or one person alone, could bring
// a request to its end.
func (l *loader) notAlone(root yamlfile.Node) {
	people := at(root, "people")
	if !people.IsObject() {
		return
	}
	for _, why := range l.rules.authority(nil) {
		people.Errorf("%s", why)
	}
}

func versionValue() value {
	return value{
		says: "1", schema: map[string]any{"enum": []any{1, "1"}},
		read: func(n yamlfile.Node) {
			if v := n.Scalar(); v != "1" {
				n.Errorf("version %s is not known: this version reads 1", v)
			}
		},
	}
}

// presetName looks ahead for the first registry's preset.
func presetName(root yamlfile.Node) string {
	name := ""
	at(root, "registries").Entries(func(_ string, _, registry yamlfile.Node) {
		if name == "" {
			name = presetOf(registry)
		}
	})
	if name == "" {
		return plainPreset
	}
	return name
}

// presetOf returns the preset that a registry takes.
func presetOf(registry yamlfile.Node) string {
	named := at(registry, "preset")
	for _, known := range Presets() {
		if named.Exists() && !named.IsObject() && !named.IsList() && named.Scalar() == known {
			return known
		}
	}
	return plainPreset
}

// at returns the value of a key; the zero Node if there is none.
func at(n yamlfile.Node, key string) yamlfile.Node {
	var found yamlfile.Node
	if n.IsObject() {
		n.Entries(func(name string, _, v yamlfile.Node) {
			if name == key {
				found = v
			}
		})
	}
	return found
}

// layer is the piece of a policy that one preset is.
type layer struct {
	preset string
	root   yamlfile.Node
}

// layers returns the presets that one builds on, the lowest first, and itself.
func (l *loader) layers(preset string) []layer {
	if all, ok := l.presets[preset]; ok {
		return all
	}
	src, _ := presets.ReadFile("presets/" + preset + ".yml") // each name of Presets is embedded, as a test tells
	root := yamlfile.Read(src).Root()
	var all []layer
	if preset != plainPreset {
		all = slices.Clone(l.layers(presetOf(at(at(root, "registries"), preset))))
	}
	all = append(all, layer{preset: preset, root: root})
	l.presets[preset] = all
	return all
}

// ofFirst is the base of a key that the first registry's preset may give.
func (l *loader) ofFirst(section string) func(yamlfile.Node) []yamlfile.Node {
	return func(yamlfile.Node) []yamlfile.Node {
		var all []yamlfile.Node
		for _, layer := range l.layers(l.first) {
			all = append(all, at(layer.root, section))
		}
		return all
	}
}
