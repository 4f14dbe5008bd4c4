package policy

import (
	"maps"
	"slices"
	"time"

	"pgregory.net/rapid"
)

// history is one random history.
func (m *model) history(t *rapid.T) {
	gate := rapid.IntRange(0, len(m.gates)-1).Draw(t, "gate")
	states := append(States(), Triage, Proof, Review, Review, Waiting, Waiting, Waiting, Ready, Ready, Held, None)
	state := rapid.SampledFrom(states).Draw(t, "state")
	a := m.beginIn(t, gate, state, rapid.SampledFrom([]string{"complete", "complete", "lost-email"}).Draw(t, "first"))
	for range rapid.IntRange(1, 12).Draw(t, "steps") {
		a.step()
	}
}

// step is one thing that happens, after some time.
func (a *actor) step() {
	hour, day := time.Hour, 24*time.Hour
	a.pass(rapid.SampledFrom([]time.Duration{0, time.Minute, time.Minute, time.Minute, hour, 23 * hour, 3 * day, 7 * day, 15 * day}).Draw(a.draw, "pause"))
	if a.w.stuck {
		a.writeSome()
	}
	a.w.stuck = rapid.IntRange(0, 7).Draw(a.draw, "stuck") == 0
	switch rapid.SampledFrom([]string{"event", "event", "event", "command", "command", "command", "march", "fault", "fault", "time"}).Draw(a.draw, "what") {
	case "march":
		a.march()
	case "fault":
		a.fault()
	case "time":
		if !a.w.memory.WakeAt.IsZero() {
			a.w.now = later(a.w.now, a.w.memory.WakeAt)
		}
		a.hand(Event{Kind: Tick})
	case "event":
		k := rapid.SampledFrom(slices.DeleteFunc(eventKinds(), func(k EventKind) bool { return k == Gone })).Draw(a.draw, "event")
		a.deliver(a.does(k, a.someone(), rapid.SampledFrom(slices.Sorted(maps.Keys(a.m.bodies))).Draw(a.draw, "body")))
	default:
		a.deliver(a.says(a.someone(), rapid.SampledFrom(modelLines()).Draw(a.draw, "line")))
	}
	if len(a.late) > 0 && rapid.Bool().Draw(a.draw, "arrives") {
		a.hand(a.late[0])
		a.late = a.late[1:]
	}
}

func (a *actor) someone() Actor { return rapid.SampledFrom(cast()).Draw(a.draw, "who") }

// march is what people write who want the request to be ready: honest ones, or
// not.
func (a *actor) march() {
	staff := []Actor{whois("hal"), whois("ada"), whois("ada"), whois("pat"), whois("eve"), {ID: ivyID, Login: "ivy"}, whois("ann")}
	lines := []string{
		"/attest 1", "/attest 5", "/attest 7", "/attest 3", "/approve $DIGEST", "/approve $DIGEST", "/approve 1 5 $DIGEST", "/approve 5 $DIGEST",
		"/notified", "/notified", "/resume", "/unapprove", "/undo", "/complete",
	}
	if a.w.memory.State == Waiting && rapid.Bool().Draw(a.draw, "at the end of the time") {
		a.w.now = later(a.w.now, a.w.memory.WakeAt)
	}
	for range rapid.IntRange(2, 6).Draw(a.draw, "marches") {
		a.pass(time.Minute)
		who := rapid.SampledFrom(staff).Draw(a.draw, "staff")
		a.hand(a.says(who, rapid.SampledFrom(lines).Draw(a.draw, "toward")))
	}
}

// fault is what changes with its webhook lost, or beside the issue.
func (a *actor) fault() {
	w := a.w
	switch rapid.SampledFrom([]string{"comment", "comment", "edit", "team", "team back", "policy", "author in team", "close"}).Draw(a.draw, "fault") {
	case "comment":
		standing := w.memory.standing()
		if len(standing) > 0 {
			gone := rapid.SampledFrom(standing).Draw(a.draw, "comment")
			w.fates[gone.ID] = rapid.SampledFrom([]Kept{CommentGone, CommentEdited}).Draw(a.draw, "fate")
		}
	case "edit":
		w.edits(whois("ann"), a.m.bodies[rapid.SampledFrom(slices.Sorted(maps.Keys(a.m.bodies))).Draw(a.draw, "unseen body")])
	case "team":
		left := rapid.SampledFrom([]int64{halID, adaID, patID, ivyID}).Draw(a.draw, "leaves")
		for name, ids := range w.members {
			w.members[name] = slices.DeleteFunc(slices.Clone(ids), func(id int64) bool { return id == left })
		}
	case "team back":
		w.members = map[string][]int64{"octo-registry/agents": {adaID, patID}, "octo-registry/helpers": {halID, ivyID}}
	case "author in team":
		w.members["octo-registry/agents"] = append(slices.Clone(w.members["octo-registry/agents"]), annID)
	case "policy":
		w.rules = rapid.SampledFrom(a.m.gates).Draw(a.draw, "policy")
	case "close":
		w.closes(a.someone())
	}
	if rapid.Bool().Draw(a.draw, "looked at") {
		a.hand(Event{Kind: Tick})
	}
}

// deliver hands an event over, or not, or later, or with what could be read.
func (a *actor) deliver(ev Event) {
	switch rapid.SampledFrom([]string{"", "", "", "", "", "lost", "late", "twice", "stale", "unknown"}).Draw(a.draw, "delivery") {
	case "lost":
		return
	case "late":
		a.late = append(a.late, ev)
		return
	case "twice":
		a.hand(ev)
	case "stale":
		fresh := a.w.issue
		a.w.issue, a.w.stale = a.old, true
		a.w.issue.Labels = slices.Clone(a.old.Labels)
		q, ev := a.w.request(ev)
		a.decideOn(q, ev)
		a.w.issue, a.w.stale = fresh, false
		return
	case "unknown":
		a.w.unknown = true
		a.hand(ev)
		a.w.unknown = false
		return
	}
	a.hand(ev)
}
