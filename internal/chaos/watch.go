package main

import (
	"context"
	"database/sql"
	"sync"
	"time"
)

// lookEvery is how often the database is asked what is open.
const lookEvery = 50 * time.Millisecond

// watch knows which issues the bot has something to do for.
type watch struct {
	db *sql.DB

	mu    sync.Mutex
	next  chan struct{} // closed when a new look is there
	began time.Time     // of the last look
	open  map[place]bool
}

func newWatch(db *sql.DB) *watch { return &watch{db: db, next: make(chan struct{})} }

// run looks until ctx is done. A database that does not answer is asked again.
func (w *watch) run(ctx context.Context) {
	for {
		began := time.Now()
		if open, err := w.look(ctx); err == nil {
			w.mu.Lock()
			w.began, w.open = began, open
			close(w.next)
			w.next = make(chan struct{})
			w.mu.Unlock()
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookEvery):
		}
	}
}

func (w *watch) look(ctx context.Context) (map[place]bool, error) {
	rows, err := w.db.QueryContext(ctx, `SELECT c.owner, c.name, c.number FROM cases AS c WHERE c.id IN
		(SELECT case_id FROM delivery WHERE done_at = 0 UNION SELECT case_id FROM outbox WHERE done_at = 0)`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	open := map[place]bool{}
	for rows.Next() {
		var owner, name string
		var number int
		if err := rows.Scan(&owner, &name, &number); err != nil {
			return nil, err
		}
		open[place{owner + "/" + name, number}] = true
	}
	return open, rows.Err()
}

// closed waits until a look that begins from now on finds nothing open for an issue. False if ctx
// ends before.
func (w *watch) closed(ctx context.Context, at place) bool {
	asked := time.Now()
	for {
		w.mu.Lock()
		done, next := w.began.After(asked) && !w.open[at], w.next
		w.mu.Unlock()
		if done {
			return true
		}
		select {
		case <-next:
		case <-ctx.Done():
			return false
		}
	}
}

// idle waits until nothing at all is open.
func (w *watch) idle(ctx context.Context) bool {
	asked := time.Now()
	for {
		w.mu.Lock()
		done, next := w.began.After(asked) && len(w.open) == 0, w.next
		w.mu.Unlock()
		if done {
			return true
		}
		select {
		case <-next:
		case <-ctx.Done():
			return false
		}
	}
}
