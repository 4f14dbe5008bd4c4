package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river/rivertype"
	"github.com/uptrace/bun"
)

// serverNow is the time by the clock of the database, which all replicas
// share, as times are stored.
const serverNow = "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint"

// lastOf is who took a job last.
const lastOf = "j.attempted_by[array_length(j.attempted_by, 1)]"

// attend says that s is alive, and starts anew what replicas left that are not,
// or what s itself has lost: a job that it took and cannot have ended, for the
// database was away.
func (e *postgres) attend(ctx context.Context, s *Store) error {
	err := s.change(ctx, "telling that this replica is alive", func(tx *txn) error {
		_, err := tx.NewRaw(`INSERT INTO replica (id, seen) VALUES (?, `+serverNow+`)
			ON CONFLICT (id) DO UPDATE SET seen = EXCLUDED.seen`, s.replica).Exec(ctx)
		return err
	})
	if err != nil {
		return err
	}
	var lost []int64
	err = s.change(ctx, "taking over the jobs of replicas that died", func(tx *txn) error {
		var left []leftJob
		if err := e.left(tx, s).Scan(ctx, &left); err != nil {
			return fmt.Errorf("looking for them: %w", err)
		}
		if lost, err = e.lost(ctx, tx, s); err != nil {
			return err
		}
		jobs, ids, err := renewed(left)
		if err != nil || len(ids) == 0 {
			return err
		}
		// Not the same rows: a process that comes back ends its row, and would
		// end the job of another.
		_, err = tx.NewRaw(`UPDATE river_job SET state = 'cancelled', finalized_at = now() WHERE id IN (?)`, bun.List(ids)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("ending them: %w", err)
		}
		return s.wakeAll(ctx, tx, jobs)
	})
	if err != nil {
		return err
	}
	e.suspects = lost
	return nil
}

// left are the jobs of replicas that were not heard of, and the suspects.
func (e *postgres) left(tx *txn, s *Store) *bun.SelectQuery {
	q := running(tx, beatEvery).Column("j.id", "j.kind").ColumnExpr("j.args::text AS args").Order("j.id").For("UPDATE OF j SKIP LOCKED")
	gone := "j.attempted_at < now() - ? * interval '1 second' AND NOT EXISTS (SELECT 1 FROM replica AS r WHERE r.id = " + lastOf + " AND r.seen > " + serverNow + " - ?)"
	mine := s.present.ids()
	suspects := slices.DeleteFunc(slices.Clone(e.suspects), func(id int64) bool { return slices.Contains(mine, id) })
	return q.WhereGroup(" AND ", func(q *bun.SelectQuery) *bun.SelectQuery {
		q = q.Where(gone, deadAfter/time.Second, deadAfter.Microseconds())
		if len(suspects) > 0 {
			q = q.WhereOr("j.id IN (?) AND "+lastOf+" = ?", bun.List(suspects), s.replica)
		}
		return q
	})
}

// lost returns the jobs that s took and does not work on. Those that it still
// has at the next beat are lost, and not on the way to their end.
func (e *postgres) lost(ctx context.Context, tx *txn, s *Store) ([]int64, error) {
	var ids []int64
	err := running(tx, beatEvery).Column("j.id").Where(lastOf+" = ?", s.replica).Scan(ctx, &ids)
	if err != nil {
		return nil, fmt.Errorf("looking for jobs of this replica: %w", err)
	}
	mine := s.present.ids()
	return slices.DeleteFunc(ids, func(id int64) bool { return slices.Contains(mine, id) }), nil
}

// running are the jobs j that were taken some time ago and have not ended.
func running(db bun.IDB, ago time.Duration) *bun.SelectQuery {
	return db.NewSelect().TableExpr("river_job AS j").
		Where("j.state = 'running' AND j.attempted_at < now() - ? * interval '1 second'", ago/time.Second)
}

// owns compares who took the job, and when.
func (e *postgres) owns(ctx context.Context, tx *txn, job *rivertype.JobRow, replica string) (bool, error) {
	if job.AttemptedAt == nil {
		return false, errors.New("it was never taken")
	}
	return tx.NewSelect().TableExpr("river_job AS j").ColumnExpr("1").
		Where("j.id = ? AND j.state = 'running'", job.ID).
		Where(lastOf+" = ? AND j.attempted_at = ?", replica, *job.AttemptedAt).
		For("UPDATE OF j").Exists(ctx)
}

// retire forgets a replica that ended in order.
func (e *postgres) retire(ctx context.Context, replica string) error {
	_, err := e.db.NewRaw(`DELETE FROM replica WHERE id = ? OR seen < `+serverNow+` - ?`,
		replica, farOff.Microseconds()).Exec(ctx)
	if err != nil {
		return fmt.Errorf("forgetting this replica: %w", err)
	}
	return nil
}
