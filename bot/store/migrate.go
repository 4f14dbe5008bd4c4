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
	m, known, err := migrator(db)
	if err != nil {
		return err
	}
	if err := m.Init(ctx); err != nil {
		return fmt.Errorf("preparing the migrations: %w", err)
	}
	if _, err := missingMigrations(ctx, m, known); err != nil {
		return err
	}
	if _, err := m.Migrate(ctx); err != nil {
		return fmt.Errorf("migrating the tables: %w", err)
	}
	return nil
}

func migrator(db *bun.DB) (*migrate.Migrator, *migrate.Migrations, error) {
	known := migrate.NewMigrations()
	if err := known.Discover(migrations); err != nil {
		return nil, nil, fmt.Errorf("reading the migrations: %w", err)
	}
	known.Add(deskMigration())
	known.Add(digestMigration())
	return migrate.NewMigrator(db, known,
		migrate.WithMarkAppliedOnSuccess(true), migrate.WithTemplateData(dialectWords())), known, nil
}

// missingMigrations counts those that are to be made. ErrNewer if one was made
// that is not known.
func missingMigrations(ctx context.Context, m *migrate.Migrator, known *migrate.Migrations) (int, error) {
	applied, err := m.AppliedMigrations(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading which migrations were made: %w", err)
	}
	for _, a := range applied {
		if !slices.ContainsFunc(known.Sorted(), func(k migrate.Migration) bool { return k.Name == a.Name }) {
			return 0, ErrNewer
		}
	}
	return len(known.Sorted()) - len(applied), nil
}

// upToDate returns ErrOlder if Open would change the tables.
func (s *Store) upToDate(ctx context.Context) error {
	m, known, err := migrator(s.db)
	if err != nil {
		return err
	}
	// A file without tables is one that Open has not got to.
	made, err := s.db.NewSelect().Table("sqlite_schema").Where("name = 'bun_migrations'").Exists(ctx)
	if err != nil {
		return fmt.Errorf("reading the schema: %w", err)
	}
	if !made {
		return ErrNoDatabase
	}
	missing, err := missingMigrations(ctx, m, known)
	if err != nil {
		return err
	}
	jobs, err := rivermigrate.New(jobDriver(s.db), nil)
	if err != nil {
		return fmt.Errorf("preparing the job engine's migrations: %w", err)
	}
	newest, err := newestJobMigration(ctx, s.db)
	if err != nil {
		return fmt.Errorf("reading which migrations of the job engine were made: %w", err)
	}
	all := jobs.AllVersions()
	switch last := all[len(all)-1].Version; {
	case newest > last:
		return ErrNewer
	case newest < last || missing > 0:
		return ErrOlder
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
