package store

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/robfig/cron/v3"
	"go.uber.org/goleak"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// promptly is the time in which a job that is ready must have run.
const promptly = 30 * time.Second

// engine is a store whose jobs run, with what they were called for.
type engine struct {
	*Store

	cases  chan bot.CaseKey
	drains chan int64
	clock  chan string
	done   chan error
}

// openReal opens a store with the real clock, which is River's.
func openReal(t *testing.T, path string, log *slog.Logger) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Database: path, Clock: time.Now, Logger: log})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func newEngine(s *Store) *engine {
	return &engine{
		Store: s, cases: make(chan bot.CaseKey, 99), drains: make(chan int64, 99),
		clock: make(chan string, 99), done: make(chan error, 1),
	}
}

// workers report each call, and do nothing; w's own functions run after that.
func (e *engine) workers(w Workers) Workers {
	schedule, err := cron.ParseStandard("0 0 1 1 *")
	if err != nil {
		panic(err)
	}
	own := w
	w.SweepSchedule = schedule
	w.Case = func(ctx context.Context, key bot.CaseKey) (time.Duration, error) {
		e.cases <- key
		if own.Case == nil {
			return time.Hour, nil
		}
		return own.Case(ctx, key)
	}
	w.Drain = func(ctx context.Context, installation int64) (time.Duration, error) {
		e.drains <- installation
		if own.Drain == nil {
			return time.Hour, nil
		}
		return own.Drain(ctx, installation)
	}
	w.Sweep = func(context.Context) error { e.clock <- "sweep"; return nil }
	w.Passes = func(context.Context) error { e.clock <- "passes"; return nil }
	return w
}

// start runs the jobs until the end of the test; nothing is left running. It is
// for tests that run alone.
func (e *engine) start(t *testing.T, w Workers) {
	t.Helper()
	t.Cleanup(func() {
		goleak.VerifyNone(t, goleak.IgnoreAnyFunction("testing.(*T).Run"),
			goleak.IgnoreAnyFunction("testing.(*T).Parallel"),      // tests that begin later
			goleak.IgnoreAnyFunction("os/exec.(*Cmd).Start.func2")) // a server of pgtest
	})
	e.startBesideOthers(t, w)
}

// startBesideOthers is start for tests that run at the same time as others.
func (e *engine) startBesideOthers(t *testing.T, w Workers) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	go func() { e.done <- e.Run(ctx, e.workers(w)) }()
	t.Cleanup(func() {
		stop()
		if err := receive(t, e.done); err != nil {
			t.Error(err)
		}
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
}

func receive[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(promptly):
		t.Fatal("nothing came")
		panic("not reached")
	}
}

func someKey() bot.CaseKey { return bot.CaseKey{Repository: 71, Issue: 501} }

func someDelivery(guid string, at time.Time) bot.Delivery {
	return bot.Delivery{
		GUID: guid, Digest: "digest of " + guid, Event: "issues", Action: "edited", ObjectID: 501,
		Ref:             bot.Ref{CaseKey: someKey(), Installation: 9, Owner: "pypi", Name: "support", Number: 1},
		ObjectUpdatedAt: at, ReceivedAt: at,
	}
}

func add(t testing.TB, s *Store, guid string, at time.Time) {
	t.Helper()
	got, err := s.AddDelivery(t.Context(), someDelivery(guid, at))
	if err != nil {
		t.Fatal(err)
	}
	if got != bot.Added {
		t.Fatalf("delivery %s: got %v, want added", guid, got)
	}
}

// decide stores a decision on the oldest delivery, with one effect.
func decide(ctx context.Context, s *Store, m policy.Memory) error {
	w, _, err := s.Begin(ctx, someKey(), noon())
	if err != nil {
		return err
	}
	w.Case.Memory = m
	return s.Commit(ctx, bot.Result{
		Case: w.Case, Delivery: w.Delivery.ID, Event: policy.Event{Kind: policy.Edited}, Now: noon(),
		Decision: policy.Decision{Memory: m, Effects: []policy.Effect{policy.Labels{Add: []string{"a"}}}},
	})
}

func TestRunDoesTheWork(t *testing.T) {
	e := newEngine(openReal(t, newFile(t), nil))
	made := make(chan string, 9)
	add(t, e.Store, "one", noon())
	e.start(t, Workers{
		Case: func(ctx context.Context, _ bot.CaseKey) (time.Duration, error) {
			return 0, decide(ctx, e.Store, policy.Memory{State: policy.Triage})
		},
		Drain: func(ctx context.Context, installation int64) (time.Duration, error) {
			c, _, err := e.NextCall(ctx, installation, noon())
			if err != nil {
				return 0, err
			}
			made <- c.Effect.Key()
			return 0, e.CallMade(ctx, c, bot.Made{Last: true, Now: noon()})
		},
	})
	if got := receive(t, made); got != "labels" {
		t.Errorf("got call %q, want labels", got)
	}
	clock := map[string]bool{receive(t, e.clock): true, receive(t, e.clock): true}
	if !clock["sweep"] || !clock["passes"] {
		t.Errorf("got %v at the start, want sweep and hourly", clock)
	}
	add(t, e.Store, "two", noon())
	if got := receive(t, made); got != "labels" {
		t.Errorf("got call %q, want labels", got)
	}
	if got := e.Failures(); got != 0 {
		t.Errorf("got %d failures, want none", got)
	}
}

// A job that waits is made ready by a delivery.
func TestDeliveryEndsAWait(t *testing.T) {
	e := newEngine(openReal(t, newFile(t), nil))
	calls := 0
	added := make(chan error, 1)
	e.start(t, Workers{Case: func(ctx context.Context, _ bot.CaseKey) (time.Duration, error) {
		if calls++; calls != 2 {
			return time.Hour, decide(ctx, e.Store, policy.Memory{})
		}
		// What comes while the call runs is seen when the job ends.
		err := decide(ctx, e.Store, policy.Memory{})
		_, more := e.AddDelivery(ctx, someDelivery("three", noon()))
		added <- more
		return time.Hour, err
	}})
	add(t, e.Store, "one", noon())
	receive(t, e.cases)
	add(t, e.Store, "two", noon())
	receive(t, e.cases)
	if err := receive(t, added); err != nil {
		t.Fatal(err)
	}
	receive(t, e.cases)
}

// A process that was killed leaves its jobs as running, and the leadership.
func TestRunAfterAKill(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.db")
	e := newEngine(openReal(t, path, nil))
	add(t, e.Store, "one", noon())
	exec(t, e.Store, `UPDATE river_job SET state = 'running', attempt = 25, attempted_at = '2026-03-02 12:00:00.000'`)
	exec(t, e.Store, `INSERT INTO river_leader (elected_at, expires_at, leader_id, name)
		VALUES ('2026-03-02 12:00:00.000', '2999-03-02 12:00:00.000', 'dead', 'default')`)
	e.start(t, Workers{})
	if got := receive(t, e.cases); got != someKey() {
		t.Errorf("got case %v, want %v", got, someKey())
	}
}

// What goes wrong in a call is counted and repeated later. Its text is kept
// nowhere.
func TestRunKeepsNoTextOfErrors(t *testing.T) {
	for name, fault := range map[string]func() error{
		"error": func() error { return errors.New("pypi-AgEIcHlwaS5vcmc") },
		"panic": func() error { panic("pypi-AgEIcHlwaS5vcmc") },
		"GitHub": func() error {
			return errors.Join(errors.New("pypi-AgEIcHlwaS5vcmc"), &bot.Error{Op: "GET issue", Class: bot.Invalid, Status: 422})
		},
	} {
		t.Run(name, func(t *testing.T) {
			var log bytes.Buffer
			e := newEngine(openReal(t, newFile(t), slog.New(slog.NewTextHandler(&log, nil))))
			add(t, e.Store, "one", noon())
			ctx, stop := context.WithCancel(t.Context())
			go func() {
				e.done <- e.Run(ctx, e.workers(Workers{
					Case: func(context.Context, bot.CaseKey) (time.Duration, error) { return 0, fault() },
				}))
			}()
			receive(t, e.cases)
			stop()
			if err := receive(t, e.done); err != nil {
				t.Fatal(err)
			}
			if got := e.Failures(); got != 1 {
				t.Errorf("got %d failures, want 1", got)
			}
			got := query(t, e.Store, `SELECT state || coalesce(json(errors), '') FROM river_job WHERE kind = 'case'`)
			if strings.Join(got, ",") != "scheduled" {
				t.Errorf("got job %q, want one that is scheduled, without errors", got)
			}
			if strings.Contains(log.String(), "AgEI") || !strings.Contains(log.String(), "a job failed") {
				t.Errorf("got log %s, want a line without the error's text", log.String())
			}
			if err := e.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// The next job is scheduled in the transaction that ends the last one.
func TestWaitIsAJob(t *testing.T) {
	e := newEngine(openReal(t, newFile(t), nil))
	add(t, e.Store, "one", noon())
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		e.done <- e.Run(ctx, e.workers(Workers{Case: func(ctx context.Context, _ bot.CaseKey) (time.Duration, error) {
			return 30 * time.Minute, decide(ctx, e.Store, policy.Memory{State: policy.Triage})
		}}))
	}()
	receive(t, e.cases)
	receive(t, e.drains)
	stop()
	if err := receive(t, e.done); err != nil {
		t.Fatal(err)
	}
	got := query(t, e.Store, `SELECT state FROM river_job WHERE kind = 'case' ORDER BY id`)
	if strings.Join(got, ",") != "completed,scheduled" {
		t.Errorf("got jobs %v, want a completed and a scheduled one", got)
	}
	if err := e.Close(); err != nil {
		t.Error(err)
	}
}

// A short wait, as between two writes, does not wait for River's scheduler,
// which comes around every five seconds.
func TestShortWaits(t *testing.T) {
	e := newEngine(openReal(t, newFile(t), nil))
	add(t, e.Store, "one", noon())
	if err := decide(t.Context(), e.Store, policy.Memory{}); err != nil {
		t.Fatal(err)
	}
	steps := 0
	all := make(chan int, 99)
	e.start(t, Workers{Drain: func(ctx context.Context, installation int64) (time.Duration, error) {
		c, _, err := e.NextCall(ctx, installation, noon())
		if err != nil {
			return 0, err
		}
		if steps++; steps == 5 {
			all <- c.Step
		}
		return 20 * time.Millisecond, e.CallMade(ctx, c, bot.Made{Now: noon()})
	}})
	if got := receive(t, all); got != 4 {
		t.Errorf("got step %d in the fifth call, want 4", got)
	}
}

func TestDelay(t *testing.T) {
	for _, test := range []struct {
		name string
		ending
		outlook
		want time.Duration
	}{
		{"nothing to do", ending{}, outlook{}, 0},
		{"nothing to do before noon", ending{}, outlook{next: noon()}, time.Hour},
		{"the call knows better", ending{wait: time.Minute}, outlook{next: noon()}, time.Minute},
		{"a tick that must wait", ending{wait: time.Minute}, outlook{ready: true, asked: true}, time.Minute},
		{"something came meanwhile", ending{wait: time.Minute}, outlook{ready: true}, nearReady},
		{"pacing", ending{wait: 20 * time.Millisecond}, outlook{ready: true}, 20 * time.Millisecond},
		{"GitHub is left alone for long", ending{wait: time.Minute, rests: true}, outlook{ready: true}, afterError},
		{"GitHub is left alone for a moment", ending{wait: 5 * time.Second, rests: true}, outlook{ready: true}, 5 * time.Second},
	} {
		if got := test.delay(test.outlook, noon().Add(-time.Hour)); got != test.want {
			t.Errorf("%s: got %v, want %v", test.name, got, test.want)
		}
	}
}

func TestRunWithoutWorkers(t *testing.T) {
	if err := openFile(t).Run(t.Context(), Workers{}); err == nil {
		t.Error("got no error, want one")
	}
}

// TestRunDigests: the digest is looked for at the start, and by its schedule.
func TestRunDigests(t *testing.T) {
	e := newEngine(openReal(t, newFile(t), nil))
	told := make(chan string, 99)
	e.start(t, Workers{
		Digest:         func(context.Context) error { told <- "digest"; return nil },
		DigestSchedule: river.PeriodicInterval(time.Second),
	})
	receive(t, told)
	receive(t, told)
}

// TestRunRedelivers: failed deliveries are looked for at the start.
func TestRunRedelivers(t *testing.T) {
	e := newEngine(openReal(t, newFile(t), nil))
	asked := make(chan string, 99)
	e.start(t, Workers{Redeliver: func(context.Context) error { asked <- "redeliver"; return nil }})
	receive(t, asked)
}
