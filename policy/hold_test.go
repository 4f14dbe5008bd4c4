package policy

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// TestLateClaim: a command that was written before a stranger's claim, and
// comes after it, is no look at the claim.
func TestLateClaim(t *testing.T) {
	for name, wait := range map[string]time.Duration{"waiting": time.Hour, "ready": 8 * 24 * time.Hour} {
		w := small(t, Security)
		for _, line := range []string{"ada /attest branch-attested", "hal /attest branch-attested", "ada /approve mailbox notified $DIGEST", "hal /approve $DIGEST"} {
			who, text, _ := strings.Cut(line, " ")
			w.hand(w.saysWhereFit(whois(who), text))
		}
		w.now = w.now.Add(wait)
		w.hand(Event{Kind: Tick})
		if string(w.memory.State) != name {
			t.Fatalf("got %s, want %s", w.memory.State, name)
		}
		assigns := w.saysWhereFit(whois("hal"), "/assign")
		w.now = w.now.Add(time.Minute)
		if d := w.hand(w.says(whois("sam"), "This is my account!")); !slices.Contains(d.Memory.Flags, FlagClaimed) {
			t.Fatalf("%s: the claim is not kept", name)
		}
		w.now = w.now.Add(time.Minute)
		if d := w.hand(assigns); !slices.Contains(d.Memory.Flags, FlagClaimed) {
			t.Errorf("%s: a command of before the claim takes it off", name)
		}
		if d := w.hand(w.saysWhereFit(whois("hal"), "/assign")); slices.Contains(d.Memory.Flags, FlagClaimed) {
			t.Errorf("%s: a command after the claim does not take it off", name)
		}
	}
}

// TestCrowdCannotKeepAHold: past the limit of objections nobody is told apart
// any more, and one person's next one must not undo what /resume has done.
func TestCrowdCannotKeepAHold(t *testing.T) {
	w := small(t, Security)
	for i := range objectionLimit {
		w.memory.Objections = append(w.memory.Objections, Objection{By: int64(9000 + i), At: w.now, Comment: int64(70000 + i)})
	}
	w.hand(w.saysWhereFit(whois("hal"), "/hold objection"))
	w.now = w.now.Add(time.Minute)
	w.hand(w.saysWhereFit(whois("ada"), "/resume"))
	w.hand(w.says(whois("sam"), "/object"))
	w.now = w.now.Add(time.Minute)
	if d := w.hand(w.saysWhereFit(whois("eve"), "/resume")); d.Memory.State != Review {
		t.Errorf("got %s, want review: %v", d.Memory.State, d.Reasons)
	}
}

// TestVeto: a hold by anybody who may stops a single approval.
func TestVeto(t *testing.T) {
	w := small(t, Security)
	w.hand(w.saysWhereFit(whois("hal"), "/attest branch-attested"))
	for _, line := range []string{"ada /attest branch-attested", "hal /attest branch-attested", "ada /approve mailbox notified $DIGEST", "eve /hold"} {
		who, text, _ := strings.Cut(line, " ")
		w.now = w.now.Add(time.Minute)
		w.hand(w.saysWhereFit(whois(who), text))
	}
	w.now = w.now.AddDate(0, 0, 30)
	if d := w.hand(Event{Kind: Tick}); d.Memory.State != Held {
		t.Errorf("got %s, want hold", d.Memory.State)
	}
}
