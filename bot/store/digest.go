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

// digestIssue stands for a desk itself in the place of a request: the case of
// the desk's repository with this issue has what the digest writes there. No
// issue of GitHub has this id.
const digestIssue = 0

// Ended returns the cases that ended at since or later, in the order in which
// they became known.
func (s *Store) Ended(ctx context.Context, since time.Time) ([]bot.Case, error) {
	var cases []bot.Case
	err := s.view(ctx, "reading the cases that ended", func(tx *txn) (err error) {
		cases, err = loadCases(ctx, tx, endedSince(since))
		return err
	})
	return cases, err
}

// endedSince leaves the cases that ended at since or later; of the index the
// first condition is one, too.
func endedSince(since time.Time) filter {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("c.ended > 0 AND c.ended >= ?", stamp(since))
	}
}

// Told returns zero times for a desk that Tell has not seen.
func (s *Store) Told(ctx context.Context, desk int64) (bot.Told, error) {
	var at, until int64
	err := s.view(ctx, "reading how far the digests came", func(tx *txn) error {
		err := tx.NewRaw(`SELECT at, until FROM digest WHERE desk = ?`, desk).Scan(ctx, &at, &until)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return bot.Told{Desk: desk, At: moment(at), Until: moment(until)}, err
}

// Tell returns ErrNotFound where there are effects for a desk that
// SaveRepository has not seen.
func (s *Store) Tell(ctx context.Context, t bot.Told, effects []policy.Effect) error {
	return s.change(ctx, "storing a digest", func(tx *txn) error {
		if mode, err := s.heed(ctx, tx); err != nil || mode != bot.ModeRun {
			return errors.Join(err, bot.ErrConflict) // it is told late
		}
		res, err := tx.NewRaw(`INSERT INTO digest (desk, at, until) VALUES (?, ?, ?)
			ON CONFLICT (desk) DO UPDATE SET at = EXCLUDED.at, until = EXCLUDED.until WHERE digest.at < EXCLUDED.at`,
			t.Desk, stamp(t.At), stamp(t.Until)).Exec(ctx)
		if err := touched(res, err, bot.ErrConflict); err != nil || len(effects) == 0 {
			return err
		}
		c, err := s.digestCase(ctx, tx, t.Desk)
		if err != nil {
			return err
		}
		if err := lockWrites(ctx, tx, c, effects); err != nil {
			return err
		}
		if err := supersedeDigest(ctx, tx, c.ID, t.Until); err != nil {
			return err
		}
		r := bot.Result{Decision: policy.Decision{Effects: effects}, Now: t.Until}
		if err := addEffects(ctx, tx, c, r); err != nil {
			return err
		}
		return s.wakeDrains(ctx, tx, c.ID)
	})
}

// digestCase returns the row that stands for a desk.
func (s *Store) digestCase(ctx context.Context, tx *txn, desk int64) (*caseRow, error) {
	r, err := loadRepository(ctx, tx, desk)
	if err != nil {
		return nil, fmt.Errorf("reading the desk of a digest: %w", err)
	}
	return s.meetCase(ctx, tx, bot.Delivery{Private: true, Ref: bot.Ref{
		CaseKey: bot.CaseKey{Repository: r.ID, Issue: digestIssue}, Installation: r.Installation, Owner: r.Owner, Name: r.Name,
	}})
}

// supersedeDigest ends what is open of older digests and was not begun: after
// a long trouble at the desk the newest one is enough.
func supersedeDigest(ctx context.Context, tx *txn, caseID int64, now time.Time) error {
	_, err := tx.NewUpdate().Table("outbox").Set("done_at = ?", closing(now)).Set("superseded = TRUE").
		Where("case_id = ? AND done_at = 0 AND step = 0 AND begun_at = 0", caseID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("superseding older digests: %w", err)
	}
	return nil
}
