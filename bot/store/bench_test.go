package store

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

func BenchmarkAddDelivery(b *testing.B) {
	s := openFile(b)
	for n := 0; b.Loop(); n++ {
		d := someDelivery(fmt.Sprint(n), noon())
		d.Ref.Issue = int64(n % 100)
		if _, err := s.AddDelivery(b.Context(), d); err != nil {
			b.Fatal(err)
		}
	}
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

func BenchmarkSweep(b *testing.B) {
	s := openFile(b)
	manyCases(b, s, 100_000, 100)
	for b.Loop() {
		due, _, err := s.Sweep(b.Context(), noon())
		if err != nil {
			b.Fatal(err)
		}
		if due != 100 {
			b.Fatalf("got %d cases due, want 100", due)
		}
	}
}
