package bot

import (
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// Limits are what the bot may ask of GitHub for one installation, each at most
// so often in any span of that length; 0: no limit. GitHub's own are 80 writes
// a minute, 500 an hour and 900 points a minute, where a read is one point and a
// write five ("Rate limits for the REST API").
type Limits struct {
	WritesPerMinute int
	WritesPerHour   int
	PointsPerMinute int
}

// GitHubLimits returns the limits of github.com.
func GitHubLimits() Limits {
	return Limits{WritesPerMinute: 80, WritesPerHour: 500, PointsPerMinute: 900}
}

// Cost is what requests use of the limits.
type Cost struct {
	Writes int
	Points int
}

// The cost of requests, in points.
const (
	readPoints  = 1
	writePoints = 5
)

// OneRead returns the cost of one read.
func OneRead() Cost { return Cost{Points: readPoints} }

// OneWrite returns the cost of one write.
func OneWrite() Cost { return Cost{Writes: 1, Points: writePoints} }

// Budget is what an installation has used of its limits: for each the time at
// which all of it is free again. The zero Budget has used nothing. What GitHub
// itself said is in it, too.
type Budget struct {
	Minute, Hour, Points time.Time

	Limited time.Time // GitHub said no: nothing is asked of it before
	Strikes int       // how often in a row it did, without saying for how long
	Low     time.Time // by its own count little is left: what can wait waits until then
}

// Wish is what somebody wants to use of a Budget.
type Wish struct {
	Now      time.Time
	Cost     Cost
	Priority policy.Priority
}

// Take uses a part of the budget, or says how long to wait until it may; then
// nothing is used. Each priority leaves a reserve to those before it, so
// that the last ones are the first to wait; all of them get their share of a
// budget that nobody else uses. What costs more than a priority may ever use at
// once gets it when all is free.
//
// It is the generic cell rate algorithm. A window of N in a span is made of a
// burst B and of what comes back in that span, N-B, so that no span sees more
// than N, wherever it begins.
func (l Limits) Take(b Budget, w Wish) (Budget, time.Duration) {
	b = l.mend(b, w)
	wait := max(0, b.Limited.Sub(w.Now))
	if w.Priority >= policy.Reminding {
		wait = max(wait, b.Low.Sub(w.Now))
	}
	next := b
	for _, v := range l.windows(&next, w.Cost) {
		wait = max(wait, v.take(w))
	}
	if wait > 0 {
		return b, wait
	}
	return next, 0
}

// mend makes nothing longer than it can be. It would be if the clock went back,
// or a limit was lowered, or by GitHub's clock.
func (l Limits) mend(b Budget, w Wish) Budget {
	latest := w.Now.Add(maxRefused)
	if b.Limited.After(latest) {
		b.Limited = latest
	}
	if b.Low.After(latest) {
		b.Low = latest
	}
	for _, v := range l.windows(&b, w.Cost) {
		all := time.Duration(v.burst+v.amount) * v.each
		if most := w.Now.Truncate(time.Microsecond).Add(all); v.full.After(most) {
			*v.full = most
		}
	}
	return b
}

// Charge uses a part of the budget that nobody asked for, because it is used
// already.
func (l Limits) Charge(b Budget, now time.Time, c Cost) Budget {
	b = l.mend(b, Wish{Now: now, Cost: c})
	for _, v := range l.windows(&b, c) {
		v.use(now)
	}
	return b
}

// window is one limit, with what is wanted of it.
type window struct {
	full   *time.Time // all is free again then
	amount int
	burst  int           // so much may be used at once
	each   time.Duration // in which one comes back
}

// windows are the limits that there are, of a budget that is changed by them.
func (l Limits) windows(b *Budget, c Cost) []window {
	var all []window
	add := func(limit int, span time.Duration, w window) {
		if limit <= 0 || w.amount <= 0 {
			return
		}
		w.burst = max(1, limit*w.burst/100)
		each := span / time.Duration(max(1, limit-w.burst))
		w.each = (each + time.Microsecond - 1).Truncate(time.Microsecond) // up: as stored
		all = append(all, w)
	}
	// In an hour a burst must carry some dozens of new requests. Between the
	// writes of a minute lies a second anyway.
	add(l.WritesPerMinute, time.Minute, window{full: &b.Minute, amount: c.Writes, burst: 25})
	add(l.WritesPerHour, time.Hour, window{full: &b.Hour, amount: c.Writes, burst: 40})
	// A tenth is slack: what is leased may be used a little later than it was
	// taken, and a list may have more pages than were thought of.
	add(l.PointsPerMinute*9/10, time.Minute, window{full: &b.Points, amount: c.Points, burst: 33})
	return all
}

// share is how many hundredths of a burst a priority may use.
func share(p policy.Priority) int {
	switch {
	case p <= policy.LeakAdvice:
		return 100
	case p == policy.CommandAnswer:
		return 90
	case p == policy.NewRequest:
		return 70
	case p == policy.Reminding:
		return 40
	}
	return 20
}

// take uses the window, or returns how long to wait.
func (v window) take(w Wish) time.Duration {
	need := time.Duration(v.amount) * v.each
	allowed := max(need, time.Duration(v.burst*share(w.Priority)/100)*v.each)
	v.use(w.Now)
	return max(0, v.full.Sub(w.Now)-allowed)
}

func (v window) use(now time.Time) {
	now = now.Truncate(time.Microsecond) // as stored
	if v.full.Before(now) {
		*v.full = now
	}
	*v.full = v.full.Add(time.Duration(v.amount) * v.each)
}

// Bill is what GitHub's answers say of an installation's budget.
type Bill struct {
	Now  time.Time
	Cost Cost // what was used and not paid for

	Refused time.Duration // as Refusal.For; 0: it was not refused
	Unsaid  bool
	Low     time.Time // as Budget.Low; zero: enough is left
}

// Refusal is GitHub's answer that it was asked too much.
type Refusal struct {
	Now time.Time
	For time.Duration // how long to wait
	// Unsaid says that For is a guess of ours: from refusal to refusal we
	// wait longer.
	Unsaid bool
}

// maxRefused is the longest wait after a refusal: GitHub counts by the hour.
const maxRefused = time.Hour

// Refused returns the budget after GitHub said no. After one that says no time
// it waits a minute, and each time twice as long; a quiet time as long as the
// last wait, and that is forgotten.
func (b Budget) Refused(r Refusal) Budget {
	wait := r.For
	if r.Unsaid {
		if b.Limited.After(r.Now) {
			return b // what was under way meanwhile says it again
		}
		if r.Now.Sub(b.Limited) > unsaid(b.Strikes) {
			b.Strikes = 0
		}
		b.Strikes++
		wait = unsaid(b.Strikes)
	}
	if until := r.Now.Add(min(wait, maxRefused)); until.After(b.Limited) {
		b.Limited = until
	}
	return b
}

// unsaid is the wait after the n-th refusal in a row that says no time.
func unsaid(n int) time.Duration {
	return min(time.Minute<<min(max(n-1, 0), 10), maxRefused)
}
