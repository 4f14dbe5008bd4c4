package store

import (
	"context"

	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

// offerColumn is the one bit that is kept of what a bystander wrote.
func offerColumn() column { return column{"delivery", "offer", "boolean NOT NULL DEFAULT FALSE"} }

// offerMigration adds that bit. A program that does not know it leaves it out,
// and nobody is warned of what came in meanwhile.
func offerMigration() migrate.Migration {
	return migrate.Migration{
		Name: "20261125000004", Comment: "offers",
		Up: func(ctx context.Context, m *migrate.Migrator, _ *migrate.Migration) error {
			return m.DB().RunInTx(ctx, nil, func(ctx context.Context, tx bun.Tx) error {
				return offerColumn().add(ctx, tx)
			})
		},
	}
}
