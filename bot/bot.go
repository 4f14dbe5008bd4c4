package bot

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// Clock returns the time. The bot reads no other.
type Clock func() time.Time

// Options are what a Bot is made of. All fields but WriteInterval and Poll are needed.
type Options struct {
	Rules  *policy.Rules
	Store  Store
	GitHub GitHub
	Clock  Clock
	Log    *slog.Logger
	// WriteInterval lies between two writes of one installation. GitHub
	// asks for a second at least; zero is for tests.
	WriteInterval time.Duration
	// Poll lies between two reconcile passes over a repository. 0: they come
	// as often as webhooks fail to tell what they find.
	Poll time.Duration
}

// Bot turns deliveries into decisions, and decisions into changes on GitHub.
// Its methods may be called concurrently.
type Bot struct {
	Options
	teams     teams
	forecasts forecasts
	hooks     hookPasses
	accounts  accounts
	quiet     quietLists
	looked    map[int64]bool // repositories that a Start which failed has looked up; only Start uses it
	mu        sync.Mutex
	self      policy.Actor
	at        map[int64]int64 // installation by repository
}

// New returns a Bot. Start must have succeeded before it can work.
func New(o Options) *Bot {
	return &Bot{Options: o, teams: teams{known: map[string]membership{}}, at: map[int64]int64{}}
}

// Self returns our App's own user, the zero Actor before Start.
func (b *Bot) Self() policy.Actor {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.self
}

// Installation returns the installation of our App on a repository, 0 before
// Start. Deliveries for any other are not ours.
func (b *Bot) Installation(repository int64) int64 {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.at[repository]
}

// runLimit ends one run of a job, so that a long inbox neither meets the job's
// time-out nor holds up others for long.
const runLimit = time.Second / 2

// Step does one unit of work of any case or installation, oldest first. It
// reports false where there is none now. Tests and the demo drive the bot by
// it, without a job engine.
func (b *Bot) Step(ctx context.Context) (bool, error) {
	unit, err := b.Store.Ready(ctx, b.Clock())
	switch {
	case errors.Is(err, ErrNothing):
		return false, nil
	case err != nil:
		return false, err
	case unit.Case != CaseKey{}:
		_, err = b.workOnce(ctx, unit.Case)
	default:
		_, err = b.drainOnce(ctx, unit.Installation)
	}
	if errors.Is(err, ErrResting) {
		return false, nil // a tick, or a call of a breaker that is open: neither has a row in which it could wait
	}
	if errors.Is(err, ErrNothing) {
		err = nil
	}
	return true, err
}

// StepCase works off what is open for one case. It returns how long to wait
// before there may be more: zero means that there is nothing, as far as can
// be foreseen.
func (b *Bot) StepCase(ctx context.Context, key CaseKey) (time.Duration, error) {
	return b.repeat(func() (time.Time, error) { return b.workOnce(ctx, key) })
}

// Drain makes what was decided for one installation. It returns like StepCase;
// with ErrResting there is nothing before the wait is over, whatever comes.
func (b *Bot) Drain(ctx context.Context, installation int64) (time.Duration, error) {
	rests := false
	wait, err := b.repeat(func() (time.Time, error) {
		next, err := b.drainOnce(ctx, installation)
		rests = errors.Is(err, ErrResting)
		return next, err
	})
	if err == nil && rests {
		err = ErrResting
	}
	return wait, err
}

// repeat calls once until it has nothing to do, or the run is long enough.
func (b *Bot) repeat(once func() (time.Time, error)) (time.Duration, error) {
	began := b.Clock()
	for {
		next, err := once()
		now := b.Clock()
		switch {
		case errors.Is(err, ErrNothing) && next.IsZero():
			return 0, nil
		case errors.Is(err, ErrNothing):
			return max(next.Sub(now), time.Millisecond), nil
		case err != nil:
			return 0, err
		case now.Sub(began) > runLimit:
			return time.Millisecond, nil
		}
	}
}

// Sweep wakes every case that is due at now, takes over old requests as far
// as the operator's choice allows, and forgets what is kept no longer. The cron
// schedule calls it.
func (b *Bot) Sweep(ctx context.Context, now time.Time) error {
	if may, err := b.may(ctx, Mode.Works); !may {
		return err
	}
	due, stuck, err := b.Store.Sweep(ctx, now)
	if err != nil {
		return err
	}
	for _, key := range stuck {
		b.Log.Warn("a case is overdue for three sweeps; look at its jobs", "repository", key.Repository, "issue", key.Issue)
	}
	b.Log.Debug("swept", "due", due)
	var errs []error
	for _, r := range b.Rules.Repositories {
		known, err := b.Store.Repository(ctx, r.ID)
		if err == nil {
			err = b.adopt(ctx, known)
		}
		if errors.Is(err, ErrResting) {
			err = nil // the next sweep does it
		}
		errs = append(errs, err)
	}
	return errors.Join(append(errs, b.retain(ctx, now))...)
}

// Forget drops what is known of teams, so that the next command asks GitHub.
func (b *Bot) Forget() { b.teams.forget() }
