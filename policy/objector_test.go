package policy

import (
	"slices"
	"testing"
	"time"
)

// TestObjectorOfMany: two open objections of one person pause; what more there
// are, staff look at, and the request is not ready before.
func TestObjectorOfMany(t *testing.T) {
	for open, want := range map[int]State{0: Held, 1: Held, 2: Waiting, 3: Waiting} {
		w := ledTo(t, Ready)
		w.objections = open
		d := w.hand(w.says(whois("sam"), "/object"))
		alarm := slices.ContainsFunc(d.Reasons, func(r Reason) bool { return r.Code == "alert" && r.Args[0] == string(AlertObjector) })
		if d.Memory.State != want || alarm != (open == objectionsEach) {
			t.Errorf("with %d others: %s, alarm %v; want %s", open, d.Memory.State, alarm, want)
		}
		if want == Waiting && d.Memory.Turn != Staff {
			t.Errorf("with %d others: %s's turn, want staff's", open, d.Memory.Turn)
		}
	}
}

// TestMailAlwaysHolds: an objection that came by mail knows no limit.
func TestMailAlwaysHolds(t *testing.T) {
	w := ledTo(t, Waiting)
	w.objections = 10
	if d := w.hand(w.says(whois("hal"), "/hold objection")); d.Memory.State != Held || d.Memory.Objectors() != nil {
		t.Errorf("got %s, counted for %v; want hold, for nobody", d.Memory.State, d.Memory.Objectors())
	}
}

// TestAlertsLeaveRoom: thirty people who object use up nobody else's alerts.
func TestAlertsLeaveRoom(t *testing.T) {
	w := deskWorld(t, Triage)
	posted := 0
	for i := range 40 {
		w.now = w.now.Add(time.Minute)
		posted += deskComments(w.hand(w.says(Actor{ID: int64(9000 + i), Login: "x"}, "/object")))
	}
	if posted != sameAlerts {
		t.Errorf("%d alerts of objections, want %d", posted, sameAlerts)
	}
	m := w.rules.move(Request{Issue: w.issue, Memory: w.memory, Form: w.rules.Form(w.issue)}, Event{Kind: Tick}, w.now)
	m.alert(AlertVeto, Security)
	m.tellDesk()
	if deskComments(Decision{Effects: m.effects}) != 1 {
		t.Error("no room for another alert")
	}
}
