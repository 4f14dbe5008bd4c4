package policy

import (
	"fmt"
	"time"
)

// Example is a text with sample values, to be shown to people.
type Example struct {
	Title string
	State State // of a status comment; "" for other texts
	Kind  Kind  // likewise
	Plain bool  // a status comment as it usually is in its state
	Text  Text
}

// Examples returns the texts that the bot writes, with sample values and times
// that follow from at: the status of each state, then of each kind, each
// problem and each question, then the notices, the answers to commands and what
// stands at the desk.
// They are for the default registry, in the default language.
func (r *Rules) Examples(at time.Time) []Example {
	e := &examples{rules: r, base: sampleOf(r.registry("").Key, at)}
	e.base.Registries = r.registryKeys()
	e.states()
	e.kinds()
	e.answers()
	e.notices()
	e.replies()
	e.desk()
	return e.all
}

// examples collects them.
type examples struct {
	rules *Rules
	base  Text
	all   []Example
}

// situated is a state and whose turn it is in it.
type situated struct {
	state State
	turn  Turn
}

// status adds a status comment as it usually is, after some changes.
func (e *examples) status(title string, in situated, changes ...change) {
	t := e.text(TextStatus, in.state, in.turn)
	for _, do := range changes {
		do(&t)
	}
	e.all = append(e.all, Example{Title: title, State: in.state, Kind: t.Kind, Text: t})
}

func (e *examples) text(name TextName, s State, turn Turn) Text {
	t := e.base
	t.Name, t.State, t.Turn = name, s, turn
	switch {
	case s.Ended():
		t.Kind, t.Remind, t.Close = "", time.Time{}, time.Time{}
		if c, _ := CommandNamed("reopen"); c.Works(s) {
			reopenable(&t)
		}
	case turn != Requester:
		t.Remind, t.Close = time.Time{}, time.Time{}
	default:
		t.Queued = time.Time{}
	}
	switch s {
	case Proof:
		t.Steps = sampleSteps(t)
	case Waiting, Ready:
		t.Notified, t.Ready = t.Created, t.Created.AddDate(0, 0, 7)
	case Elsewhere:
		t.Redirect = string(placeWords()[0])
	case Duplicate:
		repeats(&t)
	default:
	}
	if s == Incomplete && turn == Requester {
		t.Problems = []TextProblem{{Field: e.rules.Requests.Account, Code: "empty"}}
	}
	if turn == Requester && s != Incomplete && s != Proof {
		t.Told = 1
	}
	return t
}

func (e *examples) states() {
	for _, s := range States() {
		for _, turn := range turns(s) {
			title := "status: " + string(s)
			if turn != Nobody {
				title += ", turn: " + string(turn)
			}
			e.status(title, situated{s, turn})
			e.all[len(e.all)-1].Plain = true
		}
	}
}

func (e *examples) kinds() {
	for _, s := range []State{Incomplete, Triage, Review} {
		turn := Staff
		if s == Incomplete {
			turn = Requester
		}
		for i, kind := range kindChanges() {
			if k := Kinds()[i]; k != KindOther {
				e.status(fmt.Sprintf("status: %s, kind: %s", s, k), situated{s, turn}, kind)
			}
		}
	}
}

func (e *examples) answers() {
	for _, code := range append(fieldProblems(), nameProblems()...) {
		p := sampleProblemOf(e.rules, code)
		e.status("status: incomplete, problem: "+code, situated{Incomplete, Requester}, func(t *Text) { t.Problems = []TextProblem{p} })
	}
	for _, ask := range Asks() {
		e.status("status: asked, question: "+string(ask), situated{Asked, Requester}, func(t *Text) { t.Ask = ask })
	}
	e.status("status: asked, question: mailed", situated{Asked, Requester}, func(t *Text) { t.Ask, t.Mailed, t.Told = AskMailed, t.Created, 0 })
	for _, word := range placeWords() {
		e.status("status: elsewhere, place: "+string(word), situated{Elsewhere, Nobody}, func(t *Text) { t.Redirect = string(word) })
	}
	for i, title := range []string{"done", "cannot be done"} {
		e.status("status: proof, a step "+title, situated{Proof, Requester}, stepChanges()[i+1])
	}
	for i, title := range []string{"snoozed", "away", "late", "forecast"} {
		e.status("status: triage, "+title, situated{Triage, Staff}, paceChanges()[i])
	}
	e.status("status: triage, after a denial", situated{Triage, Staff}, func(t *Text) { t.Earlier = 7 })
	e.leaks()
	for _, flag := range []Flag{FlagFormUnknown, FlagFormIncomplete, FlagNameUnknown, FlagAdopted} {
		e.status("status: triage, mark: "+string(flag), situated{Triage, Staff}, func(t *Text) { t.Account, t.Flags = "", []Flag{flag} })
	}
}

// notices adds each in the state in which it is usually written.
func (e *examples) notices() {
	for _, n := range []struct {
		name TextName
		in   State
		turn Turn
	}{
		{TextIncomplete, Incomplete, Requester},
		{TextReminder, Asked, Requester},
		{TextAsked, Asked, Requester},
		{TextProof, Proof, Requester},
		{TextRedirected, Elsewhere, Nobody},
		{TextDuplicate, Duplicate, Nobody},
		{TextExpired, Expired, Nobody},
		{TextCompleted, Completed, Nobody},
		{TextDenied, Denied, Nobody},
		{TextUnchecked, Triage, Staff},
		{TextSuggestion, Triage, Staff},
		{TextWarning, Triage, Staff},
	} {
		t := e.text(n.name, n.in, n.turn)
		if n.name == TextSuggestion {
			t.Suggestion = "solved"
		}
		e.all = append(e.all, Example{Title: "notice: " + string(n.name), Text: t})
	}
}

// desk adds what staff read at the desk.
func (e *examples) desk() {
	base := e.text(TextDesk, Review, Staff)
	base.Desk = sampleSummary(base)
	add := func(title string, do change) {
		t := base
		do(&t)
		e.all = append(e.all, Example{Title: "desk: " + title, Text: t})
	}
	add("summary", func(*Text) {})
	add("why", func(t *Text) { t.Name = TextWhy })
	for _, code := range AlertCodes() {
		add("alert: "+string(code), func(t *Text) { t.Name, t.Alert, t.To = TextAlert, code, Security })
	}
	add("summary on hold, after a secret", func(t *Text) { t.State, t.Turn, t.Paused = Held, OnSecurity, HoldLeak })
	add("digest", func(t *Text) { t.Name, t.Digest, t.Desk = TextDigest, sampleDigest(*t), nil })
}

func (e *examples) replies() {
	for _, reader := range []string{"requester", "staff"} {
		t := e.text(TextHelp, Triage, Staff)
		if reader == "staff" {
			t.Author = ""
		}
		t.Commands = e.rules.view(t, &speaker{set: e.rules.speaks("")}).listed()
		e.all = append(e.all, Example{Title: "help, for " + reader, Text: t})
	}
	for _, why := range Refusals() {
		t := e.text(TextRefused, Triage, Staff)
		t.Refusal, t.Command = why, "username"
		switch why {
		case RefusedName:
			t.Problems = []TextProblem{sampleProblemOf(e.rules, "email")}
		case RefusedKept:
			t.Command = "kind"
		case RefusedGate:
			t.Author, t.Command = "", "complete"
		case RefusedDigest:
			t.Author, t.Command = "", "attest"
			e.all = append(e.all, Example{Title: "refusal: digest of /attest", Text: t})
			t.Command = "approve"
		case RefusedPublic, RefusedTwice, RefusedHolder, RefusedUndo, RefusedOther, RefusedEvidence:
			t.Author = ""
		default: // the requester's, about any command
		}
		e.all = append(e.all, Example{Title: "refusal: " + string(why), Text: t})
	}
}
