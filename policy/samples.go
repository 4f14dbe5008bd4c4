package policy

import (
	"slices"
	"time"
)

// change makes another case of a sample text.
type change func(*Text)

// eachPair calls f with base, and with base after each change and each two
// changes of different groups. Conditions of a text that depend on two values
// are met in every way by that.
func eachPair(base Text, groups [][]change, f func(Text)) {
	f(base)
	for i, group := range groups {
		for _, first := range group {
			t := base
			first(&t)
			f(t)
			for _, other := range groups[i+1:] {
				for _, second := range other {
					u := t
					second(&u)
					f(u)
				}
			}
		}
	}
}

// sampleOf is a text with example values; its times follow from at.
func sampleOf(registry string, at time.Time) Text {
	return Text{
		Author: "EXAMPLE", Registry: registry, Account: "example-name", Kind: KindOther, Public: true,
		Created: at, Queued: at, Remind: at.AddDate(0, 0, 7), Close: at.AddDate(0, 0, 60),
	}
}

// sampleAt fixes the times of the samples that texts are checked with: the
// longest name of a month in most languages.
func sampleAt() time.Time { return time.Date(2026, time.September, 23, 10, 12, 0, 0, time.UTC) }

// everySample calls f with the texts that a set of templates is checked with: for
// each state, turn, notice and refusal every pair of the values that matter.
func everySample(r *Rules, f func(Text)) {
	for _, reg := range r.Registries {
		base := sampleOf(reg.Key, sampleAt())
		base.Registries = r.registryKeys()
		for _, state := range States() {
			for _, turn := range turns(state) {
				t := base
				t.State, t.Turn = state, turn
				switch state {
				case Proof, Waiting, Ready, Held:
					proofSamples(t, f)
				default:
					statusSamples(r, t, f)
				}
				replySamples(r, t, f)
			}
		}
		noticeSamples(r, base, f)
		deskSamples(base, f)
	}
}

func turns(s State) []Turn {
	switch s {
	case Incomplete, Triage, Asked, Proof, Review:
		return []Turn{Requester, Staff}
	default:
		return []Turn{s.entry()}
	}
}

func private(t *Text) { t.Public = false }

func statusSamples(r *Rules, t Text, f func(Text)) {
	t.Name = TextStatus
	groups := [][]change{{private}, {func(t *Text) { t.HasCodes = true }}, personalChanges()}
	groups = append(groups, flagChanges()...)
	switch {
	case t.State.Ended():
		t.Kind, t.Remind, t.Close = "", time.Time{}, time.Time{}
		groups = [][]change{{private}, {reopenable}, placeChanges(), {repeats}}
	case t.Turn == Requester:
		single, many := problemChanges(r, t.State)
		groups = append(groups, append(append(kindChanges(), many...), askChanges(t.State)...), clockChanges(),
			[]change{func(t *Text) { t.Told = 1 }}, single, []change{snoozed})
	default:
		t.Remind, t.Close = time.Time{}, time.Time{}
		groups = append(groups, kindChanges(), []change{func(t *Text) { t.Account = "" }}, paceChanges())
	}
	if t.Turn == Staff && t.State != Triage || t.State == Review {
		groups = [][]change{slices.Concat(groups...)} // the templates of triage, in which all pairs are tried
	}
	eachPair(t, groups, f)
}

func reopenable(t *Text) { t.Reopen = t.Created.AddDate(0, 0, 90) }

func kindChanges() []change {
	var all []change
	for _, k := range Kinds() {
		all = append(all, func(t *Text) { t.Kind = k })
	}
	return all
}

func flagChanges() [][]change {
	var all [][]change
	for _, flag := range []Flag{FlagFormUnknown, FlagFormIncomplete, FlagNameUnknown, FlagAdopted} {
		all = append(all, []change{func(t *Text) { t.Flags = append(slices.Clone(t.Flags), flag) }})
	}
	return all
}

func clockChanges() []change {
	return []change{
		func(t *Text) { t.Remind = time.Time{} },
		func(t *Text) { t.Remind, t.Close = time.Time{}, time.Time{} },
	}
}

func askChanges(s State) []change {
	var all []change
	for _, ask := range Asks() {
		if s == Asked {
			all = append(all, func(t *Text) { t.Ask = ask })
		}
	}
	if s == Asked {
		all = append(all, func(t *Text) { t.Ask = AskMailed }, func(t *Text) { t.Ask, t.Mailed = AskMailed, t.Created })
	}
	return all
}

// problemChanges are each problem alone, and with others, which is too much to
// be paired with the kinds.
func problemChanges(r *Rules, s State) (single, many []change) {
	if s != Incomplete {
		return nil, nil
	}
	with := func(set ...TextProblem) change { return func(t *Text) { t.Problems = set } }
	box := sampleProblemOf(r, "unchecked")
	for _, code := range append(fieldProblems(), nameProblems()...) {
		p := sampleProblemOf(r, code)
		account := TextProblem{Field: r.Requests.Account, Code: code, Points: p.Points}
		single = append(single, with(p))
		many = append(many, with(account), with(account, box), with(account, box, box,
			TextProblem{Field: r.Requests.Reason, Code: "missing"}, TextProblem{Field: "One more question", Code: "ambiguous"}))
	}
	return single, many
}

// sampleProblemOf is a problem of the question that it is most often about.
func sampleProblemOf(r *Rules, code string) TextProblem {
	p := TextProblem{Field: r.Requests.Reason, Code: code}
	switch {
	case code == "non-ascii":
		p.Field, p.Points = r.Requests.Account, []string{"U+043E", "U+200B"}
	case slices.Contains(nameProblems(), code):
		p.Field = r.Requests.Account
	case code == "unchecked":
		p.Option = "I understand that this may take time"
		if len(r.Requests.Boxes) > 0 {
			p.Field = r.Requests.Boxes[0].Label
		}
	}
	return p
}

// noticeSamples are the comments that are posted once.
func noticeSamples(r *Rules, base Text, f func(Text)) {
	add := func(name TextName, state State, turn Turn, groups ...[]change) {
		t := base
		t.Name, t.State, t.Turn = name, state, turn
		eachPair(t, append(groups, []change{private}), f)
	}
	single, many := problemChanges(r, Incomplete)
	add(TextIncomplete, Incomplete, Requester, append(single, many...))
	add(TextReminder, Incomplete, Requester, clockChanges())
	add(TextReminder, Asked, Requester, clockChanges(), askChanges(Asked))
	add(TextReminder, Proof, Requester, clockChanges())
	add(TextAsked, Asked, Requester, askChanges(Asked))
	add(TextProof, Proof, Requester)
	for _, in := range []State{Held, Completed} {
		add(TextLeak, in, in.entry(), leakChanges(), []change{byOthers})
	}
	add(TextRedirected, Elsewhere, Nobody, placeChanges())
	add(TextDuplicate, Duplicate, Nobody, []change{repeats})
	for _, s := range []State{Triage, Waiting, Denied} {
		add(TextWarning, s, s.entry())
	}
	add(TextExpired, Expired, Nobody, []change{reopenable})
	add(TextCompleted, Completed, Nobody, []change{reopenable})
	add(TextDenied, Denied, Nobody, []change{reopenable})
}

// replySamples are the answers to commands, to the requester and to staff.
func replySamples(r *Rules, base Text, f func(Text)) {
	if base.State.Ended() {
		base.Remind, base.Close = time.Time{}, time.Time{}
		reopenable(&base)
	}
	for _, author := range []string{base.Author, ""} {
		base.Author = author
		add := func(name TextName, do change) {
			t := base
			t.Name = name
			do(&t)
			f(t)
		}
		add(TextUnchecked, func(*Text) {})
		add(TextHelp, private)
		add(TextHelp, func(t *Text) {
			t.Commands = r.view(*t, &speaker{set: r.speaks("")}).listed()
		})
		for _, c := range Commands() {
			if base.State != Triage && base.State != Expired {
				break // who may use it where is one table, which has tests
			}
			add(TextSuggestion, func(t *Text) { t.Suggestion = c.Name })
			add(TextRefused, func(t *Text) { t.Refusal, t.Command = RefusedUsage, c.Name })
		}
		add(TextRefused, func(t *Text) { t.Refusal, t.Command = RefusedDigest, "approve" })
		for _, refusal := range Refusals() {
			add(TextRefused, func(t *Text) { t.Refusal, t.Command = refusal, "username" })
		}
		for _, code := range append(nameProblems(), "empty") {
			add(TextRefused, func(t *Text) {
				t.Refusal, t.Command = RefusedName, "username"
				t.Problems = []TextProblem{{Code: code}}
			})
		}
	}
}
