package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/parser"
)

// rulesAtDesk are rules with a desk, by which agents attest, and they and
// helpers approve.
func rulesAtDesk(t *testing.T) *Rules {
	t.Helper()
	r := withDesk(testRules(t, storyPolicy(t)))
	may := map[Ability][]Role{MayAttest: {Agents}, MayApprove: {Agents, Helpers}}
	for a, roles := range r.May {
		if may[a] == nil {
			may[a] = roles
		}
	}
	r.May = may
	return r
}

// deskWorld is a request in a state, of which staff have an issue at the desk.
func deskWorld(t *testing.T, to State) *world {
	t.Helper()
	w := newWorld(rulesAtDesk(t), time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	w.lead(to, storyBodies(t), "complete", func(ev Event) { w.hand(ev) })
	if w.memory.State != to || !w.atDesk {
		t.Fatalf("the state is %q and there is an issue at the desk: %v", w.memory.State, w.atDesk)
	}
	return w
}

func TestDiscloses(t *testing.T) {
	for line, want := range map[string]bool{
		"/why":                              true,
		"/why not":                          true,
		"/attest mailbox":                   true,
		"/attest none":                      true,
		"/attest Mailbox":                   true,
		"/attest 1 linked":                  true,
		"/attest 11":                        true,
		"/attest 0":                         true,
		"/attest +1":                        true,
		"/attest 01":                        true,
		"/attest anything":                  true,
		"/attest":                           false,
		"/attest 1":                         false,
		"/attest 10":                        false,
		"/approve mailbox 1f2e3d4c":         true,
		"/approve 1f2e3d4c mailbox":         true,
		"/approve 1f2e3d4":                  true,
		"/approve 1f2e3d4cc":                true,
		"/approve":                          false,
		"/approve 1f2e3d4c":                 false,
		"/approve 12345678":                 false,
		"/approve 1F2E3D4C":                 false,
		"/approve 1 7 1f2e3d4c":             false,
		"/approve 1 notified 1f2e3d4c":      false,
		"/approve NOTIFIED 1f2e3d4c":        false,
		"/approve mailbox none 1f2e3d4c":    true,
		"/approve branch-attested":          true,
		"/deny unprovable":                  false,
		"/help why":                         false,
		"/ask mailbox":                      false,
		"/nonsense mailbox":                 false,
		"/approve \u00a0":                   false, // no command at all
		"/approve --digest=1f2e3d4c":        true,
		"/attest " + strings.Repeat("1", 9): true,
	} {
		c, _ := parser.ParseCommand(line)
		if got := discloses(c); got != want {
			t.Errorf("%q discloses: %v, want %v", line, got, want)
		}
	}
	for _, c := range Classes() {
		if command, ok := parser.ParseCommand("/attest " + string(c)); !ok || !discloses(command) {
			t.Errorf("/attest %s does not disclose", c)
		}
	}
}

// What everybody reads is the same, whichever evidence staff have seen: what
// they say at the desk stays there, and what they say in public is refused in
// one way.
func TestNoOracle(t *testing.T) {
	story := func(in State, word string) string {
		w := deskWorld(t, in)
		w.memory.Evidence = nil
		var public []string
		hand := func(ev Event) Decision {
			w.now = w.now.Add(time.Minute)
			d := w.hand(ev)
			for _, e := range d.Effects {
				if AtDesk(e) {
					continue
				}
				b, err := json.Marshal(e)
				if err != nil {
					t.Fatal(err)
				}
				public = append(public, string(b))
			}
			return d
		}
		if in == Proof {
			hand(w.saysAtDesk(whois("hal"), "/proof jbber-tools")) // both steps are open
		}
		d := hand(w.saysAtDesk(whois("ada"), "/attest "+word))
		if !carriedOut(d) || len(d.Memory.Evidence) != 1 || d.Memory.Evidence[0].Class != Class(word) {
			t.Fatalf("%s is not attested: %v because %v", word, d.Memory.Evidence, d.Reasons)
		}
		for _, line := range []string{"/attest " + word, "/approve " + word + " 1f2e3d4c", "/why"} {
			before := w.memory
			d := hand(w.says(whois("ada"), line))
			if !slices.ContainsFunc(d.Reasons, func(r Reason) bool { return strings.HasSuffix(r.String(), ", public)") }) {
				t.Errorf("%s is not refused: %v", line, d.Reasons)
			}
			if diff := cmp.Diff(before.Evidence, d.Memory.Evidence); diff != "" || len(d.Memory.Approvals) > 0 {
				t.Errorf("%s is refused and attests or approves (-before +after):\n%s", line, diff)
			}
		}
		hand(w.says(whois("hal"), "/status"))
		return strings.Join(public, "\n")
	}
	account := []string{"mailbox", "mailbox-unverified", "linked", "session"}
	code := []string{"branch-attested", "branch-owner", "branch-declared", "branch-seen", "none"}
	for _, c := range []struct {
		in    State
		words []string
	}{
		{Triage, slices.Concat(account, code, []string{"co-owner"})},
		{Review, slices.Concat(account, code, []string{"co-owner"})},
		{Proof, account}, // everybody reads which steps of proof are done, and of each step no more
		{Proof, code},
	} {
		want := story(c.in, c.words[0])
		if n := strings.Count(want, `"refusal":"public"`); n != 3 {
			t.Fatalf("%d of 3 lines were refused in public:\n%s", n, want)
		}
		for _, word := range c.words[1:] {
			if diff := cmp.Diff(want, story(c.in, word)); diff != "" {
				t.Errorf("in %s with %s the public reads something else than with %s:\n%s", c.in, word, c.words[0], diff)
			}
		}
	}
}

// The three refusals of a public line are one text.
func TestRefusedPublicIsOneText(t *testing.T) {
	var texts []Text
	for _, line := range []string{"/attest mailbox", "/approve none 1f2e3d4c", "/why"} {
		w := deskWorld(t, Triage)
		d := w.hand(w.says(whois("ada"), line))
		for _, e := range d.Effects {
			if c, ok := e.(Comment); ok {
				texts = append(texts, c.Text)
			}
		}
	}
	if len(texts) != 3 {
		t.Fatalf("%d answers, want 3", len(texts))
	}
	for _, text := range texts[1:] {
		if diff := cmp.Diff(texts[0], text); diff != "" {
			t.Errorf("two refusals differ:\n%s", diff)
		}
	}
}

func TestNumbersInPublic(t *testing.T) {
	for _, line := range []string{"/attest 1", "/approve 1 00000000", "/approve 00000000"} {
		w := deskWorld(t, Proof)
		d := w.hand(w.says(whois("ada"), line))
		if slices.ContainsFunc(d.Reasons, func(r Reason) bool { return strings.HasSuffix(r.String(), ", public)") }) {
			t.Errorf("%s is refused as if it told something: %v", line, d.Reasons)
		}
	}
}

// A private repository is as good as a desk.
func TestDisclosedInPrivate(t *testing.T) {
	w := newWorld(rulesAtDesk(t), time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	w.private = true
	w.lead(Triage, storyBodies(t), "complete", func(ev Event) { w.hand(ev) })
	if d := w.hand(w.says(whois("ada"), "/why")); !carriedOut(d) {
		t.Errorf("/why is refused in a private repository: %v", d.Reasons)
	}
}

func deskComments(d Decision) int {
	n := 0
	for _, e := range d.Effects {
		if c, ok := e.(Comment); ok && c.Desk {
			n++
		}
	}
	return n
}

// Thirty comments a day at most, of which twenty answer commands: alerts find
// room when somebody plays with the bot. The next day there is room again.
func TestDeskLimit(t *testing.T) {
	w := deskWorld(t, Triage)
	posted, left := 0, 0
	for range deskReplies + 5 {
		w.now = w.now.Add(time.Minute)
		d := w.hand(w.saysAtDesk(whois("hal"), "/why"))
		posted += deskComments(d)
		left += strings.Count(fmt.Sprint(d.Reasons), "desk-left-out(why)")
	}
	if posted != deskReplies || left != 5 {
		t.Errorf("%d answers and %d left out, want %d and 5", posted, left, deskReplies)
	}
	alerts := 0
	for i := range deskLimit {
		m := w.rules.move(Request{Issue: w.issue, Memory: w.memory, Form: w.rules.Form(w.issue)}, Event{Kind: Tick}, w.now)
		m.alert(AlertCodes()[i%len(AlertCodes())], Security) // of one kind alone there are few: TestAlertsLeaveRoom
		m.tellDesk()
		w.memory = m.next
		alerts += deskComments(Decision{Effects: m.effects})
	}
	if want := deskLimit - deskReplies; alerts != want {
		t.Errorf("%d alerts, want %d", alerts, want)
	}
	w.now = w.now.Add(24 * time.Hour)
	if d := w.hand(w.saysAtDesk(whois("hal"), "/why")); deskComments(d) != 1 || len(d.Memory.DeskRecent) != 1 {
		t.Errorf("a day later: %d answers, %d counted, want 1 of each", deskComments(d), len(d.Memory.DeskRecent))
	}
}

// Without a desk an alert is a reason, which the shell logs, and nothing else.
func TestAlertWithoutDesk(t *testing.T) {
	w := newWorld(testRules(t, storyPolicy(t)), time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	w.lead(Triage, storyBodies(t), "complete", func(ev Event) { w.hand(ev) })
	m := w.rules.move(Request{Issue: w.issue, Memory: w.memory, Form: w.rules.Form(w.issue)}, Event{Kind: Tick}, w.now)
	m.alert(AlertLate, Helpers)
	m.settle()
	if len(m.effects) > 0 {
		t.Errorf("it does %v", m.effects)
	}
	if got, want := fmt.Sprint(m.reasons), "[alert(late, helpers)]"; got != want {
		t.Errorf("the reasons are %s, want %s", got, want)
	}
}

// An alert names the role to mention, and what it is about.
func TestAlertAtDesk(t *testing.T) {
	w := deskWorld(t, Triage)
	m := w.rules.move(Request{Issue: w.issue, Memory: w.memory, Form: w.rules.Form(w.issue)}, Event{Kind: Tick}, w.now)
	m.alert(AlertObjection, Security)
	m.settle()
	want := Text{Name: TextAlert, Alert: AlertObjection, To: Security}
	for _, e := range m.effects {
		c, ok := e.(Comment)
		if !ok {
			continue
		}
		if got := (Text{Name: c.Text.Name, Alert: c.Text.Alert, To: c.Text.To, Author: c.Text.Author}); c.Name != "desk:1" || !c.Desk || !cmp.Equal(got, want) {
			t.Errorf("got %s: %+v, want desk:1: %+v", c.Name, got, want)
		}
		return
	}
	t.Errorf("nothing is posted: %v", m.effects)
}

// The desk moves: the new one gets every open request.
func TestDeskMoves(t *testing.T) {
	w := deskWorld(t, Triage)
	if d := w.hand(Event{Kind: Tick}); len(d.Effects) > 0 {
		t.Fatalf("not settled: %v", d.Effects)
	}
	w.rules.Repositories[0].Desk = &Repository{ID: 700100, Owner: "octo-registry", Name: "new-desk"}
	if d := w.hand(Event{Kind: Tick}); len(d.Effects) != 1 || d.Effects[0].Key() != "desk" {
		t.Errorf("at a new desk it does %v, want the desk alone", d.Effects)
	}
	w.rules.Repositories[0].Desk = nil
	if d := w.hand(w.says(whois("hal"), "/ask detail")); slices.ContainsFunc(d.Effects, AtDesk) {
		t.Errorf("without a desk it does %v", d.Effects)
	}
}

// The staff summary that was edited or deleted by hand is written anew.
func TestDeskErased(t *testing.T) {
	w := deskWorld(t, Triage)
	d := w.hand(Event{Kind: Erased, Actor: whois("hal"), At: w.now, Desk: true})
	if len(d.Effects) != 1 || d.Effects[0].Key() != "desk" {
		t.Errorf("it does %v, want the desk alone", d.Effects)
	}
	d = w.hand(Event{Kind: Erased, Actor: whois("hal"), At: w.now})
	if len(d.Effects) != 1 || d.Effects[0].Key() != "status" {
		t.Errorf("it does %v, want the status alone", d.Effects)
	}
}

func carriedOut(d Decision) bool {
	return slices.ContainsFunc(d.Reasons, func(r Reason) bool { return r.Code == "command" })
}
