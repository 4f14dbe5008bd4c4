package policy

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/internal/sample"
)

const (
	eventsAtLeast = 20 // how often each event must have met each state
	lineAtLeast   = 5  // how often each command must have met each state

	modelEnough = 700 // in so many histories something becomes ready in each way
)

// modelHistories are the numbers of random histories.
func modelHistories() sample.Sizes { return sample.Sizes{Plain: modelEnough, Race: 40, All: 2000} }

// everyPerson is how far the people are apart who are let to write a line or do a thing.
func everyPerson() sample.Sizes { return sample.Sizes{Plain: 3, Race: 29, All: 1} }

const (
	ivyID = 18 // another helper
	oldID = 19 // has the login that Ada had
)

// cast are the people of the model: the requester, two helpers, two agents,
// security, a stranger, another bot; an agent under a new login, and a
// stranger under the old one.
func cast() []Actor {
	return []Actor{
		whois("ann"), whois("hal"),
		{ID: ivyID, Login: "ivy"},
		whois("ada"), whois("pat"), whois("eve"), whois("sam"), whois("robo"),
		{ID: adaID, Login: "ada-renamed"},
		{ID: oldID, Login: "ada"},
	}
}

// gates are the policies of the model: the common one, one with another gate
// section, and that of a small team.
func gates(t testing.TB) []*Rules {
	base := withDesk(twoRegistries(t))
	other, team := *base, *base
	other.Version, team.Version = "b", "c"
	other.Protected = []string{"jbbez", "jbber"}
	other.Paths, team.Paths = slices.Clone(base.Paths), slices.Clone(base.Paths)
	other.Paths[1].Wait = 10 * 24 * time.Hour
	team.Paths[0].Approvals, team.Paths[0].Veto = 1, Security
	return []*Rules{base, &other, &team}
}

func newModel(t *testing.T) *model {
	return &model{gates: gates(t), bodies: modelBodies(storyBodies(t)), met: map[string]int{}, ready: map[string]int{}}
}

// TestModel lets everybody do everything in random histories, in which webhooks
// are lost, comments deleted, teams cannot be read and policies change. An
// oracle of its own judges each decision.
func TestModel(t *testing.T) {
	m := newModel(t)
	n := checks(t, modelHistories())
	rapid.Check(t, m.history)
	for _, how := range []string{"tick", "commanded"} { // else the oracle would have had nothing to judge
		if m.ready[how] == 0 && n >= modelEnough && !t.Failed() {
			t.Errorf("nothing was ever ready by %q", how)
		}
	}
}

// TestEveryPair lets each person write each command and do each thing in each
// state, before the same oracle.
func TestEveryPair(t *testing.T) {
	m := newModel(t)
	apart := everyPerson().Of(t)
	m.everyPair(t, apart)
	if apart > len(cast()) {
		return // some pairs are left out
	}
	for _, s := range append(States(), None) {
		for _, k := range eventKinds() {
			if n := m.met[pair(s, k)]; n < eventsAtLeast/apart {
				t.Errorf("the event %q met the state %q %d times, want at least %d", k, s, n, eventsAtLeast/apart)
			}
		}
		for _, c := range Commands() {
			if n := m.met[string(s)+" /"+c.Name]; n < lineAtLeast/apart {
				t.Errorf("the command %q met the state %q %d times, want at least %d", c.Name, s, n, lineAtLeast/apart)
			}
		}
	}
}

type model struct {
	gates  []*Rules
	bodies map[string]string
	met    map[string]int
	ready  map[string]int // how often something became ready, by the event
	led    map[start]*actor
}

// modelBodies are the bodies of the stories, and what people make of one.
func modelBodies(bodies map[string]string) map[string]string {
	all := map[string]string{}
	for _, name := range []string{"complete", "has-codes", "other-account", "no-name", "hacked", "empty", "prose", "test-site"} {
		all[name] = bodies[name]
	}
	all["reworded"] = strings.Replace(bodies["complete"], "broke", "fell", 1)
	all["with-address"] = strings.Replace(bodies["complete"], "is gone.", "is gone. a@b.example", 1)
	all["with-secret"] = strings.Replace(bodies["complete"], "is gone.", "is gone. "+secretToken, 1)
	all["masked"] = strings.Replace(bodies["complete"], "is gone.", "is gone. [removed: token]", 1)
	all["lost-email"] = strings.Replace(bodies["complete"], "My phone broke", "I lost access to my email", 1)
	return all
}

// actor is one history of the model.
type actor struct {
	*runner
	m      *model
	oracle *oracle
	late   []Event
	old    Issue // an older snapshot
}

func (m *model) begin(t failer, draw *rapid.T, gate int) *actor {
	w := newWorld(m.gates[gate], time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	w.members = map[string][]int64{"octo-registry/agents": {adaID, patID}, "octo-registry/helpers": {halID, ivyID}}
	h := &historian{rules: m.gates[0], desk: m.gates[0], bodies: m.bodies, met: m.met}
	return &actor{runner: &runner{t: t, draw: draw, h: h, w: w}, m: m, oracle: newOracle(t, w)}
}

// beginIn is a history that begins in a state. What leads there is judged once.
func (m *model) beginIn(t *rapid.T, gate int, to State, body string) *actor {
	from := start{m.gates[gate], to, body}
	if m.led[from] == nil {
		led := m.begin(t, t, gate)
		led.lead(to, body)
		if m.led == nil {
			m.led = map[start]*actor{}
		}
		m.led[from] = led
	}
	a := m.led[from].fork(t)
	a.draw = t
	return a
}

// lead brings the issue into a state.
func (a *actor) lead(to State, body string) {
	if to == None {
		body = "prose"
	}
	a.w.lead(to, a.m.bodies, body, a.hand)
	a.old = a.w.issue
}

// hand lets the bot decide, and the oracle judge.
func (a *actor) hand(ev Event) {
	q, ev := a.w.request(ev)
	a.decideOn(q, ev)
	a.old = a.w.issue
	a.old.Labels = slices.Clone(a.w.issue.Labels)
}

func (a *actor) decideOn(q Request, ev Event) {
	if ev.Kind == Commanded {
		a.m.met[string(q.Memory.State)+" /"+ev.Command.Name]++
	}
	a.oracle.t = a.t
	a.judge = func(d Decision) { a.oracle.judge(q, ev, d) }
	d := a.decide(q, ev)
	if d.Memory.State == Ready && q.Memory.State != Ready {
		a.m.ready[string(ev.Kind)]++
	}
	statuses := 0
	for _, e := range a.w.pending {
		if c, ok := e.(Comment); ok && c.Name == "status" {
			statuses++
		}
	}
	if statuses > 1 {
		a.t.Fatalf("%d status comments wait", statuses)
	}
}

// fork copies a history, to go on from it in more than one way.
func (a *actor) fork(t failer) *actor {
	w := a.w.fork()
	w.fates, w.members = maps.Clone(a.w.fates), maps.Clone(a.w.members)
	r := *a.runner
	r.t, r.w = t, w
	return &actor{runner: &r, m: a.m, oracle: a.oracle.fork(t, w), old: a.old}
}

// everyPair lets each person write each line and do each thing in each state,
// in public and at the desk in turn. Of the people only every so many does each, but
// each does something in each state.
func (m *model) everyPair(t *testing.T, apart int) {
	turn := 0
	for i, s := range append(States(), None) {
		led := m.begin(t, nil, 0)
		led.lead(s, "complete")
		for j, who := range cast() {
			for l, line := range modelLines() {
				if (i+j+l)%apart != 0 {
					continue
				}
				turn++
				a := led.fork(t)
				a.pass(time.Minute)
				if turn%3 == 0 && a.w.atDesk {
					a.hand(a.w.saysAtDesk(who, line))
				} else {
					a.hand(a.w.says(who, line))
				}
				if turn%4 == 0 {
					a.hand(Event{Kind: Tick})
				}
			}
			for e, k := range eventKinds() {
				for variant := range 3 {
					if (i+j+e+variant)%apart != 0 {
						continue
					}
					a := led.fork(t)
					a.pass(time.Duration(variant) * 11 * 24 * time.Hour)
					a.hand(a.does(k, who, slices.Sorted(maps.Keys(m.bodies))[turn%len(m.bodies)]))
					turn++
				}
			}
		}
	}
}

// does is an event of a kind by somebody.
func (a *actor) does(k EventKind, who Actor, body string) Event {
	w := a.w
	switch k {
	case Edited:
		return w.edits(who, a.m.bodies[body])
	case Commented:
		return w.says(who, []string{"This is my account!", "It is " + secretToken}[w.comment%2])
	case ClosedHand:
		return w.closes(who)
	case ReopenedHand:
		return w.reopens(who)
	case Labeled:
		return w.labels(who, w.rules.Requests.Label, !w.issue.HasLabel(w.rules.Requests.Label))
	case Unverified:
		ev := w.says(who, "/complete")
		ev.Kind = Unverified
		return ev
	case Commanded:
		return w.says(who, "/help")
	case Gone:
		w.gone = true
		return Event{Kind: Gone}
	case Opened, Erased:
		return w.touch(who, k)
	case Adopted, Seen, Mailed, Tick:
	}
	return Event{Kind: k, At: w.now}
}

// modelLines are commands: each of the version, well used or not.
func modelLines() []string {
	return []string{
		"/help", "/status", "/username jbber", "/username jbbez", "/username unknown", "/username a@b.example", "/done", "/solved", "/withdraw",
		"/reopen", "/ask", "/ask detail", "/deny abuse", "/deny", "/complete", "/complete outside", "/recheck", "/ignore", "/assign", "/unassign",
		"/usernam", "/kind lost-email", "/kind compromised", "/kind other", "/registry testpypi", "/registry pypi", "/language es", "/why", "/undo",
		"/mailed", "/redirect bug", "/duplicate #7", "/snooze 7d", "/proof", "/proof jbber-tools", "/proof jbber-tools notified", "/cannot",
		"/notified", "/notified new-address", "/attest 1", "/attest 2", "/attest 3", "/attest 5", "/attest 6", "/attest 7", "/attest 8", "/attest 10",
		"/attest mailbox", "/approve $DIGEST", "/approve 1 7 notified $DIGEST", "/approve 1 5 $DIGEST", "/approve 5 $DIGEST", "/approve 3 5 notified $DIGEST",
		"/approve 1 10 notified $DIGEST", "/approve 10 $DIGEST", "/approve new-address 3 5 notified $DIGEST", "/approve deadbeef", "/unapprove",
		"/hold", "/hold objection", "/resume", "/object",
	}
}
