package policy

import "time"

// settled is law 1: once the effects are made, a tick at the same instant
// finds nothing to do. What time brings must not be due, and a closing that
// the decision could not be sure of (effects waited) is left to the tick.
func (r *runner) settled() {
	w := r.w.fork()
	w.write()
	if w.memory.State == None || w.gone || w.due() || w.memory.State.Open() && !w.issue.Open {
		return
	}
	d := w.hand(Event{Kind: Tick})
	if len(d.Effects) > 0 {
		r.t.Fatalf("not settled: a tick does %v because %v", d.Effects, d.Reasons)
	}
	if diff := diffOf(r.w.memory, d.Memory); diff != "" {
		r.t.Fatalf("not settled: a tick remembers (-before +after):\n%s", diff)
	}
}

// woken is law 2: before WakeAt time changes nothing, and then something.
func (r *runner) woken() {
	w := r.w.fork()
	w.write()
	if w.memory.State == None || w.gone || w.memory.State.Open() && !w.issue.Open {
		return
	}
	at := w.memory.WakeAt
	quiet := w.fork()
	quiet.now = at.Add(-time.Second)
	if at.IsZero() {
		quiet.now = w.now.AddDate(10, 0, 0)
	}
	if quiet.now.After(w.now) {
		d := quiet.hand(Event{Kind: Tick})
		if diff := diffOf(w.memory, d.Memory); diff != "" || len(d.Effects) > 0 {
			r.t.Fatalf("a tick at %s, before WakeAt (%s), does %v and remembers (-before +after):\n%s", quiet.now, at, d.Effects, diff)
		}
	}
	if at.IsZero() {
		return
	}
	if at.After(w.now) {
		w.now = at
	}
	m := w.memory
	d := w.hand(Event{Kind: Tick})
	if d.Memory.State == m.State && d.Memory.Stage == m.Stage && d.Memory.WakeAt.Equal(m.WakeAt) {
		r.t.Fatalf("the tick at WakeAt (%s) of %s changes nothing", at, m.State)
	}
}
