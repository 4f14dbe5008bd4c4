package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/internal/sample"
	"github.com/recoverybot/recoverybot/policy"
)

// BenchmarkAddDelivery has one delivery of three open an issue; the others are
// comments on one of the newest. The jobs are inserted meanwhile.
func BenchmarkAddDelivery(b *testing.B) {
	for _, senders := range []int{1, 32} {
		b.Run(fmt.Sprintf("SQLite/%d", senders), func(b *testing.B) { benchmarkIntake(b, openFile(b), senders) })
		b.Run(fmt.Sprintf("PostgreSQL/%d", senders), func(b *testing.B) {
			benchmarkIntake(b, openAt(b, tables(b)), senders)
		})
	}
}

func benchmarkIntake(b *testing.B, s *Store, senders int) {
	b.Helper()
	ctx, cancel := context.WithCancel(b.Context())
	var dispatcher sync.WaitGroup
	dispatcher.Go(func() { s.dispatching(ctx) })
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range senders {
		wg.Go(func() {
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				d := someDelivery(fmt.Sprint(n), noon().Add(time.Duration(n)*time.Second))
				d.Event, d.Action, d.ObjectID, d.Ref.Issue = "issue_comment", "created", n, max(0, n/3-n*7919%1000)
				if n%3 == 0 {
					d.Event, d.Action, d.Ref.Issue = "issues", "opened", n/3
				}
				if _, err := s.AddDelivery(ctx, d); err != nil {
					b.Error(err)
				}
			}
		})
	}
	wg.Wait()
	b.StopTimer()
	cancel()
	dispatcher.Wait()
}

func BenchmarkCommit(b *testing.B) {
	s := openFile(b)
	add(b, s, "one", noon())
	w, _, err := s.Begin(b.Context(), someKey(), noon())
	if err != nil {
		b.Fatal(err)
	}
	r := bot.Result{
		Case: w.Case, Event: policy.Event{Kind: policy.Edited}, Now: noon(),
		Decision: policy.Decision{
			Effects: []policy.Effect{policy.Labels{Add: []string{"a"}}, policy.Comment{Name: "status"}},
			Reasons: []policy.Reason{{Code: "complete"}},
		},
	}
	for b.Loop() {
		if err := s.Commit(b.Context(), r); err != nil {
			b.Fatal(err)
		}
		r.Case.Version++
	}
}

// manyCases fills a store with open cases, the first of which are due.
func manyCases(tb testing.TB, s *Store, all, due int) {
	tb.Helper()
	const batch = 1000
	for from := 0; from < all; from += batch {
		rows := make([]caseRow, batch)
		for i := range rows {
			n := from + i
			wake := noon().Add(time.Hour)
			if n < due {
				wake = noon()
			}
			rows[i] = caseRow{Repository: 71, Issue: int64(n), UID: fmt.Sprint(n), Secret: []byte("key"), Number: n}
			if err := rows[i].remember(policy.Memory{State: policy.Triage, Turn: policy.Staff, WakeAt: wake}); err != nil {
				tb.Fatal(err)
			}
		}
		if _, err := s.db.NewInsert().Model(&rows).Returning("NULL").Exec(context.Background()); err != nil {
			tb.Fatal(err)
		}
	}
}

// benched says that million was made.
var benched bool

// million is the file of a store with a million open cases, of which 100 are
// due. It takes a while to make: benchmarks share one.
var million = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "recoverybot-bench-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "million.db")
	s, err := Open(context.Background(), Options{Database: path, Clock: noon})
	if err != nil {
		return dir, err
	}
	return dir, errors.Join(fill(s, 1_000_000, 100), s.Close())
})

// TestMain takes away what tests and benchmarks have shared.
func TestMain(m *testing.M) {
	sample.Histories()
	status := m.Run()
	if err := server.Stop(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		status = 1
	}
	if benched {
		if dir, _ := million(); dir != "" {
			_ = os.RemoveAll(dir) // nothing depends on it any more
		}
	}
	os.Exit(status)
}

// fill inserts open cases, the first of which are due, each with a delivery and
// an effect that are done, by one statement.
func fill(s *Store, all, due int) error {
	var row caseRow
	m := policy.Memory{
		State: policy.Triage, Turn: policy.Staff, Kind: policy.KindLost2FA, Registry: "pypi", Account: "jbber", Since: noon(), Queued: noon(),
		Digests: map[string]string{"status": "0123456789abcdef"}, Policy: "0123456789ab",
	}
	if err := row.remember(m); err != nil {
		return err
	}
	_, err := s.db.NewRaw(`
		WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
		INSERT INTO cases (repository, issue, installation, owner, name, number, private, author_id, uid, secret, memory, state, turn, kind, wake_at)
		SELECT 71, i, 9, 'pypi', 'support', i, FALSE, i % 1000, printf('%032x', i), zeroblob(32), ?, ?, ?, ?, ? + (i > ?) * 3600000000 FROM n`,
		all, row.Memory, row.State, row.Turn, row.Kind, stamp(noon()), due).Exec(context.Background())
	if err != nil {
		return err
	}
	_, err = s.db.NewRaw(`
		INSERT INTO delivery (guid, digest, case_id, event, action, author_id, object_id, object_updated_at, private, sender_id, sender_bot,
			comment_sha256, command, received_at, done_at)
		SELECT 'g' || id, 'd' || id, id, 'issues', 'opened', author_id, issue, 1, FALSE, author_id, FALSE, '', FALSE, 1, 1 FROM cases`).Exec(context.Background())
	if err != nil {
		return err
	}
	_, err = s.db.NewRaw(`
		INSERT INTO outbox (installation, case_id, seq, effect_key, kind, args, priority, decided_at, done_at)
		SELECT 9, id, 1, 'labels', 'labels', '{}', 1, 1, 1 FROM cases`).Exec(context.Background())
	return err
}

// BenchmarkSweepMillion sweeps over a million open cases of which 100 are due:
// "first" inserts their jobs, "again" finds them there.
func BenchmarkSweepMillion(b *testing.B) {
	benched = true
	dir, err := million()
	if err != nil {
		b.Fatal(err)
	}
	s := openAt(b, filepath.Join(dir, "million.db"))
	sweep := func(b *testing.B) {
		b.Helper()
		due, _, err := s.Sweep(b.Context(), noon())
		if err != nil {
			b.Fatal(err)
		}
		if due != 100 {
			b.Fatalf("got %d cases due, want 100", due)
		}
	}
	b.Run("first", func(b *testing.B) {
		for b.Loop() {
			b.StopTimer()
			exec(b, s, "DELETE FROM river_job")
			b.StartTimer()
			sweep(b)
		}
	})
	b.Run("again", func(b *testing.B) {
		for b.Loop() {
			sweep(b)
		}
	})
}
