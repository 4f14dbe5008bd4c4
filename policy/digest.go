package policy

import (
	"cmp"
	"slices"
	"time"
)

// DigestCase is one request as the digest needs it: open, or ended of late.
type DigestCase struct {
	Issue  string // OWNER/NAME#N
	Memory Memory
}

// DigestNumbers are what the digest tells staff about all requests. Each open
// request is counted once: as snoozed, on hold, waiting on them, waiting for a
// time, or in one of the three that wait on us.
type DigestNumbers struct {
	Under     int `json:"under"`      // wait on us, and are in time
	Over      int `json:"over"`       // wait on us, past the target
	OverTwice int `json:"over_twice"` // wait on us, past twice the target
	Them      int `json:"them"`       // wait on their requesters
	Clock     int `json:"clock"`      // wait for a time alone
	Held      int `json:"held"`       // on hold
	Snoozed   int `json:"snoozed"`

	Overdue  int            `json:"overdue"`            // of all of them: late, and staff were told
	Ended    []DigestEnd    `json:"ended,omitempty"`    // since the last digest, in the order of States
	Oldest   []DigestOldest `json:"oldest,omitempty"`   // what waits on us: security's first, then the longest
	Forecast []KindForecast `json:"forecast,omitempty"` // see KindForecasts; Digest leaves it empty
	Since    time.Time      `json:"since"`              // the last digest
}

// DigestEnd is how many requests came to one end.
type DigestEnd struct {
	State State `json:"state"`
	Count int   `json:"count"`
}

// DigestOldest is a request that waits on us.
type DigestOldest struct {
	Issue  string    `json:"issue"` // OWNER/NAME#N
	State  State     `json:"state"`
	Queued time.Time `json:"queued"` // since when
	Late   bool      `json:"late,omitempty"`
	First  bool      `json:"first,omitempty"` // it is security's to look at, and stands before the others
}

// KindForecast is how long staff took of late for one kind.
type KindForecast struct {
	Kind Kind `json:"kind"`
	Forecast
}

// digestOldest is how many requests the digest names.
const digestOldest = 10

// Digest counts what the digest of now tells, with what ended since.
func (r *Rules) Digest(cases []DigestCase, since, now time.Time) DigestNumbers {
	n := DigestNumbers{Since: since.UTC()}
	ends := map[State]int{}
	for _, c := range cases {
		m := c.Memory
		if m.State.Ended() && !m.Ended.Before(since) && m.Ended.Before(now) {
			ends[m.State]++
		}
		if !m.State.Open() {
			continue
		}
		r.tally(&n, m, now)
		if m.Turn.ours() && !m.snoozed(now) {
			n.Oldest = append(n.Oldest, DigestOldest{Issue: c.Issue, State: m.State, Queued: m.waits(), Late: m.Late, First: m.Section() == ForSecurity})
		}
	}
	for _, s := range States() {
		if ends[s] > 0 {
			n.Ended = append(n.Ended, DigestEnd{State: s, Count: ends[s]})
		}
	}
	place := func(o DigestOldest) int {
		if o.First {
			return 0
		}
		return 1
	}
	slices.SortFunc(n.Oldest, func(a, b DigestOldest) int {
		return cmp.Or(place(a)-place(b), a.Queued.Compare(b.Queued), cmp.Compare(a.Issue, b.Issue))
	})
	n.Oldest = n.Oldest[:min(len(n.Oldest), digestOldest)]
	return n
}

// tally counts one open request.
func (r *Rules) tally(n *DigestNumbers, m Memory, now time.Time) {
	if m.Late {
		n.Overdue++
	}
	days := r.clockOf(m).Workdays
	past := func(times int) bool { return days > 0 && !now.Before(r.workdays(m.Since, times*days)) }
	switch {
	case m.snoozed(now):
		n.Snoozed++
	case m.State == Held:
		n.Held++
	case m.Turn == Requester:
		n.Them++
	case !m.Turn.ours():
		n.Clock++
	case past(2):
		n.OverTwice++
	case past(1):
		n.Over++
	default:
		n.Under++
	}
}

// Empty reports that there is nothing to say: no open request, and none ended.
func (n DigestNumbers) Empty() bool {
	return n.Under+n.Over+n.OverTwice+n.Them+n.Clock+n.Held+n.Snoozed == 0 && len(n.Ended) == 0
}

// waits returns since when a request waits on us.
func (m Memory) waits() time.Time {
	if m.Turn == Staff && !m.Queued.IsZero() {
		return m.Queued
	}
	return m.Since
}

// forecastSamples is how many times must be known before anything is forecast
// from them.
const forecastSamples = 20

// Forecasts makes of staff's times, by kind, what is forecast: half of them,
// and nine of ten, were not longer. Times are rounded up to hours. A kind of
// which too few are known has none.
func Forecasts(waits map[Kind][]time.Duration) map[Kind]Forecast {
	all := map[Kind]Forecast{}
	for kind, times := range waits {
		if len(times) < forecastSamples {
			continue
		}
		sorted := slices.Sorted(slices.Values(times))
		all[kind] = Forecast{P50: percentile(sorted, 50), P90: percentile(sorted, 90)}
	}
	return all
}

// percentile is the least of the sorted times that p of a hundred do not
// exceed, in whole hours and never zero.
func percentile(sorted []time.Duration, p int) time.Duration {
	at := sorted[(len(sorted)*p+99)/100-1]
	return max((at + time.Hour - 1).Truncate(time.Hour), time.Hour)
}

// KindForecasts lists forecasts in the policy's order of kinds.
func (r *Rules) KindForecasts(of map[Kind]Forecast) []KindForecast {
	var all []KindForecast
	for _, k := range r.kinds() {
		if f, ok := of[k]; ok {
			all = append(all, KindForecast{Kind: k, Forecast: f})
		}
	}
	return all
}
