package store

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"
	"github.com/uptrace/bun"
)

// The share of a repository: so many of its cases are woken at once, and then
// one in each shareEvery, before others could have to wait for them.
const (
	shareEvery = 500 * time.Millisecond
	shareBurst = 4
	crowdSome  = 200  // more than that beyond its share come after those with less
	crowdMost  = 2000 // more are not remembered
)

// lane is where jobs wait, in which order.
type lane struct {
	queue    string
	priority int // 1 comes first
}

// patient is the lane of what the clock may start some day: people who wait
// for an answer come first.
func patient() lane { return lane{caseQueue, 2} }

// shares keep a burst in one repository from delaying the others. Jobs of
// cases wait in two lanes that have as many workers each: those of a
// repository within its share, and all others. So a burst holds no worker that
// the rest needs, and the rest none that the burst needs: nobody starves. In
// the crowd small bursts come before big ones.
//
// Each process counts by itself what it wakes; with several replicas a share is
// as many times as big. Nothing depends on it but the order.
type shares struct {
	mu   sync.Mutex
	paid map[int64]time.Time // by repository: when what it woke is paid for
}

// take wakes one more case of a repository, and returns its lane.
func (s *shares) take(repository int64, now time.Time) lane {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.paid == nil {
		s.paid = map[int64]time.Time{}
	}
	from := s.paid[repository]
	if from.Before(now) {
		from = now
	}
	debt := int(from.Sub(now)/shareEvery) + 1
	if debt <= crowdMost {
		s.paid[repository] = from.Add(shareEvery)
	}
	switch {
	case debt <= shareBurst:
		return lane{caseQueue, 1}
	case debt <= crowdSome:
		return lane{crowdQueue, 1}
	case debt <= crowdMost:
		return lane{crowdQueue, 2}
	}
	return lane{crowdQueue, 3}
}

// spread gives the jobs of cases their lanes.
func (s *Store) spread(jobs []river.InsertManyParams) (map[caseArgs]lane, []river.InsertManyParams) {
	now := s.clock()
	lanes := map[caseArgs]lane{}
	all := make([]river.InsertManyParams, 0, len(jobs))
	for _, j := range jobs {
		if c, ok := j.Args.(caseArgs); ok {
			l := s.shares.take(c.Repository, now)
			lanes[c] = l
			j.InsertOpts = &river.InsertOpts{Queue: l.queue, Priority: l.priority}
		}
		all = append(all, j)
	}
	return lanes, all
}

// move puts jobs that were there before into the lanes they would have now.
func move(ctx context.Context, tx *txn, there []*rivertype.JobRow, lanes map[caseArgs]lane) error {
	moved := map[lane][]int64{}
	for _, j := range there {
		var c caseArgs
		if j.Kind != c.Kind() {
			continue
		}
		if err := json.Unmarshal(j.EncodedArgs, &c); err != nil {
			return fmt.Errorf("reading a job: %w", err)
		}
		if l, ok := lanes[c]; ok && l != (lane{j.Queue, j.Priority}) {
			moved[l] = append(moved[l], j.ID)
		}
	}
	for _, l := range []lane{{caseQueue, 1}, {crowdQueue, 1}, {crowdQueue, 2}, {crowdQueue, 3}} {
		if len(moved[l]) == 0 {
			continue
		}
		_, err := tx.NewRaw(`UPDATE river_job SET queue = ?, priority = ? WHERE id IN (?) AND state <> 'running'`,
			l.queue, l.priority, bun.List(moved[l])).Exec(ctx)
		if err != nil {
			return fmt.Errorf("moving jobs to another queue: %w", err)
		}
	}
	return nil
}

// next is the lane of the job that comes after another one of its case.
func (s *Store) next(args river.JobArgs, a appointment) *river.InsertOpts {
	o := &river.InsertOpts{ScheduledAt: a.now.Add(a.delay)}
	c, ok := args.(caseArgs)
	if !ok {
		return o
	}
	l := patient()
	if a.delay <= time.Minute {
		l = s.shares.take(c.Repository, a.now)
	}
	o.Queue, o.Priority = l.queue, l.priority
	return o
}
