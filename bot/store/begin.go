package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
)

// inForce are the cases c whose repository is not held, and in which something
// can be done.
const inForce = "NOT EXISTS (SELECT 1 FROM repository AS r WHERE r.id = c.repository AND (r.held OR r.state NOT IN ('', 'active')))"

// deskInForce are the effects o of the cases c that are not for a desk at which
// nothing can be done.
const deskInForce = `NOT (o.desk AND EXISTS (SELECT 1 FROM repository AS s JOIN repository AS r ON r.id = s.desk
	WHERE s.id = c.repository AND r.state NOT IN ('', 'active')))`

// firstOfCase are the deliveries d that nothing open of their case comes before.
const firstOfCase = `NOT EXISTS (SELECT 1 FROM delivery AS e WHERE e.case_id = d.case_id AND e.done_at = 0
	AND (e.object_updated_at < d.object_updated_at
		OR e.object_updated_at = d.object_updated_at AND e.id < d.id))`

// prospect is what there is to decide for a case.
type prospect struct {
	found bool         // whether there is something now
	next  time.Time    // else when there may be; zero: not foreseen
	row   *deliveryRow // nil: a tick
	ended bool         // it was decided in shadow, and that is over
}

// look finds what there is to decide for a case at now.
func (s *Store) look(ctx context.Context, db bun.IDB, key bot.CaseKey, now time.Time) (prospect, error) {
	m, err := s.mode(ctx, db)
	if err != nil || !m.holds.Mode.Works() {
		return prospect{}, err
	}
	var c caseRow
	err = byKey(key)(db.NewSelect().Model(&c)).Where(inForce).Scan(ctx)
	if errors.Is(err, sql.ErrNoRows) {
		return prospect{}, nil
	}
	if err != nil {
		return prospect{}, fmt.Errorf("reading the case: %w", err)
	}
	if c.Shadow && m.holds.Mode != bot.ModeShadow {
		return prospect{found: true, ended: true}, nil
	}
	row := &deliveryRow{}
	err = db.NewSelect().Model(row).Where("d.case_id = ? AND d.done_at = 0", c.ID).
		Order("d.object_updated_at", "d.id").Limit(1).Scan(ctx)
	if err == nil {
		return due(row.NotBefore, now, row), nil
	}
	if !errors.Is(err, sql.ErrNoRows) {
		return prospect{}, fmt.Errorf("reading the oldest delivery: %w", err)
	}
	if c.WakeAt == 0 || !m.ticks() {
		return prospect{}, nil // the end of the mode wakes it
	}
	if p := due(c.WakeAt, now, nil); !p.found {
		return p, nil
	}
	may, err := byKey(key)(db.NewSelect().Model((*caseRow)(nil))).Where(caughtUp(now)).Exists(ctx)
	if err != nil {
		return prospect{}, fmt.Errorf("reading whether the past is known: %w", err)
	}
	return prospect{found: may}, nil // the end of the pass wakes it
}

func due(at int64, now time.Time, row *deliveryRow) prospect {
	if at > stamp(now) {
		return prospect{next: moment(at)}
	}
	return prospect{found: true, row: row}
}

// Begin reads; it marks nothing, so that a decision that is never stored
// leaves no trace.
func (s *Store) Begin(ctx context.Context, key bot.CaseKey, now time.Time) (bot.Work, time.Time, error) {
	w, p, err := s.beginOnce(ctx, key, now)
	if p.ended && err == nil {
		if err = s.leave(ctx, key, now); err == nil {
			w, p, err = s.beginOnce(ctx, key, now)
		}
	}
	return w, p.next, err
}

func (s *Store) beginOnce(ctx context.Context, key bot.CaseKey, now time.Time) (w bot.Work, p prospect, err error) {
	err = s.view(ctx, "beginning with a case", func(tx *txn) (err error) {
		w = bot.Work{}
		if p, err = s.look(ctx, tx, key, now); err != nil || p.ended {
			return err
		}
		if !p.found {
			return bot.ErrNothing
		}
		if w, err = loadWork(ctx, tx, key, p.row); err != nil {
			return err
		}
		m, err := s.mode(ctx, tx)
		w.Shadow = m.holds.Mode == bot.ModeShadow
		return err
	})
	return w, p, err
}

func loadWork(ctx context.Context, db bun.IDB, key bot.CaseKey, row *deliveryRow) (bot.Work, error) {
	c, err := loadCase(ctx, db, byKey(key))
	if err != nil {
		return bot.Work{}, err
	}
	w := bot.Work{Case: c}
	w.Repository, err = loadRepository(ctx, db, key.Repository)
	if errors.Is(err, bot.ErrNotFound) {
		w.Repository, err = bot.Repository{ID: key.Repository}, nil
	}
	if err != nil {
		return w, err
	}
	if w.Away, err = outages(ctx, db, key.Repository); err != nil || row == nil {
		return w, err
	}
	if w.Delivery, err = row.delivery(c.Ref); err != nil {
		return w, err
	}
	if w.Ran, err = beforeForgetting(ctx, db, c, row); err != nil || w.Ran || row.Event != "issue_comment" {
		return w, err
	}
	w.Ran, err = db.NewSelect().Table("seen_command").Where("comment_id = ?", row.ObjectID).Exists(ctx)
	return w, err
}

// Ready prefers deliveries, then ticks, then calls, and of each the oldest.
func (s *Store) Ready(ctx context.Context, now time.Time) (bot.Unit, error) {
	var u bot.Unit
	err := s.view(ctx, "looking for work", func(tx *txn) error {
		m, err := s.mode(ctx, tx)
		if err != nil {
			return err
		}
		var units []*bun.SelectQuery
		if m.holds.Mode.Works() {
			units = append(units, readyDelivery(tx, now))
		}
		if m.ticks() {
			units = append(units, dueTick(tx, now))
		}
		for _, q := range units {
			err := q.Limit(1).Scan(ctx, &u.Case.Repository, &u.Case.Issue)
			if !errors.Is(err, sql.ErrNoRows) {
				return err
			}
		}
		if m.holds.Mode != bot.ModeRun {
			return bot.ErrNothing
		}
		err = free(readyCalls(tx, now), now).
			Where(`NOT EXISTS (SELECT 1 FROM installation AS i WHERE i.id = o.installation
				AND (i.hold_until > ? OR i.held_until > ? AND i.holder <> ?))`, stamp(now), stamp(now), s.replica).
			Column("o.installation").Order("o.decided_at", "o.id").Limit(1).Scan(ctx, &u.Installation)
		if errors.Is(err, sql.ErrNoRows) {
			return bot.ErrNothing
		}
		return err
	})
	return u, err
}

func readyDelivery(db bun.IDB, now time.Time) *bun.SelectQuery {
	return db.NewSelect().Model((*deliveryRow)(nil)).Column("c.repository", "c.issue").
		Join("JOIN cases AS c ON c.id = d.case_id").
		Where("d.done_at = 0 AND d.not_before <= ?", stamp(now)).Where(firstOfCase).Where(inForce).
		OrderExpr("d.id + 0") // by the id alone SQLite would read all that ever came, in its order
}

func dueTick(db bun.IDB, now time.Time) *bun.SelectQuery {
	return db.NewSelect().Model((*caseRow)(nil)).Column("c.repository", "c.issue").
		Where("c.wake_at > 0 AND c.wake_at <= ?", stamp(now)).Where(inForce).Where(caughtUp(now)).
		Where(unlimited, stamp(now), stamp(now)).
		Where("NOT EXISTS (SELECT 1 FROM delivery AS d WHERE d.case_id = c.id AND d.done_at = 0)").
		Order("c.wake_at", "c.id")
}
