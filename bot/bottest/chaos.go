package bottest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"strings"
	"time"
)

// ChaosOptions say how much goes wrong. Shares are between 0 and 1. Equal seeds draw equal sequences: what goes wrong is the same as far as calls
// and webhooks come in the same order.
type ChaosOptions struct {
	Seed uint64

	// Share is how many of the App's calls go wrong: any [FaultKind], with 500, 502 and 503, and 403 and 429 with a Retry-After of one second.
	// FaultStale hits reads of an issue only, FaultRedirect reads of a repository, which it leads to the same by id.
	Share float64
	// MaxHang ends a FaultHang by cutting the connection; 0: when the caller goes away.
	MaxHang time.Duration
	// Latency: each of the App's calls takes up to so much longer, besides the fixed latency.
	Latency time.Duration

	// Duplicate is the share of webhooks that come twice, with the same GUID.
	Duplicate float64
	// Reorder is the share that come after up to ReorderBy others (0: 8) that happened later.
	Reorder   float64
	ReorderBy int
	// Drop is the share that is lost inside GitHub, see [FateDrop]; Fail the share whose receiver cannot be reached, see [FateFail].
	Drop, Fail float64
}

type chaos struct {
	ChaosOptions
	random *rand.Rand
}

// Chaos makes calls and webhooks go wrong at random from now on, beside the faults of [Fake.Fail], which come first. It replaces an earlier chaos;
// [Fake.Calm] ends it.
func (f *Fake) Chaos(o ChaosOptions) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if o.ReorderBy == 0 {
		o.ReorderBy = 8
	}
	f.chaos = &chaos{o, rand.New(rand.NewPCG(o.Seed, 0))} //nolint:gosec // a seed that can be given again is the point
}

// Calm ends the chaos. What it did to webhooks that are queued already stays done.
func (f *Fake) Calm() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.chaos = nil
}

// Wrong counts what chaos did since the start, by what it was: "cut", "status 502", "duplicate", ….
func (f *Fake) Wrong() map[string]int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.wrong)
}

// SetLatency makes each answer to the App take at least so long; 0 ends it. [Options.Latency] is the first one.
func (f *Fake) SetLatency(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.latency = d
}

func (c *chaos) hits(share float64) bool { return share > 0 && c.random.Float64() < share }

// misfortunes are the faults of chaos with their names; each is as likely as the others.
func misfortunes() []Fault {
	return []Fault{
		{Kind: FaultStatus, Status: http.StatusForbidden, RetryAfter: time.Second},
		{Kind: FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: time.Second},
		{Kind: FaultStatus, Status: http.StatusInternalServerError},
		{Kind: FaultStatus, Status: http.StatusBadGateway},
		{Kind: FaultStatus, Status: http.StatusServiceUnavailable},
		{Kind: FaultAfter, Status: http.StatusInternalServerError},
		{Kind: FaultAfter, Status: http.StatusBadGateway},
		{Kind: FaultAfter, Status: http.StatusServiceUnavailable},
		{Kind: FaultHang},
		{Kind: FaultCut},
		{Kind: FaultCutBefore},
		{Kind: FaultStale},
		{Kind: FaultRedirect},
	}
}

func (fault *Fault) name() string {
	switch fault.Kind {
	case FaultStatus:
		return fmt.Sprintf("status %d", fault.Status)
	case FaultAfter:
		return fmt.Sprintf("done, then %d", fault.Status)
	case FaultHang:
		return "hang"
	case FaultCut:
		return "cut"
	case FaultCutBefore:
		return "cut before"
	case FaultStale:
		return "stale"
	case FaultRedirect:
		return "redirect"
	}
	return "unknown"
}

// disturb draws what chaos does to a call.
func (f *Fake) disturb(q *request, p *passage) {
	if f.chaos == nil {
		return
	}
	if f.chaos.Latency > 0 {
		p.delay += time.Duration(f.chaos.random.Int64N(int64(f.chaos.Latency)))
	}
	if !f.chaos.hits(f.chaos.Share) {
		return
	}
	all := misfortunes()
	drawn := all[f.chaos.random.IntN(len(all))]
	if p.fault != nil {
		return
	}
	where := ""
	if q.http.Method == http.MethodGet {
		where = f.where(q)
	}
	if drawn.Kind == FaultStale && p.call.Kind != "GET issue" || drawn.Kind == FaultRedirect && where == "" {
		drawn = Fault{Kind: FaultStatus, Status: http.StatusBadGateway}
	}
	drawn.Hang, drawn.Location = f.chaos.MaxHang, where
	p.fault = &drawn
	f.wrong[drawn.name()]++
}

// where is the address by id of what a path in a repository names; "" for other paths.
func (f *Fake) where(q *request) string {
	parts := strings.SplitN(q.path, "/", 5)
	if len(parts) < 4 || parts[1] != "repos" {
		return ""
	}
	r, _ := f.findRepo(parts[2] + "/" + parts[3])
	if r == nil {
		return ""
	}
	return f.moved(q, r, parts).header["Location"]
}

// enqueueAll queues a webhook as chaos has it: not at all, twice, to fail, to come later.
func (f *Fake) enqueueAll(d queued) {
	c := f.chaos
	if c == nil {
		f.queue = append(f.queue, d)
		return
	}
	if c.hits(c.Drop) {
		f.wrong["drop"]++
		return
	}
	if c.hits(c.Fail) {
		f.wrong["fail"]++
		d.fate = FateFail
	}
	twin := d
	if c.hits(c.Reorder) {
		f.wrong["reorder"]++
		d.behind = 1 + c.random.IntN(c.ReorderBy)
	}
	f.queue = append(f.queue, d)
	if c.hits(c.Duplicate) {
		f.wrong["duplicate"]++
		f.enqueued++
		twin.seq, twin.fate, twin.behind = f.enqueued, FateSend, c.random.IntN(c.ReorderBy)
		f.queue = append(f.queue, twin)
	}
}

// pause lets the latency pass; it panics with http.ErrAbortHandler if the caller goes away before.
func pause(ctx context.Context, d time.Duration) {
	if d <= 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		panic(http.ErrAbortHandler)
	case <-timer.C:
	}
}
