package policy

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestDigest: each open request is counted once, by whom it waits for and how
// long; ended ones only since the last digest.
func TestDigest(t *testing.T) {
	r := testRules(t, storyPolicy(t))
	now := time.Date(2026, 12, 18, 9, 0, 0, 0, time.UTC) // a Friday
	ago := func(days int) time.Time { return now.AddDate(0, 0, -days) }
	since := ago(1)
	cases := []DigestCase{
		{"o/r#1", Memory{State: Triage, Turn: Staff, Since: ago(1), Queued: ago(1)}},
		{"o/r#2", Memory{State: Review, Turn: Staff, Since: ago(3), Queued: ago(30), Late: true}}, // three workdays to the hour
		{"o/r#3", Memory{State: Proof, Turn: Staff, Since: ago(8), Queued: ago(8)}},
		{"o/r#4", Memory{State: Triage, Turn: Staff, Since: ago(1), Queued: ago(1), GoesTo: Security}}, // one workday
		{"o/r#5", Memory{State: Held, Turn: OnSecurity, Since: ago(9), Queued: ago(9), Late: true}},
		{"o/r#6", Memory{State: Asked, Turn: Requester, Since: ago(40)}},
		{"o/r#7", Memory{State: Triage, Turn: Staff, Since: ago(40), Queued: ago(40), Snooze: now.Add(time.Hour)}},
		{"o/r#8", Memory{State: Triage, Turn: Staff, Since: ago(40), Queued: ago(40), Snooze: now}}, // over now
		{"o/r#9", Memory{State: Waiting, Turn: OnClock, Since: ago(2)}},
		{"o/r#10", Memory{State: Completed, Ended: since}},
		{"o/r#11", Memory{State: Completed, Ended: since.Add(-time.Second)}},
		{"o/r#12", Memory{State: Denied, Ended: now.Add(-time.Second)}},
		{"o/r#13", Memory{State: Denied, Ended: now}}, // the next digest's
		{"o/r#14", Memory{}},
	}
	got := r.Digest(cases, since, now)
	want := DigestNumbers{
		Under: 1, Over: 2, OverTwice: 2, Them: 1, Clock: 1, Held: 1, Snoozed: 1, Overdue: 2, Since: since,
		Ended: []DigestEnd{{Completed, 1}, {Denied, 1}},
		Oldest: []DigestOldest{ // security's first, however old the others are
			{"o/r#5", Held, ago(9), true, true},
			{"o/r#4", Triage, ago(1), false, true},
			{"o/r#8", Triage, ago(40), false, false},
			{"o/r#2", Review, ago(30), true, false},
			{"o/r#3", Proof, ago(8), false, false},
			{"o/r#1", Triage, ago(1), false, false},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the numbers (-want +got):\n%s", diff)
	}
	if got.Empty() {
		t.Error("there is something to say, and it is empty")
	}
	if n := r.Digest(cases[10:11], since, now); !n.Empty() {
		t.Errorf("there is nothing to say, and it is %+v", n)
	}
}

// TestDigestNamesTen: of many requests the digest names ten, the oldest.
func TestDigestNamesTen(t *testing.T) {
	r := testRules(t, storyPolicy(t))
	now := time.Date(2026, 12, 18, 9, 0, 0, 0, time.UTC)
	var cases []DigestCase
	for i := range 30 {
		at := now.Add(-time.Duration(i) * time.Hour)
		cases = append(cases, DigestCase{fmt.Sprintf("o/r#%d", i), Memory{State: Triage, Turn: Staff, Since: at, Queued: at}})
	}
	n := r.Digest(cases, now, now)
	if len(n.Oldest) != 10 || n.Oldest[0].Issue != "o/r#29" || n.Oldest[9].Issue != "o/r#20" || n.Under != 30 {
		t.Errorf("got %d under the target, the oldest are %v", n.Under, n.Oldest)
	}
}

func TestForecasts(t *testing.T) {
	hours := func(n int) []time.Duration {
		var all []time.Duration
		for i := range n {
			all = append(all, time.Duration(n-i)*time.Hour-time.Minute) // the longest first, and none whole
		}
		return all
	}
	got := Forecasts(map[Kind][]time.Duration{
		KindLost2FA: hours(20), KindLostEmail: hours(19), KindOther: make([]time.Duration, 21), KindLostCodes: hours(101),
	})
	want := map[Kind]Forecast{
		KindLost2FA:   {P50: 10 * time.Hour, P90: 18 * time.Hour},
		KindOther:     {P50: time.Hour, P90: time.Hour},
		KindLostCodes: {P50: 51 * time.Hour, P90: 91 * time.Hour},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the forecasts (-want +got):\n%s", diff)
	}
	var order []Kind
	for _, f := range testRules(t, storyPolicy(t)).KindForecasts(got) {
		order = append(order, f.Kind)
		if f.Forecast != got[f.Kind] {
			t.Errorf("%s: got %v, want %v", f.Kind, f.Forecast, got[f.Kind])
		}
	}
	if diff := cmp.Diff([]Kind{KindLostCodes, KindLost2FA, KindOther}, order); diff != "" {
		t.Errorf("the order of the kinds (-want +got):\n%s", diff)
	}
}
