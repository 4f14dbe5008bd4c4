package policy

import (
	"slices"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/parser/leak"
)

// TestASecretComesBack (security requirement 12): a comment that was masked, and
// into which its author writes a secret again, holds and is masked again.
func TestASecretComesBack(t *testing.T) {
	rules := *withDesk(twoRegistries(t))
	rules.Leaks.Comments = MaskText
	w := brought(t, &rules, Triage)
	masks := func(d Decision) (n int) {
		for _, e := range d.Effects {
			if _, ok := e.(Mask); ok {
				n++
			}
		}
		return n
	}
	if n := masks(w.hand(w.says(whois("ann"), "words "+secretToken))); n != 1 {
		t.Fatalf("%d masks, want 1", n)
	}
	w.mask(Mask{Comment: w.last[annID]}) // our own edit is no event
	w.now = w.now.Add(time.Minute)
	w.hand(w.says(whois("ada"), "/resume"))
	w.now = w.now.Add(time.Minute)
	d := w.hand(w.rewrites(whois("ann"), "words "+secretToken+" again"))
	if n := masks(d); n != 1 || d.Memory.State != Held {
		t.Errorf("%d masks, want 1; the state is %s, want %s", n, d.Memory.State, Held)
	}
	w.now = w.now.Add(time.Minute)
	w.hand(w.says(whois("ada"), "/resume"))
	w.last[annID] = d.Memory.Leaks[0].Comment
	w.texts[w.last[annID]] = "words " + secretToken + " again"
	w.now = w.now.Add(time.Minute)
	if d := w.hand(w.rewrites(whois("ann"), "other words "+secretToken)); d.Memory.State == Held {
		t.Error("the secret that stood there holds again")
	}
}

// TestStrangersAdvice (security requirements 12 and 28): of what strangers write
// the requester is mailed once, staff are told once, and what the requester
// writes is explained and told all the same.
func TestStrangersAdvice(t *testing.T) {
	w := brought(t, withDesk(twoRegistries(t)), Triage)
	told, alerted := 0, 0
	post := func(who string, c leak.Class) Decision {
		w.now = w.now.Add(time.Minute)
		ev := w.says(whois(who), "words")
		ev.Leaks = []Leaked{{Class: c, In: InComment, Comment: ev.Comment}}
		return w.hand(ev)
	}
	for _, c := range secrets() {
		d := post("sam", c)
		if len(advised(d)) > 0 {
			told++
		}
		alerted += len(alerts(d))
	}
	if told != 1 || alerted != 1 {
		t.Errorf("strangers cause %d comments and %d alerts, want 1 and 1", told, alerted)
	}
	d := post("ann", secrets()[0])
	if got := advised(d); !slices.Equal(got, secrets()[:1]) || !slices.Contains(alerts(d), "leak") {
		t.Errorf("to the requester the advice is %v, to staff %v", got, alerts(d))
	}
	for _, r := range d.Reasons {
		if r.Code == "desk-left-out" {
			t.Errorf("staff are not told of the requester's: %v", d.Reasons)
		}
	}
	if d := post("ann", secrets()[0]); len(advised(d)) > 0 {
		t.Error("the requester is told twice")
	}
}

// TestStrangersMasks (security requirement 28): a flood of strangers' secrets is
// not a flood of ours.
func TestStrangersMasks(t *testing.T) {
	rules := *twoRegistries(t)
	rules.Leaks.Comments = RepostText
	w := brought(t, &rules, Triage)
	n := 0
	for range 3 * otherLimit {
		w.now = w.now.Add(time.Second)
		for _, e := range w.hand(w.says(whois("sam"), "words "+secretToken)).Effects {
			if _, ok := e.(Mask); ok {
				n++
			}
		}
	}
	if n != otherLimit {
		t.Errorf("%d comments are moved, want %d", n, otherLimit)
	}
}
