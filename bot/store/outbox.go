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

// heads are the open effects o, with their cases c, that are the first of
// their case, at the desk or elsewhere, and may be made.
func heads(db bun.IDB) *bun.SelectQuery {
	return db.NewSelect().Model((*outboxRow)(nil)).
		Join("JOIN cases AS c ON c.id = o.case_id").Where("o.done_at = 0").
		Where("NOT EXISTS (SELECT 1 FROM outbox AS e WHERE e.case_id = o.case_id AND e.done_at = 0 AND e.seq < o.seq AND e.desk = o.desk)").
		Where(inForce).Where(deskInForce)
}

func readyCalls(db bun.IDB, now time.Time) *bun.SelectQuery {
	return heads(db).Where("o.not_before <= ?", stamp(now))
}

// nextCall returns the call to make for an installation at now, or when there
// may be one. Its caller holds the installation's lock, and stores the budget.
func (s *Store) nextCall(ctx context.Context, db bun.IDB, of *installationRow, now time.Time) (turn, error) {
	if m, err := s.mode(ctx, db); err != nil || m.holds.Mode != bot.ModeRun {
		return turn{}, err // the end of the mode wakes it
	}
	hold := max(of.HoldUntil, of.LimitedUntil, of.leased(s.replica, now))
	row := &outboxRow{}
	err := readyCalls(db, now).Column("o.*").Where("o.installation = ?", of.ID).
		Order("o.priority", "o.decided_at", "o.id").Limit(1).Scan(ctx, row)
	if err == nil && hold <= stamp(now) {
		return s.afford(ctx, db, of, turn{now: now, row: row})
	}
	if err == nil {
		return turn{next: moment(hold)}, nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return turn{}, fmt.Errorf("reading the next effect: %w", err)
	}
	var next int64
	err = heads(db).ColumnExpr("coalesce(min(o.not_before), 0)").
		Where("o.installation = ?", of.ID).Scan(ctx, &next)
	if err != nil {
		return turn{}, fmt.Errorf("reading when the next effect is due: %w", err)
	}
	if next > 0 {
		next = max(next, hold)
	}
	return turn{next: moment(next)}, nil
}

// NextCall commits that the call is begun before it returns it. Until it is
// recorded as made or failed, for 30 s at most, another Store gets none of the
// installation's.
//
// A call is paid for here, and once: what is not made after all, or refused, is
// not paid back, for GitHub counts what it refuses, too.
func (s *Store) NextCall(ctx context.Context, installation int64, now time.Time) (bot.Call, time.Time, error) {
	var c bot.Call
	var t turn
	err := s.change(ctx, "taking the next call", func(tx *txn) error {
		c, t = bot.Call{}, turn{}
		if err := s.engine.heeding(ctx, tx); err != nil {
			return err
		}
		of, err := lockInstallation(ctx, tx, installation)
		if err != nil {
			return err
		}
		if t, err = s.nextCall(ctx, tx, of, now); err != nil {
			return err
		}
		if t.row == nil && !t.broke {
			return bot.ErrNothing
		}
		if err := saveBudget(ctx, tx, of, t); err != nil || t.row == nil {
			return err
		}
		c, err = s.take(ctx, tx, t.row, now)
		return err
	})
	if err == nil && t.row == nil {
		err = fmt.Errorf("taking the next call: no budget: %w", bot.ErrNothing)
	}
	if err != nil {
		return bot.Call{}, t.next, err
	}
	return c, time.Time{}, nil
}

// take marks a call as begun, and keeps the other replicas away.
func (s *Store) take(ctx context.Context, tx *txn, row *outboxRow, now time.Time) (bot.Call, error) {
	if err := s.lease(ctx, tx, row.Installation, now); err != nil {
		return bot.Call{}, err
	}
	c, err := loadCall(ctx, tx, row)
	if err != nil || c.Begun {
		return c, err
	}
	_, err = tx.NewUpdate().Table("outbox").Set("begun_at = ?", closing(now)).Where("id = ?", row.ID).Exec(ctx)
	return c, err
}

func loadCall(ctx context.Context, tx *txn, row *outboxRow) (bot.Call, error) {
	e, err := policy.DecodeEffect(row.Kind, []byte(row.Args))
	if err != nil {
		return bot.Call{}, err
	}
	var c caseRow
	if err := byID(row.CaseID)(tx.NewSelect().Model(&c)).Scan(ctx); err != nil {
		return bot.Call{}, fmt.Errorf("reading the case of an effect: %w", err)
	}
	call := bot.Call{
		ID: row.ID, Ref: c.ref(), Effect: e, Step: row.Step, Begun: row.BegunAt != 0,
		Tries: row.Tries, At: moment(row.DecidedAt),
	}
	if call.Labels, err = labels(ctx, tx, c.Repository); err != nil {
		return bot.Call{}, err
	}
	if row.Desk {
		if call.Desk, call.Shown, err = newDesks(tx).of(ctx, &c); err != nil {
			return bot.Call{}, err
		}
	}
	if row.Kind == "desk" {
		call.Reposts = c.DeskReposts
	}
	comment, ok := e.(policy.Comment)
	if !ok {
		return call, nil
	}
	err = tx.NewSelect().Model((*commentRow)(nil)).Column("comment_id", "reposts").
		Where("case_id = ? AND name = ?", c.ID, comment.Name).Scan(ctx, &call.Comment, &call.Reposts)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return bot.Call{}, fmt.Errorf("reading the id of a comment: %w", err)
	}
	return call, nil
}

// CallMade returns ErrConflict if the effect has ended or is at another step.
func (s *Store) CallMade(ctx context.Context, c bot.Call, m bot.Made) error {
	return s.change(ctx, "recording a call", func(tx *txn) error {
		held, err := lockEffect(ctx, tx, c.ID, bot.ErrConflict)
		if err != nil {
			return err
		}
		if err := s.unlease(ctx, tx, held.Installation); err != nil {
			return err
		}
		var row outboxRow
		q := tx.NewUpdate().Model(&row).Set("begun_at = 0, tries = 0, waits = 0, not_before = 0, class = ''")
		if m.Last {
			q = q.Set("done_at = ?", closing(m.Now))
		} else {
			q = q.Set("step = step + ?", max(1, m.Steps))
		}
		err = q.Where("id = ? AND step = ? AND done_at = 0", c.ID, c.Step).Returning("*").Scan(ctx)
		if errors.Is(err, sql.ErrNoRows) {
			return bot.ErrConflict
		}
		if err != nil {
			return fmt.Errorf("updating the effect: %w", err)
		}
		if row.Desk {
			return keepDesk(ctx, tx, &row, m) // it makes nothing of the request's own issue newer
		}
		_, err = tx.NewUpdate().Table("cases").Set("last_write = ?", stamp(m.Now)).
			Where("id = ? AND last_write < ?", row.CaseID, stamp(m.Now)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("updating the time of the last write: %w", err)
		}
		return keepComment(ctx, tx, &row, m)
	})
}

// keepComment remembers the id of the comment that was written.
func keepComment(ctx context.Context, tx *txn, row *outboxRow, m bot.Made) error {
	if m.Comment == 0 || row.Kind != "comment" {
		return nil
	}
	e, err := policy.DecodeEffect(row.Kind, []byte(row.Args))
	if err != nil {
		return err
	}
	r := &commentRow{CaseID: row.CaseID, Name: e.Key(), CommentID: m.Comment}
	if m.Reposted {
		r.Reposts = 1
	}
	_, err = tx.NewInsert().Model(r).On("CONFLICT (case_id, name) DO UPDATE").
		Set("comment_id = EXCLUDED.comment_id").Set("reposts = m.reposts + EXCLUDED.reposts").
		Returning("NULL").Exec(ctx)
	if err != nil {
		return fmt.Errorf("storing the id of a comment: %w", err)
	}
	return nil
}

// CallFailed returns ErrNotFound if the effect has ended. What was begun stays
// begun: the call may have been made all the same. A comment whose effect dies
// is forgotten, so that the next decision writes it anew.
func (s *Store) CallFailed(ctx context.Context, effect int64, p bot.Pause) error {
	return s.change(ctx, "recording a failed call", func(tx *txn) error {
		held, err := lockEffect(ctx, tx, effect, bot.ErrNotFound)
		if err != nil {
			return err
		}
		if err := s.unlease(ctx, tx, held.Installation); err != nil {
			return err
		}
		q := tx.NewUpdate().Table("outbox").Where("id = ? AND done_at = 0", effect)
		if !p.Until.IsZero() {
			return pause(ctx, q, p)
		}
		q = q.Set("done_at = ?", closing(p.Now)).Set("dead_class = ?", deadClass(p.Class))
		if err := pause(ctx, q, p); err != nil {
			return err
		}
		var row outboxRow
		if err := tx.NewSelect().Model(&row).Where("o.id = ?", effect).Scan(ctx); err != nil {
			return fmt.Errorf("reading a dead effect: %w", err)
		}
		return forget(ctx, tx, &row)
	})
}

// HoldWrites replaces an earlier time.
func (s *Store) HoldWrites(ctx context.Context, installation int64, until time.Time) error {
	return s.change(ctx, "holding an installation's writes", func(tx *txn) error {
		_, err := tx.NewRaw(`INSERT INTO installation (id, hold_until) VALUES (?, ?)
			ON CONFLICT (id) DO UPDATE SET hold_until = EXCLUDED.hold_until`, installation, stamp(until)).Exec(ctx)
		return err
	})
}
