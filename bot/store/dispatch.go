package store

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
)

const (
	// dispatchRows is how many groups one transaction wakes the cases of.
	dispatchRows = 32
	// dispatchPause lets more come together while much comes in: a list of
	// jobs costs little more than one. What comes alone waits for nothing.
	dispatchPause = 100 * time.Millisecond
	// dispatchEvery finds what a process left that was killed before it came
	// to it, and did not start again.
	dispatchEvery = 5 * time.Second
)

// Dispatch inserts the jobs of cases that AddDelivery gave something to do,
// some thousand at most, and returns how many groups of deliveries that were;
// 0: there is nothing left. Run calls it after each AddDelivery and every 5 s.
func (s *Store) Dispatch(ctx context.Context) (groups int, err error) {
	var inserted []*rivertype.JobInsertResult
	err = s.change(ctx, "waking cases", func(tx *txn) error {
		var lists []string
		err := tx.NewRaw(`DELETE FROM wake WHERE id IN (SELECT id FROM wake ORDER BY id LIMIT ?`+s.engine.passing()+`) RETURNING cases`, dispatchRows).
			Scan(ctx, &lists)
		if err != nil {
			return fmt.Errorf("reading whom to wake: %w", err)
		}
		groups = len(lists)
		jobs, err := caseJobs(lists)
		if err != nil {
			return err
		}
		if jobs, err = s.asked.without(ctx, tx, jobs); err != nil {
			return err
		}
		inserted, err = s.insertJobs(ctx, tx, jobs)
		return err
	})
	if err != nil {
		return 0, err
	}
	s.asked.add(inserted)
	return groups, nil
}

// caseJobs are the jobs of the cases in lists, each once, sorted: replicas
// that insert the same take their locks in the same order.
func caseJobs(lists []string) ([]river.InsertManyParams, error) {
	var all []caseArgs
	for _, l := range lists {
		var keys [][2]int64
		if err := json.Unmarshal([]byte(l), &keys); err != nil {
			return nil, fmt.Errorf("reading whom to wake: %w", err)
		}
		for _, k := range keys {
			all = append(all, caseArgs{Repository: k[0], Issue: k[1]})
		}
	}
	slices.SortFunc(all, func(a, b caseArgs) int {
		return cmp.Or(cmp.Compare(a.Repository, b.Repository), cmp.Compare(a.Issue, b.Issue))
	})
	var jobs []river.InsertManyParams
	for _, a := range slices.Compact(all) {
		jobs = append(jobs, river.InsertManyParams{Args: a})
	}
	return jobs, nil
}

// nudge tells Run that there is something to dispatch.
func (s *Store) nudge() {
	select {
	case s.added <- struct{}{}:
	default:
	}
}

// dispatching dispatches until ctx is done.
func (s *Store) dispatching(ctx context.Context) {
	for ctx.Err() == nil {
		n, err := s.Dispatch(ctx)
		if err != nil && ctx.Err() == nil {
			s.fail(ctx, "wake", err)
		}
		wait, added := dispatchEvery, s.added
		if n > 0 {
			wait, added = dispatchPause, nil
		}
		select {
		case <-ctx.Done():
		case <-added:
		case <-time.After(wait):
		}
	}
}
