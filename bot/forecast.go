package bot

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

const (
	measured  = 180 * 24 * time.Hour // how far back staff's times are read
	remeasure = time.Hour            // how long a forecast is used
)

// forecasts remembers what is known of staff's times. The zero value knows
// nothing.
type forecasts struct {
	mu    sync.Mutex
	at    time.Time
	known map[policy.Kind]policy.Forecast
}

// forecast returns what is known of staff's times, by kind; it may be an hour
// old. Nobody must change it.
func (b *Bot) forecast(ctx context.Context) (map[policy.Kind]policy.Forecast, error) {
	f, now := &b.forecasts, b.Clock()
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.known != nil && now.Sub(f.at) < remeasure {
		return f.known, nil
	}
	waits, err := b.Store.Waits(ctx, now.Add(-measured))
	if err != nil {
		return nil, fmt.Errorf("reading staff's times: %w", err)
	}
	f.known, f.at = policy.Forecasts(waits), now
	if f.known == nil {
		f.known = map[policy.Kind]policy.Forecast{}
	}
	return f.known, nil
}

// rewake lets a policy that changed say anew when each open request wakes. It
// asks GitHub nothing.
func (b *Bot) rewake(ctx context.Context) error {
	now := b.Clock()
	changed, err := b.Store.Rewake(ctx, b.Rules.Version, func(c Case) (at time.Time) {
		at = c.Memory.WakeAt
		issue := policy.Issue{
			Repository: c.Ref.Repository, ID: c.Ref.Issue, Number: c.Ref.Number, Author: policy.Actor{ID: c.AuthorID}, Public: !c.Private,
		}
		// What can't be thought through keeps its time.
		_ = guard(func() { at = b.Rules.Rewake(c.Memory, issue, now) })
		return at
	})
	if err != nil {
		return fmt.Errorf("waking requests by the new policy: %w", err)
	}
	if changed > 0 {
		b.Log.Info("the policy changed: requests wake at another time", "policy", b.Rules.Version, "count", changed)
	}
	return nil
}
