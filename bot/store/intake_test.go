package store

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/riverqueue/river"
	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// slowStore stands for the database: it stores a group when it is told to.
type slowStore struct {
	groups  chan []string // what was stored at once
	release chan struct{}
}

func newSlow() (*slowStore, *intake) {
	s := &slowStore{groups: make(chan []string, 100), release: make(chan struct{}, 100)}
	return s, newIntake(func(group []*arrival) {
		var names []string
		for _, a := range group {
			names = append(names, a.GUID)
			a.outcome = bot.Added
		}
		s.groups <- names
		<-s.release
	})
}

// Who comes while a group is stored is of the next one; one who comes alone
// waits for nobody.
func TestGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, in := newSlow()
		added := make(chan string, 100)
		add := func(name string) {
			go func() {
				if _, err := in.add(t.Context(), bot.Delivery{GUID: name}); err == nil {
					added <- name
				}
			}()
			synctest.Wait()
		}
		add("alone")
		if got := <-s.groups; !slices.Equal(got, []string{"alone"}) {
			t.Fatalf("got %q, want the one that came alone", got)
		}
		for i := range groupMost + 2 {
			add(fmt.Sprint(i))
		}
		s.release <- struct{}{}
		synctest.Wait()
		if got := <-added; got != "alone" || len(added) > 0 {
			t.Errorf("got %s and %d more, want the first alone", got, len(added))
		}
		if got := <-s.groups; len(got) != groupMost || got[0] != "0" {
			t.Errorf("got a group of %d from %s on, want %d from 0 on", len(got), got[0], groupMost)
		}
		s.release <- struct{}{}
		if got, want := <-s.groups, []string{fmt.Sprint(groupMost), fmt.Sprint(groupMost + 1)}; !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		s.release <- struct{}{}
		synctest.Wait()
		if len(added) != groupMost+2 {
			t.Errorf("%d were told that they are stored, want %d", len(added), groupMost+2)
		}
	})
}

// Who gives up while it waits is not stored. Who gives up while it is being
// stored is told what became of it.
func TestGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, in := newSlow()
		type end struct {
			outcome bot.Outcome
			err     error
		}
		add := func(ctx context.Context, name string) chan end {
			ends := make(chan end, 1)
			go func() {
				o, err := in.add(ctx, bot.Delivery{GUID: name})
				ends <- end{o, err}
			}()
			synctest.Wait()
			return ends
		}
		first, cancelFirst := context.WithCancel(t.Context())
		second, cancelSecond := context.WithCancel(t.Context())
		one, two, three := add(first, "one"), add(second, "two"), add(t.Context(), "three")
		cancelFirst()
		cancelSecond()
		synctest.Wait()
		if got := <-two; !errors.Is(got.err, context.Canceled) {
			t.Errorf("got %v for who waited, want that it gave up", got.err)
		}
		if len(one) > 0 {
			t.Error("who is being stored gave up")
		}
		s.release <- struct{}{}
		s.release <- struct{}{}
		if got := <-one; got.err != nil || got.outcome != bot.Added {
			t.Errorf("got %v, %v for who was being stored, want added", got.outcome, got.err)
		}
		<-three
		<-s.groups
		if got := <-s.groups; !slices.Equal(got, []string{"three"}) {
			t.Errorf("got %q stored, want the third alone", got)
		}
	})
}

// There is room for so many; Close waits for who is there, and nobody comes
// after it.
func TestRoomAndClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, in := newSlow()
		var wg sync.WaitGroup
		var failed []error
		for i := range roomMost {
			wg.Go(func() {
				_, err := in.add(t.Context(), bot.Delivery{GUID: fmt.Sprint(i)})
				if err != nil {
					failed = append(failed, err)
				}
			})
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := in.add(ctx, bot.Delivery{GUID: "too many"}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v for one too many, want that it waited for room", err)
		}
		closed := make(chan struct{})
		go func() {
			in.close()
			close(closed)
		}()
		synctest.Wait()
		select {
		case <-closed:
			t.Error("closed while deliveries wait")
		default:
		}
		close(s.release)
		<-closed
		wg.Wait()
		if _, err := in.add(t.Context(), bot.Delivery{GUID: "late"}); !errors.Is(err, errClosed) {
			t.Errorf("got %v after the end, want %v", err, errClosed)
		}
		if len(failed) > 0 {
			t.Errorf("got %v", failed)
		}
	})
}

// arrivals are deliveries as a group has them.
func arrivals(ctx context.Context, all ...bot.Delivery) []*arrival {
	var group []*arrival
	for _, d := range all {
		group = append(group, &arrival{Delivery: d, ctx: ctx, done: make(chan struct{})})
	}
	return group
}

func deliveries(group []*arrival) []bot.Delivery {
	var all []bot.Delivery
	for _, a := range group {
		all = append(all, a.Delivery)
	}
	return all
}

func outcomes(group []*arrival) string {
	var all []string
	for _, a := range group {
		if a.err != nil {
			all = append(all, "error")
			continue
		}
		all = append(all, a.outcome.String())
	}
	return strings.Join(all, " ")
}

// One that cannot be stored fails nobody else of its group.
func TestBadNeighbour(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *Store) {
		bad := someDelivery("bad", noon())
		bad.Action = "a NUL, which no database takes: \x00"
		if s.db.Dialect().Name().String() == "sqlite" {
			exec(t, s, "CREATE TRIGGER fault BEFORE INSERT ON delivery WHEN new.guid = 'bad' BEGIN SELECT raise(ABORT, 'fault'); END")
		}
		late, cancel := context.WithCancel(t.Context())
		cancel()
		group := arrivals(t.Context(), someDelivery("one", noon()), bad, someDelivery("two", noon()), someDelivery("late", noon()))
		group[3].ctx = late
		s.store(group)
		if got := outcomes(group); got != "added error added error" {
			t.Errorf("got %s (%v), want added error added error", got, group[1].err)
		}
		if got := strings.Join(query(t, s, "SELECT guid FROM delivery ORDER BY guid"), " "); got != "one two" {
			t.Errorf("got %s stored, want one two", got)
		}
	})
}

// The same delivery, the same body and the same comment, twice in a group.
func TestTwiceInAGroup(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *Store) {
		one := someDelivery("one", noon())
		body := one
		body.GUID = "another GUID"
		comment := someDelivery("two", noon())
		comment.Event, comment.Action, comment.ObjectID = "issue_comment", "created", 7001
		again := comment
		again.GUID, again.Digest = "found later", "found later"
		other := someDelivery("three", noon())
		other.Ref.Issue, other.Ref.Number = 502, 12
		group := arrivals(t.Context(), one, one, body, comment, again, other)
		s.store(group)
		if got := outcomes(group); got != "added seen seen added seen added" {
			t.Errorf("got %s, want added seen seen added seen added", got)
		}
		exec(t, s, "UPDATE delivery SET done_at = 1, dead_class = 'dead' WHERE guid = 'one'")
		group = arrivals(t.Context(), one, body)
		s.store(group)
		if got := outcomes(group); got != "re-armed seen" {
			t.Errorf("got %s of one that had died, want re-armed seen", got)
		}
	})
}

// Deliveries stored as a group leave what the same ones leave that come one
// after the other.
func TestGroupIsAsOneByOne(t *testing.T) {
	draw := rapid.Custom(func(t *rapid.T) bot.Delivery {
		n := rapid.IntRange(0, 12).Draw(t, "delivery")
		d := someDelivery(fmt.Sprint(n), noon().Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "minute"))*time.Minute))
		d.Event = rapid.SampledFrom([]string{"issues", "issue_comment", "reconcile"}).Draw(t, "event")
		d.Action = rapid.SampledFrom([]string{"opened", "created", "edited"}).Draw(t, "action")
		d.Digest = "digest-" + fmt.Sprint(rapid.IntRange(0, 20).Draw(t, "body"))
		d.Ref.Issue, d.ObjectID = rapid.Int64Range(501, 503).Draw(t, "issue"), rapid.Int64Range(501, 506).Draw(t, "object")
		d.Ref.Number = rapid.IntRange(0, 3).Draw(t, "number")
		d.Ref.Installation = rapid.Int64Range(8, 9).Draw(t, "installation")
		d.Ref.Name = rapid.SampledFrom([]string{"support", "help"}).Draw(t, "name")
		d.AuthorID = rapid.Int64Range(0, 2).Draw(t, "author")
		d.Private = rapid.Bool().Draw(t, "private")
		d.Desk = rapid.IntRange(0, 9).Draw(t, "desk") == 0
		return d
	})
	left := func(s *Store) string {
		return strings.Join(append(query(t, s, `SELECT repository || ' ' || issue || ' ' || installation || ' ' || owner || ' ' || name || ' ' || number
			|| ' ' || private || ' ' || author_id || ' ' || newest_seen FROM cases ORDER BY issue`),
			query(t, s, `SELECT guid || ' ' || digest || ' ' || issue || ' ' || event || ' ' || action || ' ' || object_id || ' ' || object_updated_at
				|| ' ' || (SELECT count(*) FROM delivery AS e WHERE e.case_id = d.case_id AND e.id < d.id)
				FROM delivery AS d JOIN cases AS c ON c.id = d.case_id ORDER BY guid`)...), "\n")
	}
	one, many := openAt(t, memory), openAt(t, memory)
	rapid.Check(t, func(r *rapid.T) {
		for _, s := range []*Store{one, many} {
			for _, table := range []string{"delivery", "cases", "wake"} {
				exec(t, s, "DELETE FROM "+table)
			}
		}
		for range 3 {
			all := rapid.SliceOfN(draw, 1, 8).Draw(r, "group")
			group := arrivals(t.Context(), all...)
			many.store(group)
			plain, others := sorted(group)
			group = slices.Concat(plain, others) // the order in which they are stored
			alone := arrivals(t.Context(), deliveries(group)...)
			for _, a := range alone {
				if err := one.change(t.Context(), "adding alone", func(tx *txn) error {
					return (&gathering{s: one, wake: map[bot.CaseKey]bool{}}).single(t.Context(), tx, a)
				}); err != nil {
					r.Fatal(err)
				}
			}
			if diff := cmp.Diff(outcomes(alone), outcomes(group)); diff != "" {
				r.Fatalf("outcomes (-one by one +group)\n%s", diff)
			}
		}
		if diff := cmp.Diff(left(one), left(many)); diff != "" {
			r.Fatalf("rows (-one by one +group)\n%s", diff)
		}
	})
}

// Who is killed between the storing of a delivery and the job of its case has
// lost nothing: the next process inserts the job, and works on it.
func TestKilledBeforeDispatch(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.db")
	s := openReal(t, path, nil)
	add(t, s, "one", noon())
	if got := query(t, s, "SELECT count(*) FROM river_job"); got[0] != "0" {
		t.Fatalf("got %s jobs, want none yet", got[0])
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	e := newEngine(openReal(t, path, nil))
	e.start(t, Workers{})
	if got := receive(t, e.cases); got != someKey() {
		t.Errorf("got a job of %v, want of %v", got, someKey())
	}
}

// A dispatch that is cut off leaves everything to the next one; two at once
// insert each job once.
func TestDispatch(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *Store) {
		var group []bot.Delivery
		for i := range 20 {
			d := someDelivery(fmt.Sprint(i), noon())
			d.Ref.Issue = int64(501 + i%10)
			group = append(group, d)
		}
		for _, d := range group {
			s.store(arrivals(t.Context(), d))
		}
		ended, cancel := context.WithCancel(t.Context())
		cancel()
		if n, err := s.Dispatch(ended); err == nil || n != 0 {
			t.Errorf("got %d, %v of a dispatch that was cut off, want an error", n, err)
		}
		var wg sync.WaitGroup
		for range 2 {
			wg.Go(func() {
				for {
					if n, err := s.Dispatch(t.Context()); n == 0 || err != nil {
						if err != nil {
							t.Error(err)
						}
						return
					}
				}
			})
		}
		wg.Wait()
		if got := query(t, s, "SELECT count(*) FROM river_job"); got[0] != "10" {
			t.Errorf("got %s jobs, want 10", got[0])
		}
		if got := query(t, s, "SELECT count(*) FROM wake"); got[0] != "0" {
			t.Errorf("%s groups are left", got[0])
		}
	})
}

// A case whose job waits or runs gets no second one; one whose job has ended,
// or waits for later, gets what makes sure that somebody looks.
func TestDispatchAgain(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *Store) {
		n := 0
		dispatch := func() {
			t.Helper()
			n++
			add(t, s, fmt.Sprint(n), noon())
			if _, err := s.Dispatch(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		jobs := func() string { return strings.Join(query(t, s, "SELECT state FROM river_job ORDER BY id"), " ") }
		for _, step := range []struct{ change, want string }{
			{"", "available"},
			{"UPDATE river_job SET state = 'running'", "running"},
			{"UPDATE river_job SET state = 'scheduled'", "available"},
			{"UPDATE river_job SET state = 'completed', finalized_at = created_at", "completed available"},
			{"DELETE FROM river_job", "available"},
		} {
			if dispatch(); step.change != "" {
				exec(t, s, step.change)
				dispatch()
			}
			if got := jobs(); got != step.want {
				t.Errorf("after %s: got jobs %s, want %s", step.change, got, step.want)
			}
		}
	})
}

// The effects of a case that comes from another installation go there.
func TestGroupMovesEffects(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *Store) {
		add(t, s, "one", noon())
		if err := decide(t.Context(), s, policy.Memory{State: policy.Triage}); err != nil {
			t.Fatal(err)
		}
		d := someDelivery("two", noon().Add(time.Minute))
		d.Ref.Installation, d.Ref.Number = 10, 99
		group := arrivals(t.Context(), d)
		s.store(group)
		if got := strings.Join(query(t, s, "SELECT DISTINCT o.installation || ' ' || c.number FROM outbox AS o JOIN cases AS c ON c.id = o.case_id"), ", "); got != "10 99" {
			t.Errorf("got installation and number %s, want 10 99 (%v)", got, group[0].err)
		}
	})
}

// What another replica dispatches holds up nobody, and nobody looks for the end
// of what there is because of it.
func TestDispatchPassesBy(t *testing.T) {
	at := tables(t)
	one, two := replica(t, at, "one"), replica(t, at, "two")
	add(t, one, "first", noon())
	add(t, one, "second", noon())
	ctx, done := context.WithTimeout(t.Context(), promptly)
	defer done()
	err := one.change(ctx, "dispatching", func(tx *txn) error {
		if _, err := tx.ExecContext(ctx, "DELETE FROM wake WHERE id = (SELECT min(id) FROM wake)"); err != nil {
			return err
		}
		if n, err := two.Dispatch(ctx); err != nil || n != 1 {
			t.Errorf("got %d groups, error %v; want the other one", n, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Jobs are inserted, and so locked, in one order, whoever wakes them.
func TestJobsAreLockedInOrder(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *Store) {
		var jobs []river.InsertManyParams
		for _, a := range []river.JobArgs{drainArgs{9}, caseArgs{2, 1}, sweepArgs{}, caseArgs{1, 2}, drainArgs{8}, caseArgs{1, 1}} {
			jobs = append(jobs, river.InsertManyParams{Args: a})
		}
		err := s.change(t.Context(), "waking", func(tx *txn) error { return s.wakeAll(t.Context(), tx, jobs) })
		if err != nil {
			t.Fatal(err)
		}
		got := query(t, s, `SELECT kind || ' ' || coalesce(args->>'repository', args->>'installation', '') || ' ' || coalesce(args->>'issue', '')
			FROM river_job ORDER BY id`)
		want := []string{"case 1 1", "case 1 2", "case 2 1", "drain 8 ", "drain 9 ", "sweep  "}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("want, got:\n%s", diff)
		}
	})
}
