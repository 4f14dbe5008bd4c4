package policy

import (
	"slices"
	"strings"
	"testing"
)

// TestAwayAndBackCollides (security requirement 27): who was compared with the
// owner while they asked for another account is compared anew when they come back
// to the owner's.
func TestAwayAndBackCollides(t *testing.T) {
	c := newTown(t)
	owner := c.opens(bob, "jbber")
	w := c.opens(mallory, "jbber")
	c.say(w, "author", "/username somebody-else")
	c.say(w, "ada", "/resume")
	c.say(w, "eve", "/resume")
	c.is(w, Review)
	c.say(w, "author", "/username jbber")
	c.is(w, Held, FlagCollision)
	if owner.memory.State == Held {
		t.Error("the owner's request is held for it")
	}
}

// TestObjectionFollowsTheAuthor (security requirement 27): who withdraws a
// request to which somebody objects, and files it again, is not rid of the
// objection.
func TestObjectionFollowsTheAuthor(t *testing.T) {
	for _, leaves := range []string{"/withdraw", "/username another-one"} {
		c := newTown(t)
		first := c.opens(mallory, "jbber")
		c.say(first, "sam", "/object")
		c.say(first, "author", leaves)
		second := c.opens(mallory, "jbber")
		if got := second.memory.Objectors(); len(got) != 1 || !slices.Contains(second.memory.Flags, FlagObjected) {
			t.Errorf("%s: objections by %v, marked %q", leaves, got, second.memory.Flags)
		}
		c.say(second, "ada", "/approve 1 7 notified $DIGEST")
		c.say(second, "hal", "/approve 7 $DIGEST")
		if second.memory.State != Held || second.memory.Hold.Why != HoldObjection {
			t.Errorf("%s: approved by two it is %s, want it on hold", leaves, second.memory.State)
		}
		if other := c.opens(mallory, "something"); len(other.memory.Objections) > 0 {
			t.Errorf("%s: an objection counts for another account", leaves)
		}
		if honest := c.opens(bob, "jbber"); len(honest.memory.Objections) > 0 {
			t.Errorf("%s: an objection counts against somebody else", leaves)
		}
	}
}

// TestDenialIsNotWithdrawn (security requirement 18): who takes a denied request
// up again and withdraws it is known as denied with the next one.
func TestDenialIsNotWithdrawn(t *testing.T) {
	c := newTown(t)
	first := c.opens(mallory, "jbber")
	c.say(first, "ada", "/deny unprovable")
	c.say(first, "author", "/reopen")
	c.say(first, "author", "/withdraw")
	c.is(c.opens(mallory, "jbber"), Triage, FlagDenied)
}

// TestObjectionAfterTheEnd: an objection to a request that ended of late counts
// where its author takes it up again, and where they have filed it anew.
func TestObjectionAfterTheEnd(t *testing.T) {
	for _, led := range []string{"", "ada /approve 1 7 notified $DIGEST, hal /approve 7 $DIGEST", "ada /hold"} {
		c := newTown(t)
		first := c.opens(mallory, "jbber")
		c.say(first, "author", "/withdraw")
		second := c.opens(mallory, "jbber")
		for _, step := range strings.Split(led, ", ") {
			if who, line, ok := strings.Cut(step, " "); ok {
				c.say(second, who, line)
			}
		}
		c.alerts = nil
		d := c.say(first, "sam", "/object")
		if first.memory.State != Withdrawn || !slices.Contains(c.alerts, "#1 objection") || len(d.Rouse) != 1 {
			t.Errorf("%s: the first is %s, alerts %q, %d are roused", led, first.memory.State, c.alerts, len(d.Rouse))
		}
		want := Triage
		if led != "" {
			want = Held
		}
		if got := second.memory; got.State != want || len(got.Objections) != 1 || led != "" && got.Hold.Why != HoldObjection {
			t.Errorf("%s: the second is %s with %v, want %s", led, got.State, got.Objections, want)
		}
		c.say(second, "author", "/withdraw")
		c.say(first, "author", "/reopen")
		if first.memory.State != Triage || len(first.memory.Objectors()) != 1 {
			t.Errorf("%s: taken up again it is %s, with objections by %v", led, first.memory.State, first.memory.Objectors())
		}
	}
}

// TestBroughtOnce: an objection that was brought along is over when the request
// was resumed, and does not come without end.
func TestBroughtOnce(t *testing.T) {
	c := newTown(t)
	first := c.opens(mallory, "jbber")
	c.say(first, "sam", "/object")
	c.say(first, "author", "/withdraw")
	second := c.opens(mallory, "jbber")
	c.say(second, "ada", "/hold")
	c.say(second, "ada", "/resume")
	c.say(second, "eve", "/resume")
	c.say(second, "hal", "/resume")
	c.say(second, "pat", "/resume")
	if second.memory.State != Review || len(second.memory.pausing()) != 0 {
		t.Fatalf("resumed it is %s, with %v", second.memory.State, second.memory.Objections)
	}
	if d := c.hand(second, Event{Kind: Seen, At: c.now}); len(d.Memory.pausing()) != 0 {
		t.Errorf("it comes again: %v", d.Reasons)
	}
	third := newTown(t)
	w := third.opens(mallory, "jbber")
	w.memory.Objections = slices.Repeat([]Objection{{By: 5, Comment: 5, Closed: true}}, objectionLimit)
	m := third.rules.move(Request{Issue: w.issue, Memory: w.memory}, Event{Kind: Seen}, third.now)
	m.bring(Objection{By: 6, Comment: 6}, Other{})
	if len(m.next.Objections) != objectionLimit || !m.flagged(FlagObjected) {
		t.Errorf("beyond the limit there are %d objections, marks %q", len(m.next.Objections), m.next.Flags)
	}
	c.now = c.now.Add(2 * c.rules.Clocks.Reopen)
	c.say(first, "hal", "/object")
	if len(first.memory.Objections) != 1 {
		t.Error("an objection counts long after the end")
	}
}
