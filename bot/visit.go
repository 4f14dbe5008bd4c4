package bot

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// Reads are paid for in blocks, so that not each of them is a transaction. What
// is not used soon is lost: it was taken for the minute in which it was leased.
const (
	block     = 30 // points
	blockLife = 10 * time.Second
)

// lowPart: with less than one part in so many left of GitHub's hour, the rest
// is for what cannot wait.
const lowPart = 10

// ErrResting means that GitHub is left alone for a while: by a rate limit, or
// because it does not answer. It is no failure of what waits.
var ErrResting = errors.New("GitHub is left alone for a while")

// accounts are what this process knows of the installations' budgets, and of
// whether GitHub answers. The zero value knows nothing.
type accounts struct {
	mu    sync.Mutex
	known map[int64]*account
	all   breaker // of failures that go from installation to installation
	last  int64   // whose call failed last; 0: none did since the last success
}

// account is an installation's. Its fields are guarded by accounts.mu.
type account struct {
	leasing sync.Mutex // held while a block is leased
	left    int        // points that are leased and not used; below 0: used, and not leased
	expires time.Time
	low     time.Time
	breaker breaker
}

// of is called with the lock held.
func (a *accounts) of(installation int64) *account {
	if a.known == nil {
		a.known = map[int64]*account{}
	}
	if a.known[installation] == nil {
		a.known[installation] = &account{}
	}
	return a.known[installation]
}

// rest returns how long an installation's calls of that priority must wait, by
// what this process knows.
func (a *accounts) rest(installation int64, p policy.Priority, now time.Time) time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	acc := a.of(installation)
	wait := max(acc.breaker.wait(now), a.all.wait(now))
	if p >= policy.Reminding {
		wait = max(wait, min(acc.low.Sub(now), maxRefused))
	}
	return wait
}

// begin lets a call be made: the probe of a breaker that is open. It reports
// false where another one is that already.
func (a *accounts) begin(installation int64, now time.Time) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	acc := a.of(installation)
	if acc.breaker.wait(now) > 0 || a.all.wait(now) > 0 {
		return false
	}
	acc.breaker, a.all = acc.breaker.begin(now), a.all.begin(now)
	return true
}

// debt returns how many points are wanted for the next block, 0 if there is
// something left of the last one.
func (a *accounts) debt(installation int64, now time.Time) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	acc := a.of(installation)
	if acc.left > 0 && now.Before(acc.expires) {
		return 0
	}
	return block - min(acc.left, 0)
}

// leased adds a block of so many points.
func (a *accounts) leased(installation int64, points int, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	acc := a.of(installation)
	acc.left, acc.expires = min(acc.left, 0)+points, now.Add(blockLife)
}

// visit is called before the work of an installation asks GitHub. It returns
// the context to ask in; or, where the work must wait, a *later that is
// ErrResting.
func (b *Bot) visit(ctx context.Context, installation int64, p policy.Priority) (context.Context, error) {
	if installation == 0 {
		return ctx, nil
	}
	if wait := b.accounts.rest(installation, p, b.Clock()); wait > 0 {
		return ctx, resting(wait)
	}
	if err := b.lease(ctx, installation, p); err != nil {
		return ctx, err
	}
	if !b.accounts.begin(installation, b.Clock()) {
		return ctx, resting(probeTime)
	}
	return b.listening(ctx), nil
}

// listening returns a context in which the calls of an installation are paid
// for, and what GitHub says of its limits is kept.
func (b *Bot) listening(ctx context.Context) context.Context {
	return WithAnswers(ctx, func(a Answer) { b.hear(ctx, a) })
}

func resting(wait time.Duration) error {
	return &later{class: "GitHub is left alone", wait: wait, idle: true}
}

// lease makes sure that there is something left for a read.
func (b *Bot) lease(ctx context.Context, installation int64, p policy.Priority) error {
	b.accounts.mu.Lock()
	acc := b.accounts.of(installation)
	b.accounts.mu.Unlock()
	acc.leasing.Lock()
	defer acc.leasing.Unlock()
	now := b.Clock()
	points := b.accounts.debt(installation, now)
	if points == 0 {
		return nil
	}
	wait, err := b.Store.Lease(ctx, installation, Wish{Now: now, Cost: Cost{Points: points}, Priority: p})
	if err != nil {
		return err
	}
	if wait > 0 {
		return resting(wait)
	}
	b.accounts.leased(installation, points, now)
	return nil
}

// writing returns a context for a call that NextCall gave: one write of it is
// paid for.
func (b *Bot) writing(ctx context.Context) context.Context {
	paid := OneWrite()
	return WithAnswers(ctx, func(a Answer) {
		if a.Cost.Writes > 0 {
			a.Cost.Writes -= paid.Writes
			a.Cost.Points -= paid.Points
			paid = Cost{}
		}
		b.hear(ctx, a)
	})
}

// hear takes over what an answer tells.
func (b *Bot) hear(ctx context.Context, a Answer) {
	if a.Installation == 0 {
		return // of the App's own calls there are few
	}
	now := b.Clock()
	bill := b.accounts.heard(a, now)
	b.tellBreaker(a, now)
	e, refused := errors.AsType[*Error](a.Err)
	if refused && e.RetryAfter > 0 {
		bill.Refused, bill.Unsaid = e.RetryAfter, e.Limit == LimitUnsaid
		b.Log.Warn("GitHub refuses calls; it is left alone for a while", "installation", a.Installation,
			"limit", e.Limit, "status", e.Status, "wait", e.RetryAfter.String())
	}
	if !bill.Low.IsZero() {
		b.Log.Info("little is left of what GitHub allows in this hour; reminders and digests wait", "installation", a.Installation, "until", bill.Low)
	}
	if bill == (Bill{}) {
		return
	}
	bill.Now = now
	// What GitHub said holds, even if nobody waits for the work any more.
	if err := b.Store.Settle(context.WithoutCancel(ctx), a.Installation, bill); err != nil {
		b.Log.Warn("what GitHub said of its limits could not be stored", "installation", a.Installation, "class", describe(err))
	}
}

// heard takes what was used from what is leased, and returns what the store
// must know.
func (a *accounts) heard(ans Answer, now time.Time) Bill {
	a.mu.Lock()
	defer a.mu.Unlock()
	acc := a.of(ans.Installation)
	acc.left -= ans.Cost.Points
	if retryAfter(ans.Err) > 0 {
		acc.left = min(acc.left, 0) // the next one asks the store
	}
	bill := Bill{Cost: Cost{Writes: ans.Cost.Writes}}
	if ans.Of > 0 && ans.Left*lowPart < ans.Of && ans.Reset.After(now) && ans.Reset.After(acc.low) {
		acc.low, bill.Low = ans.Reset, ans.Reset
	}
	return bill
}

// tellBreaker counts failures, and says once that a breaker opens or closes.
func (b *Bot) tellBreaker(ans Answer, now time.Time) {
	a := &b.accounts
	a.mu.Lock()
	acc := a.of(ans.Installation)
	one, all := acc.breaker, a.all
	e, isError := errors.AsType[*Error](ans.Err)
	switch {
	case !isError && ans.Err != nil:
	case isError && e.Class == Transient && e.Limit == "":
		acc.breaker = one.failed(now, ans.Installation)
		if a.last != ans.Installation || all.opened > 0 {
			a.all = all.failed(now, 0)
		}
		a.last = ans.Installation
	default:
		acc.breaker, a.all, a.last = breaker{}, breaker{}, 0
	}
	opens := acc.breaker.opened == 1 && one.opened == 0 || a.all.opened == 1 && all.opened == 0
	closes := acc.breaker.opened == 0 && one.opened > 0 || a.all.opened == 0 && all.opened > 0
	a.mu.Unlock()
	if opens {
		b.Log.Warn("GitHub does not answer; it is tried less and less often", "installation", ans.Installation, "class", describe(ans.Err))
	}
	if closes {
		b.Log.Info("GitHub answers again", "installation", ans.Installation)
	}
}

// settle pays for reads of writing that were not leased: lookups of calls that
// were begun before.
func (b *Bot) settle(ctx context.Context, installation int64) {
	b.accounts.mu.Lock()
	acc := b.accounts.of(installation)
	owed := -min(acc.left, 0)
	acc.left += owed
	b.accounts.mu.Unlock()
	if owed == 0 {
		return
	}
	err := b.Store.Settle(context.WithoutCancel(ctx), installation, Bill{Now: b.Clock(), Cost: Cost{Points: owed}})
	if err != nil {
		b.Log.Warn("what GitHub said of its limits could not be stored", "installation", installation, "class", describe(err))
	}
}

// urgency is the priority of deciding.
func urgency(w *Work) policy.Priority {
	if w.Delivery != nil && Secret(w.Delivery.Leaks) {
		return policy.LeakAdvice
	}
	if w.Delivery != nil && w.Delivery.Command {
		return policy.CommandAnswer
	}
	return policy.PriorityOn(event(w).Kind)
}
