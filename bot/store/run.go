package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/riverqueue/river"
	"modernc.org/sqlite"

	"github.com/recoverybot/recoverybot/bot"
)

// The times of the job engine.
const (
	workSpan    = time.Second / 2  // a run ends after this much work, and the next one goes to the end of the queue
	jobTimeout  = time.Minute      // of a case or an installation: a command may need eight calls of 8 s
	clockLimit  = 10 * time.Minute // of the sweep, the passes and the digest
	rescueAfter = 75 * time.Second // longer than jobTimeout; Run itself frees what a dead process left
	afterError  = 15 * time.Second
	softStop    = 10 * time.Second // of Run, before the running jobs are cancelled
	nearReady   = time.Second      // the longest wait where there is something to do already
	farOff      = 24 * time.Hour   // what comes later is left to the sweep
	keepDone    = 10 * time.Minute
	keepFailed  = 24 * time.Hour
)

// Workers are what Run calls. Case and Drain do some work for a case or an
// installation and return how long to wait before the next call (0: until
// there is something to do). Their errors are counted and logged by class,
// and the call is repeated after 15 s. With bot.ErrResting Drain says that
// nothing can be done before the wait is over; it is called after 15 s all the
// same, for GitHub may answer others before. Each call has a time limit of a
// minute; Sweep, Passes and Digest have 10 minutes.
type Workers struct {
	Case   func(context.Context, bot.CaseKey) (time.Duration, error)
	Drain  func(ctx context.Context, installation int64) (time.Duration, error)
	Sweep  func(context.Context) error // at the start, and by SweepSchedule
	Passes func(context.Context) error // at the start, after Hurry and FallBehind, and every PassEvery
	Digest func(context.Context) error // at the start, and by DigestSchedule; nil: never
	// Redeliver is called at the start and every minute; it says itself when
	// there is something to do. nil: never.
	Redeliver func(context.Context) error

	PassEvery      time.Duration          // 0: a minute
	SweepSchedule  river.PeriodicSchedule // a schedule of robfig/cron is one
	DigestSchedule river.PeriodicSchedule // nil: only at the start

	Cases  int // cases at the same time, and as many of repositories with a burst; 0: 8
	Drains int // installations at the same time; 0: 16
}

// Run works on jobs until ctx is done. Then it lets the running ones end for
// 10 s, cancels those that are left, and returns nil.
func (s *Store) Run(ctx context.Context, w Workers) error {
	if w.Digest == nil {
		w.Digest = func(context.Context) error { return nil } // an older job may be left
	}
	if w.Redeliver == nil {
		w.Redeliver = func(context.Context) error { return nil }
	}
	if w.Case == nil || w.Drain == nil || w.Sweep == nil || w.Passes == nil || w.SweepSchedule == nil {
		return errors.New("running the jobs: a worker is missing")
	}
	if err := s.engine.release(ctx); err != nil && ctx.Err() == nil {
		return fmt.Errorf("releasing the jobs of a process that ended: %w", err)
	}
	// River's own RunOnStart waits for the election of a leader.
	err := s.change(ctx, "starting the jobs", func(tx *txn) error {
		return s.wakeAll(ctx, tx, clockJobs())
	})
	if ctx.Err() != nil {
		return nil // told to stop before it began
	}
	if err != nil {
		return err
	}
	if err := s.engine.attend(ctx, s); err != nil {
		return err
	}
	var dispatcher sync.WaitGroup
	dispatching, cancel := context.WithCancel(ctx)
	dispatcher.Go(func() { s.dispatching(dispatching) })
	stop := s.beating(ctx)
	err = s.jobs.run(ctx, s.config(w))
	stop()
	cancel()
	dispatcher.Wait()
	if err != nil {
		return fmt.Errorf("running the jobs: %w", err)
	}
	last, end := context.WithTimeout(context.WithoutCancel(ctx), endLimit)
	defer end()
	if err := s.engine.retire(last, s.replica); err != nil {
		s.log.WarnContext(ctx, "this replica could not say that it ends; in 20 s the others know", slog.String("error", err.Error()))
	}
	return nil
}

func (s *Store) config(w Workers) *river.Config {
	workers := river.NewWorkers()
	river.AddWorker(workers, &worker[caseArgs]{s: s, limit: jobTimeout, work: s.caseWork(w)})
	river.AddWorker(workers, &worker[drainArgs]{s: s, limit: jobTimeout, work: s.drainWork(w)})
	river.AddWorker(workers, &worker[sweepArgs]{s: s, limit: clockLimit, work: clockWork[sweepArgs](w.Sweep)})
	river.AddWorker(workers, &worker[hourlyArgs]{s: s, limit: clockLimit, work: clockWork[hourlyArgs](w.Passes)})
	river.AddWorker(workers, &worker[passArgs]{s: s, limit: clockLimit, work: clockWork[passArgs](w.Passes)})
	river.AddWorker(workers, &worker[digestArgs]{s: s, limit: clockLimit, work: clockWork[digestArgs](w.Digest)})
	river.AddWorker(workers, &worker[redeliverArgs]{s: s, limit: clockLimit, work: clockWork[redeliverArgs](w.Redeliver)})
	c := &river.Config{
		ID:      s.replica,
		Logger:  s.log,
		Workers: workers,
		Queues: map[string]river.QueueConfig{
			caseQueue:  {MaxWorkers: cmp.Or(w.Cases, 8)},
			crowdQueue: {MaxWorkers: cmp.Or(w.Cases, 8)},
			drainQueue: {MaxWorkers: cmp.Or(w.Drains, 16)},
			clockQueue: {MaxWorkers: 4},
		},
		PeriodicJobs:                periodicJobs(w),
		FetchCooldown:               10 * time.Millisecond,
		JobTimeout:                  jobTimeout,
		RescueStuckJobsAfter:        rescueAfter,
		SoftStopTimeout:             softStop,
		CompletedJobRetentionPeriod: keepDone,
		CancelledJobRetentionPeriod: keepFailed,
		DiscardedJobRetentionPeriod: keepFailed,
	}
	s.engine.pace(c)
	return c
}

// clockJobs are the jobs that the clock starts, and a start.
func clockJobs() []river.InsertManyParams {
	return []river.InsertManyParams{{Args: sweepArgs{}}, {Args: passArgs{}}, {Args: digestArgs{}}, {Args: redeliverArgs{}}}
}

func periodicJobs(w Workers) []*river.PeriodicJob {
	jobs := []*river.PeriodicJob{
		river.NewPeriodicJob(w.SweepSchedule,
			func() (river.JobArgs, *river.InsertOpts) { return sweepArgs{}, nil }, nil),
		river.NewPeriodicJob(river.PeriodicInterval(cmp.Or(w.PassEvery, time.Minute)),
			func() (river.JobArgs, *river.InsertOpts) { return passArgs{}, nil }, nil),
		river.NewPeriodicJob(river.PeriodicInterval(time.Minute),
			func() (river.JobArgs, *river.InsertOpts) { return redeliverArgs{}, nil }, nil),
	}
	if w.DigestSchedule != nil {
		jobs = append(jobs, river.NewPeriodicJob(w.DigestSchedule,
			func() (river.JobArgs, *river.InsertOpts) { return digestArgs{}, nil }, nil))
	}
	return jobs
}

// task is what a job does: a call, and then whether there is more to do, and
// if not, when there may be. Between the two its end takes the locks of its
// subject, and then its own.
type task struct {
	call func(context.Context) (time.Duration, error)
	lock func(context.Context, *txn) error
	more func(context.Context, *txn, time.Time) (outlook, error)
}

// outlook is what there is to do for the subject of a job.
type outlook struct {
	ready bool      // there is something now
	asked bool      // it is what the last call was for, not something that came meanwhile
	next  time.Time // when there may be something; zero: not foreseen
}

func (s *Store) caseWork(w Workers) func(caseArgs) task {
	return func(a caseArgs) task {
		key := bot.CaseKey{Repository: a.Repository, Issue: a.Issue}
		return task{
			call: func(ctx context.Context) (time.Duration, error) { return w.Case(ctx, key) },
			lock: func(ctx context.Context, tx *txn) error {
				if _, err := lockCase(ctx, tx, key); err != nil && !errors.Is(err, bot.ErrNotFound) {
					return err
				}
				return nil
			},
			more: func(ctx context.Context, tx *txn, now time.Time) (outlook, error) {
				p, err := s.look(ctx, tx, key, now)
				// A delivery that must wait says so in its row; for a tick only the call can.
				return outlook{ready: p.found, asked: p.row == nil && !p.ended, next: p.next}, err
			},
		}
	}
}

func (s *Store) drainWork(w Workers) func(drainArgs) task {
	return func(a drainArgs) task {
		return task{
			call: func(ctx context.Context) (time.Duration, error) { return w.Drain(ctx, a.Installation) },
			lock: func(ctx context.Context, tx *txn) error {
				_, err := lockInstallation(ctx, tx, a.Installation)
				return err
			},
			more: func(ctx context.Context, tx *txn, now time.Time) (outlook, error) {
				of, err := readInstallation(ctx, tx, a.Installation)
				if err != nil {
					return outlook{}, err
				}
				t, err := s.nextCall(ctx, tx, of, now)
				return outlook{ready: t.row != nil, next: t.next}, err
			},
		}
	}
}

func clockWork[T river.JobArgs](call func(context.Context) error) func(T) task {
	return func(T) task {
		return task{
			call: func(ctx context.Context) (time.Duration, error) { return 0, call(ctx) },
			lock: func(context.Context, *txn) error { return nil },
			more: func(context.Context, *txn, time.Time) (outlook, error) { return outlook{}, nil },
		}
	}
}

type worker[T river.JobArgs] struct {
	river.WorkerDefaults[T]

	s     *Store
	limit time.Duration
	work  func(T) task
}

// Timeout is the time that one run of the job may take.
func (w *worker[T]) Timeout(*river.Job[T]) time.Duration { return w.limit }

// Work calls until there is nothing to do. It returns nothing but snoozes:
// River keeps the texts of errors, and they are none of its business.
func (w *worker[T]) Work(ctx context.Context, job *river.Job[T]) error {
	if !w.s.present.enter(job.ID, job.Args) {
		return river.JobSnooze(nearReady)
	}
	defer w.s.present.leave(job.ID, job.Args)
	t := w.work(job.Args)
	end := w.s.clock().Add(workSpan)
	for ctx.Err() == nil {
		wait, err := call(ctx, t)
		rests := wait > 0 && errors.Is(err, bot.ErrResting)
		again := false
		if err == nil || rests {
			again, err = finish(ctx, w.s, job, ending{task: t, wait: wait, rests: rests, over: !w.s.clock().Before(end)})
		}
		if ctx.Err() != nil {
			break
		}
		if err != nil {
			w.s.fail(ctx, job.Kind, err)
			return river.JobSnooze(afterError)
		}
		if !again {
			return nil
		}
	}
	if err := ctx.Err(); errors.Is(err, context.DeadlineExceeded) {
		w.s.fail(ctx, job.Kind, err)
		return river.JobSnooze(afterError)
	}
	return river.JobSnooze(0)
}

// errPanic stands for a panic of a call: its value may hold anything.
var errPanic = errors.New("panic")

func call(ctx context.Context, t task) (wait time.Duration, err error) {
	defer func() {
		if recover() != nil {
			err = fmt.Errorf("%w\n%s", errPanic, debug.Stack())
		}
	}()
	return t.call(ctx)
}

// ending is a task with the wait that its call asked for.
type ending struct {
	task
	wait  time.Duration
	rests bool // there is something, and it cannot be done before the wait is over
	over  bool // others may come first now
}

// delay is the time to the next call; 0: none is foreseen. The wait that the
// last call asked for does not hold back what came after it had looked.
func (e ending) delay(o outlook, now time.Time) time.Duration {
	switch {
	case o.ready && e.wait <= 0:
		return time.Millisecond
	case e.rests:
		return min(e.wait, afterError)
	case o.ready && !o.asked:
		return min(e.wait, nearReady)
	case e.wait <= 0 && !o.next.IsZero():
		return o.next.Sub(now)
	}
	return e.wait
}

// finish completes the job, and inserts the next one if it is foreseen, unless
// there is more to do now. All that is one transaction that holds the lock
// which everybody takes who adds something to do: who comes before it is
// seen, who comes after it finds a job to wake. Who ends a hold has no such
// lock, but wakes the job, for which it takes the job's: so that is held, too,
// before anything is looked at. A job that another process has taken over is
// left to that one.
func finish[T river.JobArgs](ctx context.Context, s *Store, job *river.Job[T], e ending) (again bool, err error) {
	err = s.change(ctx, "ending a job", func(tx *txn) error {
		if err := e.lock(ctx, tx); err != nil {
			return err
		}
		if again, err = s.mine(ctx, tx, job.JobRow); err != nil || !again {
			return err
		}
		now := s.clock()
		o, err := e.more(ctx, tx, now)
		if err != nil {
			return err
		}
		if again = o.ready && e.wait <= 0 && !e.over; again {
			return nil
		}
		if err := s.jobs.complete(ctx, tx, job.JobRow); err != nil {
			return fmt.Errorf("completing the job: %w", err)
		}
		delay := e.delay(o, now)
		if delay <= 0 || delay > farOff {
			return nil
		}
		return s.wakeLater(ctx, tx, job.Args, appointment{now: now, delay: delay})
	})
	return again && err == nil, err
}

// fail counts and logs an error of a run, without any text that is not ours.
func (s *Store) fail(ctx context.Context, kind string, err error) {
	if _, other := errors.AsType[*bot.Error](err); errors.Is(err, bot.ErrResting) && !other {
		s.log.InfoContext(ctx, "a job waits, for GitHub is left alone", "job", kind)
		return
	}
	s.failures.Add(1)
	attrs := []any{slog.String("job", kind), slog.String("class", string(bot.ClassOf(err)))}
	if e, ok := errors.AsType[*bot.Error](err); ok {
		attrs = append(attrs, slog.String("call", e.Error()))
	}
	if e, ok := errors.AsType[*sqlite.Error](err); ok {
		attrs = append(attrs, slog.Int("sqlite", e.Code()))
	}
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		attrs = append(attrs, slog.String("postgresql", e.Code))
	}
	if errors.Is(err, errPanic) {
		attrs = append(attrs, slog.String("panic", err.Error()))
	}
	s.log.ErrorContext(ctx, "a job failed", attrs...)
}
