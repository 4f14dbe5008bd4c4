package policy

import (
	"slices"
	"strconv"
	"time"
)

// stepChanges are the steps of proof: each open, done and impossible.
func stepChanges() []change {
	var all []change
	for _, kind := range []StepKind{StepMail, StepBranch} {
		for _, do := range []func(*Step, Text){
			func(*Step, Text) {},
			func(s *Step, t Text) { s.Done = t.Created },
			func(s *Step, _ Text) { s.Cannot = true },
		} {
			all = append(all, func(t *Text) {
				t.Steps = sampleSteps(*t)
				for i := range t.Steps {
					if t.Steps[i].Kind == kind {
						do(&t.Steps[i], *t)
					}
				}
			})
		}
	}
	return append(all, func(t *Text) { t.Steps = sampleSteps(*t)[:1] }, func(t *Text) { t.Steps = nil })
}

// sampleSteps are one of each kind.
func sampleSteps(t Text) []Step {
	return []Step{{Kind: StepMail, Since: t.Created}, {Kind: StepBranch, Project: "example-project", Since: t.Created}}
}

func snoozed(t *Text) { t.Snooze = t.Created.AddDate(0, 0, 14) }

// paceChanges are what may be said of staff's time.
func paceChanges() []change {
	return []change{
		snoozed,
		func(t *Text) { t.Away = t.Created.AddDate(0, 0, 10) },
		func(t *Text) { t.Late = true },
		func(t *Text) { t.Forecast = sampleForecast() },
		func(t *Text) { t.Forecast = sampleForecast(); t.Forecast.P50 = t.Forecast.P90 },
	}
}

func sampleForecast() Forecast {
	return Forecast{P50: 20 * time.Hour, P90: 100 * time.Hour}
}

// proofSamples are the status comments from proof to ready, and on hold.
func proofSamples(t Text, f func(Text)) {
	t.Name = TextStatus
	groups := [][]change{{private}, {func(t *Text) { t.Account = "" }}, personalChanges()}
	switch t.State {
	case Proof:
		t.Steps = sampleSteps(t)
		groups = append(groups, stepChanges())
		if t.Turn == Requester {
			groups = append(groups, clockChanges(), []change{snoozed})
		} else {
			groups = append(groups, paceChanges())
		}
	case Held:
		groups = append(groups, paceChanges(), leakChanges())
	default:
		t.Ready, t.Notified = t.Created.AddDate(0, 0, 3), t.Created
		groups = append(groups, paceChanges(), []change{func(t *Text) { t.Ready = time.Time{} }, func(t *Text) { t.Notified = time.Time{} }})
	}
	if t.Turn != Requester {
		t.Remind, t.Close = time.Time{}, time.Time{}
	}
	eachPair(t, groups, f)
}

// placeChanges are the places that fit better.
func placeChanges() []change {
	var all []change
	for _, word := range placeWords() {
		all = append(all, func(t *Text) { t.Redirect = string(word) })
	}
	return all
}

func repeats(t *Text) { t.Repeats = 12 }

// deskSamples are the texts at the desk.
func deskSamples(base Text, f func(Text)) {
	base.Desk = sampleSummary(base)
	for _, state := range States() {
		for _, turn := range turns(state) {
			for _, name := range []TextName{TextDesk, TextWhy} {
				t := base
				t.Name, t.State, t.Turn = name, state, turn
				eachPair(t, deskChanges(), f)
			}
		}
	}
	for _, code := range AlertCodes() {
		for _, to := range []Role{"", Helpers, Agents, Security} {
			t := base
			t.Name, t.State, t.Turn, t.Alert, t.To = TextAlert, Triage, Staff, code, to
			f(t)
			t.Desk = nil
			f(t)
		}
	}
	t := base
	t.Name, t.Desk = TextDigest, nil
	t.Digest = &DigestNumbers{Since: t.Created}
	f(t)
	t.Digest = sampleDigest(t)
	f(t)
}

// deskChanges are what a summary may have or lack.
func deskChanges() [][]change {
	desk := func(do func(*Summary)) []change {
		return []change{func(t *Text) {
			d := *t.Desk
			do(&d)
			t.Desk = &d
		}}
	}
	return [][]change{
		{private},
		{func(t *Text) { t.Account = "" }},
		{func(t *Text) { t.Author = "" }},
		{snoozed, func(t *Text) {
			t.Steps = sampleSteps(*t)
			t.Ready, t.Notified, t.Away = t.Created, t.Created, t.Created
		}},
		desk(func(d *Summary) { *d = Summary{Issue: d.Issue, AuthorID: d.AuthorID} }),
		desk(func(d *Summary) { d.Lacks = append(slices.Clone(d.Lacks), "no-such-code") }),
	}
}

// sampleSummary has something of everything.
func sampleSummary(t Text) *Summary {
	return &Summary{
		Issue: "example/support#12", AuthorID: 1001, Marks: []Kind{KindLostEmail}, Flags: []Flag{FlagNameUnknown}, Since: t.Created,
		Evidence: []Evidence{
			{Class: Mailbox, By: []Attest{{User: 2001, At: t.Created, Comment: 1}}},
			{Class: BranchAttested, By: []Attest{{User: 2001, At: t.Created, Comment: 2}}},
		},
		Approvals:  []Approval{{User: 2001, At: t.Created, Comment: 3}},
		Objections: 1, Path: "ordinary", Lacks: []string{"evidence", "approvals", "notice", "time"}, Digest: "3f9a04c2",
		Next: []string{"/help", "/status"}, Others: []string{"example/support#7"},
		Leaks: sampleFinds(),
	}
}

func sampleDigest(t Text) *DigestNumbers {
	d := &DigestNumbers{
		Under: 5, Over: 2, OverTwice: 1, Them: 9, Clock: 1, Held: 1, Snoozed: 2, Overdue: 3, Since: t.Created,
		Ended:    []DigestEnd{{State: Completed, Count: 4}, {State: Denied, Count: 1}},
		Forecast: []KindForecast{{Kind: KindLost2FA, Forecast: sampleForecast()}},
	}
	for i, late := range []bool{true, false} {
		d.Oldest = append(d.Oldest, DigestOldest{Issue: "example/support#" + strconv.Itoa(i+1), State: Triage, Queued: t.Created, Late: late})
	}
	return d
}
