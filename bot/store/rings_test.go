package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/internal/sample"
	"github.com/recoverybot/recoverybot/policy"
)

// rival decides one of two requests for an account on a replica of its own, and
// lets the other one be looked at.
type rival struct {
	*testing.T

	s           *Store
	issue, with int64
	account     string
}

func (r rival) decide() error {
	ctx := r.Context()
	for {
		key := bot.CaseKey{Repository: 71, Issue: r.issue}
		w, _, err := r.s.Begin(ctx, key, noon())
		if errors.Is(err, bot.ErrNothing) {
			return nil
		}
		if err != nil || w.Delivery == nil {
			return err
		}
		of := policy.Same{Registry: "pypi", Account: r.account, Author: r.issue}
		found, err := r.s.Others(ctx, of, key)
		if err != nil {
			return err
		}
		found.Of = of
		m := policy.Memory{
			State: policy.Triage, Registry: "pypi", Account: r.account, Objections: []policy.Objection{{By: r.with}},
			WakeAt: noon(), // for the sweep, which locks it
		}
		res := bot.Result{Case: w.Case, Delivery: w.Delivery.ID, Others: found, Now: noon()}
		res.Case.Memory = m
		res.Decision = policy.Decision{
			Memory: m, Effects: []policy.Effect{policy.Labels{Add: []string{"a"}}}, Rouse: []policy.IssueAt{{Repository: 71, Issue: r.with}},
		}
		if w.Delivery.Event == bot.OthersEvent {
			res.Decision.Rouse = nil
		}
		if err := r.s.Commit(ctx, res); err != nil && !errors.Is(err, bot.ErrConflict) {
			return err
		}
	}
}

// TestNoRings lets two replicas decide two requests for one account at once, each
// of which rouses the other, again and again, while the mode changes, calls are
// taken and sweeps lock many: the server never finds two that wait for each
// other.
func TestNoRings(t *testing.T) {
	at := server.Empty(t) // nobody before it has waited in a ring there
	var all [2]*Store
	for i := range all {
		s, err := Open(t.Context(), Options{Database: at, Clock: time.Now, Replica: fmt.Sprint("r", i)})
		if err != nil {
			t.Fatal(err)
		}
		all[i] = s
	}
	ctx, stop := context.WithCancel(t.Context())
	var around sync.WaitGroup
	repeat := func(f func(s *Store, i int) error) {
		for _, s := range all {
			around.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					if err := f(s, i); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	repeat(func(s *Store, _ int) error {
		_, _, err := s.Sweep(t.Context(), noon())
		return err
	})
	repeat(func(s *Store, i int) error {
		mode := []bot.Mode{bot.ModeReadOnly, bot.ModeRun}[i%2]
		return s.SetMode(t.Context(), bot.ModeChange{Opinion: bot.Opinion{Mode: mode}, Now: noon()})
	})
	repeat(func(s *Store, _ int) error {
		if _, _, err := s.NextCall(t.Context(), 9, noon()); !errors.Is(err, bot.ErrNothing) {
			return err
		}
		return nil
	})
	for n := range int64(sample.Sizes{Plain: 20, Race: 12, All: 30}.Of(t)) {
		decideBoth(t, all, 501+2*n)
	}
	stop()
	around.Wait()
	for _, s := range all {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	if got := rings(t, at); got != 0 {
		t.Errorf("the server undid %d transactions that waited for each other", got)
	}
}

// decideBoth lets two requests for an account begin at once.
func decideBoth(t *testing.T, on [2]*Store, first int64) {
	t.Helper()
	pair := [2]int64{first, first + 1}
	for _, issue := range pair {
		d := someDelivery(fmt.Sprint("ring", issue), noon())
		d.Ref.Issue, d.Ref.Number, d.ObjectID, d.AuthorID = issue, int(issue), issue, issue
		if _, err := on[0].AddDelivery(t.Context(), d); err != nil {
			t.Fatal(err)
		}
	}
	var both sync.WaitGroup
	for i, issue := range pair {
		both.Go(func() {
			r := rival{T: t, s: on[i], issue: issue, with: pair[1-i], account: fmt.Sprint("account", first)}
			if err := r.decide(); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
}

// rings is how many transactions of the database the server undid because they
// waited for each other, as those told who have gone.
func rings(t *testing.T, at string) (n int) {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), at)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(t.Context()) }()
	for others := 1; others > 0; {
		err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`).Scan(&others)
		if err != nil {
			t.Fatal(err)
		}
	}
	err = conn.QueryRow(t.Context(), `SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}
