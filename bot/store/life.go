package store

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"

	"github.com/recoverybot/recoverybot/bot"
)

// overdue is how late a pass may be before time waits for it: a machine that
// slept, or a process in which the clock's jobs stopped, knows as little of
// the past as one that was down.
const overdue = 30 * time.Minute

// atOnce is the pass_at of a pass that somebody asks for: another one each time,
// so that the end of a pass sees who asked since it began.
const atOnce = "CASE WHEN pass_at > 0 THEN 0 ELSE pass_at - 1 END"

// lifeColumns are what the reconcile passes need. pass_at is 0 or less for a pass that
// is due at once.
func lifeColumns() []column {
	return []column{
		{"repository", "since", "bigint NOT NULL DEFAULT 0"},
		{"repository", "etag", "text NOT NULL DEFAULT ''"},
		{"repository", "pass_at", "bigint NOT NULL DEFAULT 0"},
		{"repository", "pass_every", "bigint NOT NULL DEFAULT 0"},
		{"repository", "behind", "boolean NOT NULL DEFAULT FALSE"},
		{"repository", "looked_at", "bigint NOT NULL DEFAULT 0"},
	}
}

func lifeMigration() migrate.Migration {
	return migrate.Migration{
		Name: "20261124000002", Comment: "life",
		Up: func(ctx context.Context, m *migrate.Migrator, _ *migrate.Migration) error {
			return m.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				for _, c := range lifeColumns() {
					if err := c.add(ctx, tx); err != nil {
						return err
					}
				}
				_, err := tx.NewRaw(`CREATE TABLE IF NOT EXISTS outage (repository bigint NOT NULL, began bigint NOT NULL,
					ended bigint NOT NULL DEFAULT 0, PRIMARY KEY (repository, began))`).Exec(ctx)
				return err
			})
		},
	}
}

func (r *repositoryRow) passes() bot.Passes {
	return bot.Passes{
		Window: bot.Window{Since: moment(r.Since), ETag: r.ETag}, Due: moment(r.PassAt),
		Every: time.Duration(r.PassEvery) * time.Microsecond, Behind: r.Behind,
	}
}

// caughtUp are the cases c of which nothing is unknown that happened before:
// only there may time alone decide. What was said at the desk counts, too,
// unless nobody can read there.
func caughtUp(now time.Time) (condition string, late int64) {
	return `NOT EXISTS (SELECT 1 FROM repository AS r
		WHERE (r.id = c.repository OR r.id IN (SELECT s.desk FROM repository AS s WHERE s.id = c.repository))
		AND r.state IN ('', 'active') AND (r.behind OR r.pass_at > 0 AND r.pass_at < ?))`, stamp(now.Add(-overdue))
}

// DuePasses reads; a pass that is begun twice finds the same things, and each
// of them is stored once.
func (s *Store) DuePasses(ctx context.Context, now time.Time) ([]int64, error) {
	var ids []int64
	err := s.view(ctx, "looking for passes that are due", func(tx *txn) error {
		return tx.NewSelect().Table("repository").Column("id").Where("pass_at <= ?", stamp(now)).
			Order("pass_at", "id").Scan(ctx, &ids)
	})
	return ids, err
}

// EndPass wakes what is due if time had waited for the pass.
func (s *Store) EndPass(ctx context.Context, p bot.Pass) error {
	return s.change(ctx, "storing the end of a pass", func(tx *txn) error {
		was := &repositoryRow{}
		began := stamp(p.Was)
		q := tx.NewUpdate().Model(was).Where("id = ?", p.Repository).
			Set("pass_at = CASE WHEN pass_at = ? THEN ? ELSE pass_at END", began, closing(p.Due)).
			Set("pass_every = CASE WHEN pass_at = ? THEN ? ELSE pass_every END", began, p.Every.Microseconds())
		waited, err := waits(ctx, tx, p)
		if err != nil {
			return err
		}
		if p.Mark.IsZero() {
			q = q.Set("behind = (behind OR ?)", p.Behind)
		} else {
			q = q.Set("behind = (behind AND pass_at <> ? OR ?)", began, p.Behind).
				Set("mark = ?, since = ?, etag = ?", stamp(p.Mark), stamp(p.Window.Since), p.Window.ETag)
		}
		if _, err := q.Returning("NULL").Exec(ctx); err != nil || !waited || p.Mark.IsZero() || p.Behind {
			return err
		}
		return s.wakeDue(ctx, tx, p)
	})
}

// waits reports whether time waits for the pass.
func waits(ctx context.Context, tx *txn, p bot.Pass) (bool, error) {
	there, err := tx.NewSelect().Table("repository").
		Where("id = ? AND (behind OR pass_at > 0 AND pass_at < ?)", p.Repository, stamp(p.Now.Add(-overdue))).Exists(ctx)
	if err != nil {
		return false, fmt.Errorf("reading whether time waits: %w", err)
	}
	return there, nil
}

// wakeDue wakes the cases whose time has come while nobody looked.
func (s *Store) wakeDue(ctx context.Context, tx *txn, p bot.Pass) error {
	var rows []caseRow
	err := tx.NewSelect().Model(&rows).Column("c.repository", "c.issue").
		Where("c.wake_at > 0 AND c.wake_at <= ?", stamp(p.Now)).Where(inForce).
		Where("(c.repository = ? OR c.repository IN (SELECT s.id FROM repository AS s WHERE s.desk = ?))", p.Repository, p.Repository).
		Order("c.wake_at", "c.id").Scan(ctx)
	if err != nil {
		return fmt.Errorf("reading the cases that are due: %w", err)
	}
	jobs := make([]river.InsertManyParams, 0, len(rows))
	for _, r := range rows {
		jobs = append(jobs, river.InsertManyParams{Args: caseArgs{Repository: r.Repository, Issue: r.Issue}})
	}
	return s.wakeAll(ctx, tx, jobs)
}

// Hurry wakes the job that makes the passes.
func (s *Store) Hurry(ctx context.Context, ids ...int64) error {
	return s.hurryPasses(ctx, ids, func(q *bun.UpdateQuery) *bun.UpdateQuery { return q.Set("looked_at = 0") })
}

// FallBehind wakes that job, too.
func (s *Store) FallBehind(ctx context.Context, ids ...int64) error {
	return s.hurryPasses(ctx, ids, func(q *bun.UpdateQuery) *bun.UpdateQuery { return q.Set("behind = TRUE") })
}

func (s *Store) hurryPasses(ctx context.Context, ids []int64, also func(*bun.UpdateQuery) *bun.UpdateQuery) error {
	if len(ids) == 0 {
		return nil
	}
	return s.change(ctx, "hurrying passes", func(tx *txn) error {
		_, err := also(tx.NewUpdate().Table("repository").Set("pass_at = "+atOnce+", pass_every = 0")).
			Where("id IN (?)", bun.List(ids)).Exec(ctx)
		if err != nil {
			return err
		}
		return s.wake(ctx, tx, passArgs{})
	})
}
