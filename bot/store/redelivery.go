package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"

	"github.com/recoverybot/recoverybot/bot"
)

// redeliveryMigration adds which webhooks GitHub could not deliver, and how
// far the passes over them came: one row.
func redeliveryMigration() migrate.Migration {
	return migrate.Migration{
		Name: "20261124000003", Comment: "redelivery",
		Up: func(ctx context.Context, m *migrate.Migrator, _ *migrate.Migration) error {
			return m.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				for _, statement := range []string{
					`CREATE TABLE IF NOT EXISTS redelivery (
						guid text PRIMARY KEY, attempt bigint NOT NULL, failed_at bigint NOT NULL,
						asked bigint NOT NULL DEFAULT 0, asked_at bigint NOT NULL DEFAULT 0,
						asked_for bigint NOT NULL DEFAULT 0, ended boolean NOT NULL DEFAULT FALSE)`,
					`CREATE INDEX IF NOT EXISTS redelivery_failed ON redelivery (failed_at)`,
					`CREATE TABLE IF NOT EXISTS redelivery_mark (
						id bigint PRIMARY KEY, seen bigint NOT NULL, next_at bigint NOT NULL)`,
				} {
					if _, err := tx.NewRaw(statement).Exec(ctx); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}

type redeliveryRow struct {
	bun.BaseModel `bun:"table:redelivery,alias:r"`

	GUID     string `bun:"guid,pk"`
	Attempt  int64  `bun:"attempt"`
	FailedAt int64  `bun:"failed_at"`
	Asked    int    `bun:"asked"`
	AskedAt  int64  `bun:"asked_at"`
	AskedFor int64  `bun:"asked_for"`
	Ended    bool   `bun:"ended"`
	Known    bool   `bun:"known,scanonly"`
}

func newRedelivery(r bot.Redelivery) *redeliveryRow {
	return &redeliveryRow{
		GUID: r.GUID, Attempt: r.Attempt, FailedAt: stamp(r.FailedAt),
		Asked: r.Asked, AskedAt: stamp(r.AskedAt), AskedFor: r.AskedFor, Ended: r.Ended,
	}
}

func (r *redeliveryRow) value() bot.Redelivery {
	return bot.Redelivery{
		GUID: r.GUID, Attempt: r.Attempt, FailedAt: moment(r.FailedAt),
		Asked: r.Asked, AskedAt: moment(r.AskedAt), AskedFor: r.AskedFor, Ended: r.Ended, Known: r.Known,
	}
}

// HookMark returns zero times before the first SaveHookMark.
func (s *Store) HookMark(ctx context.Context) (bot.HookMark, error) {
	var seen, next int64
	err := s.view(ctx, "reading how far the passes over failed deliveries came", func(tx *txn) error {
		err := tx.NewRaw(`SELECT seen, next_at FROM redelivery_mark WHERE id = 1`).Scan(ctx, &seen, &next)
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		return err
	})
	return bot.HookMark{Seen: moment(seen), Next: moment(next)}, err
}

// SaveHookMark stores the mark, and forgets failures that are older than
// Forget.
func (s *Store) SaveHookMark(ctx context.Context, m bot.HookMark) error {
	return s.change(ctx, "storing how far the passes over failed deliveries came", func(tx *txn) error {
		_, err := tx.NewRaw(`INSERT INTO redelivery_mark (id, seen, next_at) VALUES (1, ?, ?)
			ON CONFLICT (id) DO UPDATE SET seen = EXCLUDED.seen, next_at = EXCLUDED.next_at`,
			stamp(m.Seen), stamp(m.Next)).Exec(ctx)
		if err != nil {
			return err
		}
		if _, err := tx.NewRaw(`DELETE FROM redelivery WHERE failed_at < ?`, stamp(m.Forget)).Exec(ctx); err != nil {
			return fmt.Errorf("forgetting old failures: %w", err)
		}
		return nil
	})
}

// NoteFailed stores new failures and renews known ones.
func (s *Store) NoteFailed(ctx context.Context, failed []bot.Redelivery) error {
	for len(failed) > 0 {
		n := min(sweepBatch, len(failed))
		rows := make([]*redeliveryRow, 0, n)
		for _, r := range failed[:n] {
			rows = append(rows, newRedelivery(r))
		}
		err := s.change(ctx, "storing failed deliveries", func(tx *txn) error { return noteFailed(ctx, tx, rows) })
		if err != nil {
			return err
		}
		failed = failed[n:]
	}
	return nil
}

func noteFailed(ctx context.Context, tx *txn, rows []*redeliveryRow) error {
	_, err := tx.NewInsert().Model(&rows).On("CONFLICT (guid) DO UPDATE").
		Set("attempt = EXCLUDED.attempt").Set("failed_at = EXCLUDED.failed_at").
		Set("ended = (r.ended AND r.asked >= ?)", bot.AskLimit).
		Where("EXCLUDED.failed_at > r.failed_at OR (EXCLUDED.failed_at = r.failed_at AND EXCLUDED.attempt > r.attempt)").
		Returning("NULL").Exec(ctx)
	return err
}

// Redeliveries returns the failed deliveries that have not ended, oldest first.
func (s *Store) Redeliveries(ctx context.Context) ([]bot.Redelivery, error) {
	var rows []redeliveryRow
	err := s.view(ctx, "reading the failed deliveries", func(tx *txn) error {
		return tx.NewSelect().Model(&rows).ColumnExpr("r.*").
			ColumnExpr("EXISTS (SELECT 1 FROM delivery AS d WHERE d.guid = r.guid) AS known").
			Where("NOT r.ended").Order("r.failed_at", "r.guid").Scan(ctx)
	})
	all := make([]bot.Redelivery, 0, len(rows))
	for i := range rows {
		all = append(all, rows[i].value())
	}
	return all, err
}

// SaveRedelivery returns ErrNotFound for a delivery that NoteFailed has not
// seen.
func (s *Store) SaveRedelivery(ctx context.Context, r bot.Redelivery) error {
	return s.change(ctx, "storing what was done about a failed delivery", func(tx *txn) error {
		res, err := tx.NewUpdate().Model(newRedelivery(r)).WherePK().
			Column("asked", "asked_at", "asked_for", "ended").Exec(ctx)
		return touched(res, err, bot.ErrNotFound)
	})
}
