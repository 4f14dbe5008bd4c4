package policy

import (
	"slices"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/parser"
)

// A product of texts is checked for two registries: one with everything, and
// one of another name without mail and links, which shows that no text knows
// a registry by itself.
const (
	samplePyPI    = "pypi"
	plainPackages = "plain"
)

func textRules(t *testing.T) *Rules {
	t.Helper()
	rules := &Rules{
		Languages: BuiltinLanguages(),
		Registries: []Registry{
			{
				Key: samplePyPI, Name: "PyPI", URL: "https://pypi.org", Mail: "support@pypi.org",
				Links: Links{
					SignIn:   "https://pypi.org/account/login/",
					Codes:    "https://pypi.org/help/#recoverycodes",
					Password: "https://pypi.org/account/request-password-reset/",
					Help:     "https://pypi.org/help/",
				},
				Names:  parser.NameRules{MaxLength: 50},
				Offers: Offers(),
			},
			{Key: plainPackages, Name: "Plain Packages", Names: parser.NameRules{MaxLength: 50}},
		},
		Kinds:    sampleKinds(),
		Requests: Requests{Label: "account-recovery", Account: sampleAccountField, Reason: "Reason for request"},
		Clocks:   Clocks{Reopen: 90 * 24 * time.Hour},
	}
	if err := rules.learn(); err != nil {
		t.Fatal(err)
	}
	return rules
}

func sampleKinds() []KindRule {
	var rules []KindRule
	for _, k := range Kinds() {
		rules = append(rules, KindRule{Kind: k})
	}
	return rules
}

const (
	sampleAuthor       = "octocat"
	sampleComment      = 2718281
	sampleAccountField = "PyPI Username"
	sampleOption       = "I agree to follow the [PSF Code of Conduct](https://www.python.org/psf/conduct/)"
)

func sampleText(registry string) Text {
	at := time.Date(2026, time.December, 3, 10, 12, 0, 0, time.UTC)
	return Text{
		Author: sampleAuthor, Registry: registry, Account: "jbber", Kind: KindOther, Public: true,
		Created: at, Queued: at,
		Remind: at.AddDate(0, 0, 7), Close: at.AddDate(0, 0, 60),
	}
}

func sampleProblem(code string) TextProblem {
	p := TextProblem{Field: "Reason for request", Code: code}
	switch {
	case slices.Contains(nameProblems(), code):
		p.Field = sampleAccountField
	case code == "unchecked":
		p.Field, p.Option = "Code of Conduct", sampleOption
	}
	if code == "non-ascii" {
		p.Points = []string{"U+043E", "U+200B"}
	}
	return p
}

// problemSets returns each code alone, the account's question with each code
// that every question has, and the most that a form with five questions gives.
func problemSets() [][]TextProblem {
	var sets [][]TextProblem
	for _, code := range append(fieldProblems(), nameProblems()...) {
		sets = append(sets, []TextProblem{sampleProblem(code)})
	}
	for _, code := range fieldProblems() {
		sets = append(sets, []TextProblem{{Field: sampleAccountField, Code: code}})
	}
	for _, code := range append(fieldProblems(), nameProblems()...) {
		worst := []TextProblem{{Field: sampleAccountField, Code: code, Points: []string{"U+043E"}}}
		worst = append(worst,
			sampleProblem("unchecked"), sampleProblem("unchecked"), sampleProblem("ambiguous"),
			TextProblem{Field: "Acknowledgement", Code: "missing"}, TextProblem{Field: "Recovery Codes", Code: "missing"})
		sets = append(sets, worst[:2:2], worst)
	}
	return append(sets, nil)
}

func flagSets() [][]Flag {
	flags := []Flag{FlagFormUnknown, FlagFormIncomplete, FlagNameUnknown, FlagAdopted}
	var sets [][]Flag
	for bits := range 1 << len(flags) {
		var set []Flag
		for i, f := range flags {
			if bits>>i&1 == 1 {
				set = append(set, f)
			}
		}
		sets = append(sets, set)
	}
	return sets
}

// sampleRegistries has a word that no policy can have: it is left out.
func sampleRegistries() []string { return []string{"main", "test", "a b"} }

func eitherWay() []bool { return []bool{false, true} }

// everyStatus calls f with the full product of what a status depends on: what
// cannot matter in a state is not varied there.
func everyStatus(registry string, f func(Text)) {
	for _, state := range States() {
		for _, kind := range Kinds() {
			for _, public := range eitherWay() {
				t := sampleText(registry)
				t.Name, t.State, t.Kind, t.Public = TextStatus, state, kind, public
				switch state {
				case Proof, Waiting, Ready, Held:
					if kind == KindOther { // no advice stands here
						everyProof(t, f)
					}
				case Incomplete, Triage, Asked, Review:
					everyStaffTurn(t, f)
					everyRequesterTurn(t, f)
				default:
					everyEnd(t, f)
				}
			}
		}
	}
}

func everyEnd(t Text, f func(Text)) {
	t.Remind, t.Close = time.Time{}, time.Time{}
	f(t)
	t.Reopen = t.Created.AddDate(0, 0, 90)
	f(t)
	for _, t.Redirect = range []string{"name-transfer", "appeal", "bug", "deletion", "self-service", "other"} {
		f(t)
	}
	t.Repeats = sampleRepeats
	f(t)
}

// sampleRepeats is the number of a request that a duplicate repeats.
const sampleRepeats = 12

// everyProof varies each step, and what is said of time.
func everyProof(t Text, f func(Text)) {
	for _, t.Turn = range turns(t.State) {
		t := t
		if t.Turn != Requester {
			t.Remind, t.Close = time.Time{}, time.Time{}
		}
		for _, t.Steps = range stepSets(t.Created) {
			everyPace(t, func(t Text) {
				f(t)
				t.Account = ""
				f(t)
				t.Ready, t.Notified = t.Created.AddDate(0, 0, 7), t.Created
				f(t)
				t.Notified = time.Time{}
				f(t)
			})
		}
	}
}

// stepSets are the steps of proof, each open, done or impossible.
func stepSets(at time.Time) [][]Step {
	var sets [][]Step
	variants := func(kind StepKind, project string) []Step {
		open := Step{Kind: kind, Project: project, Since: at}
		done, cannot := open, open
		done.Done, cannot.Cannot = at, true
		return []Step{open, done, cannot, {Kind: kind}}
	}
	for _, mail := range variants(StepMail, "") {
		sets = append(sets, []Step{mail})
		for _, branch := range variants(StepBranch, "sampleproject") {
			sets = append(sets, []Step{mail, branch}, []Step{branch})
		}
	}
	return append(sets, nil)
}

// everyPace varies what is said of staff's time.
func everyPace(t Text, f func(Text)) {
	f(t)
	for _, do := range []func(*Text){
		func(t *Text) { t.Snooze = t.Created.AddDate(0, 0, 20) },
		func(t *Text) { t.Away = t.Created.AddDate(0, 0, 20) },
		func(t *Text) { t.Late = true },
		func(t *Text) { t.Forecast = Forecast{P50: 2 * time.Hour, P90: 49 * time.Hour} },
		func(t *Text) { t.Forecast = Forecast{P50: 23 * time.Hour, P90: 23 * time.Hour} },
	} {
		u := t
		do(&u)
		f(u)
	}
}

func everyStaffTurn(t Text, f func(Text)) {
	t.Turn = Staff
	t.Remind, t.Close = time.Time{}, time.Time{}
	f(t)
	if t.State == Incomplete || t.State == Asked {
		return // the same template as triage
	}
	for _, flags := range flagSets() {
		for _, codes := range eitherWay() {
			for _, account := range []string{"", "jbber"} {
				t.Registries = nil
				if account != "" && t.Kind == KindTestRegistry {
					t.Registries = sampleRegistries()
				}
				t.Flags, t.HasCodes, t.Account = flags, codes, account
				t.Late = false
				if len(flags) == 0 {
					everyPace(t, f)
					continue
				}
				f(t)
				t.Late = true
				f(t)
			}
		}
	}
}

func everyRequesterTurn(t Text, f func(Text)) {
	t.Turn = Requester
	switch t.State {
	case Incomplete:
		for _, t.Problems = range problemSets() {
			everyClosing(t, func(t Text) {
				f(t)
				t.HasCodes = true
				f(t)
			})
		}
	case Asked:
		for _, t.Ask = range append(Asks(), AskMailed, "") {
			everyClosing(t, func(t Text) {
				f(t)
				if t.Ask == AskMailed {
					t.Mailed = t.Created
					f(t)
				}
				t.Registries = sampleRegistries()
				f(t)
				t.Told = sampleComment
				f(t)
				t.Snooze = t.Created.AddDate(0, 0, 20)
				f(t)
			})
		}
	default:
		for _, t.Flags = range flagSets() {
			for _, t.HasCodes = range eitherWay() {
				for _, t.Told = range []int64{0, sampleComment} {
					f(t)
				}
			}
		}
	}
}

func everyClosing(t Text, f func(Text)) {
	f(t)
	t.Remind = time.Time{}
	f(t)
	t.Close = time.Time{}
	f(t)
}

// everyNotice calls f with each text that is no status, in each state in
// which it can be written.
func everyNotice(registry string, f func(Text)) {
	base := sampleText(registry)
	add := func(name TextName, state State, turn Turn, change func(*Text)) {
		for _, public := range eitherWay() {
			t := base
			t.Name, t.State, t.Turn, t.Public = name, state, turn, public
			if change != nil {
				change(&t)
			}
			f(t)
		}
	}
	reopen := func(t *Text) { t.Reopen = t.Created.AddDate(0, 0, 90) }
	for _, set := range problemSets() {
		add(TextIncomplete, Incomplete, Requester, func(t *Text) { t.Problems = set })
	}
	add(TextReminder, Incomplete, Requester, nil)
	add(TextReminder, Incomplete, Requester, func(t *Text) { t.Close = time.Time{} })
	for _, ask := range append(Asks(), AskMailed, "") {
		add(TextReminder, Asked, Requester, func(t *Text) { t.Ask = ask })
		add(TextAsked, Asked, Requester, func(t *Text) { t.Ask = ask })
		add(TextAsked, Asked, Requester, func(t *Text) { t.Ask, t.Mailed, t.Registries = ask, t.Created, sampleRegistries() })
	}
	add(TextReminder, Proof, Requester, nil)
	add(TextProof, Proof, Requester, nil)
	for _, word := range placeWords() {
		add(TextRedirected, Elsewhere, Nobody, func(t *Text) { t.Redirect = string(word) })
	}
	add(TextDuplicate, Duplicate, Nobody, nil)
	add(TextDuplicate, Duplicate, Nobody, func(t *Text) { t.Repeats = sampleRepeats })
	for name, state := range map[TextName]State{TextExpired: Expired, TextCompleted: Completed, TextDenied: Denied} {
		add(name, state, Nobody, nil)
		add(name, state, Nobody, reopen)
	}
	for _, state := range States() {
		for _, turn := range turns(state) {
			everyReply(base, state, turn, add)
		}
	}
}

func everyReply(base Text, state State, turn Turn, add func(TextName, State, Turn, func(*Text))) {
	for _, author := range []string{base.Author, ""} {
		to := func(change func(*Text)) func(*Text) {
			return func(t *Text) {
				t.Author = author
				if t.State.Ended() {
					t.Reopen = t.Created.AddDate(0, 0, 90)
				}
				change(t)
			}
		}
		add(TextUnchecked, state, turn, to(func(*Text) {}))
		add(TextHelp, state, turn, to(func(t *Text) { t.Commands = helped(*t) }))
		add(TextHelp, state, turn, to(func(t *Text) { t.Registries = sampleRegistries(); t.Commands = helped(*t) }))
		add(TextRefused, state, turn, to(func(t *Text) {
			t.Refusal, t.Command, t.Registries = RefusedUsage, "registry", sampleRegistries()
		}))
		for _, c := range append(Commands(), CommandInfo{}) {
			add(TextSuggestion, state, turn, to(func(t *Text) { t.Suggestion = c.Name }))
			add(TextRefused, state, turn, to(func(t *Text) { t.Refusal, t.Command = RefusedUsage, c.Name }))
		}
		for _, refusal := range Refusals() {
			add(TextRefused, state, turn, to(func(t *Text) { t.Refusal, t.Command = refusal, "username" }))
		}
		for _, code := range append(nameProblems(), "empty") {
			add(TextRefused, state, turn, to(func(t *Text) {
				t.Refusal, t.Command = RefusedName, "username"
				t.Problems = []TextProblem{sampleProblem(code)}
			}))
		}
	}
}
