package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/internal/sample"
	"github.com/recoverybot/recoverybot/policy"
)

const (
	stressCases   = 6
	stressSenders = 4
)

// replicas are several stores on one database, which work at the same time.
type replicas struct {
	*testing.T

	all  []*Store
	each int        // deliveries of each sender
	made chan int64 // the object of the delivery that each effect is for
	busy sync.Map   // calls under way by installation
}

func newReplicas(t *testing.T) *replicas {
	at := tables(t)
	r := &replicas{T: t, each: sample.Sizes{Plain: 25, Race: 15, All: 40}.Of(t)}
	r.made = make(chan int64, stressSenders*r.each*2)
	for range 2 {
		r.all = append(r.all, openReal(t, at, nil))
	}
	return r
}

// start runs both until the end of the test.
func (r *replicas) start() {
	schedule, err := cron.ParseStandard("0 0 1 1 *")
	if err != nil {
		r.Fatal(err)
	}
	nothing := func(context.Context) error { return nil }
	ctx, stop := context.WithCancel(r.Context())
	var done sync.WaitGroup
	for _, s := range r.all {
		done.Go(func() {
			err := s.Run(ctx, Workers{
				Case:  func(ctx context.Context, key bot.CaseKey) (time.Duration, error) { return 0, r.decide(ctx, s, key) },
				Drain: func(ctx context.Context, id int64) (time.Duration, error) { return r.call(ctx, s, id) },
				Sweep: nothing, Passes: nothing, SweepSchedule: schedule,
			})
			if err != nil {
				r.Error(err)
			}
		})
	}
	r.Cleanup(func() {
		stop()
		done.Wait()
		for _, s := range r.all {
			if got := s.Failures(); got != 0 {
				r.Errorf("got %d jobs that failed, want none", got)
			}
			if err := s.Close(); err != nil {
				r.Error(err)
			}
		}
	})
}

// decide answers a delivery with one effect of its own.
func (r *replicas) decide(ctx context.Context, s *Store, key bot.CaseKey) error {
	w, _, err := s.Begin(ctx, key, time.Now())
	if errors.Is(err, bot.ErrNothing) {
		return nil
	}
	if err != nil {
		return err
	}
	res := bot.Result{Case: w.Case, Event: policy.Event{Kind: policy.Edited}, Now: noon()}
	res.Case.Memory.State = policy.Triage
	if w.Delivery != nil {
		res.Delivery = w.Delivery.ID
		res.Decision.Effects = []policy.Effect{policy.React{Comment: w.Delivery.ObjectID, Content: "eyes"}}
	}
	if err := s.Commit(ctx, res); !errors.Is(err, bot.ErrConflict) {
		return err
	}
	return nil
}

// call makes the next call of an installation, and no other is under way.
func (r *replicas) call(ctx context.Context, s *Store, installation int64) (time.Duration, error) {
	c, next, err := s.NextCall(ctx, installation, time.Now())
	if errors.Is(err, bot.ErrNothing) {
		if next.IsZero() {
			return 0, nil
		}
		return time.Until(next), nil
	}
	if err != nil {
		return 0, err
	}
	count, _ := r.busy.LoadOrStore(installation, new(atomic.Int64))
	under := count.(*atomic.Int64) //nolint:forcetypeassert // see above
	if under.Add(1) > 1 {
		r.Errorf("two calls at once for installation %d", installation)
	}
	e, ok := c.Effect.(policy.React)
	under.Add(-1)
	if err := s.CallMade(ctx, c, bot.Made{Last: true, Now: noon()}); err != nil {
		return 0, err
	}
	if ok {
		r.made <- e.Comment
	}
	return 0, nil
}

// send adds deliveries by both stores, of which some move their cases to
// another installation.
func (r *replicas) send() {
	var done sync.WaitGroup
	for sender := range stressSenders {
		s := r.all[sender%len(r.all)]
		done.Go(func() {
			for i := range r.each {
				n := int64(sender*r.each + i)
				d := someDelivery(fmt.Sprint("guid ", n), noon().Add(time.Duration(i)*time.Second))
				d.Event, d.Action, d.ObjectID = "issue_comment", "created", 7000+n
				d.Ref.Issue, d.Ref.Installation = 501+n%stressCases, 9+n%3/2
				if _, err := s.AddDelivery(r.Context(), d); err != nil {
					r.Error(err)
				}
			}
		})
	}
	done.Wait()
}

// want waits for an effect of each delivery, and compares what is left.
func (r *replicas) want() {
	var got, want []int64
	for n := range int64(stressSenders * r.each) {
		got, want = append(got, receive(r.T, r.made)), append(want, 7000+n)
	}
	slices.Sort(got)
	if !slices.Equal(got, want) {
		r.Errorf("effects: got %v, want %v", got, want)
	}
	for _, open := range []string{
		"SELECT count(*)::text FROM delivery WHERE done_at = 0",
		"SELECT count(*)::text FROM outbox WHERE done_at = 0",
		"SELECT count(*)::text FROM delivery WHERE dead_class <> ''",
	} {
		if got := query(r.T, r.all[0], open); got[0] != "0" {
			r.Errorf("%s: got %s, want 0", open, got[0])
		}
	}
	r.verify()
}

// verify walks the audit log.
func (r *replicas) verify() {
	var rows []auditRow
	if err := r.all[0].db.NewSelect().Model(&rows).Order("a.seq").Scan(r.Context()); err != nil {
		r.Fatal(err)
	}
	prev := ""
	for i := range rows {
		hash, err := rows[i].seal()
		if err != nil {
			r.Fatal(err)
		}
		if rows[i].Seq != int64(i+1) || rows[i].Prev != prev || rows[i].Hash != hash {
			r.Fatalf("the audit log is broken at row %d of %d", i+1, len(rows))
		}
		prev = hash
	}
	if len(rows) < stressSenders*r.each {
		r.Errorf("got %d audit rows, want one of each decision", len(rows))
	}
	head := query(r.T, r.all[0], "SELECT seq || ' ' || hash FROM audit_head")
	if want := fmt.Sprint(len(rows), " ", prev); head[0] != want {
		r.Errorf("got head %s, want %s", head[0], want)
	}
}

// TestReplicasAtOnce: whatever two replicas do at the same time, each delivery
// is decided once and each effect made once, and nobody needs a sweep for it.
func TestReplicasAtOnce(t *testing.T) {
	t.Parallel()
	r := newReplicas(t)
	r.start()
	r.send()
	r.want()
}

// TestReplicasInEachOthersWay: what locks many rows does not stop what locks
// few, and loses nothing of it.
func TestReplicasInEachOthersWay(t *testing.T) {
	t.Parallel()
	r := newReplicas(t)
	r.start()
	ctx, stop := context.WithCancel(t.Context())
	var done sync.WaitGroup
	repeat := func(f func(s *Store, i int) error) {
		for _, s := range r.all {
			done.Go(func() {
				for i := 0; ctx.Err() == nil; i++ {
					if err := f(s, i); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
	}
	repository := bot.Repository{ID: 71, Owner: "pypi", Name: "support", Installation: 9, Private: true, Desk: 72}
	repeat(func(s *Store, _ int) error {
		_, _, err := s.Sweep(t.Context(), noon())
		return err
	})
	repeat(func(s *Store, i int) error {
		_, err := s.Rewake(t.Context(), fmt.Sprint(s.replica, i), func(bot.Case) time.Time { return noon().Add(time.Duration(i)) })
		return err
	})
	repeat(func(s *Store, i int) error {
		desk := bot.Repository{ID: 72, Owner: "pypi", Name: "desk", Installation: int64(20 + i%2), Private: true}
		return errors.Join(s.SaveRepository(t.Context(), repository), s.SaveRepository(t.Context(), desk))
	})
	r.send()
	stop()
	done.Wait()
	r.want()
}
