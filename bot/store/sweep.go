package store

import (
	"context"
	"fmt"
	"time"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
)

const (
	sweepBatch = 200 // jobs per transaction, so that others can write between
	stuckAfter = 3   // sweeps at which a case was due in a row
)

// Sweep forgets old waits, too. It counts in one transaction and inserts the jobs in further ones, a
// batch each: a sweep that is cut off is made good by the next one.
func (s *Store) Sweep(ctx context.Context, now time.Time) (int, []bot.CaseKey, error) {
	m, err := s.leaveAll(ctx, now)
	if err != nil || !m.holds.Mode.Works() {
		return 0, nil, err
	}
	var rows []caseRow
	var jobs []river.InsertManyParams
	err = s.change(ctx, "looking for cases that are due", func(tx *txn) error {
		rows = nil
		if err := pruneShadow(ctx, tx, now); err != nil {
			return err
		}
		if !m.ticks() {
			jobs, err = openJobs(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
			return err
		}
		if _, err := s.lockCases(ctx, tx, dueAt(now)); err != nil {
			return err
		}
		if err := countDue(tx, now).Scan(ctx, &rows); err != nil {
			return fmt.Errorf("counting the cases that are due: %w", err)
		}
		if err := pruneWaits(ctx, tx, now); err != nil {
			return err
		}
		var err error
		jobs, err = openJobs(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery { return q })
		return err
	})
	if err != nil {
		return 0, nil, err
	}
	var stuck []bot.CaseKey
	for _, r := range rows {
		jobs = append(jobs, river.InsertManyParams{Args: caseArgs{Repository: r.Repository, Issue: r.Issue}})
		if r.Overdue >= stuckAfter {
			stuck = append(stuck, r.ref().CaseKey)
		}
	}
	for len(jobs) > 0 {
		n := min(sweepBatch, len(jobs))
		err := s.change(ctx, "waking cases", func(tx *txn) error { return s.wakeAll(ctx, tx, jobs[:n]) })
		if err != nil {
			return 0, nil, err
		}
		jobs = jobs[n:]
	}
	return len(rows), stuck, nil
}

// countDue adds a sweep to the count of each case that is due, and not made to
// wait by a rate limit.
func countDue(db bun.IDB, now time.Time) *bun.UpdateQuery {
	return db.NewUpdate().Model((*caseRow)(nil)).Set("overdue = overdue + 1").
		Where("c.wake_at > 0 AND c.wake_at <= ?", stamp(now)).Where(inForce).Where(caughtUp(now)).
		Where(unlimited, stamp(now), stamp(now)).
		Returning("id, repository, issue, overdue")
}

// dueAt leaves the cases that countDue counts.
func dueAt(now time.Time) filter {
	return func(q *bun.SelectQuery) *bun.SelectQuery {
		return q.Where("c.wake_at > 0 AND c.wake_at <= ?", stamp(now)).Where(inForce)
	}
}

// lockCases holds the locks of the cases that pick leaves, taken in the order
// in which deliveries take them: two that lock several never wait for each
// other in a ring. It returns their ids.
func (s *Store) lockCases(ctx context.Context, tx *txn, pick filter) (ids []int64, err error) {
	q := pick(tx.NewSelect().Model((*caseRow)(nil)).Column("c.id")).Order("c.repository", "c.issue")
	if err := s.engine.locking(q).Scan(ctx, &ids); err != nil {
		return nil, fmt.Errorf("locking cases: %w", err)
	}
	return ids, nil
}

// openJobs returns the jobs of the cases with open deliveries, and of the
// installations with open effects, of the cases that pick leaves.
func openJobs(ctx context.Context, db bun.IDB, pick filter) ([]river.InsertManyParams, error) {
	var keys []caseRow
	err := withOpenDeliveries(db, &keys, pick).Scan(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading the cases with open deliveries: %w", err)
	}
	var installations []int64
	err = pick(heads(db)).Distinct().Column("o.installation").Order("o.installation").Scan(ctx, &installations)
	if err != nil {
		return nil, fmt.Errorf("reading the installations with open effects: %w", err)
	}
	jobs := make([]river.InsertManyParams, 0, len(keys)+len(installations))
	for _, k := range keys {
		jobs = append(jobs, river.InsertManyParams{Args: caseArgs{Repository: k.Repository, Issue: k.Issue}})
	}
	for _, id := range installations {
		jobs = append(jobs, river.InsertManyParams{Args: drainArgs{Installation: id}})
	}
	return jobs, nil
}

// withOpenDeliveries are the cases with open deliveries.
func withOpenDeliveries(db bun.IDB, rows *[]caseRow, pick filter) *bun.SelectQuery {
	return pick(db.NewSelect().Model(rows).Column("c.repository", "c.issue")).
		Where("c.id IN (SELECT d.case_id FROM delivery AS d WHERE d.done_at = 0)").Where(inForce).
		Order("c.id")
}

// wakeRepository wakes what may have waited for the end of a hold. It is a
// transaction after the one that ended it: a job that still saw the hold has
// ended by then or sees the end of it. If it fails the sweep makes it good.
func (s *Store) wakeRepository(ctx context.Context, repository int64) error {
	return s.change(ctx, "waking what waited for a repository", func(tx *txn) error {
		jobs, err := openJobs(ctx, tx, func(q *bun.SelectQuery) *bun.SelectQuery {
			return q.Where("c.repository = ?", repository)
		})
		if err != nil {
			return err
		}
		return s.wakeAll(ctx, tx, jobs)
	})
}
