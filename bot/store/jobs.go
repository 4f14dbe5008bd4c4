package store

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

// The queues: what reads and decides, what writes, what the clock starts.
const (
	caseQueue  = "cases"
	crowdQueue = "crowd" // cases of those who have more than their share
	drainQueue = "writes"
	clockQueue = "clock"
)

// caseArgs is the job "look at this case".
type caseArgs struct {
	Repository int64 `json:"repository"`
	Issue      int64 `json:"issue"`
}

// Kind names the job in the database: it never changes.
func (caseArgs) Kind() string { return "case" }

// InsertOpts makes the job the only open one of its case.
func (caseArgs) InsertOpts() river.InsertOpts { return only(caseQueue) }

// drainArgs is the job "look at this installation's effects".
type drainArgs struct {
	Installation int64 `json:"installation"`
}

// Kind names the job in the database: it never changes.
func (drainArgs) Kind() string { return "drain" }

// InsertOpts makes the job the only open one of its installation.
func (drainArgs) InsertOpts() river.InsertOpts { return only(drainQueue) }

type sweepArgs struct{}

// Kind names the job in the database: it never changes.
func (sweepArgs) Kind() string { return "sweep" }

// InsertOpts makes the job the only open one.
func (sweepArgs) InsertOpts() river.InsertOpts { return only(clockQueue) }

// hourlyArgs is the job that made all passes before they were due one by one.
// An older process may have left one.
type hourlyArgs struct{}

// Kind names the job in the database: it never changes.
func (hourlyArgs) Kind() string { return "hourly" }

// InsertOpts makes the job the only open one.
func (hourlyArgs) InsertOpts() river.InsertOpts { return only(clockQueue) }

// passArgs is the job "make the passes that are due".
type passArgs struct{}

// Kind names the job in the database: it never changes.
func (passArgs) Kind() string { return "pass" }

// InsertOpts makes the job the only open one.
func (passArgs) InsertOpts() river.InsertOpts { return only(clockQueue) }

type digestArgs struct{}

// Kind names the job in the database: it never changes.
func (digestArgs) Kind() string { return "digest" }

// InsertOpts makes the job the only open one.
func (digestArgs) InsertOpts() river.InsertOpts { return only(clockQueue) }

type redeliverArgs struct{}

// Kind names the job in the database: it never changes.
func (redeliverArgs) Kind() string { return "redeliver" }

// InsertOpts makes the job the only open one.
func (redeliverArgs) InsertOpts() river.InsertOpts { return only(clockQueue) }

// only allows one open job for the same arguments. River's default counts
// completed jobs too, so that the next one would be a day late.
func only(queue string) river.InsertOpts {
	return river.InsertOpts{
		Queue: queue,
		UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
			rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
			rivertype.JobStateRunning, rivertype.JobStateScheduled,
		}},
	}
}

// wake makes sure that the job runs after the end of tx: it inserts it, or
// makes one ready that waits. One that is running looks again before it ends.
func (s *Store) wake(ctx context.Context, tx *txn, args river.JobArgs) error {
	return s.wakeAll(ctx, tx, []river.InsertManyParams{{Args: args}})
}

// wakeAll wakes several at once. PostgreSQL takes no job twice in a statement:
// a case may be due and have a delivery.
func (s *Store) wakeAll(ctx context.Context, tx *txn, jobs []river.InsertManyParams) error {
	_, err := s.insertJobs(ctx, tx, jobs)
	return err
}

// byArgs is the order in which jobs are inserted: that locks those that are
// there, and two who wake the same never wait for each other in a ring.
func byArgs(a, b river.InsertManyParams) int {
	x, first := a.Args.(caseArgs)
	y, second := b.Args.(caseArgs)
	if first && second {
		return cmp.Or(cmp.Compare(x.Repository, y.Repository), cmp.Compare(x.Issue, y.Issue))
	}
	v, drain := a.Args.(drainArgs)
	w, other := b.Args.(drainArgs)
	if drain && other {
		return cmp.Compare(v.Installation, w.Installation)
	}
	return cmp.Compare(a.Args.Kind(), b.Args.Kind())
}

// insertJobs is wakeAll, and returns the jobs that there are now.
func (s *Store) insertJobs(ctx context.Context, tx *txn, jobs []river.InsertManyParams) ([]*rivertype.JobInsertResult, error) {
	named := make(map[river.JobArgs]bool, len(jobs))
	jobs = slices.DeleteFunc(slices.Clone(jobs), func(j river.InsertManyParams) bool {
		again := named[j.Args]
		named[j.Args] = true
		return again
	})
	if len(jobs) == 0 {
		return nil, nil
	}
	slices.SortFunc(jobs, byArgs)
	lanes, jobs := s.spread(jobs)
	inserted, err := s.jobs.insert(ctx, tx, jobs)
	if err != nil {
		return nil, fmt.Errorf("inserting jobs: %w", err)
	}
	var waiting []int64
	var there []*rivertype.JobRow
	for _, r := range inserted {
		if r.UniqueSkippedAsDuplicate && r.Job.State != rivertype.JobStateRunning {
			waiting = append(waiting, r.Job.ID)
			there = append(there, r.Job)
		}
	}
	if err := move(ctx, tx, there, lanes); err != nil {
		return nil, err
	}
	return inserted, s.engine.hurry(ctx, tx, waiting)
}

// schedulerEvery is how often River's leader makes scheduled jobs available.
const schedulerEvery = 5 * time.Second

// appointment is a time to come.
type appointment struct {
	now   time.Time
	delay time.Duration
}

// wakeLater inserts a job that there is none of. One that is due before
// River's scheduler comes around is made available at its time at once, as
// River itself does with short snoozes.
func (s *Store) wakeLater(ctx context.Context, tx *txn, args river.JobArgs, a appointment) error {
	inserted, err := s.jobs.insert(ctx, tx, []river.InsertManyParams{{Args: args, InsertOpts: s.next(args, a)}})
	if err != nil {
		return fmt.Errorf("inserting a job for later: %w", err)
	}
	if a.delay > schedulerEvery {
		return nil
	}
	_, err = tx.NewRaw(`UPDATE river_job SET state = 'available' WHERE id = ? AND state = 'scheduled'`, inserted[0].Job.ID).Exec(ctx)
	if err != nil {
		return fmt.Errorf("making a job available: %w", err)
	}
	return nil
}
