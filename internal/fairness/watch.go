package main

import (
	"context"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/bot"
)

// watch is a store that takes down when things happen to the cases of the calm
// installations.
type watch struct {
	bot.Store

	mu      sync.Mutex
	seen    map[bot.CaseKey]*times
	flooded int
}

type times struct{ received, decided, made time.Time }

// AddDelivery takes down when a case is heard of.
func (w *watch) AddDelivery(ctx context.Context, d bot.Delivery) (bot.Outcome, error) {
	if d.Ref.Repository != flooded {
		w.mu.Lock()
		if w.seen[d.Ref.CaseKey] == nil {
			w.seen[d.Ref.CaseKey] = &times{received: time.Now()}
		}
		w.mu.Unlock()
	}
	return w.Store.AddDelivery(ctx, d)
}

// Commit takes down when it is decided.
func (w *watch) Commit(ctx context.Context, r bot.Result) error {
	err := w.Store.Commit(ctx, r)
	w.mu.Lock()
	defer w.mu.Unlock()
	if r.Case.Ref.Repository == flooded {
		w.flooded++
	} else if t := w.seen[r.Case.Ref.CaseKey]; t != nil && t.decided.IsZero() {
		t.decided = time.Now()
	}
	return err
}

// CallMade takes down when the last effect so far is made.
func (w *watch) CallMade(ctx context.Context, c bot.Call, m bot.Made) error {
	err := w.Store.CallMade(ctx, c, m)
	w.mu.Lock()
	defer w.mu.Unlock()
	if t := w.seen[c.Ref.CaseKey]; t != nil {
		t.made = time.Now()
	}
	return err
}

func (w *watch) decisions() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.flooded
}

// pending counts the cases of which something is not done yet.
func (w *watch) pending() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, t := range w.seen {
		if t.decided.IsZero() || t.made.IsZero() {
			n++
		}
	}
	return n
}

func (w *watch) figures() figures {
	w.mu.Lock()
	defer w.mu.Unlock()
	var decided, made []time.Duration
	for _, t := range w.seen {
		decided = append(decided, t.decided.Sub(t.received))
		made = append(made, t.made.Sub(t.received))
	}
	decided, made = sorted(decided), sorted(made)
	return figures{
		requests: len(w.seen), flooded: w.flooded,
		decided50: percentile(decided, 50), decided99: percentile(decided, 99),
		made50: percentile(made, 50), made99: percentile(made, 99),
	}
}
