package bottest

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// queued is a delivery that waits for its turn.
type queued struct {
	Delivery
	seq    int
	fate   Fate
	behind int // it comes after so many others
}

// heldFor is how long Run waits for others that shall come before a delivery which chaos holds back.
const heldFor = 20 * time.Millisecond

// Deliver sends what is queued, one by one and in order, with what is queued meanwhile, and returns how many were sent.
// Answers are recorded, not returned: the error tells that ctx ended or that no address is set.
func (f *Fake) Deliver(ctx context.Context) (int, error) {
	f.sending.Lock()
	defer f.sending.Unlock()
	sent := 0
	for {
		d, address, ok := f.shift(nil)
		if !ok {
			return sent, nil
		}
		if address == "" {
			f.putBack(d)
			return sent, ErrNoWebhook
		}
		ok, err := f.attempt(ctx, address, d)
		if err != nil {
			f.putBack(d)
			return sent, err
		}
		if ok {
			sent++
		}
	}
}

// Run delivers whatever is queued, as it comes, until ctx ends. With [Options.Senders] above 1 so many are sent at a time, but those of one issue
// one after the other and in order, as far as chaos leaves it; what is not about an issue counts as one issue of its repository.
func (f *Fake) Run(ctx context.Context) {
	held := false
	for {
		var soon <-chan time.Time
		if held {
			soon = time.After(heldFor)
		}
		select {
		case <-ctx.Done():
			return
		case <-f.wake:
			held = false
		case <-soon:
		}
		if held {
			if _, err := f.Deliver(ctx); err != nil && ctx.Err() != nil {
				return
			}
		}
		var err error
		if held, err = f.drain(ctx); err != nil && ctx.Err() != nil {
			return
		}
	}
}

// drain sends all that is queued but what chaos holds back, which it tells.
func (f *Fake) drain(ctx context.Context) (held bool, err error) {
	f.sending.Lock()
	defer f.sending.Unlock()
	l := f.newLanes(ctx)
	defer l.close()
	for {
		held = false
		d, address, ok := f.shift(&held)
		switch {
		case ok && address == "":
			f.putBack(d)
			return false, ErrNoWebhook
		case ok:
			if err := l.put(ctx, addressed{d, address}); err != nil {
				return false, err
			}
		case l.idle():
			return held, nil
		default:
			select {
			case <-ctx.Done():
				return false, fmt.Errorf("delivering webhooks: %w", ctx.Err())
			case <-f.wake:
			case <-l.done:
			}
		}
	}
}

// lanes send deliveries at the same time, those of one lane in order.
type lanes struct {
	f       *Fake
	lanes   []chan addressed
	all     sync.WaitGroup
	done    chan struct{} // somebody has finished
	mu      sync.Mutex
	waiting int
}

type addressed struct {
	queued
	address string
}

func (f *Fake) newLanes(ctx context.Context) *lanes {
	l := &lanes{f: f, done: make(chan struct{}, 1)}
	for range max(f.opts.Senders, 1) {
		lane := make(chan addressed, 64)
		l.lanes = append(l.lanes, lane)
		l.all.Go(func() { l.work(ctx, lane) })
	}
	return l
}

func (l *lanes) work(ctx context.Context, lane <-chan addressed) {
	for d := range lane {
		if _, err := l.f.attempt(ctx, d.address, d.queued); err != nil {
			l.f.putBack(d.queued)
		}
		l.mu.Lock()
		l.waiting--
		l.mu.Unlock()
		select {
		case l.done <- struct{}{}:
		default:
		}
	}
}

func (l *lanes) put(ctx context.Context, d addressed) error {
	l.mu.Lock()
	l.waiting++
	l.mu.Unlock()
	key := d.Repository*8191 + int64(d.Issue)
	select {
	case l.lanes[key%int64(len(l.lanes))] <- d:
		return nil
	case <-ctx.Done():
		l.f.putBack(d.queued)
		return fmt.Errorf("delivering webhooks: %w", ctx.Err())
	}
}

func (l *lanes) idle() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting == 0
}

func (l *lanes) close() {
	for _, lane := range l.lanes {
		close(lane)
	}
	l.all.Wait()
}

// shift takes the delivery whose turn it is. Where only one is left that chaos holds back, it is taken too if held is nil, else held is set.
func (f *Fake) shift(held *bool) (queued, string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for len(f.queue) > 0 {
		d := f.queue[0]
		by := min(d.behind, len(f.queue)-1)
		if by > 0 {
			d.behind -= by
			copy(f.queue, f.queue[1:by+1])
			f.queue[by] = d
			continue
		}
		if d.behind > 0 && held != nil {
			*held = true
			break
		}
		f.queue[0] = queued{}
		f.queue = f.queue[1:]
		return d, f.webhookURL, true
	}
	return queued{}, "", false
}

// putBack queues again what was not sent, before all that came later.
func (f *Fake) putBack(d queued) {
	f.mu.Lock()
	defer f.mu.Unlock()
	i, _ := slices.BinarySearchFunc(f.queue, d, func(a, b queued) int { return cmp.Compare(a.seq, b.seq) })
	f.queue = slices.Insert(f.queue, i, d)
}

// attempt gives a delivery its fate and records the attempt, if there was one; false where there was none. The error is that of ctx.
func (f *Fake) attempt(ctx context.Context, address string, d queued) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, fmt.Errorf("delivering webhooks: %w", err)
	}
	switch f.fateOf(d) {
	case FateDrop:
		return false, nil
	case FateFail:
		d.Failed = true
	case FateSend:
		f.post(ctx, address, &d.Delivery)
	}
	if err := ctx.Err(); err != nil {
		return false, fmt.Errorf("delivering webhooks: %w", err)
	}
	f.record(d.Delivery)
	return true, nil
}

func (f *Fake) fateOf(d queued) Fate {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d.fate != FateSend || f.fate == nil {
		return d.fate
	}
	return f.fate(d.Delivery)
}

func (f *Fake) record(d Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.attempts++
	d.ID, d.SentAt = firstAttempt+f.attempts, f.now()
	if f.opts.Lean && !d.Failed {
		d.Payload = nil
	}
	f.deliveries = append(f.deliveries, d)
}
