package policy

import (
	"testing"
	"time"
)

// BenchmarkDecide decides about a new complete request. The aim is 5 us.
func BenchmarkDecide(b *testing.B) {
	w := newWorld(testRules(b, storyPolicy(b)), time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	w.open(whois("ann"), storyBodies(b)["complete"], w.rules.Requests.Label)
	q, ev := w.request(w.touch(whois("ann"), Opened))
	b.ReportAllocs()
	for b.Loop() {
		if d := w.rules.Decide(q, ev, w.now); d.Memory.State != Triage {
			b.Fatal(d.Reasons)
		}
	}
}

// BenchmarkForm reads the body of that request.
func BenchmarkForm(b *testing.B) {
	w := newWorld(testRules(b, storyPolicy(b)), time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	w.open(whois("ann"), storyBodies(b)["complete"], w.rules.Requests.Label)
	b.ReportAllocs()
	for b.Loop() {
		w.rules.Form(w.issue)
	}
}
