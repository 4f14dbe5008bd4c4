package policy

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/internal/sample"
)

const (
	steps  = 14   // the most events in each history
	enough = 1500 // so many histories show that each event met each state; TestEveryPair wants more
)

// histories are the numbers of random histories.
func histories() sample.Sizes { return sample.Sizes{Plain: enough, Race: 60, All: 2 * enough} }

// TestLaws checks laws 1, 2 and 4, and what else must always hold, on random
// histories: any event by anybody in any state, lost, doubled, late, with
// effects that wait. That every event met every state is asserted.
func TestLaws(t *testing.T) {
	n := checks(t, histories())
	rules := twoRegistries(t)
	h := &historian{rules: rules, desk: withDesk(rules), bodies: storyBodies(t), met: map[string]int{}}
	h.bodies["with-secret"] = strings.Replace(h.bodies["complete"], "is gone.", "is gone. "+secretToken, 1)
	rapid.Check(t, h.history)
	if t.Failed() || n < enough {
		return
	}
	atLeast := 1
	if n >= 2*enough {
		atLeast = 3
	}
	for _, s := range append(States(), None) {
		for _, k := range eventKinds() {
			if n := h.met[pair(s, k)]; n < atLeast {
				t.Errorf("the event %q met the state %q %d times, want at least %d", k, s, n, atLeast)
			}
		}
	}
}

func eventKinds() []EventKind {
	return []EventKind{
		Opened, Edited, Commented, Commanded, ClosedHand, ReopenedHand, Labeled, Gone, Erased, Adopted, Unverified, Seen, Tick, Mailed,
	}
}

func pair(s State, k EventKind) string { return string(s) + " " + string(k) }

type historian struct {
	rules  *Rules
	desk   *Rules // with a desk
	bodies map[string]string
	met    map[string]int
	led    map[start]*world // where histories begin: what leads there is judged once
}

// start is where a history begins.
type start struct {
	rules *Rules
	state State
	body  string
}

// history is one random history.
func (h *historian) history(t *rapid.T) {
	rules := h.rules
	if rapid.IntRange(0, 2).Draw(t, "desk") == 0 {
		rules = h.desk
	}
	w := newWorld(rules, time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	r := &runner{t: t, draw: t, h: h, w: w}
	often := []State{None, Incomplete, Asked, Proof, Waiting, Ready, Held} // what happens soon leads away from these
	r.lead(rapid.SampledFrom(append(append(States(), None), often...)).Draw(t, "state"))
	if rapid.IntRange(0, 5).Draw(t, "flood") == 5 {
		r.flood()
	}
	for range rapid.SampledFrom([]int{2, 6, steps}).Draw(t, "steps") {
		r.step()
	}
	if rapid.IntRange(0, 2).Draw(t, "gone") > 0 {
		w.gone = true
		r.hand(Event{Kind: Gone})
		r.hand(Event{Kind: Tick})
	}
}

// failer ends a test, of whichever kind it is.
type failer interface {
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

type runner struct {
	t    failer
	draw *rapid.T
	h    *historian
	w    *world
	late []Event // not handed over yet
	seen Issue   // an older snapshot

	hands int // events handed over

	judge func(Decision) // what else must hold of a decision; nil: nothing
}

// lead brings the issue into a state.
func (r *runner) lead(to State) {
	body := "complete"
	if to == None {
		body = rapid.SampledFrom([]string{"bug", "prose", "foreign-headings"}).Draw(r.draw, "bug")
	}
	from := start{r.w.rules, to, body}
	if led := r.h.led[from]; led != nil {
		*r.w = *led.fork()
		r.w.fates, r.w.members = maps.Clone(led.fates), maps.Clone(led.members)
	} else {
		r.w.lead(to, r.h.bodies, body, r.hand)
		if r.h.led == nil {
			r.h.led = map[start]*world{}
		}
		r.h.led[from] = r.w.fork()
		r.h.led[from].fates, r.h.led[from].members = maps.Clone(r.w.fates), maps.Clone(r.w.members)
	}
	r.seen = r.w.issue
	if r.w.memory.State != to {
		r.t.Fatalf("the state is %q, want %q", r.w.memory.State, to)
	}
}

// flood brings the request to the limit of its notifications.
func (r *runner) flood() {
	for range noticeLimit - rapid.IntRange(0, 1).Draw(r.draw, "room") {
		r.pass(time.Minute)
		r.hand(r.w.says(whois("ada"), "/deny"))
	}
}

func (r *runner) pass(d time.Duration) { r.w.now = r.w.now.Add(d) }

// step is one thing that happens, after some time.
func (r *runner) step() {
	minute := time.Minute
	day := 24 * time.Hour
	r.pass(rapid.SampledFrom([]time.Duration{
		0, minute, minute, minute, time.Hour, day, 3 * day, 7 * day, 15 * day, 60 * day, 100 * day,
	}).Draw(r.draw, "pause"))
	if r.w.stuck {
		r.writeSome()
	}
	r.w.stuck = rapid.IntRange(0, 5).Draw(r.draw, "stuck") == 0
	ev := r.event()
	switch rapid.SampledFrom([]string{"", "", "", "", "", "", "", "lost", "late", "twice", "stale", "unknown"}).Draw(r.draw, "delivery") {
	case "lost":
		return
	case "late":
		r.late = append(r.late, ev)
		return
	case "twice":
		r.hand(ev)
	case "stale":
		fresh := r.w.issue
		r.w.issue, r.w.stale = r.seen, true
		q, ev := r.w.request(ev)
		r.w.issue, r.w.stale = fresh, false
		r.decide(q, ev) // what it writes falls on the issue as it is
		return
	case "unknown":
		r.w.unknown = true
		r.hand(ev)
		r.w.unknown = false
		return
	}
	r.hand(ev)
	if len(r.late) > 0 && rapid.Bool().Draw(r.draw, "arrives") {
		r.hand(r.late[0])
		r.late = r.late[1:]
	}
}

// writeSome makes some of the effects that wait, in order.
func (r *runner) writeSome() {
	n := rapid.IntRange(0, len(r.w.pending)).Draw(r.draw, "writes")
	all := r.w.pending
	r.w.pending = slices.Clone(all[:n])
	r.w.write()
	r.w.pending = slices.Clone(all[n:])
}

func (r *runner) event() Event {
	w := r.w
	names := []string{"ann", "ann", "ann", "hal", "ada", "ada", "eve", "sam", "robo"}
	someone := whois(rapid.SampledFrom(names).Draw(r.draw, "who"))
	bodies := slices.Sorted(maps.Keys(r.h.bodies))
	switch rapid.SampledFrom(append(eventKinds(), Commanded, Commanded, Commanded)).Draw(r.draw, "event") {
	case Opened:
		return Event{Kind: Opened, Actor: w.issue.Author, At: w.issue.CreatedAt}
	case Edited:
		if rapid.IntRange(0, 3).Draw(r.draw, "comment") == 0 {
			ev := w.touch(someone, Edited)
			ev.Comment = w.comment
			return ev
		}
		return w.edits(someone, r.h.bodies[rapid.SampledFrom(bodies).Draw(r.draw, "body")])
	case Commented:
		return r.says(someone, rapid.SampledFrom([]string{"some words", "some words", "This is my account!", "Here is " + secretToken, "Write to a@b.example"}).Draw(r.draw, "words"))
	case ClosedHand:
		return w.closes(someone)
	case ReopenedHand:
		return w.reopens(someone)
	case Labeled:
		names := []string{r.w.rules.Requests.Label, "wontfix"}
		for _, s := range States() {
			names = append(names, r.w.rules.Labels[s].Name)
		}
		return w.labels(someone, rapid.SampledFrom(names).Draw(r.draw, "label"), rapid.Bool().Draw(r.draw, "on"))
	case Erased:
		return w.touch(someone, Erased)
	case Adopted:
		return Event{Kind: Adopted, At: w.issue.UpdatedAt}
	case Mailed:
		return Event{Kind: Mailed, At: w.now}
	case Unverified:
		ev := w.says(whois("sam"), r.line())
		ev.Kind = Unverified
		return ev
	case Seen:
		return Event{Kind: Seen, At: w.issue.UpdatedAt}
	case Tick:
		return Event{Kind: Tick}
	default:
		return r.says(someone, r.line())
	}
}

// line is a command: one of the version, well used or not, or none.
func (r *runner) line() string {
	return rapid.SampledFrom([]string{
		"/help", "/status", "/username jbber", "/username unknown", "/username a@b.example", "/username", "/done",
		"/solved", "/withdraw", "/reopen", "/reopen", "/ask", "/ask account", "/ask nonsense", "/deny abuse", "/deny",
		"/complete", "/complete outside", "/recheck", "/recheck", "/ignore", "/assign", "/assign ada", "/assign -",
		"/unassign", "/usernam", "/nonsense", "/kind lost-email", "/kind compromised", "/kind other", "/kind", "/kind nonsense",
		"/registry testpypi", "/registry pypi", "/registry", "/username https://test.pypi.org/user/jbber/",
		"/why", "/why",
		"/language es", "/language en", "/language xx", "/language", "/undo", "/undo", "/undo", "/mailed", "/mailed",
		"/redirect bug", "/redirect", "/duplicate #7", "/duplicate #1", "/duplicate",
		"/snooze 7d", "/snooze 30d", "/snooze 2027-01-04", "/snooze 2020-01-01", "/snooze 200d", "/snooze",
		"/proof", "/proof jbber-tools", "/proof jbber-tools notified", "/proof some wrong words", "/cannot", "/notified", "/notified",
		"/notified new-address", "/attest mailbox", "/attest branch-declared", "/attest 5", "/attest none", "/attest nonsense",
		"/approve $DIGEST", "/approve $DIGEST", "/approve mailbox branch-declared notified $DIGEST", "/approve branch-declared $DIGEST",
		"/approve linked branch-attested $DIGEST", "/approve deadbeef", "/approve", "/unapprove",
		"/hold", "/hold objection", "/hold takeover", "/resume", "/resume", "/object", "/object",
	}).Draw(r.draw, "command")
}

// hand lets the bot decide, and checks everything that must hold.
func (r *runner) hand(ev Event) {
	q, ev := r.w.request(ev)
	before := r.w.memory
	d := r.decide(q, ev)
	r.moved(before, d)
	r.settled()
	r.woken()
	if r.hands++; r.hands%3 == 0 { // it costs most
		r.foreseen()
	}
	r.seen = r.w.issue
	r.seen.Labels = slices.Clone(r.w.issue.Labels)
}

// decide takes one decision; it checks what holds of every decision.
func (r *runner) decide(q Request, ev Event) Decision {
	r.h.met[pair(q.Memory.State, ev.Kind)]++
	was := asJSON(q)
	d := r.w.rules.Decide(q, ev, r.w.now)
	if is := asJSON(q); is != was {
		r.t.Fatalf("Decide changes what it is given (-before +after):\n%s", cmp.Diff(was, is))
	}
	if again := r.w.rules.Decide(q, ev, r.w.now); !reflect.DeepEqual(d, again) {
		r.t.Fatalf("Decide decides anew:\n%s", cmp.Diff(d, again))
	}
	r.lawful(q.Memory, d, ev)
	r.tabled(q, d, ev)
	r.sorted(q.Memory, d, ev)
	r.sound(d.Memory)
	r.guarded(d.Memory)
	r.writable(d)
	r.discreet(d, ev)
	if r.judge != nil {
		r.judge(d)
	}
	r.w.accept(d)
	r.limited()
	return d
}

// diffOf is cmp.Diff, which takes long to say that all is well: it is asked only
// where something may differ.
func diffOf(want, got any) string {
	if reflect.DeepEqual(want, got) {
		return ""
	}
	return cmp.Diff(want, got)
}

func asJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// lawful is law 4: what is shared with people changes only by command, but for
// the end that time brings; and a label of ours comes back once.
func (r *runner) lawful(before Memory, d Decision, ev Event) {
	for _, e := range d.Effects {
		expired := ev.Kind == Tick && before.State != Expired && d.Memory.State == Expired
		switch e.(type) {
		case Reopen, Assign:
			if ev.Kind != Commanded {
				r.t.Fatalf("%s on %s, from %q to %q", e, ev.Kind, before.State, d.Memory.State)
			}
		case Close:
			if ev.Kind != Commanded && !expired {
				r.t.Fatalf("%s on %s, from %q to %q", e, ev.Kind, before.State, d.Memory.State)
			}
		case Labels:
			if before.Restored && before.Label == d.Memory.Label && before.State == d.Memory.State {
				r.t.Fatalf("%s on %s, though the label %q was restored before", e, ev.Kind, before.Label)
			}
		}
	}
}

// tabled: a state follows from another only as the tables say, which
// docs/states.md shows. An event may be met by what the issue shows besides.
func (r *runner) tabled(q Request, d Decision, ev Event) {
	at := follow([]State{q.Memory.State}, followed())
	m := r.w.rules.move(q, ev, r.w.now)
	rows := []row{}
	for _, row := range r.w.rules.rows {
		if row.on == ev.Kind && m.is(row.by) {
			rows = append(rows, row)
		}
	}
	if c, ok := CommandNamed(ev.Command.Name); ok && ev.Kind == Commanded {
		rows = append(rows, c.leads()...)
	}
	at = follow(follow(at, rows), followed())
	if !slices.Contains(at, d.Memory.State) {
		r.t.Fatalf("on %s %s: from %q to %q is in no table", ev.Kind, ev.Command.Name, q.Memory.State, d.Memory.State)
	}
}

// follow returns the states from, and those where the rows lead to from there.
func follow(from []State, rows []row) []State {
	at := slices.Clone(from)
	for _, row := range rows {
		if slices.ContainsFunc(from, func(s State) bool { return slices.Contains(row.in, s) }) {
			at = append(at, row.to...)
		}
	}
	return at
}

// sorted is what holds of kinds: a lead and marks in the policy's order, and
// what goes to somebody goes there until staff say otherwise.
func (r *runner) sorted(before Memory, d Decision, ev Event) {
	m := d.Memory
	all := r.w.rules.kinds()
	if !slices.IsSortedFunc(m.Marks, func(a, b Kind) int { return slices.Index(all, a) - slices.Index(all, b) }) ||
		slices.Contains(m.Marks, m.Kind) || slices.Contains(m.Marks, KindOther) {
		r.t.Fatalf("the kind is %s with the marks %v", m.Kind, m.Marks)
	}
	if m.State != None && m.GoesTo != r.w.rules.goesTo(append([]Kind{m.Kind}, m.Marks...)) {
		r.t.Fatalf("%s with %v goes to %q", m.Kind, m.Marks, m.GoesTo)
	}
	byStaff := ev.Kind == Commanded && slices.Contains([]string{"kind", "undo"}, ev.Command.Name) && ev.Actor.ID != r.w.issue.Author.ID
	if before.GoesTo != m.GoesTo && before.GoesTo != "" && !byStaff {
		r.t.Fatalf("on %s it goes to %q no more", ev.Kind, before.GoesTo)
	}
	if m.State.Open() && m.Account != "" && r.w.rules.registryNamed(m.Registry) < 0 {
		r.t.Fatalf("the account is in no registry: %q", m.Registry)
	}
}

// sound is what holds of every memory.
func (r *runner) sound(m Memory) {
	switch {
	case m.State == None:
		if !reflect.DeepEqual(m, Memory{}) {
			r.t.Fatalf("no request, and something is remembered: %+v", m)
		}
	case m.State.Open() && m.Turn == Nobody:
		r.t.Fatalf("%s, and it is nobody's turn", m.State)
	case m.State.Ended() && m.Turn != Nobody:
		r.t.Fatalf("%s, and it is the turn of %s", m.State, m.Turn)
	case m.State.Ended() && len(m.Held) == 0 && !m.WakeAt.IsZero():
		r.t.Fatalf("%s, and a clock runs to %s", m.State, m.WakeAt)
	case len(m.Held) > 0 && m.WakeAt.IsZero():
		r.t.Fatalf("a notification waits, and nothing wakes us")
	case m.State.Open() && m.Turn.ours() && m.Queued.IsZero():
		r.t.Fatalf("staff's turn without a place in the queue")
	case !slices.IsSorted(m.Flags):
		r.t.Fatalf("flags not sorted: %v", m.Flags)
	case slices.Contains(m.Flags, FlagFormUnknown) && slices.Contains(m.Flags, FlagFormIncomplete):
		r.t.Fatalf("a form that is unknown and not complete: %v", m.Flags)
	}
	b, err := json.Marshal(m)
	if err != nil {
		r.t.Fatal(err)
	}
	var back Memory
	if err := json.Unmarshal(b, &back); err != nil {
		r.t.Fatal(err)
	}
	if diff := diffOf(m, back); diff != "" {
		r.t.Fatalf("a memory changes when it is stored (-want +got):\n%s", diff)
	}
}

// writable: the effects have one key each, survive storage, and have a text.
func (r *runner) writable(d Decision) {
	keys := map[string]bool{}
	for _, e := range d.Effects {
		if keys[e.Key()] {
			r.t.Fatalf("two effects of one decision have the key %q: %v", e.Key(), d.Effects)
		}
		keys[e.Key()] = true
		kind, args, err := EncodeEffect(e)
		if err != nil {
			r.t.Fatal(err)
		}
		back, err := DecodeEffect(kind, args)
		if err != nil {
			r.t.Fatal(err)
		}
		if diff := diffOf(e, back); diff != "" {
			r.t.Fatalf("an effect changes when it is stored (-want +got):\n%s", diff)
		}
		if c, ok := e.(Comment); ok {
			if _, err := r.w.rules.Render(c.Text); err != nil {
				r.t.Fatal(err)
			}
		}
	}
}

// limited: at most ten notifications in 24 hours, and none posted twice.
func (r *runner) limited() {
	posted := r.w.posted
	if n := len(posted); n > noticeLimit && posted[n-1].Sub(posted[n-1-noticeLimit]) < noticeWindow {
		r.t.Fatalf("more than %d notifications in 24 h: %v", noticeLimit, posted)
	}
	r.explainedOnce()
}

// moved: with a new state comes its label, and no other of ours.
func (r *runner) moved(before Memory, d Decision) {
	if before.State == d.Memory.State || r.w.gone {
		return
	}
	w := r.w.fork()
	w.write()
	var ours []string
	for _, l := range r.w.rules.Labels {
		if slices.Contains(w.issue.Labels, l.Name) && !slices.Contains(ours, l.Name) {
			ours = append(ours, l.Name)
		}
	}
	want := strings.Fields(strings.ReplaceAll(r.w.rules.labelFor(d.Memory.State, d.Memory.Turn), " ", "_"))
	if got := strings.Fields(strings.ReplaceAll(strings.Join(ours, ","), " ", "_")); !slices.Equal(got, want) {
		r.t.Fatalf("in %s the issue has the labels %v of ours, want %v", d.Memory.State, got, want)
	}
}
