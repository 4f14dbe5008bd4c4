package policy

import (
	"testing"
	"time"
)

// TestStrangersMarkNothing: what a stranger writes does not ask for one more
// approval, in a team where one is enough.
func TestStrangersMarkNothing(t *testing.T) {
	rules := twoRegistries(t)
	for _, line := range []string{"I can recover your account, write to me on Telegram", "words " + secretToken} {
		w := brought(t, rules, Review)
		before := rules.move(first(w.request(Event{Kind: Seen})), Event{Kind: Seen}, w.now).marked()
		w.hand(w.says(whois("sam"), line))
		if m := rules.move(first(w.request(Event{Kind: Seen})), Event{Kind: Seen}, w.now); before || m.marked() {
			t.Errorf("%q marks the request: %v", line, w.memory.Flags)
		}
		w.now = w.now.Add(time.Minute)
		w.hand(w.says(whois("ann"), "mine: "+secretToken))
		if m := rules.move(first(w.request(Event{Kind: Seen})), Event{Kind: Seen}, w.now); !m.marked() {
			t.Error("the requester's own secret does not mark the request")
		}
	}
}

func first(q Request, _ Event) Request { return q }
