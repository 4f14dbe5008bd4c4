package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/policy"
)

// leaseTime is how long a call that was given out keeps the other replicas
// from the installation, at most. A call has 20 s (bot.Bot.Drain), so that it has
// ended by then, though clocks differ by some seconds.
const leaseTime = 30 * time.Second

// installationRow is what replicas share of an installation: one writes to it
// at a time.
type installationRow struct {
	bun.BaseModel `bun:"table:installation,alias:i"`

	ID        int64  `bun:"id,pk"`
	HoldUntil int64  `bun:"hold_until"`
	Holder    string `bun:"holder"`     // the replica that makes a call; "": none does
	HeldUntil int64  `bun:"held_until"` // the end of its lease

	budgetColumns
}

// leased returns until when a call of another replica than me may be under
// way, 0 if there is none at now.
func (r *installationRow) leased(me string, now time.Time) int64 {
	if r.Holder == "" || r.Holder == me || r.HeldUntil <= stamp(now) {
		return 0
	}
	return r.HeldUntil
}

// lockInstallation reads an installation and holds its lock. Whoever adds
// effects to it, takes or ends calls of it, or ends its job has this lock; who
// needs those of cases takes them first.
func lockInstallation(ctx context.Context, tx *txn, id int64) (*installationRow, error) {
	r := &installationRow{}
	err := tx.NewRaw(`INSERT INTO installation (id, hold_until) VALUES (?, 0)
		ON CONFLICT (id) DO UPDATE SET hold_until = installation.hold_until RETURNING *`, id).Scan(ctx, r)
	if err != nil {
		return nil, fmt.Errorf("locking the installation: %w", err)
	}
	return r, nil
}

// lockInstallations locks several, always in the same order.
func lockInstallations(ctx context.Context, tx *txn, ids []int64) error {
	slices.Sort(ids)
	for _, id := range slices.Compact(ids) {
		if _, err := lockInstallation(ctx, tx, id); err != nil {
			return err
		}
	}
	return nil
}

// lockWrites holds the locks of the installations that a case has effects for,
// or will have after a decision with these effects, and of the repository
// that its desk is. c has its lock, and is renewed already. Without it a job
// could end while somebody gives it something to do.
func lockWrites(ctx context.Context, tx *txn, c *caseRow, effects []policy.Effect) error {
	var open []struct {
		Installation int64 `bun:"installation"`
		Desk         bool  `bun:"desk"`
	}
	err := tx.NewSelect().Table("outbox").Distinct().Column("installation", "desk").
		Where("case_id = ? AND done_at = 0", c.ID).Scan(ctx, &open)
	if err != nil {
		return fmt.Errorf("reading the installations of a case: %w", err)
	}
	ids, moved := []int64{c.Installation}, false
	for _, o := range open {
		ids = append(ids, o.Installation)
		moved = moved || !o.Desk && o.Installation != c.Installation
	}
	if len(effects) == 0 && !moved {
		return nil
	}
	if slices.ContainsFunc(effects, policy.AtDesk) {
		desk, err := lockDesk(ctx, tx, c)
		if err != nil {
			return err
		}
		if desk != 0 {
			ids = append(ids, desk)
		}
	}
	return lockInstallations(ctx, tx, ids)
}

// lockDesk holds the lock of the repository that is the desk of a case, so that
// it does not move, and returns its installation; 0 where there is none.
func lockDesk(ctx context.Context, tx *txn, c *caseRow) (int64, error) {
	id, err := newDesks(tx).seat(ctx, c)
	if err != nil || id == 0 {
		return 0, err
	}
	return lockRepository(ctx, tx, id)
}

// lockRepository holds the lock of a repository and returns its installation;
// 0 if it is not known.
func lockRepository(ctx context.Context, tx *txn, id int64) (int64, error) {
	var installation int64
	err := tx.NewRaw(`UPDATE repository SET held = held WHERE id = ? RETURNING installation`, id).Scan(ctx, &installation)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return 0, fmt.Errorf("locking a repository: %w", err)
	}
	return installation, nil
}

// lease keeps the other replicas from an installation while a call is under
// way. Its lock is held.
func (s *Store) lease(ctx context.Context, tx *txn, id int64, now time.Time) error {
	_, err := tx.NewUpdate().Table("installation").
		Set("holder = ?, held_until = ?", s.replica, stamp(now.Add(leaseTime))).Where("id = ?", id).Exec(ctx)
	if err != nil {
		return fmt.Errorf("taking the lease of an installation: %w", err)
	}
	return nil
}

// unlease ends the lease, if it is still ours. The lock is held.
func (s *Store) unlease(ctx context.Context, tx *txn, id int64) error {
	_, err := tx.NewUpdate().Table("installation").Set("holder = '', held_until = 0").
		Where("id = ? AND holder = ?", id, s.replica).Exec(ctx)
	if err != nil {
		return fmt.Errorf("ending the lease of an installation: %w", err)
	}
	return nil
}

// lockEffect reads an effect and holds the locks of its case and of its
// installation; missing if there is none.
func lockEffect(ctx context.Context, tx *txn, id int64, missing error) (*outboxRow, error) {
	var caseID int64
	err := tx.NewSelect().Table("outbox").Column("case_id").Where("id = ?", id).Scan(ctx, &caseID)
	if err != nil {
		return nil, absent(err, missing)
	}
	if err := lockCaseID(ctx, tx, caseID); err != nil {
		return nil, err
	}
	row := &outboxRow{}
	// Only now: with its case an effect moves to another installation under the
	// lock of the case.
	if err := tx.NewSelect().Model(row).Where("o.id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading the effect: %w", err)
	}
	at := row.Installation
	if _, err := lockInstallation(ctx, tx, at); err != nil {
		return nil, err
	}
	if err := tx.NewSelect().Model(row).Where("o.id = ?", id).Scan(ctx); err != nil {
		return nil, fmt.Errorf("reading the effect: %w", err)
	}
	if row.Installation != at { // its desk moved meanwhile
		return row, lockInstallations(ctx, tx, []int64{row.Installation})
	}
	return row, nil
}
