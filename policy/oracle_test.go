package policy

import (
	"maps"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/parser"
)

// oracle judges each decision by what people did and how things are, as
// DOMAIN.md says it. It asks nothing of the gate that it judges: of a memory it
// reads what is counted, and looks up itself who wrote that, when, and of what.
type oracle struct {
	t         failer
	w         *world
	said      map[int64]spoken // the commands that were carried out, by comment
	objecting map[int64]bool   // whose objection is open
	objected  map[int64]bool   // who ever objected
	claimed   bool             // a stranger says that the account is theirs
}

// spoken is a command that was carried out, and what it was of.
type spoken struct {
	who                      Actor
	at                       time.Time
	line                     parser.Command
	registry, account, body  string
	protected                string // the policy's word for the gate then
	newAddress               bool
	approvals, ordinaryHours int
}

func newOracle(t failer, w *world) *oracle {
	return &oracle{t: t, w: w, said: map[int64]spoken{}, objecting: map[int64]bool{}, objected: map[int64]bool{}}
}

func (o *oracle) fork(t failer, w *world) *oracle {
	return &oracle{t: t, w: w, said: maps.Clone(o.said), objecting: maps.Clone(o.objecting), objected: maps.Clone(o.objected), claimed: o.claimed}
}

// judge checks one decision, before it is accepted.
func (o *oracle) judge(q Request, ev Event, d Decision) {
	o.listen(q, ev, d)
	before, after := q.Memory, d.Memory
	o.explained(before, d)
	o.takesTurns(after)
	o.paused(q, ev, d)
	o.account(before, ev, d)
	o.written(ev, d)
	switch {
	case after.State == Ready && before.State != Ready:
		o.passed(q, ev, after, "ready")
	case after.State == Ready:
		o.stillBound(q, ev, after)
	case after.State == Completed && before.State != Completed && ev.Kind != Commanded:
		o.passed(q, ev, after, "completed by hand")
		if !slices.Contains(o.w.members["octo-registry/agents"], q.Issue.ClosedBy) {
			o.t.Fatalf("completed, for %d closed it, who is no agent", q.Issue.ClosedBy)
		}
	case after.State == Completed && before.State != Completed && ev.Command.Name == "complete" && len(ev.Command.Args) == 0:
		o.passed(q, ev, after, "completed")
	}
}

// carriedOutBy reports whether the event is a command that was carried out.
func did(d Decision, name string) bool {
	return slices.ContainsFunc(d.Reasons, func(r Reason) bool { return r.Code == "command" && len(r.Args) > 0 && r.Args[0] == name })
}

// listen keeps what was said.
func (o *oracle) listen(q Request, ev Event, d Decision) {
	stranger := ev.Actor.ID != q.Issue.Author.ID && !ev.Actor.Bot
	name := ev.Command.Name
	was := q.Memory.State
	switch {
	case ev.Kind == Commented && stranger && !ev.Desk && o.w.claims[ev.Comment] && d.Memory.State == Waiting && (was == Waiting || was == Ready):
		o.claimed = true
	case ev.Kind != Commanded:
	case did(d, name):
		o.said[ev.Comment] = spoken{
			who: ev.Actor, at: ev.At, line: ev.Command, registry: d.Memory.Registry, account: d.Memory.Account, body: q.Issue.Body,
			newAddress: o.newAddress(d.Memory), protected: strings.Join(o.w.rules.Protected, " "),
			approvals: o.w.rules.Paths[0].Approvals, ordinaryHours: int(o.w.rules.Paths[1].Wait / time.Hour),
		}
		if o.staff(ev.Actor.ID) && stranger && name != "help" && name != "status" && name != "why" && name != "object" {
			o.claimed = false
		}
		if name == "undo" {
			o.claimed = slices.Contains(d.Memory.Flags, FlagClaimed)
		}
	}
	if ev.Kind == Commanded && name == "object" && !ev.Actor.Bot && was.Open() && d.Memory.State.Open() && !o.objected[ev.Actor.ID] {
		o.objecting[ev.Actor.ID], o.objected[ev.Actor.ID] = true, true
	}
	if did(d, "resume") && was == Held && d.Memory.State != Held {
		clear(o.objecting)
	}
	if !d.Memory.State.Open() {
		o.claimed = o.claimed && slices.Contains(d.Memory.Flags, FlagClaimed)
	}
}

func (o *oracle) staff(id int64) bool {
	return id == eveID || slices.Contains(o.w.members["octo-registry/agents"], id) || slices.Contains(o.w.members["octo-registry/helpers"], id)
}

func (o *oracle) agent(id int64) bool {
	return slices.Contains(o.w.members["octo-registry/agents"], id)
}

func (o *oracle) newAddress(m Memory) bool {
	about := []Kind{KindLostEmail, KindTypoEmail}
	return m.NewAddress || slices.Contains(about, m.Kind) || slices.ContainsFunc(m.Marks, func(k Kind) bool { return slices.Contains(about, k) })
}

// explained: nothing that counts changes without a reason.
func (o *oracle) explained(before Memory, d Decision) {
	after := d.Memory
	same := before.State == after.State && before.Turn == after.Turn && before.Account == after.Account && before.Registry == after.Registry &&
		reflect.DeepEqual(before.Evidence, after.Evidence) && len(before.Approvals) == len(after.Approvals) &&
		reflect.DeepEqual(before.Hold, after.Hold) && reflect.DeepEqual(before.Objections, after.Objections) &&
		reflect.DeepEqual(before.Notice, after.Notice) && before.NewAddress == after.NewAddress
	if !same && len(d.Reasons) == 0 {
		o.t.Fatalf("from %q to %q, and no reason says why", before.State, after.State)
	}
}

// takesTurns: each open request has one turn that fits its state, and what
// ends or passes by time has a time.
func (o *oracle) takesTurns(m Memory) {
	fits := map[State][]Turn{
		Incomplete: {Requester}, Triage: {Staff, Requester}, Asked: {Requester}, Proof: {Requester, Staff}, Review: {Staff, Requester},
		Waiting: {OnClock, Staff}, Ready: {Staff}, Held: {OnSecurity},
	}
	if m.State.Open() && !slices.Contains(fits[m.State], m.Turn) {
		o.t.Fatalf("in %s it is the turn of %q", m.State, m.Turn)
	}
	expires := m.Turn == Requester && !m.Quiet && slices.Contains([]State{Incomplete, Asked, Proof}, m.State)
	if (expires || m.State == Waiting && m.Turn == OnClock) && m.WakeAt.IsZero() {
		o.t.Fatalf("%s, turn of %s, and nothing wakes us", m.State, m.Turn)
	}
	if m.State == Waiting && m.Turn == Staff && !slices.Contains(m.Flags, FlagClaimed) {
		o.t.Fatalf("waiting is the turn of staff, and nobody claims the account")
	}
}

// paused: a hold is left by /resume of somebody else, or by an end, and after
// the end it is there again.
func (o *oracle) paused(q Request, ev Event, d Decision) {
	h, is := q.Memory.Hold, d.Memory.Hold
	if h == nil {
		return
	}
	if is != nil {
		if d.Memory.State.Open() && d.Memory.State != Held {
			o.t.Fatalf("%s with a hold", d.Memory.State)
		}
		return
	}
	who := ev.Actor.ID
	if !did(d, "resume") || who == h.By || who == q.Issue.Author.ID || o.objecting[who] || !o.staff(who) {
		o.t.Fatalf("the hold of %d is lifted on %s %s of %d", h.By, ev.Kind, ev.Command.Name, who)
	}
	if (h.Why == HoldObjection || h.Why == HoldCollision) && !slices.ContainsFunc(h.Resumes, func(id int64) bool { return id != who && o.staff(id) }) {
		o.t.Fatalf("a hold after %s is lifted by %d alone", h.Why, who)
	}
	if d.Memory.State != Review {
		o.t.Fatalf("/resume leads to %s", d.Memory.State)
	}
}

// account: with another account nothing is left that was shown of the one
// before. /undo brings both back.
func (o *oracle) account(before Memory, ev Event, d Decision) {
	m := d.Memory
	if before.State == None || strings.EqualFold(before.Account, m.Account) && before.Registry == m.Registry || !m.State.Open() || did(d, "undo") {
		return
	}
	left := 0
	for _, c := range m.standing() {
		if c.ID != ev.Comment { // an approval names what it is of
			left++
		}
	}
	if m.Notice != nil && m.Notice.Comment != ev.Comment {
		left++
	}
	if left > 0 {
		o.t.Fatalf("on %s: from %q to %q, and left are %v, %v, %v", ev.Kind, before.Account, m.Account, m.Evidence, m.Approvals, m.Notice)
	}
}

// written: one status, and nothing from the desk in public but what the
// decision owes the requester.
func (o *oracle) written(ev Event, d Decision) {
	status := 0
	for _, e := range d.Effects {
		c, ok := e.(Comment)
		if !ok || c.Desk {
			continue
		}
		if c.Name == "status" {
			status++
			continue
		}
		owed := []TextName{TextAsked, TextProof, TextDenied, TextCompleted, TextRedirected, TextDuplicate, TextIncomplete, TextLeak}
		owed = append(owed, o.waiting(d)...)
		if slices.ContainsFunc(d.Memory.Leaks, func(f Find) bool { return f.In != InDesk && slices.Contains(c.Text.Leaks, f.Class) }) {
			owed = append(owed, TextLeak) // on the issue, and nothing told of it before
		}
		if ev.Desk && !slices.Contains(owed, c.Text.Name) {
			o.t.Fatalf("a command at the desk, %s, posts %s on the issue", ev.Command.Name, c.Text.Name)
		}
	}
	if status > 1 {
		o.t.Fatalf("%d status comments in one decision", status)
	}
}

// waiting are the notifications that waited for the limit of a day.
func (o *oracle) waiting(d Decision) []TextName {
	var names []TextName
	for _, t := range o.w.memory.Held {
		names = append(names, t.Name)
	}
	return names
}

// mailAddress finds what may disappear from an answer, and maskedSecret what
// may stand in its place.
var (
	mailAddress  = regexp.MustCompile(`\S+@\S+|pypi-AgE\S+`)
	maskedSecret = regexp.MustCompile(`\[removed: [a-z-]+\]`)
)

// sameAnswers reports whether a body says what it said, or that without some of
// its addresses.
func sameAnswers(before, after string) bool {
	rest := func(text string) string {
		return strings.Join(strings.Fields(maskedSecret.ReplaceAllString(mailAddress.ReplaceAllString(text, ""), "")), " ")
	}
	if rest(before) != rest(after) {
		return false
	}
	had := mailAddress.FindAllString(before, -1)
	return !slices.ContainsFunc(mailAddress.FindAllString(after, -1), func(a string) bool { return !slices.Contains(had, a) })
}
