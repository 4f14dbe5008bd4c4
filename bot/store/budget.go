package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// budgetColumns are a bot.Budget in the row of its installation, and for
// operators which writes wait for it.
type budgetColumns struct {
	BudgetMinute int64 `bun:"budget_minute"`
	BudgetHour   int64 `bun:"budget_hour"`
	BudgetPoints int64 `bun:"budget_points"`
	LimitedUntil int64 `bun:"limited_until"`
	Strikes      int   `bun:"strikes"`
	LowUntil     int64 `bun:"low_until"`

	WaitUntil int64 `bun:"wait_until"` // when there is some again
	WaitFrom  int   `bun:"wait_from"`  // for this priority, and those after it
}

func (r *budgetColumns) budget() bot.Budget {
	return bot.Budget{
		Minute: moment(r.BudgetMinute), Hour: moment(r.BudgetHour), Points: moment(r.BudgetPoints),
		Limited: moment(r.LimitedUntil), Strikes: r.Strikes, Low: moment(r.LowUntil),
	}
}

func (r *budgetColumns) set(b bot.Budget) {
	r.BudgetMinute, r.BudgetHour, r.BudgetPoints = stamp(b.Minute), stamp(b.Hour), stamp(b.Points)
	r.LimitedUntil, r.Strikes, r.LowUntil = stamp(b.Limited), b.Strikes, stamp(b.Low)
}

// until is the earliest time at which a write of that priority may be made, as
// far as is known; it may be past.
func (r *installationRow) until(priority int) int64 {
	until := max(r.HoldUntil, r.LimitedUntil)
	if priority >= int(policy.Reminding) {
		until = max(until, r.LowUntil)
	}
	if priority >= r.WaitFrom {
		until = max(until, r.WaitUntil)
	}
	return until
}

// free leaves, of the open effects o, those whose installation may make them at
// now, as far as is known.
func free(q *bun.SelectQuery, now time.Time) *bun.SelectQuery {
	return q.Where(`NOT EXISTS (SELECT 1 FROM installation AS b WHERE b.id = o.installation AND (b.limited_until > ?
		OR b.low_until > ? AND o.priority >= ? OR b.wait_until > ? AND o.priority >= b.wait_from))`,
		stamp(now), stamp(now), int(policy.Reminding), stamp(now))
}

// unlimited are the cases c whose ticks no rate limit of GitHub's makes wait; it
// has the time twice.
const unlimited = `NOT EXISTS (SELECT 1 FROM installation AS b WHERE b.id = c.installation
	AND (b.limited_until > ? OR b.low_until > ?))`

// readInstallation reads an installation; a row of zeros if there is none.
func readInstallation(ctx context.Context, db bun.IDB, id int64) (*installationRow, error) {
	r := &installationRow{ID: id}
	err := db.NewSelect().Model(r).Where("i.id = ?", id).Scan(ctx)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("reading whether the installation waits: %w", err)
	}
	return r, nil
}

// turn is what an installation may write now.
type turn struct {
	now    time.Time
	row    *outboxRow // nil: nothing
	next   time.Time  // then when there may be something; zero: not foreseen
	broke  bool       // there is something, and no budget for it
	from   int        // nor for what is less urgent than this
	budget bot.Budget // after the call
}

// afford takes one write from the budget for the most urgent effect. Where
// there is none for it, there is none for any other.
func (s *Store) afford(ctx context.Context, db bun.IDB, of *installationRow, t turn) (turn, error) {
	w := bot.Wish{Now: t.now, Cost: bot.OneWrite(), Priority: policy.Priority(t.row.Priority)}
	budget, wait := s.limits.Take(of.budget(), w)
	t.budget = budget
	if wait <= 0 {
		return t, nil
	}
	t.from, t.broke = t.row.Priority, true
	t.row, t.next = nil, t.now.Add(wait)
	// What is more urgent and due sooner may still find some.
	var sooner int64
	err := heads(db).ColumnExpr("coalesce(min(o.not_before), 0)").
		Where("o.installation = ? AND o.priority < ?", of.ID, t.from).Scan(ctx, &sooner)
	if err != nil {
		return t, fmt.Errorf("reading when an urgent effect is due: %w", err)
	}
	if sooner > 0 && sooner < stamp(t.next) {
		t.next = moment(sooner)
	}
	return t, nil
}

// saveBudget stores what is left, and who waits for more. The lock is held.
func saveBudget(ctx context.Context, tx *txn, of *installationRow, t turn) error {
	was := of.budgetColumns
	of.set(t.budget)
	if t.broke {
		of.WaitUntil, of.WaitFrom = stamp(t.next), t.from
	} else if t.row != nil && t.row.Priority >= of.WaitFrom {
		of.WaitUntil, of.WaitFrom = 0, 0
	}
	if of.budgetColumns == was {
		return nil
	}
	_, err := tx.NewUpdate().Model(of).Column("budget_minute", "budget_hour", "budget_points",
		"limited_until", "strikes", "low_until", "wait_until", "wait_from").WherePK().Exec(ctx)
	if err != nil {
		return fmt.Errorf("storing what is left of the budget: %w", err)
	}
	return nil
}

// Lease returns how long to wait before there is as much, 0 if it was given.
func (s *Store) Lease(ctx context.Context, installation int64, w bot.Wish) (time.Duration, error) {
	var wait time.Duration
	err := s.change(ctx, "leasing a part of the budget", func(tx *txn) error {
		of, err := lockInstallation(ctx, tx, installation)
		if err != nil {
			return err
		}
		var t turn
		t.budget, wait = s.limits.Take(of.budget(), w)
		return saveBudget(ctx, tx, of, t)
	})
	return wait, err
}

// Settle makes a refusal hold reads and writes of the whole installation.
func (s *Store) Settle(ctx context.Context, installation int64, b bot.Bill) error {
	return s.change(ctx, "settling what was used of the budget", func(tx *txn) error {
		of, err := lockInstallation(ctx, tx, installation)
		if err != nil {
			return err
		}
		budget := s.limits.Charge(of.budget(), b.Now, b.Cost)
		if b.Refused > 0 {
			budget = budget.Refused(bot.Refusal{Now: b.Now, For: b.Refused, Unsaid: b.Unsaid})
		}
		if b.Low.After(budget.Low) {
			budget.Low = b.Low
		}
		return saveBudget(ctx, tx, of, turn{budget: budget})
	})
}

func budgetMigration() migrate.Migration {
	return migrate.Migration{
		Name: "20261124000001", Comment: "budget",
		Up: func(ctx context.Context, m *migrate.Migrator, _ *migrate.Migration) error {
			return m.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				for _, name := range []string{
					"budget_minute", "budget_hour", "budget_points", "limited_until", "strikes", "low_until", "wait_until", "wait_from",
				} {
					if err := (column{"installation", name, "bigint NOT NULL DEFAULT 0"}).add(ctx, tx); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}
