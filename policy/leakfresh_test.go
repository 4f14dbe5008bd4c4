package policy

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// anotherToken has the same shape as secretToken, and is another one.
func anotherToken() string { return strings.Replace(secretToken, "NDlhZi1i", "NDlhZi1j", 1) }

// TestAnotherSecret (security requirement 12): a secret that an edit puts in the
// place of another one of its kind pauses the request again, after staff have
// dealt with the first one; what to do about the kind is not said twice. What
// stood there before, or came back from nowhere to a pass, pauses nothing.
func TestAnotherSecret(t *testing.T) {
	rules := *withDesk(twoRegistries(t))
	for name, c := range map[string]struct {
		leaks func(w *world)
		edit  func(w *world) Event
		want  State
	}{
		"in a comment": {
			func(w *world) { w.hand(w.says(whois("ann"), "words "+secretToken)) },
			func(w *world) Event { return w.rewrites(whois("ann"), "words "+anotherToken()) }, Held,
		},
		"in a comment, beside it": {
			func(w *world) { w.hand(w.says(whois("ann"), "words "+secretToken)) },
			func(w *world) Event { return w.rewrites(whois("ann"), secretToken+" and "+anotherToken()) }, Held,
		},
		"in a comment, the same": {
			func(w *world) { w.hand(w.says(whois("ann"), "words "+secretToken)) },
			func(w *world) Event { return w.rewrites(whois("ann"), "other words "+secretToken) }, Review,
		},
		"in the text": {
			func(w *world) { w.hand(w.edits(whois("ann"), w.issue.Body+"\n\n"+secretToken)) },
			func(w *world) Event {
				return w.edits(whois("ann"), strings.Replace(w.issue.Body, secretToken, anotherToken(), 1))
			}, Held,
		},
		"in the text, the same": {
			func(w *world) { w.hand(w.edits(whois("ann"), w.issue.Body+"\n\n"+secretToken)) },
			func(w *world) Event { return w.edits(whois("ann"), w.issue.Body+"\n\nAnd more.") }, Review,
		},
		"in the text, and taken out before it is read": {
			func(w *world) { w.hand(w.edits(whois("ann"), w.issue.Body+"\n\n"+secretToken)) },
			func(w *world) Event {
				clean := strings.Replace(w.issue.Body, secretToken, "", 1)
				ev := w.edits(whois("ann"), strings.Replace(w.issue.Body, secretToken, anotherToken(), 1))
				w.issue.Body = clean
				return ev
			}, Held,
		},
		"in the text, found by a pass": {
			func(w *world) { w.hand(w.edits(whois("ann"), w.issue.Body+"\n\n"+secretToken)) },
			func(w *world) Event {
				w.edits(whois("ann"), strings.Replace(w.issue.Body, secretToken, anotherToken(), 1))
				return w.touch(whois("ann"), Seen)
			}, Review,
		},
	} {
		w := brought(t, &rules, Review)
		c.leaks(w)
		if w.memory.State != Held {
			t.Fatalf("%s: the first secret leads to %s", name, w.memory.State)
		}
		w.now = w.now.Add(time.Minute)
		w.hand(w.says(whois("eve"), "/resume"))
		w.now = w.now.Add(time.Minute)
		if w.memory.State != Review {
			t.Fatalf("%s: /resume leads to %s", name, w.memory.State)
		}
		d := w.hand(c.edit(w))
		if w.memory.State != c.want || slices.Contains(alerts(d), "leak") != (c.want == Held) {
			t.Errorf("%s: the state is %s with alerts %q, want %s, and an alert for a hold", name, w.memory.State, alerts(d), c.want)
		}
		if got := advised(d); len(got) > 0 {
			t.Errorf("%s: the advice is given again: %v", name, got)
		}
		if slices.ContainsFunc(w.memory.Leaks, func(f Find) bool { return f.Novelty != NotCompared }) {
			t.Errorf("%s: what is remembered of an edit: %v", name, w.memory.Leaks)
		}
	}
}
