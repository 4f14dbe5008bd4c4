package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

// What a program must know to work on the tables as this version leaves them:
// a migration of ours and one of the job engine's. Raise them when what an older
// program does would be wrong: it does not start any more then, and replicas
// can't be upgraded one by one. Who does not know oldestMigration knows no
// modes, and would write after the kill switch was thrown.
const (
	oldestMigration = "20261125000000"
	oldestJobs      = 7
)

// required is what a program must know, the one row of table schema.
type required struct {
	bun.BaseModel `bun:"table:schema"`

	Oldest     string `bun:"oldest"`
	OldestJobs int    `bun:"oldest_jobs"`
}

// required returns the zero value where the tables do not tell it.
func (s *Store) required(ctx context.Context) (required, error) {
	var r required
	there, err := s.engine.hasTable(ctx, "schema")
	if there && err == nil {
		err = s.db.NewSelect().Model(&r).Where("id = 1").Scan(ctx)
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return r, fmt.Errorf("reading which version the tables are for: %w", err)
	}
	return r, nil
}

// requireMigrations writes down what a program must know from now on. What a
// newer version asked for stays.
func (s *Store) requireMigrations(ctx context.Context) error {
	_, err := s.db.NewRaw(`INSERT INTO schema (id, oldest, oldest_jobs) VALUES (1, ?, ?)
		ON CONFLICT (id) DO UPDATE SET
			oldest = CASE WHEN EXCLUDED.oldest > schema.oldest THEN EXCLUDED.oldest ELSE schema.oldest END,
			oldest_jobs = CASE WHEN EXCLUDED.oldest_jobs > schema.oldest_jobs THEN EXCLUDED.oldest_jobs ELSE schema.oldest_jobs END`,
		oldestMigration, oldestJobs).Exec(ctx)
	if err != nil {
		return fmt.Errorf("writing which version the tables are for: %w", err)
	}
	return nil
}

// replicaMigration adds what processes that share a database know of each
// other: who makes a call for an installation, who is alive, and what a program
// must know to use the tables.
func replicaMigration() migrate.Migration {
	return migrate.Migration{
		Name: "20261124000000", Comment: "replicas",
		Up: func(ctx context.Context, m *migrate.Migrator, _ *migrate.Migration) error {
			return m.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				for _, c := range []column{
					{"installation", "holder", "text NOT NULL DEFAULT ''"},
					{"installation", "held_until", "bigint NOT NULL DEFAULT 0"},
				} {
					if err := c.add(ctx, tx); err != nil {
						return err
					}
				}
				for _, statement := range []string{
					`CREATE TABLE IF NOT EXISTS replica (id text PRIMARY KEY, seen bigint NOT NULL)`,
					`CREATE TABLE IF NOT EXISTS schema (id bigint PRIMARY KEY, oldest text NOT NULL, oldest_jobs bigint NOT NULL)`,
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
