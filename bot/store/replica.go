package store

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

const (
	beatEvery = 5 * time.Second  // how often a replica says that it is alive
	deadAfter = 20 * time.Second // a replica that did not say so for this long is dead
)

// present is what this process works on now.
type present struct {
	mu       sync.Mutex
	subjects map[river.JobArgs]bool // what its jobs are about
	jobs     map[int64]bool         // the jobs' ids
}

func newPresent() *present {
	return &present{subjects: map[river.JobArgs]bool{}, jobs: map[int64]bool{}}
}

// enter reports whether no other job of this process has the same subject; then
// it has until leave. Others may take the job of a process that was not heard
// of, while its call is still under way.
func (p *present) enter(id int64, subject river.JobArgs) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.subjects[subject] {
		return false
	}
	p.subjects[subject], p.jobs[id] = true, true
	return true
}

func (p *present) leave(id int64, subject river.JobArgs) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.subjects, subject)
	delete(p.jobs, id)
}

func (p *present) ids() []int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Sorted(maps.Keys(p.jobs))
}

// beating tells the other replicas that this one works, until the result is
// called.
func (s *Store) beating(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var done sync.WaitGroup
	done.Go(func() {
		tick := time.NewTicker(beatEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			limited, end := context.WithTimeout(ctx, deadAfter)
			if err := s.engine.attend(limited, s); err != nil && ctx.Err() == nil {
				s.log.WarnContext(ctx, "this replica cannot say that it is alive: is the database there?", slog.String("error", err.Error()))
			}
			end()
		}
	})
	return func() { cancel(); done.Wait() }
}

// renewed returns jobs like those that are left, for nobody works on them. A
// job of a kind that only a newer version knows is left to that one.
func renewed(left []leftJob) (jobs []river.InsertManyParams, ids []int64, err error) {
	for _, l := range left {
		args, err := l.decode()
		if err != nil {
			return nil, nil, fmt.Errorf("decoding a job that was left: %w", err)
		}
		if args != nil {
			jobs, ids = append(jobs, river.InsertManyParams{Args: args}), append(ids, l.ID)
		}
	}
	return jobs, ids, nil
}

// leftJob is a job that a process was working on.
type leftJob struct {
	ID   int64  `bun:"id"`
	Kind string `bun:"kind"`
	Args string `bun:"args"`
}

// decode returns nil for a kind that is not known.
func (l leftJob) decode() (args river.JobArgs, err error) {
	switch l.Kind {
	case caseArgs{}.Kind():
		args, err = decoded[caseArgs](l.Args)
	case drainArgs{}.Kind():
		args, err = decoded[drainArgs](l.Args)
	case sweepArgs{}.Kind():
		args = sweepArgs{}
	case hourlyArgs{}.Kind():
		args = hourlyArgs{}
	case passArgs{}.Kind():
		args = passArgs{}
	case digestArgs{}.Kind():
		args = digestArgs{}
	case redeliverArgs{}.Kind():
		args = redeliverArgs{}
	}
	return args, err
}

func decoded[T river.JobArgs](text string) (river.JobArgs, error) {
	var args T
	err := json.Unmarshal([]byte(text), &args)
	return args, err
}

// mine reports whether a job is still that of this process, and holds its lock.
// A replica that was not heard of may find that others have taken over.
func (s *Store) mine(ctx context.Context, tx *txn, job *rivertype.JobRow) (bool, error) {
	ok, err := s.engine.owns(ctx, tx, job, s.replica)
	if err != nil {
		return false, fmt.Errorf("looking whose the job is: %w", err)
	}
	return ok, nil
}
