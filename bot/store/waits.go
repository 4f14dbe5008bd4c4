package store

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// keepWaits is how long measured waits are kept.
const keepWaits = 180 * 24 * time.Hour

// wait returns how long the requester had waited when a person of staff ended
// staff's turn with this decision, false where it did not. Who of those people
// is staff, the decision knows: nobody else's word moves the turn away from
// them, but that of the requester and an objection, which goes to security.
func (t step) wait(before policy.Memory) (time.Duration, bool) {
	after, ev := t.result.Case.Memory, t.result.Event
	switch ev.Kind {
	case policy.Commanded, policy.Commented, policy.ClosedHand:
	default:
		return 0, false
	}
	byStaff := ev.Actor.ID != 0 && !ev.Actor.Bot && ev.Actor.ID != t.after.AuthorID
	ended := after.Turn == policy.Requester || after.Turn == policy.OnClock || after.State.Ended() && after.State != policy.Ignored
	if before.Turn != policy.Staff || before.Queued.IsZero() || !byStaff || !ended {
		return 0, false
	}
	// A request that is taken up again keeps its place in the queue: the time
	// in which it was closed is nobody's wait.
	from := before.Queued
	if before.Since.After(from) {
		from = before.Since
	}
	return max(0, t.result.Now.Sub(from)), true
}

// addWait measures a decision.
func addWait(ctx context.Context, tx *txn, t step) error {
	before, err := t.before.recall()
	if err != nil {
		return err
	}
	wait, ok := t.wait(before)
	if !ok {
		return nil
	}
	_, err = tx.NewRaw(`INSERT INTO waits (kind, wait, at) VALUES (?, ?, ?)`,
		string(before.Kind), wait.Microseconds(), stamp(t.result.Now)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("storing how long staff took: %w", err)
	}
	return nil
}

const pruneOld = `DELETE FROM waits WHERE at < ?`

// pruneWaits forgets what is too old to tell of staff's times now.
func pruneWaits(ctx context.Context, tx *txn, now time.Time) error {
	if _, err := tx.NewRaw(pruneOld, stamp(now.Add(-keepWaits))).Exec(ctx); err != nil {
		return fmt.Errorf("forgetting old waits: %w", err)
	}
	return nil
}

// Waits returns by kind how long requesters waited until staff ended a turn,
// shortest first, of the turns that ended at since or later. They are kept for
// 180 days.
func (s *Store) Waits(ctx context.Context, since time.Time) (map[policy.Kind][]time.Duration, error) {
	waits := map[policy.Kind][]time.Duration{}
	err := s.view(ctx, "reading how long staff took", func(tx *txn) error {
		var rows []struct {
			Kind string `bun:"kind"`
			Wait int64  `bun:"wait"`
		}
		if err := tx.NewRaw(`SELECT kind, wait FROM waits WHERE at >= ?`, stamp(since)).Scan(ctx, &rows); err != nil {
			return err
		}
		for _, r := range rows {
			kind := policy.Kind(r.Kind)
			waits[kind] = append(waits[kind], time.Duration(r.Wait)*time.Microsecond)
		}
		return nil
	})
	for _, all := range waits {
		slices.Sort(all)
	}
	return waits, err
}
