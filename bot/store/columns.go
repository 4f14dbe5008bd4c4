package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

// column is a column that came after its table. SQLite has no ADD COLUMN IF
// NOT EXISTS, and a migration must be one that may be repeated.
type column struct {
	table, name, kind string
}

// deskColumns are what the desk needs. Of an outbox row desk says that it is
// made there, and in which of two rows it waits: trouble at the desk never
// holds up what the requester reads.
func deskColumns() []column {
	return []column{
		{"cases", "desk_repository", "bigint NOT NULL DEFAULT 0"},
		{"cases", "desk_issue", "bigint NOT NULL DEFAULT 0"},
		{"cases", "desk_number", "bigint NOT NULL DEFAULT 0"},
		{"cases", "desk_reposts", "bigint NOT NULL DEFAULT 0"},
		{"delivery", "desk", "boolean NOT NULL DEFAULT FALSE"},
		{"outbox", "desk", "boolean NOT NULL DEFAULT FALSE"},
		{"repository", "desk", "bigint NOT NULL DEFAULT 0"},
	}
}

// deskMigration adds the desk to the tables of the first migration.
func deskMigration() migrate.Migration {
	return migrate.Migration{
		Name: "20261121000000", Comment: "desk",
		Up: func(ctx context.Context, m *migrate.Migrator, _ *migrate.Migration) error {
			return m.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				for _, c := range deskColumns() {
					if err := c.add(ctx, tx); err != nil {
						return err
					}
				}
				_, err := tx.NewRaw(`CREATE INDEX IF NOT EXISTS cases_desk ON cases (desk_repository, desk_issue)
					WHERE desk_issue > 0`).Exec(ctx)
				return err
			})
		},
	}
}

func (c column) add(ctx context.Context, tx bun.Tx) error {
	there, err := tx.NewSelect().TableExpr("pragma_table_info(?)", c.table).Where("name = ?", c.name).Exists(ctx)
	if err != nil || there {
		return err
	}
	_, err = tx.NewRaw("ALTER TABLE ? ADD COLUMN ? ?", bun.Ident(c.table), bun.Ident(c.name), bun.Safe(c.kind)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("adding the column %s to %s: %w", c.name, c.table, err)
	}
	return nil
}
