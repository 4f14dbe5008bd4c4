package bot

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// slowGitHub never answers.
type slowGitHub struct{ GitHub }

func (slowGitHub) React(ctx context.Context, _ Ref, _ int64, _ string) error {
	<-ctx.Done()
	return ctx.Err()
}

// oneCall is a Store with one call to make.
type oneCall struct {
	Store

	failed time.Time
}

func (*oneCall) NextCall(context.Context, int64, time.Time) (Call, time.Time, error) {
	return Call{ID: 1, Effect: policy.React{Comment: 7, Content: "eyes"}}, time.Time{}, nil
}

func (s *oneCall) CallFailed(ctx context.Context, _ int64, p Pause) error {
	s.failed = p.Now
	return ctx.Err()
}

// TestCallEndsBeforeItsLease: a call ends, and is recorded, before the store
// lets another process go on after 30 s.
func TestCallEndsBeforeItsLease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		s := &oneCall{}
		b := New(Options{Store: s, GitHub: slowGitHub{}, Clock: time.Now, Log: slog.New(slog.DiscardHandler)})
		if _, err := b.drainOnce(t.Context(), 9); err != nil {
			t.Fatal(err)
		}
		if got := s.failed.Sub(began); got != callLimit || got > 25*time.Second {
			t.Errorf("got the end of the call after %v, want %v", got, callLimit)
		}
	})
}

// TestDrainRests: while a breaker is open, the store is not asked for a call,
// and whoever calls learns that it is of no use to ask sooner.
func TestDrainRests(t *testing.T) {
	now := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	b := New(Options{Clock: func() time.Time { return now }, Log: slog.New(slog.DiscardHandler)}) // no Store
	for range breakAfter {
		b.tellBreaker(Answer{Installation: 9, Err: &Error{Op: "GET issue", Class: Transient, Status: 502}}, now)
	}
	wait, err := b.Drain(t.Context(), 9)
	if !errors.Is(err, ErrResting) || wait < firstBreak || wait > 2*firstBreak {
		t.Errorf("got a wait of %v and the error %v, want from %v on and %v", wait, err, firstBreak, ErrResting)
	}
}
