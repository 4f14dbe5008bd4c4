package store

import (
	"context"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// Repository returns ErrNotFound for one that SaveRepository has not seen.
func (s *Store) Repository(ctx context.Context, id int64) (bot.Repository, error) {
	var r bot.Repository
	err := s.view(ctx, "reading a repository", func(tx *txn) (err error) {
		r, err = loadRepository(ctx, tx, id)
		return err
	})
	return r, err
}

func loadRepository(ctx context.Context, db bun.IDB, id int64) (bot.Repository, error) {
	var row repositoryRow
	if err := db.NewSelect().Model(&row).Where("r.id = ?", id).Scan(ctx); err != nil {
		return bot.Repository{}, missing(err)
	}
	names, err := labels(ctx, db, id)
	if err != nil {
		return bot.Repository{}, err
	}
	return bot.Repository{
		ID: row.ID, Owner: row.Owner, Name: row.Name, Installation: row.Installation, Private: row.Private,
		State: row.State, Batch: moment(row.Batch), Mark: moment(row.Mark), Started: moment(row.Started),
		Adoption: policy.Adoption{Choice: row.Adoption, PerDay: row.PerDay}, Labels: names, Held: row.Held, Desk: row.Desk,
		Passes: row.passes(), Looked: moment(row.LookedAt),
	}, nil
}

// Held returns the repositories that wait for the operator's choice about old
// requests, by name.
func (s *Store) Held(ctx context.Context) ([]bot.Repository, error) {
	var held []bot.Repository
	err := s.view(ctx, "reading what waits for a choice", func(tx *txn) error {
		var ids []int64
		err := tx.NewSelect().Model((*repositoryRow)(nil)).Column("id").Where("held").Order("owner", "name").Scan(ctx, &ids)
		for _, id := range ids {
			r, loadErr := loadRepository(ctx, tx, id)
			if loadErr != nil {
				return loadErr
			}
			held = append(held, r)
		}
		return err
	})
	return held, err
}

// labels returns the names, sorted.
func labels(ctx context.Context, db bun.IDB, repository int64) ([]string, error) {
	var names []string
	err := db.NewSelect().Table("repository_label").Column("name").
		Where("repository = ?", repository).Order("name").Scan(ctx, &names)
	if err != nil {
		return nil, fmt.Errorf("reading the labels of a repository: %w", err)
	}
	return names, nil
}

// SaveRepository keeps an Adoption that is stored already, and holds nothing
// once there is one: the operator may have chosen, in another process, since
// r was read.
func (s *Store) SaveRepository(ctx context.Context, r bot.Repository) error {
	row := &repositoryRow{
		ID: r.ID, Owner: r.Owner, Name: r.Name, Installation: r.Installation, Private: r.Private, State: r.State,
		Batch: stamp(r.Batch), Mark: stamp(r.Mark), Started: stamp(r.Started), Adoption: r.Adoption.Choice, PerDay: r.Adoption.PerDay,
		Held: r.Held && r.Adoption.Choice == "", Desk: r.Desk,
	}
	err := s.change(ctx, "storing a repository", func(tx *txn) error {
		q := tx.NewInsert().Model(row).On("CONFLICT (id) DO UPDATE")
		for _, c := range []string{"owner", "name", "installation", "private", "state", "started", "desk"} {
			q = q.Set("? = EXCLUDED.?", bun.Ident(c), bun.Ident(c))
		}
		for _, c := range []string{"mark", "batch"} { // another process may have come further since r was read
			q = q.Set("?0 = CASE WHEN EXCLUDED.?0 > r.?0 THEN EXCLUDED.?0 ELSE r.?0 END", bun.Ident(c))
		}
		_, err := q.
			Set("per_day = CASE WHEN r.adoption = '' THEN EXCLUDED.per_day ELSE r.per_day END").
			Set("held = EXCLUDED.held AND r.adoption = ''").
			Set("adoption = CASE WHEN r.adoption = '' THEN EXCLUDED.adoption ELSE r.adoption END").
			Returning("NULL").Exec(ctx)
		if err != nil {
			return err
		}
		return s.moveDesk(ctx, tx, r)
	})
	if err != nil || r.Held {
		return err
	}
	return s.wakeRepository(ctx, r.ID)
}

// LabelCreated does nothing for a label that is remembered already.
func (s *Store) LabelCreated(ctx context.Context, repository int64, name string) error {
	return s.change(ctx, "storing a label", func(tx *txn) error {
		_, err := tx.NewRaw(`INSERT INTO repository_label (repository, name) VALUES (?, ?)
			ON CONFLICT DO NOTHING`, repository, name).Exec(ctx)
		return err
	})
}

// Adopt replaces an earlier choice, holds the repository no more and wakes
// what waited for it; the audit log tells of it. ErrNotFound if the repository
// is not known.
func (s *Store) Adopt(ctx context.Context, repository int64, a policy.Adoption, now time.Time) error {
	err := s.change(ctx, "storing the choice about old requests", func(tx *txn) error {
		if _, err := lockRepository(ctx, tx, repository); err != nil {
			return err
		}
		old, err := loadRepository(ctx, tx, repository)
		if err != nil {
			return err
		}
		res, err := tx.NewUpdate().Table("repository").
			Set("adoption = ?", a.Choice).Set("per_day = ?", a.PerDay).Set("adopted_at = ?", stamp(now)).
			Set("held = FALSE").Where("id = ?", repository).Exec(ctx)
		if err := touched(res, err, bot.ErrNotFound); err != nil {
			return err
		}
		row, err := chosen(old, a, now)
		if err != nil {
			return err
		}
		return addAuditRow(ctx, tx, row)
	})
	if err != nil {
		return err
	}
	return s.wakeRepository(ctx, repository)
}
