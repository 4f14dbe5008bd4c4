package store

import (
	"context"
	"embed"
	"fmt"
	"slices"

	"github.com/riverqueue/river/rivermigrate"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/migrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrateTables brings our tables up to date. A migration that was cut off
// runs again: each statement is one that may be repeated.
func migrateTables(ctx context.Context, db *bun.DB) error {
	known := migrate.NewMigrations()
	if err := known.Discover(migrations); err != nil {
		return fmt.Errorf("reading the migrations: %w", err)
	}
	m := migrate.NewMigrator(db, known,
		migrate.WithMarkAppliedOnSuccess(true), migrate.WithTemplateData(dialectWords()))
	if err := m.Init(ctx); err != nil {
		return fmt.Errorf("preparing the migrations: %w", err)
	}
	applied, err := m.AppliedMigrations(ctx)
	if err != nil {
		return fmt.Errorf("reading which migrations were made: %w", err)
	}
	for _, a := range applied {
		if !slices.ContainsFunc(known.Sorted(), func(k migrate.Migration) bool { return k.Name == a.Name }) {
			return ErrNewer
		}
	}
	if _, err := m.Migrate(ctx); err != nil {
		return fmt.Errorf("migrating the tables: %w", err)
	}
	return nil
}

// migrateJobs brings River's tables up to date.
func migrateJobs(ctx context.Context, db *bun.DB) error {
	m, err := rivermigrate.New(jobDriver(db), nil)
	if err != nil {
		return fmt.Errorf("preparing the job engine's migrations: %w", err)
	}
	newest, err := newestJobMigration(ctx, db)
	if err != nil {
		return fmt.Errorf("reading which migrations of the job engine were made: %w", err)
	}
	known := m.AllVersions()
	if newest > known[len(known)-1].Version {
		return ErrNewer
	}
	if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
		return fmt.Errorf("migrating the job engine's tables: %w", err)
	}
	return nil
}
