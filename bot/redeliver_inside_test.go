package bot

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func ago(minutes int) time.Time { return insideNow().Add(-time.Duration(minutes) * time.Minute) }

// TestFailures groups attempts: what was answered once has not failed.
func TestFailures(t *testing.T) {
	attempts := []Attempt{
		{ID: 9, GUID: "again", At: ago(1), Status: 500, Event: "issues"},
		{ID: 8, GUID: "came", At: ago(2), Status: 202, Event: "issues"},
		{ID: 7, GUID: "never", At: ago(3), Event: "issues"},
		{ID: 6, GUID: "other", At: ago(3), Event: "star"},
		{ID: 5, GUID: "same", At: ago(4), Status: 502, Event: "issues"},
		{ID: 4, GUID: "same", At: ago(4), Status: 503, Event: "issues"},
		{ID: 3, GUID: "came", At: ago(5), Status: 500, Event: "issues"},
		{ID: 2, GUID: "again", At: ago(6), Status: 500, Event: "issues"},
		{ID: 1, At: ago(7), Event: "issues"},
	}
	got := failures(attempts, func(a Attempt) bool { return a.Event == "issues" })
	want := []Redelivery{
		{GUID: "same", Attempt: 5, FailedAt: ago(4)},
		{GUID: "never", Attempt: 7, FailedAt: ago(3)},
		{GUID: "again", Attempt: 9, FailedAt: ago(1)},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("failures (-want +got):\n%s", d)
	}
}

// TestJudge says for each past of a failed delivery what is done now.
func TestJudge(t *testing.T) {
	asked := func(times, before int) Redelivery {
		return Redelivery{Attempt: 1, FailedAt: ago(5000), Asked: times, AskedAt: ago(before), AskedFor: 1}
	}
	again := func(times, before int) Redelivery {
		r := asked(times, before)
		r.Attempt, r.FailedAt = 2, r.AskedAt
		return r
	}
	known := again(1, 100)
	known.Known = true
	for _, c := range []struct {
		name  string
		r     Redelivery
		want  fate
		until time.Time
	}{
		{"new", Redelivery{Attempt: 1, FailedAt: ago(0)}, due, time.Time{}},
		{"new, and in the inbox", Redelivery{Attempt: 1, FailedAt: ago(0), Known: true}, settled, time.Time{}},
		{"asked, no news yet", asked(1, 9), waiting, ago(-1)},
		{"asked, and not failed again", asked(1, 10), settled, time.Time{}},
		{"asked, failed again at once", again(1, 2), waiting, ago(-58)},
		{"an hour later", again(1, 60), due, time.Time{}},
		{"in the inbox meanwhile", known, settled, time.Time{}},
		{"asked twice, failed twice", again(2, 60), waiting, ago(-660)},
		{"half a day later", again(2, 720), due, time.Time{}},
		{"the last time, no news yet", asked(3, 5), waiting, ago(-5)},
		{"the last time, and it came", asked(3, 10), settled, time.Time{}},
		{"the last time, and it failed", again(3, 1), hopeless, time.Time{}},
	} {
		got, until := c.r.judge(insideNow())
		if got != c.want || !until.Equal(c.until) {
			t.Errorf("%s: fate %d until %v, want %d until %v", c.name, got, until, c.want, c.until)
		}
	}
}

// TestPlanOfMany asks for the oldest hundred first, and soon for the rest.
func TestPlanOfMany(t *testing.T) {
	var open []Redelivery
	for i := range 250 {
		open = append(open, Redelivery{GUID: fmt.Sprint("g", i), Attempt: int64(i), FailedAt: ago(i)})
	}
	p := planRedeliveries(open, insideNow())
	if len(p.ask) != askAtOnce || p.ask[0].GUID != "g249" || p.ask[99].GUID != "g150" || p.pause != backlogPause {
		t.Errorf("%d asked, from %v on, pause %v; want 100 from g249 on and a minute", len(p.ask), p.ask[:1], p.pause)
	}
	for _, c := range []struct {
		open  []Redelivery
		pause time.Duration
	}{
		{nil, calmPause},
		{open[:1], answerWait},
		{[]Redelivery{{Asked: 1, Attempt: 1, AskedAt: ago(50)}}, 10 * time.Minute},
		{[]Redelivery{{Asked: 1, Attempt: 1, AskedAt: ago(59)}}, busyPause},
		{[]Redelivery{{Asked: 2, Attempt: 1, AskedAt: ago(1)}}, calmPause},
	} {
		if p := planRedeliveries(c.open, insideNow()); p.pause != c.pause {
			t.Errorf("pause of %+v: %v, want %v", c.open, p.pause, c.pause)
		}
	}
}
