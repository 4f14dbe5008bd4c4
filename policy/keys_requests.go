package policy

import (
	"cmp"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// ofFirstPreset is the origin of what the first registry's preset may give.
const ofFirstPreset = "that of the first registry's preset"

// addedTo is the origin of what is added to the preset's.
const addedTo = "the preset's; yours are added to them"

func (l *loader) requests() value {
	q := &l.rules.Requests
	return value{
		base: l.ofFirst("requests"),
		keys: []key{
			{
				name: "label", origin: ofFirstPreset, example: "account-recovery",
				about: "The intake label: an issue that has it is a request. People and the form set it, the bot never does.",
				value: labelValue(&q.Label),
			},
			{
				name: "account", origin: ofFirstPreset, example: "PyPI Username",
				about: "The label of the form's question for the account name.", value: filledValue(&q.Account),
			},
			{
				name: "reason", origin: ofFirstPreset, example: "Reason for request",
				about: "The label of the form's question for the reason. Its answer says of which kind the request is.", value: textValue(&q.Reason),
			},
			{
				name: "confirmations", origin: ofFirstPreset, example: "{Code of Conduct: required, Recovery Codes: hint}",
				about: "The form's boxes, by the label of their question. `required`: it must be ticked. `hint`: an unticked box is an answer, and no obstacle.",
				value: confirmationsValue(q),
			},
			{
				name: "forms", required: true, missing: noForm, example: "[{file: ISSUE_TEMPLATE/account-recovery.yml, from: 2024-07-09}]",
				about: "The issue form, and what it was before. A request is read with the form that was in force when it was filed.",
				value: l.forms(),
			},
		},
	}
}

func confirmationsValue(q *Requests) value {
	return value{
		says:  "`required` or `hint`, by the label of the form's question",
		begin: func() { q.Boxes = nil },
		entry: func(label string) value {
			return wordValue([]string{"required", "hint"}, func(word string) {
				q.Boxes = append(q.Boxes, Box{Label: label, Required: word == "required"})
			})
		},
	}
}

func (l *loader) kinds() value {
	known := make([]string, 0, len(Kinds()))
	for _, k := range Kinds() {
		known = append(known, string(k))
	}
	var given, preset []KindRule
	return value{
		says:  "rules by the name of the kind",
		names: known, adds: true,
		base: l.ofFirst("kinds"),
		entry: func(name string) value {
			rule := KindRule{Kind: Kind(name)}
			v := kindValue(&rule)
			v.done = func(yamlfile.Node) {
				if l.preset {
					preset = addWords(preset, rule)
				} else {
					given = append(given, rule)
				}
			}
			return v
		},
		done: func(yamlfile.Node) { l.rules.Kinds = mergeKinds(given, preset) },
	}
}

func kindValue(rule *KindRule) value {
	words := phrasesValue(&rule.Words)
	words.adds = true
	return value{keys: []key{
		{
			name: "words", origin: addedTo, example: "[hacked, stolen account]",
			about: "Words and phrases by which a requester means this kind. Case and punctuation do not matter.",
			value: words,
		},
		{
			name: "goes-to", origin: ofPreset, example: "security",
			about: "The people who are told of such a request at once. Left out: nobody in particular.",
			value: roleValue(func(r Role) { rule.GoesTo = r }),
		},
	}}
}

func (l *loader) negations() value {
	to := &l.rules.Negations
	more := func(into *[]string) value {
		v := listOf(phraseValue(func(w string) { *into = append(*into, w) }))
		v.adds = true
		return v
	}
	return value{
		adds: true,
		base: l.ofFirst("negations"),
		done: func(yamlfile.Node) {
			for _, words := range []*[]string{&to.Words, &to.Abilities, &to.Ends} {
				slices.Sort(*words)
				*words = slices.Compact(*words)
			}
		},
		keys: []key{
			{
				name: "words", origin: addedTo, example: "[by no means]", value: more(&to.Words),
				about: "A kind's or a registry's words do not count where one of these stands before them in the same clause: `my account was not hacked`.",
			},
			{
				name: "abilities", origin: addedTo, example: "[remember, access]", value: more(&to.Abilities),
				about: "Words between the two that take the denial back: who does not *remember* the password has lost it.",
			},
			{
				name: "ends", origin: addedTo, example: "[but, because]", value: more(&to.Ends),
				about: "Words at which a clause ends, as at a comma.",
			},
		},
	}
}

// mergeKinds puts the policy's kinds first, in its order, and adds what the
// preset has for them.
func mergeKinds(given, preset []KindRule) []KindRule {
	for _, p := range preset {
		i := slices.IndexFunc(given, func(g KindRule) bool { return g.Kind == p.Kind })
		if i < 0 {
			given = append(given, p)
			continue
		}
		for _, w := range p.Words {
			if !slices.Contains(given[i].Words, w) {
				given[i].Words = append(given[i].Words, w)
			}
		}
		if given[i].GoesTo == "" {
			given[i].GoesTo = p.GoesTo
		}
	}
	return given
}

// addWords gives a kind of a preset the words of one that builds on it. A kind
// that is new comes last.
func addWords(kinds []KindRule, more KindRule) []KindRule {
	i := slices.IndexFunc(kinds, func(k KindRule) bool { return k.Kind == more.Kind })
	if i < 0 {
		return append(kinds, more)
	}
	for _, w := range more.Words {
		if !slices.Contains(kinds[i].Words, w) {
			kinds[i].Words = append(kinds[i].Words, w)
		}
	}
	kinds[i].GoesTo = cmp.Or(more.GoesTo, kinds[i].GoesTo)
	return kinds
}

func (l *loader) labels() value {
	v := value{}
	for _, s := range States() {
		label, ok := l.rules.Labels[s]
		if !ok {
			continue // it has no label
		}
		name := label.Name
		v.keys = append(v.keys, key{
			name: string(s), def: quote(name), example: quote("account: " + string(s)),
			about: "The label of a request in the state `" + string(s) + "`. " + label.Description + ".",
			value: func() value {
				v := labelValue(&name)
				v.done = func(yamlfile.Node) {
					label.Name = name
					l.rules.Labels[s] = label
				}
				return v
			}(),
		})
	}
	return v
}

// distinctLabels checks that each label says one thing, and points at one of
// those that do not, if the policy has it.
func (l *loader) distinctLabels(root yamlfile.Node) {
	if !root.IsObject() {
		return
	}
	place := map[State]yamlfile.Node{None: at(at(root, "requests"), "label")}
	used := map[string]State{strings.ToLower(l.rules.Requests.Label): None}
	for _, s := range States() {
		label := l.rules.Labels[s].Name
		name := strings.ToLower(label)
		if name == "" {
			continue
		}
		place[s] = at(at(root, "labels"), string(s))
		if other, ok := used[name]; ok && !shareLabel(other, s) {
			n := firstOf(place[s], place[other], root)
			if other == None {
				n.Errorf("the label %q is both the intake label and the label of %s", label, s)
			} else {
				n.Errorf("the label %q stands for both %s and %s", label, other, s)
			}
		}
		used[name] = s
	}
}

// shareLabel reports whether two states may have one label: both say that it
// is the author's turn after a question.
func shareLabel(a, b State) bool { return a == Asked && b == Proof }

// firstOf returns the first node that is there.
func firstOf(nodes ...yamlfile.Node) yamlfile.Node {
	i := slices.IndexFunc(nodes, yamlfile.Node.Exists)
	return nodes[max(i, 0)]
}
