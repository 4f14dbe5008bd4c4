package policy

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestGiveBack: what was lost comes to the deadlines that run, once, and never
// makes one shorter.
func TestGiveBack(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 12, n, 12, 0, 0, 0, time.UTC) }
	span := func(from, until int) Span { return Span{From: day(from), Until: day(until)} }
	notice := func(at int) *Notice { return &Notice{At: day(at)} }
	for name, test := range map[string]struct {
		is, want Memory
		away     []Span
	}{
		"nothing was lost": {
			is: Memory{State: Asked, Turn: Requester, Since: day(1)}, want: Memory{State: Asked, Turn: Requester, Since: day(1)},
		},
		"the requester's turn": {
			is:   Memory{State: Asked, Turn: Requester, Since: day(1), Reminded: day(4)},
			away: []Span{span(2, 3), span(5, 7)},
			want: Memory{State: Asked, Turn: Requester, Since: day(4), Reminded: day(6), Returned: day(7)},
		},
		"nobody was reminded": {
			is:   Memory{State: Asked, Turn: Requester, Since: day(1)},
			away: []Span{span(2, 3)},
			want: Memory{State: Asked, Turn: Requester, Since: day(2), Returned: day(3)},
		},
		"begun before the turn": {
			is:   Memory{State: Asked, Turn: Requester, Since: day(4)},
			away: []Span{span(2, 6)},
			want: Memory{State: Asked, Turn: Requester, Since: day(6), Returned: day(6)},
		},
		"over before the turn": {
			is:   Memory{State: Asked, Turn: Requester, Since: day(8)},
			away: []Span{span(2, 6)},
			want: Memory{State: Asked, Turn: Requester, Since: day(8), Returned: day(6)},
		},
		"given back already": {
			is:   Memory{State: Asked, Turn: Requester, Since: day(4), Returned: day(3)},
			away: []Span{span(2, 3)},
			want: Memory{State: Asked, Turn: Requester, Since: day(4), Returned: day(3)},
		},
		"not over yet": {
			is:   Memory{State: Asked, Turn: Requester, Since: day(1)},
			away: []Span{span(2, 11)},
			want: Memory{State: Asked, Turn: Requester, Since: day(1)},
		},
		"staff's turn": {
			is:   Memory{State: Triage, Turn: Staff, Since: day(1)},
			away: []Span{span(2, 3)},
			want: Memory{State: Triage, Turn: Staff, Since: day(1), Returned: day(3)},
		},
		"an owner's time": {
			is:   Memory{State: Waiting, Turn: OnClock, Since: day(1), Notice: notice(2)},
			away: []Span{span(3, 5)},
			want: Memory{State: Waiting, Turn: OnClock, Since: day(1), Notice: notice(4), Returned: day(5)},
		},
		"an owner's time, in staff's turn": {
			is:   Memory{State: Review, Turn: Staff, Since: day(1), Notice: notice(2)},
			away: []Span{span(3, 5)},
			want: Memory{State: Review, Turn: Staff, Since: day(1), Notice: notice(4), Returned: day(5)},
		},
		"an owner's time that is over": {
			is:   Memory{State: Ready, Turn: Staff, Since: day(1), Notice: notice(2)},
			away: []Span{span(3, 5)},
			want: Memory{State: Ready, Turn: Staff, Since: day(1), Notice: notice(2), Returned: day(5)},
		},
		"a request that ended": {
			is:   Memory{State: Expired, Turn: Nobody, Since: day(1)},
			away: []Span{span(2, 3)},
			want: Memory{State: Expired, Turn: Nobody, Since: day(1)},
		},
	} {
		m := &move{q: Request{Facts: Facts{Away: test.away}}, next: test.is, now: day(10)}
		m.giveBack()
		if diff := cmp.Diff(test.want, m.next); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if test.is.Notice != nil && !test.is.Notice.At.Equal(day(2)) {
			t.Errorf("%s: the memory that was read has changed", name)
		}
	}
}

// TestAudible: a notice that is decided on late gives the owner the whole time,
// wherever it lies before or in what was lost.
func TestAudible(t *testing.T) {
	day := func(n int) time.Time { return time.Date(2026, 12, n, 12, 0, 0, 0, time.UTC) }
	for at, want := range map[int]int{1: 4, 2: 5, 3: 5, 5: 5, 6: 6} {
		m := &move{q: Request{Facts: Facts{Away: []Span{{From: day(2), Until: day(5)}, {From: day(9), Until: day(11)}}}}, now: day(10)}
		if got := m.audible(day(at)); !got.Equal(day(want)) {
			t.Errorf("written on day %d: got %s, want day %d", at, got, want)
		}
	}
}
