package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// A report of a takeover is no way to get ahead. Two requests are the same, and
// the same people do the same with both, but for one report: what is reported is
// never ready, and never completed, before the other. Paths by which marked
// requests would be quicker are among the policies.
func TestTakeoverNeverSooner(t *testing.T) {
	bodies := storyBodies(t)
	var policies []*Rules
	for _, paths := range []string{
		"",
		"paths:\n  slow: {evidence: [[mailbox], [branch-attested]], not-for: [flagged], wait: 14d}\n  quick: {evidence: [[mailbox], [branch-attested]], wait: 72h}\n",
		"paths:\n  marked: {evidence: [[mailbox], [branch-attested]], only-for: [flagged], wait: 72h}\n  all: {evidence: [[mailbox], [branch-attested]], wait: 9d}\n",
		"paths:\n  more: {evidence: [[mailbox], [branch-attested]], not-for: [flagged], approvals: 3, wait: 72h}\n  less: {evidence: [[mailbox], [branch-attested]], wait: 72h}\n",
		"paths:\n  marked: {evidence: [[mailbox], [branch-attested]], only-for: [flagged], wait: 72h}\n",
	} {
		policies = append(policies, testRules(t, append(storyPolicy(t), paths...)))
	}
	reached := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		rules := rapid.SampledFrom(policies).Draw(t, "policy")
		var both [2]*world // the second is reported
		for i := range both {
			both[i] = newWorld(rules, time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
			both[i].lead(Triage, bodies, "complete", func(ev Event) { both[i].hand(ev) })
		}
		report := rapid.SampledFrom([]string{"/kind compromised by ann", "/kind compromised by eve", "hacked", "/hold takeover by hal"}).Draw(t, "report")
		at := rapid.IntRange(0, 6).Draw(t, "at")
		for i := range 14 {
			if i == at {
				reportTakeover(both[1], report, bodies)
			}
			step := rapid.SampledFrom(takeoverSteps()).Draw(t, "step")
			for n, w := range both {
				takeoverStep(w, step)
				if w.memory.State == Ready || w.memory.State == Completed {
					reached[fmt.Sprint(n)]++
				}
			}
			passed := func(m Memory) bool { return m.State == Ready || m.State == Completed }
			if passed(both[1].memory) && !passed(both[0].memory) {
				t.Fatalf("with the report (%s) it is %s, and without it %s", report, both[1].memory.State, both[0].memory.State)
			}
		}
	})
	if !t.Failed() && (reached["0"] == 0 || reached["1"] == 0) {
		t.Errorf("how often each was ready: %v: the test shows nothing", reached)
	}
}

func reportTakeover(w *world, report string, bodies map[string]string) {
	w.now = w.now.Add(time.Second)
	line, who, ok := strings.Cut(report, " by ")
	if !ok {
		w.issue.Title = "My account was hacked"
		w.hand(w.touch(whois("ann"), Edited))
		return
	}
	w.hand(w.says(whois(who), line))
}

// takeoverSteps are what people do, and time.
func takeoverSteps() []string {
	return []string{
		"ada: /approve 1 5 notified $DIGEST", "hal: /approve 5 $DIGEST", "pat: /approve $DIGEST", "pat: /attest 1", "hal: /notified",
		"ada: /approve 1 5 notified $DIGEST", "hal: /approve 5 $DIGEST", "pat: /approve $DIGEST",
		"eve: /resume", "ada: /resume", "ada: /complete", "+1d", "+3d", "+3d", "+7d", "+14d",
	}
}

// takeoverStep lets somebody act, or time pass with all its sweeps.
func takeoverStep(w *world, step string) {
	if days, ok := strings.CutPrefix(step, "+"); ok {
		var n int
		_, _ = fmt.Sscanf(days, "%dd", &n)
		end := w.now.AddDate(0, 0, n)
		for w.due() || !w.memory.WakeAt.IsZero() && !w.memory.WakeAt.After(end) {
			w.now = later(w.now, w.memory.WakeAt)
			w.hand(Event{Kind: Tick})
		}
		w.now = end
		return
	}
	who, line, _ := strings.Cut(step, ": ")
	w.now = w.now.Add(time.Minute)
	w.hand(w.says(whois(who), line))
}

// For every set of evidence and of approvals, and each policy that is lawful, a
// mark takes no path that asks for less than the one without it.
func TestMarkIsNoShortCut(t *testing.T) {
	r := testRules(t, append(storyPolicy(t), "paths:\n  first: {evidence: [[mailbox, linked], [branch-attested]], not-for: [flagged], approvals: 3, wait: 20d}\n"+
		"  second: {evidence: [[mailbox, linked, session], [branch-attested, branch-declared]], approvals: {agents: 1, security: 1}, wait: 7d}\n"+
		"  third: {evidence: [[session], [branch-declared]], only-for: [flagged], wait: 7d}\n"...))
	classes := Classes()
	for set := range 1 << len(classes) {
		var have []Class
		for i, c := range classes {
			if set&(1<<i) != 0 {
				have = append(have, c)
			}
		}
		marked, plain := r.strictest(have, []Trait{TraitFlagged}), r.strictest(have, nil)
		if len(plain) == 0 {
			if len(marked) != 0 {
				t.Fatalf("%v has no path, and marked it has %s", have, marked[0].Name)
			}
			continue
		}
		if len(marked) == 0 {
			continue
		}
		if longest(marked) < longest(plain) || !slices.Contains(marked, plain[0]) {
			t.Fatalf("%v: marked it waits %s, else %s", have, longest(marked), longest(plain))
		}
	}
}

// What is for security stands first: in the queue, and in the digest.
func TestTakeoverFirst(t *testing.T) {
	r := testRules(t, storyPolicy(t))
	now := time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)
	old := now.AddDate(0, 0, -20)
	reported := Memory{State: Triage, Turn: Staff, Since: now, Queued: now, Kind: KindLost2FA, Marks: []Kind{KindCompromised}, GoesTo: Security}
	all := []Memory{{State: Triage, Turn: Staff, Since: old, Queued: old}, {State: Ready, Turn: Staff, Since: old, Queued: old}, reported}
	if got := Queue(all); got[0] != 2 {
		t.Errorf("the queue begins with %d, want the report", got[0])
	}
	unfinished := Memory{State: Incomplete, Turn: Requester, Since: now, GoesTo: Security}
	if got := unfinished.Section(); got != ForSecurity {
		t.Errorf("a report whose form is not complete is %s", got)
	}
	var cases []DigestCase
	for i, m := range all {
		cases = append(cases, DigestCase{Issue: fmt.Sprintf("o/r#%d", i), Memory: m})
	}
	if got := r.Digest(cases, old, now).Oldest; got[0].Issue != "o/r#2" || !got[0].First {
		t.Errorf("the digest begins with %+v", got[0])
	}
}
