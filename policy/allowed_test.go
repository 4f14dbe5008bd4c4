package policy

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"
)

// TestAllowed uses each command in each state as each kind of person. What
// testdata/allowed.txt lists is carried out; everything else changes nothing.
func TestAllowed(t *testing.T) {
	allowed := readAllowed(t)
	rules, bodies := withDesk(testRules(t, storyPolicy(t))), storyBodies(t)
	people := map[string]string{
		"requester": "ann", "helper": "hal", "agent": "ada", "security": "eve", "stranger": "sam", "bot": "robo",
	}
	lines := map[string]string{
		"username": "/username jbber", "deny": "/deny abuse", "registry": "/registry pypi", "kind": "/kind lost-password",
		"proof": "/proof jbber-tools", "attest": "/attest 1", "approve": "/approve $DIGEST", "language": "/language en",
		"redirect": "/redirect bug", "duplicate": "/duplicate #7", "snooze": "/snooze 7d",
	}
	led := map[State]*world{}
	for _, s := range append(States(), None) {
		led[s] = newWorld(rules, time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
		body := "complete"
		if s == None {
			body = "bug"
		}
		led[s].lead(s, bodies, body, func(ev Event) { led[s].hand(ev) })
	}
	for _, c := range append(Commands(), CommandInfo{Name: "nonsense"}) {
		for role, name := range people {
			for _, s := range append(States(), None) {
				cell := c.Name + " by " + role + " in " + stateName(s)
				want, ok := allowed[cell]
				delete(allowed, cell)
				line := lines[c.Name]
				if line == "" {
					line = "/" + c.Name
				}
				w := led[s].fork()
				w.now = w.now.Add(time.Hour)
				if c.Name == "undo" {
					w.hand(w.says(whois(name), "/kind other"))
				}
				before := w.memory
				d := w.hand(w.saysWhereFit(whois(name), line))
				if got := carriedOut(d); got != ok {
					t.Errorf("%s: carried out: %v, want %v; it does %v because %v", cell, got, ok, d.Effects, d.Reasons)
				}
				if ok {
					if got := d.Memory.State; want != s && got != want || want == s && got != s {
						t.Errorf("%s: then the state is %q, want %q", cell, got, want)
					}
					continue
				}
				if diff := diffOf(where(before), where(d.Memory)); diff != "" {
					t.Errorf("%s is refused and changes (-before +after):\n%s", cell, diff)
				}
				checkRefusal(t, cell, d, role == "stranger" || role == "bot" || s == None)
			}
		}
	}
	for cell := range allowed {
		t.Errorf("allowed.txt: nobody tried %s", cell)
	}
}

func stateName(s State) string {
	if s == None {
		return "none"
	}
	return string(s)
}

// where is the part of a memory that a refused command must leave alone.
func where(m Memory) Memory {
	return Memory{
		State: m.State, Turn: m.Turn, Since: m.Since, Queued: m.Queued, Ended: m.Ended, Stage: m.Stage,
		Registry: m.Registry, SaidRegistry: m.SaidRegistry, Kind: m.Kind, Marks: m.Marks, SaidKind: m.SaidKind, GoesTo: m.GoesTo,
		Account: m.Account, Said: m.Said, Flags: m.Flags, Ask: m.Ask, Reopened: m.Reopened, Denials: m.Denials, Label: m.Label,
		Steps: m.Steps, Evidence: m.Evidence, Approvals: m.Approvals, Quorum: m.Quorum, Notice: m.Notice, NewAddress: m.NewAddress,
		Hold: m.Hold, Objections: m.Objections, Snooze: m.Snooze, Redirect: m.Redirect, Duplicate: m.Duplicate, Revoked: m.Revoked,
	}
}

// checkRefusal: a refusal is a reaction and a reply, and silence to those who
// have no say.
func checkRefusal(t *testing.T, cell string, d Decision, silent bool) {
	t.Helper()
	for _, e := range d.Effects {
		r, reaction := e.(React)
		_, reply := e.(Comment)
		reply = reply && (strings.HasPrefix(e.Key(), "notify:") || strings.HasPrefix(e.Key(), "desk:"))
		fits := reaction && (r.Content == "confused" || r.Content == "eyes") || reply
		if silent {
			fits = reaction && r.Content == "eyes"
		}
		if !fits {
			t.Errorf("%s is refused and does %s", cell, e)
		}
	}
}

func stateNames(states []State) string {
	var names []string
	for _, s := range states {
		names = append(names, string(s))
	}
	return strings.Join(names, " ")
}

// readAllowed returns the state after each allowed cell.
func readAllowed(t *testing.T) map[string]State {
	t.Helper()
	src, err := os.ReadFile("testdata/allowed.txt")
	if err != nil {
		t.Fatal(err)
	}
	groups := map[string]string{
		"open":     stateNames(openStates()),
		"early":    "incomplete triage asked proof review",
		"any":      stateNames(States()),
		"insiders": "requester helper agent security",
		"staff":    "helper agent security",
	}
	expand := func(words string) []string {
		for g, members := range groups {
			words = strings.ReplaceAll(words, g, members)
		}
		return strings.Fields(words)
	}
	cells := map[string]State{}
	for i, line := range strings.Split(string(src), "\n") {
		line, _, _ = strings.Cut(line, "#")
		f := strings.Split(line, "|")
		if strings.TrimSpace(line) == "" {
			continue
		}
		if len(f) != 4 {
			t.Fatalf("allowed.txt:%d: want COMMAND | WHO | STATES | STATE AFTER", i+1)
		}
		for _, role := range expand(f[1]) {
			for _, s := range expand(f[2]) {
				after := strings.TrimSpace(f[3])
				if after == "same" {
					after = s
				}
				cells[fmt.Sprintf("%s by %s in %s", strings.TrimSpace(f[0]), role, s)] = State(after)
			}
		}
	}
	return cells
}
