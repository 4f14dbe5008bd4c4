package policy

import (
	"testing"
	"time"
)

// TestMasksAreLimited (security requirement 28): however often the requester
// writes secrets, a handful of texts a day is masked. Each pauses the request all
// the same, staff are told once that they must do the rest, and a stranger's
// secret is taken out.
func TestMasksAreLimited(t *testing.T) {
	rules := *withDesk(twoRegistries(t))
	rules.Leaks.Comments = RepostText
	w := brought(t, &rules, Triage)
	masks, enough := 0, 0
	writes := func(who string) {
		w.now = w.now.Add(time.Minute)
		d := w.hand(w.says(whois(who), "words "+secretToken))
		for _, e := range d.Effects {
			if _, ok := e.(Mask); ok {
				masks++
			}
		}
		for _, a := range alerts(d) {
			if a == string(AlertMasks) {
				enough++
			}
		}
		if w.memory.State != Held {
			t.Fatalf("after a secret the state is %s", w.memory.State)
		}
	}
	for range 40 {
		writes("ann")
		w.now = w.now.Add(time.Minute)
		w.hand(w.says(whois("eve"), "/resume"))
	}
	if masks != maskLimit || enough != 1 {
		t.Errorf("%d masks and %d alerts, want %d and 1", masks, enough, maskLimit)
	}
	writes("ann")
	writes("sam")
	if masks != maskLimit+1 {
		t.Errorf("%d masks after a stranger's secret, want %d", masks, maskLimit+1)
	}
	w.now = w.now.Add(noticeWindow)
	writes("ann")
	if masks != maskLimit+2 || enough != 1 {
		t.Errorf("a day later: %d masks and %d alerts, want %d and 1", masks, enough, maskLimit+2)
	}
}
