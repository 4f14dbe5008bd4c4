package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// rewakePage is how many cases one transaction of Rewake looks at, so that
// others can write between.
const rewakePage = 200

// Rewake goes once over the open cases that another version of the policy
// decided last, asks wake when time alone changes something of each, and
// stores that. Nothing else of a case changes, and nothing is decided. A pass
// that was cut off goes on where it was; one that is done is not made again
// for the same version. It returns how many cases have another time now.
//
// wake is called in a transaction: it must be pure.
func (s *Store) Rewake(ctx context.Context, version string, wake func(bot.Case) time.Time) (changed int, err error) {
	for done := false; !done; {
		n := 0
		err := s.change(ctx, "waking cases by a new policy", func(tx *txn) (err error) {
			p := pass{version: version, wake: wake, lock: s.lockCases}
			n, done, err = p.page(ctx, tx)
			return err
		})
		if err != nil {
			return changed, err
		}
		changed += n
	}
	return changed, nil
}

// pass is one pass of Rewake.
type pass struct {
	lock    func(context.Context, *txn, filter) ([]int64, error)
	version string
	wake    func(bot.Case) time.Time
}

// page does a page of the pass, and stores how far it came.
func (p pass) page(ctx context.Context, tx *txn) (changed int, done bool, err error) {
	var policyOf string
	var upto int64
	// It holds the lock of the pass: of several processes one goes on.
	err = tx.NewRaw(`UPDATE rewake SET done = done WHERE id = 1 RETURNING policy, upto, done`).Scan(ctx, &policyOf, &upto, &done)
	if err != nil {
		return 0, false, fmt.Errorf("reading how far the pass came: %w", err)
	}
	if policyOf != p.version {
		upto, done = 0, false
	}
	if done {
		return 0, true, nil
	}
	var ids []int64
	err = tx.NewSelect().Table("cases").Column("id").Where("id > ?", upto).Order("id").Limit(rewakePage).Scan(ctx, &ids)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, false, fmt.Errorf("reading which cases come next: %w", err)
	}
	if done = len(ids) < rewakePage; len(ids) > 0 {
		last := ids[len(ids)-1]
		if changed, err = p.between(ctx, tx, reach{upto, last}); err != nil {
			return 0, false, err
		}
		upto = last
	}
	_, err = tx.NewRaw(`UPDATE rewake SET policy = ?, upto = ?, done = ? WHERE id = 1`, p.version, upto, done).Exec(ctx)
	if err != nil {
		return 0, false, fmt.Errorf("storing how far the pass came: %w", err)
	}
	return changed, done, nil
}

// reach are the cases with ids above after, up to last.
type reach struct{ after, last int64 }

// open leaves those of them that are open.
func (r reach) open(q *bun.SelectQuery) *bun.SelectQuery {
	return q.Where("c.id > ? AND c.id <= ? AND c.state IN (?)", r.after, r.last, bun.List(openStates()))
}

// between wakes the cases of a page.
func (p pass) between(ctx context.Context, tx *txn, r reach) (changed int, err error) {
	ids, err := p.lock(ctx, tx, r.open)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	// These alone: others may be opened while they are read.
	cases, err := loadCases(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q.Where("c.id IN (?)", bun.List(ids)) })
	if err != nil {
		return 0, err
	}
	for _, c := range cases {
		m := c.Memory
		if m.Policy == p.version {
			continue
		}
		if m.WakeAt = p.wake(c); m.WakeAt.Equal(c.Memory.WakeAt) {
			continue
		}
		if err := setWake(ctx, tx, c, m); err != nil {
			return 0, err
		}
		changed++
	}
	return changed, nil
}

// setWake stores the memory of a case of which WakeAt alone is new. The version
// moves on, so that a decision under way does not bring the old time back.
func setWake(ctx context.Context, tx *txn, c bot.Case, m policy.Memory) error {
	var row caseRow
	if err := row.remember(m); err != nil {
		return err
	}
	_, err := tx.NewUpdate().Table("cases").
		Set("memory = ?, wake_at = ?, version = version + 1", row.Memory, row.WakeAt).
		Where("repository = ? AND issue = ?", c.Ref.Repository, c.Ref.Issue).Exec(ctx)
	if err != nil {
		return fmt.Errorf("storing when a case wakes: %w", err)
	}
	return nil
}
