package store

import (
	"context"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
	"github.com/uptrace/bun/migrate"
)

// newestMigration takes newest_seen out of all indexes: each delivery changes
// it, and PostgreSQL writes the new row into every index of the table where one
// of them has a column that changed (a row that is "heap-only" it writes into
// none, if there is room left on the page). What is looked for by that index is
// little: issues that have not ended and are not forgotten.
func newestMigration() migrate.Migration {
	return migrate.Migration{
		Name: "20261126000100", Comment: "newest",
		Up: func(ctx context.Context, m *migrate.Migrator, _ *migrate.Migration) error {
			return m.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				statements := []string{
					`CREATE INDEX IF NOT EXISTS cases_going ON cases (id) WHERE ended = 0 AND issue > 0 AND author_id <> 0`,
					`DROP INDEX IF EXISTS cases_strange`,
				}
				if tx.Dialect().Name() == dialect.PG {
					statements = append(statements, `ALTER TABLE cases SET (fillfactor = 85)`)
				}
				for _, statement := range statements {
					if _, err := tx.NewRaw(statement).Exec(ctx); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
}
