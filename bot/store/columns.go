package store

import (
	"context"
	"fmt"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect"
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

// add adds the column unless it is there.
func (c column) add(ctx context.Context, tx bun.Tx) error {
	columns := tx.NewSelect().TableExpr("pragma_table_info(?)", c.table).Where("name = ?", c.name)
	if tx.Dialect().Name() == dialect.PG {
		columns = tx.NewSelect().TableExpr("information_schema.columns").
			Where("table_schema = current_schema() AND table_name = ? AND column_name = ?", c.table, c.name)
	}
	there, err := columns.Exists(ctx)
	if err != nil || there {
		return err
	}
	_, err = tx.NewRaw("ALTER TABLE ? ADD COLUMN ? ?", bun.Ident(c.table), bun.Ident(c.name), bun.Safe(c.kind)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("adding the column %s to %s: %w", c.name, c.table, err)
	}
	return nil
}

// digestMigration adds what the digest needs: when cases ended, and how far the
// digests of each desk came. until is when the last one was told.
func digestMigration() migrate.Migration {
	return migrate.Migration{
		Name: "20261123000000", Comment: "digest",
		Up: func(ctx context.Context, m *migrate.Migrator, _ *migrate.Migration) error {
			return m.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				if err := (column{"cases", "ended", "bigint NOT NULL DEFAULT 0"}).add(ctx, tx); err != nil {
					return err
				}
				for _, statement := range []string{
					`CREATE INDEX IF NOT EXISTS cases_ended ON cases (ended) WHERE ended > 0`,
					`CREATE TABLE IF NOT EXISTS digest (desk bigint PRIMARY KEY, at bigint NOT NULL, until bigint NOT NULL)`,
				} {
					if _, err := tx.NewRaw(statement).Exec(ctx); err != nil {
						return err
					}
				}
				return fillEnded(ctx, tx)
			})
		},
	}
}

// fillEnded copies from the memory of each case that ended when it did.
func fillEnded(ctx context.Context, tx bun.Tx) error {
	var rows []caseRow
	err := tx.NewSelect().Model(&rows).Column("id", "memory").
		Where("state <> '' AND state NOT IN (?)", bun.List(openStates())).Scan(ctx)
	if err != nil {
		return fmt.Errorf("reading the cases that ended: %w", err)
	}
	for i := range rows {
		m, err := rows[i].recall()
		if err != nil {
			return err
		}
		if !m.State.Ended() || m.Ended.IsZero() {
			continue
		}
		_, err = tx.NewUpdate().Table("cases").Set("ended = ?", stamp(m.Ended)).Where("id = ?", rows[i].ID).Exec(ctx)
		if err != nil {
			return fmt.Errorf("storing when a case ended: %w", err)
		}
	}
	return nil
}
