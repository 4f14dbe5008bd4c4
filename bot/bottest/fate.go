package bottest

import (
	"context"
	"fmt"
)

// Fate is what becomes of a webhook when its turn has come.
type Fate int

// The fates of a webhook.
const (
	// FateSend sends it.
	FateSend Fate = iota
	// FateFail stands for a receiver that cannot be reached: the attempt is recorded as failed, so the App finds it in the list of deliveries.
	FateFail
	// FateDrop loses it inside GitHub: nothing is sent, and no list has it.
	FateDrop
)

// Always gives each webhook this fate: f.SetFate(FateDrop.Always).
func (fate Fate) Always(Delivery) Fate { return fate }

// SetFate decides about each webhook from now on, those queued already and redeliveries included; nil sends all of them. It is called with the
// fake's lock held, so it must not call the fake.
func (f *Fake) SetFate(fate func(Delivery) Fate) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.fate = fate
}

// attempt gives a delivery its fate and records the attempt, if there was one; false where there was none. The error is that of ctx, and the
// delivery is back in the queue then.
func (f *Fake) attempt(ctx context.Context, address string, d Delivery) (bool, error) {
	switch f.fateOf(d) {
	case FateDrop:
		return false, nil
	case FateFail:
		d.Failed = true
	case FateSend:
		f.post(ctx, address, &d)
	}
	if ctx.Err() != nil {
		f.unshift(d)
		return false, fmt.Errorf("delivering webhooks: %w", ctx.Err())
	}
	f.record(d)
	return true, nil
}

func (f *Fake) fateOf(d Delivery) Fate {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.fate == nil {
		return FateSend
	}
	return f.fate(d)
}

func (f *Fake) record(d Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.attempts++
	d.ID, d.SentAt = firstAttempt+f.attempts, f.now()
	f.deliveries = append(f.deliveries, d)
}
