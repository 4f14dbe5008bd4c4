package store

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/bot"
)

const (
	// groupMost is how many deliveries one transaction stores at most. It
	// bounds how long others who write wait for it.
	groupMost = 64
	// roomMost is how many deliveries are stored or wait for it at most; who
	// comes then waits for room, until its context ends.
	roomMost = 512
	// groupLimit is how long a group may take. GitHub gives up after 10 s.
	groupLimit = 8 * time.Second
)

// errClosed is the error of a delivery that came after Close.
var errClosed = errors.New("the database is closed")

// arrival is a delivery that waits to be stored. outcome and err are set
// before done is closed.
type arrival struct {
	bot.Delivery

	ctx     context.Context //nolint:containedctx // of the caller, who waits for it
	outcome bot.Outcome
	err     error
	done    chan struct{}
}

// intake stores deliveries that come at the same time in one transaction: the
// wait for the disk, or for the server, is the same for one and for many. Who
// comes while a group is stored is of the next one, so that one who comes
// alone waits for nobody.
type intake struct {
	store   func([]*arrival) // sets the outcome or the error of each
	room    chan struct{}
	mu      sync.Mutex
	waiting []*arrival
	leading bool // somebody stores, and will look again
	closed  bool
	leader  sync.WaitGroup
}

func newIntake(store func([]*arrival)) *intake {
	return &intake{store: store, room: make(chan struct{}, roomMost)}
}

// add returns when d is stored. If ctx ends before anybody began to store it,
// it is not stored; after that the outcome is waited for, which is bounded by
// groupLimit: whoever gave up then would not know whether it was stored.
func (i *intake) add(ctx context.Context, d bot.Delivery) (bot.Outcome, error) {
	select {
	case i.room <- struct{}{}:
	case <-ctx.Done():
		return bot.Seen, ctx.Err()
	}
	defer func() { <-i.room }()
	a := &arrival{Delivery: d, ctx: ctx, done: make(chan struct{})}
	if err := i.join(a); err != nil {
		return bot.Seen, err
	}
	select {
	case <-a.done:
	case <-ctx.Done():
		if i.withdraw(a) {
			return bot.Seen, ctx.Err()
		}
		<-a.done
	}
	return a.outcome, a.err
}

// join lets a wait for the next group, and makes a leader if there is none.
func (i *intake) join(a *arrival) error {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.closed {
		return errClosed
	}
	i.waiting = append(i.waiting, a)
	if !i.leading {
		i.leading = true
		i.leader.Go(i.lead)
	}
	return nil
}

// withdraw reports whether a waited still; then nobody stores it.
func (i *intake) withdraw(a *arrival) bool {
	i.mu.Lock()
	defer i.mu.Unlock()
	for n, w := range i.waiting {
		if w == a {
			i.waiting = append(i.waiting[:n], i.waiting[n+1:]...)
			return true
		}
	}
	return false
}

// lead stores group after group until nobody waits.
func (i *intake) lead() {
	for {
		// Those that are about to join run first, and one that is alone waits
		// for nothing.
		runtime.Gosched()
		group := i.next()
		if len(group) == 0 {
			return
		}
		i.store(group)
		for _, a := range group {
			close(a.done)
		}
	}
}

// next takes the next group; an empty one ends the leader.
func (i *intake) next() []*arrival {
	i.mu.Lock()
	defer i.mu.Unlock()
	n := min(len(i.waiting), groupMost)
	group := i.waiting[:n:n]
	i.waiting = i.waiting[n:]
	if n == 0 {
		i.waiting, i.leading = nil, false
	}
	return group
}

// close refuses who comes, and waits until who came is served.
func (i *intake) close() {
	i.mu.Lock()
	i.closed = true
	i.mu.Unlock()
	i.leader.Wait()
}
