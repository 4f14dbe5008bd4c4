package store

import (
	"errors"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// addEffect decides on a new issue, as on an event of that kind.
func addEffect(t *testing.T, s *Store, issue int64, on policy.EventKind) {
	t.Helper()
	r := bot.Ref{CaseKey: bot.CaseKey{Repository: 71, Issue: issue}, Installation: 9, Owner: "pypi", Name: "support", Number: int(issue)}
	guid := r.Owner + string(rune('a'+issue))
	_, err := s.AddDelivery(t.Context(), bot.Delivery{
		GUID: guid, Digest: guid, Event: "issues", Action: "opened", Ref: r, AuthorID: 1, ObjectID: issue, ObjectUpdatedAt: noon(), ReceivedAt: noon(),
	})
	if err != nil {
		t.Fatal(err)
	}
	w, _, err := s.Begin(t.Context(), r.CaseKey, noon())
	if err != nil {
		t.Fatal(err)
	}
	d := policy.Decision{
		Memory: policy.Memory{State: policy.Triage}, Reasons: []policy.Reason{{Code: "because"}},
		Effects: []policy.Effect{policy.Labels{Add: []string{"a"}}},
	}
	res := bot.Result{Case: w.Case, Delivery: w.Delivery.ID, Event: policy.Event{Kind: on}, Decision: d, Now: noon()}
	if err := s.Commit(t.Context(), res); err != nil {
		t.Fatal(err)
	}
}

// With ten writes an hour a burst is four, of which reminders use one. The second
// waits and says until when; an answer does not, though it is younger.
func TestNextCallKeepsReserve(t *testing.T) {
	s, err := Open(t.Context(), Options{Database: filepath.Join(t.TempDir(), "r.db"), Clock: noon, Limits: bot.Limits{WritesPerHour: 10}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	next := func(now time.Time) int64 {
		t.Helper()
		c, at, err := s.NextCall(t.Context(), 9, now)
		if errors.Is(err, bot.ErrNothing) {
			if wait := at.Sub(now); wait <= 0 || wait > 20*time.Minute {
				t.Errorf("there is none, and the next in %v", wait)
			}
			if _, err := s.Ready(t.Context(), now); !errors.Is(err, bot.ErrNothing) {
				t.Errorf("who waits is ready: %v", err)
			}
			return 0
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := s.CallMade(t.Context(), c, bot.Made{Now: now, Last: true}); err != nil {
			t.Fatal(err)
		}
		return c.Ref.Issue
	}
	for issue := range int64(4) {
		addEffect(t, s, issue+1, policy.Tick)
	}
	got := []int64{next(noon()), next(noon()), next(noon())}
	addEffect(t, s, 5, policy.Commanded)
	if u, err := s.Ready(t.Context(), noon()); err != nil || u.Installation != 9 {
		t.Errorf("an answer is not ready behind reminders that wait: %+v, %v", u, err)
	}
	got = append(got, next(noon()), next(noon()))
	jobs, err := s.Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	_, at, _ := s.NextCall(t.Context(), 9, noon())
	for _, j := range jobs {
		if !j.Next.Equal(at) {
			t.Errorf("write %s: an operator sees that it waits until %v, it waits until %v", j.Name, j.Next, at)
		}
	}
	got = append(got, next(at))
	want := []int64{1, 0, 0, 5, 0, 2}
	if !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// Reads and writes share the points: where reads of ticks have used their
// part, there is still one for a command, and none for a reminder to be written.
func TestLeaseSharesPoints(t *testing.T) {
	s, err := Open(t.Context(), Options{Database: filepath.Join(t.TempDir(), "r.db"), Clock: noon, Limits: bot.Limits{PointsPerMinute: 900}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	lease := func(p policy.Priority) (blocks int) {
		for {
			wait, err := s.Lease(t.Context(), 9, bot.Wish{Now: noon(), Cost: bot.Cost{Points: 30}, Priority: p})
			if err != nil {
				t.Fatal(err)
			}
			if wait > 0 {
				return blocks
			}
			blocks++
		}
	}
	got := []int{lease(policy.Reminding), lease(policy.NewRequest), lease(policy.CommandAnswer), lease(policy.LeakAdvice)}
	if want := []int{3, 3, 2, 0}; !slices.Equal(got, want) {
		t.Errorf("blocks of 30 points: got %v, want %v", got, want)
	}
	addEffect(t, s, 1, policy.Tick)
	if _, at, err := s.NextCall(t.Context(), 9, noon()); !errors.Is(err, bot.ErrNothing) || !at.After(noon()) {
		t.Errorf("a reminder is written with no points left: next %v, error %v", at, err)
	}
}

// A database from before the budget gets its columns and keeps its rows.
func TestBudgetMigration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.db")
	s := openReal(t, path, nil)
	if err := s.HoldWrites(t.Context(), 9, noon()); err != nil {
		t.Fatal(err)
	}
	exec(t, s, "DELETE FROM bun_migrations WHERE name = '"+budgetMigration().Name+"'")
	exec(t, s, "ALTER TABLE installation DROP COLUMN wait_from")
	exec(t, s, "ALTER TABLE installation DROP COLUMN budget_points")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openReal(t, path, nil)
	defer s.Close()
	row, err := readInstallation(t.Context(), s.db, 9)
	if err != nil || row.HoldUntil != stamp(noon()) || row.budgetColumns != (budgetColumns{}) {
		t.Errorf("got %+v, %v", row, err)
	}
}
