package bot

import (
	"context"
	"fmt"
	"time"
)

// Retention says for how long what the store knows of people is kept.
type Retention struct {
	// Cases is how long after its end a request is kept as it is. A request
	// that is opened again counts anew.
	Cases time.Duration
	// Deliveries is how long what came in and what was written is kept after it
	// was done. GitHub delivers again for three days.
	Deliveries time.Duration
}

// Forgot is what a pass of retention did.
type Forgot struct {
	Cases      int // requests that were pseudonymised
	Strangers  int // issues that are no requests, of which the author was forgotten
	Deliveries int // rows that were deleted
	Effects    int // likewise
}

// Total is the number of rows that a pass changed or deleted.
func (f Forgot) Total() int { return f.Cases + f.Strangers + f.Deliveries + f.Effects }

// RetentionStore is the part of a Store that forgets.
type RetentionStore interface {
	// Forget pseudonymises what ended longer ago than r.Cases, and deletes what
	// was done longer ago than r.Deliveries, a few rows in each transaction. A
	// request with something to do is left alone, and so is each whose past was
	// not read yet. It may be cut off anywhere: the next call goes on. Calls at
	// the same time share the work.
	Forget(ctx context.Context, r Retention, now time.Time) (Forgot, error)
}

// retain forgets what the policy keeps no longer.
func (b *Bot) retain(ctx context.Context, now time.Time) error {
	keep := b.Rules.Retention
	done, err := b.Store.Forget(ctx, Retention{
		Cases: max(keep.Cases, b.Rules.Clocks.Reopen), Deliveries: keep.Deliveries,
	}, now)
	if err != nil {
		return fmt.Errorf("forgetting what is old: %w", err)
	}
	if done.Total() > 0 {
		b.Log.Info("forgot what is old", "requests", done.Cases, "issues", done.Strangers,
			"deliveries", done.Deliveries, "writes", done.Effects)
	}
	return nil
}
