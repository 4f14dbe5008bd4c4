package policy

import (
	"cmp"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// What a bystander writes in any state changes nothing that anybody waits for,
// and is answered once, and only if it is an offer: random histories, each
// interrupted by several of them. The order of the queue stays.
func TestBystanders(t *testing.T) {
	rules := twoRegistries(t)
	h := &historian{rules: rules, desk: withDesk(rules), bodies: storyBodies(t), met: map[string]int{}}
	all := offersSaid(t)
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(rules, time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
		r := &runner{t: t, draw: t, h: h, w: w}
		r.lead(rapid.SampledFrom(append(States(), None)).Draw(t, "state"))
		for range rapid.IntRange(0, 4).Draw(t, "steps") {
			r.step()
		}
		w.stuck, w.stale, w.unknown = false, false, false
		w.write()
		w.now = w.now.Add(time.Minute)
		w.hand(w.touch(whois("hal"), Seen)) // what others did by hand is known, and mended
		before, warnings := w.memory, 0
		for range rapid.IntRange(1, 5).Draw(t, "bystanders") {
			said := rapid.SampledFrom(all).Draw(t, "said")
			d := w.hand(w.says(whois("sam"), said.text))
			for _, e := range d.Effects {
				c, ok := e.(Comment)
				if !ok || c.Text.Name != TextWarning {
					t.Fatalf("%q in %s: %s", said.text, before.State, e)
				}
				warnings++
			}
		}
		if warnings > 1 || warnings == 1 && slices.Contains(before.Flags, FlagOffer) {
			t.Fatalf("%d warnings", warnings)
		}
		if diff := gocmp.Diff(asWaits(before), asWaits(w.memory)); diff != "" {
			t.Fatalf("a bystander changed a request in %s (-before +after):\n%s", before.State, diff)
		}
		others := []Memory{{State: Triage, Turn: Staff, Queued: w.now.Add(-time.Hour)}, {State: Held, Turn: OnSecurity, Since: w.now, Queued: w.now}}
		if diff := gocmp.Diff(Queue(append(others, before)), Queue(append(others, w.memory))); diff != "" {
			t.Fatalf("the order of the queue (-before +after):\n%s", diff)
		}
	})
}

// asWaits is a memory without what a warning leaves: that it was given.
func asWaits(m Memory) Memory {
	m = m.clone()
	m.Notices, m.Recent, m.Held = 0, nil, nil
	m.Undo = nil // something happened since
	m.Flags = slices.DeleteFunc(m.Flags, func(f Flag) bool { return f == FlagOffer || f == FlagStaleSnapshot })
	if len(m.Flags) == 0 {
		m.Flags = nil
	}
	return m
}

// Nothing that a bot or an ignored account writes has any effect, in any state:
// each kind of event that a comment makes, by each kind of account.
func TestBotsUnanswered(t *testing.T) {
	rules := *twoRegistries(t)
	rules.Ignored = Group{Users: []int64{samID}}
	bodies := storyBodies(t)
	lines := []string{
		"same here", "I can recover your account, write to me on Telegram", "This is my account!",
		"/help", "/object", "/status", "/approve 1 7 notified $DIGEST", "/kind compromised", "/usernam",
	}
	for _, state := range append(States(), None) {
		for _, who := range []string{"robo", "sam"} {
			w := newWorld(&rules, time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
			body := map[State]string{None: "bug"}[state]
			w.lead(state, bodies, cmp.Or(body, "complete"), func(ev Event) { w.hand(ev) })
			for _, line := range lines {
				for _, kind := range []EventKind{Commented, Edited, Unverified} {
					w.now = w.now.Add(time.Second)
					before := w.memory
					ev := w.says(whois(who), line)
					if kind != Commented || ev.Kind != Commanded {
						ev.Kind = kind
					}
					d := w.hand(ev)
					if len(d.Effects) > 0 || diffOf(before, d.Memory) != "" {
						t.Errorf("%s by %s (%s) in %q: %v\n%s", line, who, kind, state, d.Effects, gocmp.Diff(before, d.Memory))
					}
				}
			}
		}
	}
}

// An ignored account has no role, whatever team it is in, and never approves.
func TestIgnoredHasNoRole(t *testing.T) {
	r := testRules(t, append(storyPolicy(t), "ignored: {users: [13]}\n"...)) // ada
	f := Facts{Members: storyMembers()}
	if roles := r.roles(whois("ada"), f); roles != nil {
		t.Errorf("an ignored agent has the roles %v", roles)
	}
	if roles := r.roles(whois("pat"), f); len(roles) != 1 {
		t.Errorf("another agent has the roles %v", roles)
	}
}

// In a loop with a bot that answers each comment of ours, we write at most once.
func TestBotLoop(t *testing.T) {
	rules := *twoRegistries(t)
	rules.Ignored = Group{Users: []int64{samID}}
	w := newWorld(&rules, time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	w.lead(Triage, storyBodies(t), "complete", func(ev Event) { w.hand(ev) })
	writes := 0
	for i := range 1000 {
		who := []string{"robo", "sam"}[i%2]
		w.now = w.now.Add(time.Second)
		for _, e := range w.hand(w.says(whois(who), "I can recover your account: t.me/fix_it")).Effects {
			t.Logf("%d: %s", i, e)
			writes++
		}
	}
	if writes > 0 {
		t.Errorf("%d writes", writes)
	}
}
