package store

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/rivertype"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/store/pgtest"
	"github.com/recoverybot/recoverybot/policy"
)

// replica opens a store of a name, with the real clock.
func replica(t *testing.T, at, name string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Database: at, Clock: time.Now, Replica: name})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// take marks the one open job of a kind as running on a replica for seconds.
func take[T river.JobArgs](t *testing.T, s *Store, by string, seconds string) *river.Job[T] {
	t.Helper()
	if _, err := s.Dispatch(t.Context()); err != nil {
		t.Fatal(err)
	}
	var args T
	exec(t, s, `UPDATE river_job SET state = 'running', attempt = 1, attempted_by = ARRAY['`+by+`'],
		attempted_at = now() - interval '`+seconds+` s' WHERE state <> 'cancelled' AND kind = '`+args.Kind()+`'`)
	row := struct {
		ID int64     `bun:"id"`
		At time.Time `bun:"attempted_at"`
	}{}
	err := s.db.NewSelect().Table("river_job").Column("id", "attempted_at").Where("state = 'running' AND kind = ?", args.Kind()).Scan(t.Context(), &row)
	if err != nil {
		t.Fatal(err)
	}
	return &river.Job[T]{JobRow: &rivertype.JobRow{ID: row.ID, Kind: args.Kind(), AttemptedAt: &row.At}}
}

// locked begins steps, one after the other, while somebody holds the locks of
// all jobs and of what wakes them: each when the one before waits for a lock.
func locked(t *testing.T, s *Store, steps ...func()) {
	t.Helper()
	ctx, done := context.WithTimeout(t.Context(), promptly)
	defer done()
	err := s.change(ctx, "locking", func(tx *txn) error {
		for _, lock := range []string{"SELECT 1 FROM river_job FOR UPDATE", "LOCK TABLE wake IN EXCLUSIVE MODE"} {
			if _, err := tx.ExecContext(ctx, lock); err != nil {
				return err
			}
		}
		for i, step := range steps {
			go step()
			for waiting := 0; waiting <= i; {
				err := s.db.NewRaw(`SELECT count(*) FROM pg_stat_activity
					WHERE datname = current_database() AND wait_event_type = 'Lock'`).Scan(ctx, &waiting)
				if err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// adds says what is added while a job of the subject ends.
type adds[T river.JobArgs] struct {
	args  T
	given []string // done before, in SQL
	work  func(s *Store) task
	add   func(ctx context.Context, s *Store) error
}

// endsNot adds something on one replica, and ends the job on another before
// that is committed: the job sees it all the same.
func endsNot[T river.JobArgs](t *testing.T, a adds[T]) {
	t.Helper()
	at := tables(t)
	one, two := replica(t, at, "one"), replica(t, at, "two")
	add(t, one, "first", noon())
	if err := decide(t.Context(), one, policy.Memory{State: policy.Triage}); err != nil {
		t.Fatal(err)
	}
	c, _, err := one.NextCall(t.Context(), 9, noon())
	if err == nil {
		err = one.CallMade(t.Context(), c, bot.Made{Last: true, Now: noon()})
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range a.given {
		exec(t, one, g)
	}
	job := take[T](t, two, "two", "1")
	job.Args = a.args
	added, ended := make(chan error, 1), make(chan bool, 1)
	locked(t, one, func() { added <- a.add(t.Context(), one) }, func() {
		again, err := finish(t.Context(), two, job, ending{task: a.work(two)})
		if err != nil {
			t.Error(err)
		}
		ended <- again
	})
	if err := receive(t, added); err != nil {
		t.Fatal(err)
	}
	if !receive(t, ended) {
		t.Error("the job ended, and nobody does what was added")
	}
}

func TestDrainEndsNotPastADecision(t *testing.T) {
	endsNot(t, adds[drainArgs]{
		args: drainArgs{Installation: 9},
		work: func(s *Store) task { return s.drainWork(Workers{})(drainArgs{Installation: 9}) },
		add: func(ctx context.Context, s *Store) error {
			exec(t, s, "UPDATE delivery SET done_at = 0")
			return decide(ctx, s, policy.Memory{State: policy.Triage})
		},
	})
}

// The end of a pass takes no lock of cases.
func TestCaseEndsNotPastThePassItWaitedFor(t *testing.T) {
	args := caseArgs{Repository: someKey().Repository, Issue: someKey().Issue}
	endsNot(t, adds[caseArgs]{
		args: args,
		given: []string{
			"UPDATE cases SET wake_at = 1",
			fmt.Sprintf(`INSERT INTO repository (id, owner, name, installation, private, state, mark, started, behind)
				VALUES (%d, 'octo', 'index', 9, FALSE, 'active', 1, 1, TRUE)`, args.Repository),
		},
		work: func(s *Store) task { return s.caseWork(Workers{})(args) },
		add: func(ctx context.Context, s *Store) error {
			now := time.Now()
			return s.EndPass(ctx, bot.Pass{Repository: args.Repository, Now: now, Mark: now, Passes: bot.Passes{Due: now.Add(time.Hour), Every: time.Hour}})
		},
	})
}

func TestCaseEndsNotPastADelivery(t *testing.T) {
	args := caseArgs{Repository: someKey().Repository, Issue: someKey().Issue}
	endsNot(t, adds[caseArgs]{
		args: args,
		work: func(s *Store) task { return s.caseWork(Workers{})(args) },
		add: func(ctx context.Context, s *Store) error {
			if _, err := s.AddDelivery(ctx, someDelivery("second", noon())); err != nil {
				return err
			}
			_, err := s.Dispatch(ctx)
			return err
		},
	})
}

// TestLease: until a call is recorded, or its time is up, no other replica gets
// a call of the installation.
func TestLease(t *testing.T) {
	at := tables(t)
	one, two := replica(t, at, "one"), replica(t, at, "two")
	for _, guid := range []string{"first", "second"} {
		add(t, one, guid, noon())
		if err := decide(t.Context(), one, policy.Memory{State: policy.Triage}); err != nil {
			t.Fatal(err)
		}
	}
	next := func(s *Store, at time.Time) (bot.Call, time.Time, error) {
		t.Helper()
		return s.NextCall(t.Context(), 9, at)
	}
	c, _, err := next(one, noon())
	if err != nil || c.Begun {
		t.Fatalf("got %v and begun %v, want a call that is new", err, c.Begun)
	}
	end := noon().Add(leaseTime)
	if _, at, err := next(two, noon().Add(time.Second)); !errors.Is(err, bot.ErrNothing) || !at.Equal(end) {
		t.Errorf("got %v, next at %v, want nothing before %v", err, at, end)
	}
	if u, err := two.Ready(t.Context(), noon()); !errors.Is(err, bot.ErrNothing) {
		t.Errorf("got %v and %v, want nothing to be ready", u, err)
	}
	again, _, err := next(one, noon())
	if err != nil || again.ID != c.ID || !again.Begun {
		t.Errorf("got %v and %+v, want its own call again", err, again)
	}
	late, _, err := next(two, end)
	if err != nil || late.ID != c.ID || !late.Begun {
		t.Errorf("got %v and %+v, want the call as one that was begun", err, late)
	}
	if _, _, err := next(one, end); !errors.Is(err, bot.ErrNothing) {
		t.Errorf("got %v, want that the other has it now", err)
	}
	if err := one.CallMade(t.Context(), c, bot.Made{Now: end}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := next(one, end); !errors.Is(err, bot.ErrNothing) {
		t.Errorf("got %v, want that a lease is ended by its holder alone", err)
	}
	if err := two.CallFailed(t.Context(), late.ID, bot.Pause{Until: end, Now: end}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := next(one, end); err != nil {
		t.Errorf("got %v, want a call", err)
	}
}

// TestDeadReplica: the job of a replica that is not heard of is taken over by a
// new one, and if it comes back it does nothing to that.
func TestDeadReplica(t *testing.T) {
	at := tables(t)
	one, two := replica(t, at, "one"), replica(t, at, "two")
	add(t, one, "first", noon())
	job := take[caseArgs](t, one, "one", "21")
	job.Args = caseArgs{Repository: someKey().Repository, Issue: someKey().Issue}
	states := func() string {
		return strings.Join(query(t, one, "SELECT state::text FROM river_job WHERE kind = 'case' ORDER BY id"), ",")
	}
	for _, s := range []*Store{one, two} {
		if err := s.engine.attend(t.Context(), s); err != nil {
			t.Fatal(err)
		}
	}
	if got := states(); got != "running" {
		t.Errorf("got %s while the replica is alive, want its job to run", got)
	}
	exec(t, one, "UPDATE replica SET seen = seen - 21000000 WHERE id = 'one'")
	if err := two.engine.attend(t.Context(), two); err != nil {
		t.Fatal(err)
	}
	if got := states(); got != "cancelled,available" {
		t.Errorf("got %s, want the job to be ready again", got)
	}
	again, err := finish(t.Context(), one, job, ending{task: one.caseWork(Workers{})(job.Args)})
	if err != nil || again {
		t.Errorf("got %v and %v, want that it leaves the job", again, err)
	}
	if got := states(); got != "cancelled,available" {
		t.Errorf("got %s after it came back, want no change", got)
	}
}

// TestDeadReplicaOfEachKind: no kind of job stays with a replica that died. As
// long as one does, no other is made.
func TestDeadReplicaOfEachKind(t *testing.T) {
	s := replica(t, tables(t), "two")
	jobs := append(clockJobs(), river.InsertManyParams{Args: hourlyArgs{}},
		river.InsertManyParams{Args: caseArgs{Repository: 1, Issue: 2}}, river.InsertManyParams{Args: drainArgs{Installation: 3}})
	err := s.change(t.Context(), "starting", func(tx *txn) error { return s.wakeAll(t.Context(), tx, jobs) })
	if err != nil {
		t.Fatal(err)
	}
	exec(t, s, "UPDATE river_job SET state = 'running', attempt = 1, attempted_by = ARRAY['one'], attempted_at = now() - interval '21 s'")
	if err := s.engine.attend(t.Context(), s); err != nil {
		t.Fatal(err)
	}
	for _, j := range jobs {
		states := query(t, s, "SELECT state::text FROM river_job WHERE kind = '"+j.Args.Kind()+"' ORDER BY id")
		if got := strings.Join(states, ","); got != "cancelled,available" {
			t.Errorf("job %s: got %s, want it to be ready again", j.Args.Kind(), got)
		}
	}
}

// TestLostJob: a replica that took a job and does not know of it starts it anew,
// but not at once: the job may be on the way to its end.
func TestLostJob(t *testing.T) {
	one := replica(t, tables(t), "one")
	add(t, one, "first", noon())
	job := take[caseArgs](t, one, "one", "21")
	states := func() string {
		return strings.Join(query(t, one, "SELECT state::text FROM river_job WHERE kind = 'case' ORDER BY id"), ",")
	}
	beat := func(want string) {
		t.Helper()
		if err := one.engine.attend(t.Context(), one); err != nil {
			t.Fatal(err)
		}
		if got := states(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	one.present.enter(job.ID, job.Args)
	beat("running")
	beat("running")
	one.present.leave(job.ID, job.Args)
	beat("running")
	beat("cancelled,available")
}

// TestRunTakesOver: a replica that starts finds what a killed one left: a job,
// and the leadership of the schedules.
func TestRunTakesOver(t *testing.T) {
	t.Parallel() // it waits for River's election, every 5 s
	at := tables(t)
	e := newEngine(openReal(t, at, nil))
	add(t, e.Store, "first", noon())
	take[caseArgs](t, e.Store, "killed", "21")
	exec(t, e.Store, `INSERT INTO river_leader (elected_at, expires_at, leader_id) VALUES (now(), now() + interval '1 s', 'killed')`)
	told := make(chan string, 99)
	e.startBesideOthers(t, Workers{
		Digest:         func(context.Context) error { told <- "digest"; return nil },
		DigestSchedule: river.PeriodicInterval(time.Second),
	})
	if got := receive(t, e.cases); got != someKey() {
		t.Errorf("got case %v, want %v", got, someKey())
	}
	for range 3 { // the first is from the start, the others are from a leader
		receive(t, told)
	}
}

// TestOneLeader: of two replicas one starts what the clock starts, and the other
// goes on with it when that one has stopped.
func TestOneLeader(t *testing.T) {
	t.Parallel() // it waits for River's clock
	at := tables(t)
	told := make(chan string, 99)
	w := Workers{
		Digest:         func(context.Context) error { told <- "digest"; return nil },
		DigestSchedule: river.PeriodicInterval(time.Second),
	}
	stops := map[string]func(){}
	for _, name := range []string{"one", "two"} {
		e := newEngine(replica(t, at, name))
		ctx, stop := context.WithCancel(t.Context())
		go func() { e.done <- e.Run(ctx, e.workers(w)) }()
		stops[name] = func() {
			stop()
			if err := receive(t, e.done); err != nil {
				t.Error(err)
			}
		}
	}
	for range 4 {
		receive(t, told)
	}
	look := replica(t, at, "look")
	leader := query(t, look, "SELECT leader_id FROM river_leader")
	if len(leader) != 1 || stops[leader[0]] == nil {
		t.Fatalf("got leaders %v, want one of the two", leader)
	}
	twice := query(t, look, `SELECT created_at::text FROM river_job AS j WHERE kind = 'digest' AND EXISTS (SELECT 1 FROM river_job AS k
		WHERE k.kind = j.kind AND k.id > j.id AND k.created_at < j.created_at + interval '300 ms' AND j.id > (SELECT min(id) FROM river_job WHERE kind = 'digest'))`)
	if len(twice) > 0 {
		t.Errorf("the clock started a job twice at %v", twice)
	}
	stops[leader[0]]()
	delete(stops, leader[0])
	for range 4 {
		receive(t, told)
	}
	for _, stop := range stops {
		stop()
	}
}

// TestDatabaseRestarts: what is stored is done after a restart of the server,
// and meanwhile nothing is taken.
func TestDatabaseRestarts(t *testing.T) {
	t.Parallel() // it waits for beats, every 5 s
	own := pgtest.New(t)
	e := newEngine(openReal(t, own.Empty(t), nil))
	e.startBesideOthers(t, Workers{Case: func(ctx context.Context, _ bot.CaseKey) (time.Duration, error) {
		return 0, decide(ctx, e.Store, policy.Memory{State: policy.Triage})
	}})
	add(t, e.Store, "before", noon())
	receive(t, e.cases)
	receive(t, e.drains)
	if err := own.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := e.AddDelivery(t.Context(), someDelivery("meanwhile", noon())); err == nil {
		t.Error("a delivery was taken without a database")
	}
	if err := own.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	var err error
	for range connections + 1 { // each connection of the pool finds out by itself
		if _, err = e.AddDelivery(t.Context(), someDelivery("after", noon())); err == nil {
			break
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	select { // if the server died while the first job ended, some beats pass before it is missed
	case <-e.cases:
	case <-time.After(2 * promptly):
		t.Error("nothing is done after the restart")
	}
}
