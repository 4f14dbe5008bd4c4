package policy

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// foreseen: the look ahead remembers what a tick on the unchanged issue would,
// and wakes when it would, though it sees nothing of the issue.
func (r *runner) foreseen() {
	w := r.w.fork()
	w.write()
	if w.memory.State == None || w.gone || w.memory.State.Open() && !w.issue.Open {
		return
	}
	issue := Issue{Repository: w.issue.Repository, ID: w.issue.ID, Number: w.issue.Number, Author: w.issue.Author}
	if got := r.w.rules.Rewake(w.memory, issue, w.now); !w.due() && !got.Equal(w.memory.WakeAt) {
		r.t.Fatalf("the same policy wakes %s at %s, want %s", w.memory.State, got, w.memory.WakeAt)
	}
	at := []time.Time{w.now, w.now.Add(time.Duration(rapid.IntRange(1, 120*24).Draw(r.draw, "ahead")) * time.Hour)}
	if w.memory.WakeAt.After(w.now) {
		at = append(at, w.memory.WakeAt)
	}
	for _, then := range at {
		awake := w.fork()
		awake.now = then
		want := awake.hand(Event{Kind: Tick}).Memory
		got := r.w.rules.Ahead(w.memory, issue, then).Memory
		want.Digests, got.Digests = nil, nil
		if diff := cmp.Diff(want, got); diff != "" {
			r.t.Fatalf("a look ahead to %s from %s in %s (-tick +look):\n%s", then, w.now, w.memory.State, diff)
		}
	}
}

// TestAheadIsOfTime: a look ahead never does what a person must, and puts no
// label right.
func TestAheadIsOfTime(t *testing.T) {
	rules := testRules(t, storyPolicy(t))
	m := Memory{State: Triage, Turn: Staff, Since: time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC), Label: "something else", Intake: true}
	m.Queued = m.Since
	d := rules.Ahead(m, Issue{Number: 1}, m.Since.Add(time.Hour))
	if d.Memory.State != Triage || d.Memory.Turn != Staff || len(d.Reasons) > 0 {
		t.Errorf("got %s of %q because %v, want nothing to happen", d.Memory.State, d.Memory.Turn, d.Reasons)
	}
	if at := rules.Rewake(Memory{}, Issue{}, m.Since); !at.IsZero() {
		t.Errorf("what is no request wakes at %s", at)
	}
}

// TestRewakeVoids: approvals that were judged by another gate are looked at at
// once.
func TestRewakeVoids(t *testing.T) {
	rules := testRules(t, storyPolicy(t))
	now := time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)
	m := Memory{State: Review, Turn: Staff, Since: now, Queued: now, Approvals: []Approval{{User: 12}}, Gate: rules.gateDigest()}
	if at := rules.Rewake(m, Issue{}, now); !at.After(now) || rules.Voids(m) {
		t.Errorf("the same gate: wakes at %s, voids %t", at, rules.Voids(m))
	}
	m.Gate = "another"
	if at := rules.Rewake(m, Issue{}, now); !at.Equal(now) || !rules.Voids(m) {
		t.Errorf("another gate: wakes at %s, want %s; voids %t", at, now, rules.Voids(m))
	}
}
