package policy

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestNewStates lets one thing happen in each of the states of proof and
// approval: what everybody does holds there, too.
func TestNewStates(t *testing.T) {
	type is struct {
		State State
		Turn  Turn
		Label string
	}
	label := func(name string) string { return "recovery: " + name }
	bump := func(s State, name string) is { return is{s, s.entry(), label(name)} }
	for name, c := range map[string]struct {
		in   State
		do   func(*world) Event
		want is
		why  string
	}{
		"proof, an answer":          {Proof, line("ann", "done"), is{Proof, Staff, label("review")}, "answered"},
		"proof, staff's prose":      {Proof, line("hal", "hm"), bump(Proof, "author's turn"), "not-in-table"},
		"proof, an edit":            {Proof, (*world).editsAgain, is{Proof, Staff, label("review")}, "answered"},
		"proof, a mail":             {Proof, mails, is{Proof, Staff, label("review")}, "mail-came"},
		"waiting, a mail":           {Waiting, mails, bump(Waiting, "safety time"), "mail-came"},
		"completed, a mail":         {Completed, mails, bump(Completed, "completed"), "not-in-table"},
		"proof, /mailed":            {Proof, line("hal", "/mailed"), bump(Proof, "author's turn"), "command"},
		"proof, /mailed words":      {Proof, line("hal", "/mailed it"), bump(Proof, "author's turn"), "refused"},
		"waiting, a bump":           {Waiting, line("ann", "any update?"), bump(Waiting, "safety time"), "bump"},
		"ready, a bump":             {Ready, line("ann", "any update?"), bump(Ready, "ready"), "bump"},
		"hold, a bump":              {Held, line("ann", "any update?"), bump(Held, "paused"), "bump"},
		"hold, an edit":             {Held, (*world).editsAgain, bump(Held, "paused"), "edited"},
		"waiting, staff's prose":    {Waiting, line("hal", "hm"), bump(Waiting, "safety time"), "not-in-table"},
		"waiting, the author":       {Waiting, closes("ann"), is{Withdrawn, Nobody, label("withdrawn")}, "closed-by-requester"},
		"hold, the author":          {Held, closes("ann"), is{Withdrawn, Nobody, label("withdrawn")}, "alert"},
		"hold, /withdraw":           {Held, line("ann", "/withdraw"), is{Withdrawn, Nobody, label("withdrawn")}, "alert"},
		"hold, security":            {Held, closes("eve"), is{Closed, Nobody, ""}, "alert"},
		"waiting, an agent":         {Waiting, closes("ada"), is{Closed, Nobody, ""}, "closed-by-hand"},
		"ready, an agent":           {Ready, closes("ada"), is{Completed, Nobody, label("completed")}, "closed-by-agent"},
		"ready, a helper":           {Ready, closes("hal"), is{Closed, Nobody, ""}, "closed-by-hand"},
		"ready, a stranger":         {Ready, closes("sam"), is{Closed, Nobody, ""}, "closed-by-hand"},
		"ready, the author":         {Ready, closes("ann"), is{Withdrawn, Nobody, label("withdrawn")}, "closed-by-requester"},
		"ready, a lost closing":     {Ready, lost(closes("ada")), is{Completed, Nobody, label("completed")}, "closed-by-agent"},
		"ready, teams not known":    {Ready, unknown(closes("ada")), is{Closed, Nobody, ""}, "closed-by-hand"},
		"hold, the label taken off": {Held, unlabeled, is{Ignored, Nobody, ""}, "alert"},
		"duplicate, /reopen":        {Duplicate, line("ann", "/reopen"), bump(Duplicate, "duplicate"), "refused"},
		"elsewhere, by hand":        {Elsewhere, reopens("hal"), is{Triage, Staff, label("triage")}, "reopened-by-hand"},
	} {
		w := ledTo(t, c.in)
		d := w.hand(c.do(w))
		got := is{State: d.Memory.State, Turn: d.Memory.Turn, Label: d.Memory.Label}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if !slices.ContainsFunc(d.Reasons, func(r Reason) bool { return r.Code == c.why }) {
			t.Errorf("%s: the reasons are %v, want %s", name, d.Reasons, c.why)
		}
	}
}

// TestMailedAtDesk: the requester sees no comment of the desk, so the bot tells
// them to answer the mail.
func TestMailedAtDesk(t *testing.T) {
	rules := *withDesk(twoRegistries(t))
	w := brought(t, &rules, Proof)
	d := w.hand(w.saysAtDesk(whois("hal"), "/mailed"))
	told := slices.ContainsFunc(d.Effects, func(e Effect) bool {
		c, ok := e.(Comment)
		return ok && !c.Desk && c.Text.Name == TextProof
	})
	if !told || d.Memory.Turn != Requester || d.Memory.Told != 0 {
		t.Errorf("told: %v, turn %s, by comment %d of the issue; want true, %s, 0", told, d.Memory.Turn, d.Memory.Told, Requester)
	}
}

// ledTo is a request in a state, an hour after it came there.
func ledTo(t *testing.T, s State) *world {
	t.Helper()
	w := newWorld(testRules(t, storyPolicy(t)), time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	w.lead(s, storyBodies(t), "complete", func(ev Event) { w.hand(ev) })
	w.now = w.now.Add(time.Hour)
	return w
}

func line(who, text string) func(*world) Event {
	return func(w *world) Event { return w.says(whois(who), text) }
}

func closes(who string) func(*world) Event {
	return func(w *world) Event { return w.closes(whois(who)) }
}

func reopens(who string) func(*world) Event {
	return func(w *world) Event { return w.reopens(whois(who)) }
}

func (w *world) editsAgain() Event { return w.edits(w.issue.Author, w.issue.Body+"\n") }

func mails(w *world) Event { return Event{Kind: Mailed, At: w.now} }

func unlabeled(w *world) Event { return w.labels(whois("hal"), w.rules.Requests.Label, false) }

// lost is something of which no event tells.
func lost(do func(*world) Event) func(*world) Event {
	return func(w *world) Event {
		do(w)
		return Event{Kind: Tick}
	}
}

// unknown is something while nobody knows who is in which team.
func unknown(do func(*world) Event) func(*world) Event {
	return func(w *world) Event {
		w.unknown = true
		return do(w)
	}
}

// TestClosedInReadyWaits: while nobody can tell whether an agent closed it,
// the teams are named, so that the decision waits.
func TestClosedInReadyWaits(t *testing.T) {
	for by, want := range map[string]bool{"ada": true, "sam": true, "ann": false} {
		w := ledTo(t, Ready)
		ev := w.closes(whois(by))
		q := Request{Issue: w.issue, Memory: w.memory, Facts: Facts{Same: SameOf(w.issue, w.memory)}}
		for _, kind := range []EventKind{ClosedHand, Tick, Seen} {
			ev.Kind = kind
			if got := !Known(w.rules.Needs(q, ev), q.Facts); got != want {
				t.Errorf("closed by %s, then %s: waits %v, want %v", by, kind, got, want)
			}
		}
	}
}

// TestProofIsVoid: after a decision all that was shown is void. After any other
// end evidence stays, and the owner must hear of it again.
func TestProofIsVoid(t *testing.T) {
	for name, c := range map[string]struct {
		end  func(*world) Event
		then func(*world) Event
		void int
		want State
		told bool // notice and approvals stand
	}{
		"completed, by hand":     {closes("ada"), reopens("hal"), 1, Triage, false},
		"completed, /reopen":     {closes("ada"), line("ann", "/reopen"), 1, Triage, false},
		"denied":                 {line("ada", "/deny unprovable"), line("ann", "/reopen"), 1, Triage, false},
		"withdrawn":              {line("ann", "/withdraw"), line("ann", "/reopen"), 0, Triage, false},
		"closed by hand":         {closes("hal"), reopens("hal"), 0, Triage, false},
		"denied, and taken back": {line("ada", "/deny abuse"), line("ada", "/undo"), 0, Waiting, true},
	} {
		w := ledTo(t, Ready)
		w.hand(c.end(w))
		w.now = w.now.Add(time.Minute)
		m := w.hand(c.then(w)).Memory
		shown, told := len(m.Evidence) > 0, m.Notice != nil && len(m.Approvals) > 0 && !m.Quorum.IsZero()
		if m.State != c.want || m.Revoked != c.void || shown == (c.void > 0) || told != c.told {
			t.Errorf("%s: got %s, void %d times, shown %v, told %v; want %s, %d, told %v", name, m.State, m.Revoked, shown, told, c.want, c.void, c.told)
		}
	}
}

// TestHoldOutlivesTheEnd: no end, and no way to begin again, lifts a hold.
func TestHoldOutlivesTheEnd(t *testing.T) {
	relabeled := func(w *world) Event { return w.labels(whois("hal"), w.rules.Requests.Label, true) }
	for name, way := range map[string][2]func(*world) Event{
		"withdrawn":          {line("ann", "/withdraw"), line("ann", "/reopen")},
		"closed by hand":     {closes("hal"), reopens("hal")},
		"out of the queue":   {unlabeled, relabeled},
		"out, and a recheck": {unlabeled, line("hal", "/recheck")},
		"denied, and undone": {line("eve", "/deny abuse"), line("eve", "/undo")},
	} {
		w := ledTo(t, Held)
		w.hand(way[0](w))
		w.now = w.now.Add(time.Minute)
		m := w.hand(way[1](w)).Memory
		if m.State != Held || m.Turn != OnSecurity || m.Hold == nil || m.Revoked != 0 {
			t.Errorf("%s: got %s, the turn of %s, hold %v", name, m.State, m.Turn, m.Hold)
		}
	}
}

// TestQueueOrder: security's first, then by the time of the hand-over.
func TestQueueOrder(t *testing.T) {
	at := func(hours int) time.Time { return time.Date(2026, 12, 3, hours, 0, 0, 0, time.UTC) }
	ms := []Memory{
		{State: Waiting, Turn: OnClock, Since: at(1)},
		{State: Review, Turn: Staff, Queued: at(3), Since: at(4)},
		{State: Completed, Since: at(1)},
		{State: Triage, Turn: Staff, Queued: at(2), Since: at(9)},
		{State: Held, Turn: OnSecurity, Queued: at(7), Since: at(8)},
		{State: Triage, Turn: Staff, GoesTo: Security, Queued: at(5), Since: at(5)},
		{State: Proof, Turn: Staff, Queued: at(1), Since: at(1)},
	}
	if diff := cmp.Diff([]int{5, 4, 6, 3, 1, 2, 0}, Queue(ms)); diff != "" {
		t.Errorf("the order (-want +got):\n%s", diff)
	}
}

// TestUndoNotAfter: some commands are not kept for /undo.
func TestUndoNotAfter(t *testing.T) {
	for _, line := range []string{"/assign", "/unassign", "/help", "/status", "/nonsense"} {
		w := ledTo(t, Triage)
		w.hand(w.says(whois("hal"), line))
		if w.memory.Undo != nil {
			t.Errorf("%s can be undone", line)
		}
	}
	if !slices.Contains(lasting(), "hold") {
		t.Error("who pauses a request could lift that alone")
	}
}
