package policy

import (
	"slices"

	"github.com/recoverybot/recoverybot/parser/leak"
)

// leakChanges are the secrets that a text tells of: each alone, all that stand
// together most often, and all there are.
func leakChanges() []change {
	var all []change
	for _, c := range leak.Classes() {
		all = append(all, func(t *Text) { t.Leaks = []leak.Class{c} })
	}
	return append(all, func(t *Text) { t.Leaks = leak.Classes() })
}

// personalChanges are what else may stand in the requester's text.
func personalChanges() []change {
	with := func(classes ...leak.Class) change { return func(t *Text) { t.Personal = classes } }
	return []change{with(leak.Email), with(leak.Phone), with(leak.Email, leak.Phone)}
}

func byOthers(t *Text) { t.ByOthers = true }

// sampleFinds are what a summary may list.
func sampleFinds() []Find {
	return []Find{
		{Leaked: Leaked{Class: leak.Token, In: InBody}, Count: 1},
		{Leaked: Leaked{Class: leak.Password, In: InHistory, Comment: 31}},
		{Leaked: Leaked{Class: leak.RecoveryCode, In: InComment, Comment: 32}, By: ByOther},
	}
}

// leaks adds what is written where somebody posted a secret, or an address.
func (e *examples) leaks() {
	e.status("status: triage, an address and a phone number in the text", situated{Triage, Staff}, personalChanges()[2])
	e.status("status: hold, after a secret", situated{Held, OnSecurity}, leakChanges()[0])
	add := func(title string, do ...change) {
		t := e.text(TextLeak, Held, OnSecurity)
		for _, do := range do {
			do(&t)
		}
		e.all = append(e.all, Example{Title: "notice: leak, " + title, Text: t})
	}
	for i, c := range leak.Classes() {
		add(string(c), leakChanges()[i])
	}
	add("several", func(t *Text) { t.Leaks = slices.Clone(leak.Classes()[:3]) })
	add("by somebody else", leakChanges()[0], byOthers)
}
