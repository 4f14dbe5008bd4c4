package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/uptrace/bun"
)

const (
	// askedFor is far below keepDone: a job that is remembered is still a row,
	// so that no other job has its id.
	askedFor = time.Minute
	// askedMost bounds the memory that it takes.
	askedMost = 10_000
)

// asked remembers which jobs of cases Dispatch inserted of late. While one of
// them waits to be run, or runs, a delivery of its case needs no other: the
// job ends under the lock of the case, when it finds no open delivery, and
// Dispatch comes after the delivery was stored under that lock. To find it out
// by inserting the job once more costs ten times as much, and where much comes
// in, much is of the same cases.
type asked struct {
	clock func() time.Time

	mu    sync.Mutex
	since time.Time
	ids   map[caseArgs]int64
}

// without returns the jobs that are needed.
func (a *asked) without(ctx context.Context, tx *txn, jobs []river.InsertManyParams) ([]river.InsertManyParams, error) {
	ids := a.of(jobs)
	if len(ids) == 0 {
		return jobs, nil
	}
	var open []int64
	err := tx.NewRaw(`SELECT id FROM river_job WHERE id IN (?) AND kind = 'case' AND state IN ('available', 'running') ORDER BY id`,
		bun.List(ids)).Scan(ctx, &open)
	if err != nil {
		return nil, fmt.Errorf("reading which cases have a job: %w", err)
	}
	var needed []river.InsertManyParams
	for i, j := range jobs {
		if _, found := slices.BinarySearch(open, ids[i]); !found {
			needed = append(needed, j)
		}
	}
	return needed, nil
}

// of returns for each job the id that is remembered, 0 for none; nil if there
// is none for any.
func (a *asked) of(jobs []river.InsertManyParams) []int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if now := a.clock(); now.Sub(a.since) >= askedFor || len(a.ids) >= askedMost {
		a.since, a.ids = now, map[caseArgs]int64{}
	}
	var ids []int64
	for i, j := range jobs {
		args, _ := j.Args.(caseArgs)
		if id := a.ids[args]; id != 0 && ids == nil {
			ids = make([]int64, len(jobs))
		}
		if ids != nil {
			ids[i] = a.ids[args]
		}
	}
	return ids
}

// add remembers jobs after the transaction that inserted them has ended.
func (a *asked) add(inserted []*rivertype.JobInsertResult) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, r := range inserted {
		var args caseArgs
		if err := json.Unmarshal(r.Job.EncodedArgs, &args); err == nil && a.ids != nil {
			a.ids[args] = r.Job.ID
		}
	}
}
