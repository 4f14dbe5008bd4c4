package storetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// dying is a context that ends when it is looked at for the nth time: in the
// middle of whatever is being done.
type dying struct {
	context.Context

	cancel context.CancelFunc
	left   atomic.Int64
}

func dieAfter(ctx context.Context, n int) *dying {
	inner, cancel := context.WithCancel(ctx)
	d := &dying{Context: inner, cancel: cancel}
	d.left.Store(int64(n))
	return d
}

func (d *dying) look() {
	if d.left.Add(-1) < 0 {
		d.cancel()
	}
}

func (d *dying) Done() <-chan struct{} { d.look(); return d.Context.Done() }
func (d *dying) Err() error            { d.look(); return d.Context.Err() }

// seen is all that can be read of case 501.
type seen struct {
	Case     bot.Case
	Timeline []bot.AuditRow
	Open     int64 // id of the delivery to decide on; 0: none
	Ran      bool
}

func (w *world) seen() seen {
	w.Helper()
	s := seen{Case: w.find(501)}
	var err error
	s.Timeline, err = w.Timeline(w.ctx, key(501))
	w.must(err)
	work, _, err := w.Begin(w.ctx, key(501), minute(1000))
	if errors.Is(err, bot.ErrNothing) {
		return s
	}
	w.must(err)
	s.Ran = work.Ran
	if work.Delivery != nil {
		s.Open = work.Delivery.ID
	}
	return s
}

// cutsOff repeats each step, dying a little later each time, until it
// succeeds: before that it leaves nothing.
func cutsOff(w *world) {
	w.triage(501)
	for n := 0; ; n += 1 + n/8 {
		before := w.seen()
		_, err := w.AddDelivery(dieAfter(w.ctx, n), commented(501, 7001, 1))
		if w.settled("adding", before, err) {
			break
		}
	}
	for n := 0; ; n += 1 + n/8 {
		before := w.seen()
		r := decide(w.begin(501, minute(1)), policy.Memory{State: policy.Denied}, status(policy.KindOther), labels("a"))
		r.Command = 7001
		if w.settled("deciding", before, w.Commit(dieAfter(w.ctx, n), r)) {
			break
		}
	}
	c := w.call(start())
	for n := 0; ; n += 1 + n/8 {
		before := w.seen()
		err := w.CallMade(dieAfter(w.ctx, n), c, bot.Made{Last: true, Comment: 41, Now: minute(2)})
		if w.settled("calling", before, err) {
			break
		}
	}
	w.same("calls that are left", w.drain(start()), []string{"501 labels"})
}

// settled reports whether a step succeeded; one that did not has changed
// nothing.
func (w *world) settled(what string, before seen, err error) bool {
	w.Helper()
	if w.ctx.Err() != nil {
		w.Fatalf("%s: it takes for ever", what)
	}
	after := w.seen()
	if err == nil {
		return true
	}
	w.same(what+" was cut off", after, before)
	return w.Failed()
}

func concurs(w *world) {
	const writers, each = 2, 25
	var adding, draining sync.WaitGroup
	stop := make(chan struct{})
	for i := range writers {
		adding.Go(func() {
			for n := range each {
				id := int64(7000 + i*each + n)
				if _, err := w.AddDelivery(w.ctx, commented(501+id%5, id, n)); err != nil {
					w.Error(err)
				}
			}
		})
	}
	var decided int
	draining.Go(func() {
		for stopped := false; ; {
			u, err := w.Ready(w.ctx, minute(100))
			if errors.Is(err, bot.ErrNothing) {
				if stopped {
					return
				}
				select {
				case <-stop:
					stopped = true // what came since the last look is still to be done
				default:
				}
				continue
			}
			if err == nil {
				err = w.step(u, &decided)
			}
			if err != nil {
				w.Error(err)
				return
			}
		}
	})
	adding.Wait()
	close(stop)
	draining.Wait()
	w.same("decided", decided, writers*each)
	w.same("left", w.drain(minute(100)), []string(nil))
}

func (w *world) step(u bot.Unit, decided *int) error {
	if u.Case == (bot.CaseKey{}) {
		c, _, err := w.NextCall(w.ctx, u.Installation, minute(100))
		if err != nil {
			return err
		}
		return w.CallMade(w.ctx, c, bot.Made{Last: true, Now: minute(100)})
	}
	work, _, err := w.Begin(w.ctx, u.Case, minute(100))
	if err != nil {
		return err
	}
	*decided++
	m := policy.Memory{State: policy.Triage, Notices: *decided}
	return w.Commit(w.ctx, decide(work, m, labels(fmt.Sprint(*decided))))
}
