package policy

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/internal/sample"
)

// TestDisputesOnHistories checks on random histories of several people and few
// accounts what must always hold between requests.
func TestDisputesOnHistories(t *testing.T) {
	checks(t, sample.Sizes{Plain: 100, Race: 10, All: 2000})
	rapid.Check(t, func(r *rapid.T) {
		c := newTown(t)
		for range rapid.IntRange(3, 14).Draw(r, "acts") {
			c.act(r)
			c.lawful(r)
		}
	})
}

// act lets one thing happen in the town.
func (c *town) act(r *rapid.T) {
	if len(c.cases) == 0 || rapid.IntRange(0, 3).Draw(r, "new") == 0 {
		c.opens(rapid.Int64Range(bob, bob+2).Draw(r, "author"), rapid.SampledFrom([]string{"jbber", "JBber", "other"}).Draw(r, "account"))
		return
	}
	w := rapid.SampledFrom(c.cases).Draw(r, "request")
	who := rapid.SampledFrom([]string{"", "ada", "hal", "eve"}).Draw(r, "who")
	if who == "" {
		c.say(w, who, rapid.SampledFrom([]string{"/username jbber", "/username other", "/withdraw", "/reopen", "hello"}).Draw(r, "line"))
		return
	}
	if rapid.IntRange(0, 3).Draw(r, "time") == 0 {
		c.now = later(c.now, w.memory.WakeAt)
		c.hand(w, Event{Kind: Tick})
		return
	}
	c.say(w, who, rapid.SampledFrom([]string{
		"/approve 1 7 notified $DIGEST", "/approve 7 $DIGEST", "/resume", "/deny abuse", "/undo", "/hold", "/username jbber", "/complete",
	}).Draw(r, "line"))
	c.now = c.now.Add(time.Second)
}

// lawful: two people's open requests for one account are marked, or staff have
// resumed them; none that is marked is in its safety time or ready; and nobody
// has two that nobody has worked on.
func (c *town) lawful(r *rapid.T) {
	for _, w := range c.cases {
		q, _ := w.request(Event{Kind: Seen})
		q.Facts.Others = c.others(w, q.Facts.Same)
		m := c.rules.move(q, Event{Kind: Seen}, c.now)
		if !w.memory.State.Open() {
			continue
		}
		if rivals := m.rivals(); len(rivals) > 0 && !m.flagged(FlagCollision) {
			r.Fatalf("request %d (%s) does not know of %+v", w.id, w.memory.State, rivals)
		}
		if late := w.memory.State == Waiting || w.memory.State == Ready; late && m.contested() {
			r.Fatalf("request %d is %s, with the marks %q", w.id, w.memory.State, w.memory.Flags)
		}
		for _, o := range q.Facts.Others {
			if o.State.Open() && m.sameAuthor(o) && m.sameAccount(o) && m.newer(o) && w.memory.State == Triage && !m.touched() {
				r.Fatalf("request %d repeats %d, and nobody has worked on it", w.id, o.Issue)
			}
		}
	}
}
