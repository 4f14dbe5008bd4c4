package store

import (
	"context"
	"embed"
	"fmt"
	"slices"

	"github.com/uptrace/bun/migrate"
)

//go:embed migrations/*.sql
var migrations embed.FS

// migrateTables brings our tables up to date. A migration that was cut off
// runs again: each statement is one that may be repeated.
func (s *Store) migrateTables(ctx context.Context) error {
	m, known, err := s.migrator()
	if err != nil {
		return err
	}
	if err := m.Init(ctx); err != nil {
		return fmt.Errorf("preparing the migrations: %w", err)
	}
	if _, err := s.missingMigrations(ctx, m, known); err != nil {
		return err
	}
	if _, err := m.Migrate(ctx); err != nil {
		return fmt.Errorf("migrating the tables: %w", err)
	}
	return s.requireMigrations(ctx)
}

func (s *Store) migrator() (*migrate.Migrator, *migrate.Migrations, error) {
	known := migrate.NewMigrations()
	if err := known.Discover(migrations); err != nil {
		return nil, nil, fmt.Errorf("reading the migrations: %w", err)
	}
	known.Add(deskMigration())
	known.Add(digestMigration())
	known.Add(replicaMigration())
	known.Add(redeliveryMigration())
	known.Add(budgetMigration())
	known.Add(lifeMigration())
	known.Add(leaksMigration())
	known.Add(modeMigration())
	known.Add(retentionMigration())
	known.Add(othersMigration())
	known.Add(offerMigration())
	known.Add(newestMigration())
	return migrate.NewMigrator(s.db, known,
		migrate.WithMarkAppliedOnSuccess(true), migrate.WithTemplateData(s.engine.words())), known, nil
}

// missingMigrations counts those that are to be made. ErrNewer if one was made
// that is not known, and the tables are not for a program that does not know it.
func (s *Store) missingMigrations(ctx context.Context, m *migrate.Migrator, known *migrate.Migrations) (int, error) {
	applied, err := m.AppliedMigrations(ctx)
	if err != nil {
		return 0, fmt.Errorf("reading which migrations were made: %w", err)
	}
	missing, unknown := known.Sorted(), false
	for _, a := range applied {
		n := len(missing)
		missing = slices.DeleteFunc(missing, func(k migrate.Migration) bool { return k.Name == a.Name })
		unknown = unknown || len(missing) == n
	}
	if !unknown {
		return len(missing), nil
	}
	r, err := s.required(ctx)
	if err != nil {
		return 0, err
	}
	if !slices.ContainsFunc(known.Sorted(), func(k migrate.Migration) bool { return k.Name == r.Oldest }) {
		return 0, ErrNewer
	}
	return len(missing), nil
}

// upToDate returns ErrOlder if Open would change the tables.
func (s *Store) upToDate(ctx context.Context) error {
	m, known, err := s.migrator()
	if err != nil {
		return err
	}
	// A file without tables is one that Open has not got to.
	made, err := s.engine.hasTable(ctx, "bun_migrations")
	if err != nil {
		return fmt.Errorf("reading the schema: %w", err)
	}
	if !made {
		return ErrNoDatabase
	}
	missing, err := s.missingMigrations(ctx, m, known)
	if err != nil {
		return err
	}
	last, newest, err := s.jobVersions(ctx)
	switch {
	case err != nil:
		return err
	case newest < last || missing > 0:
		return ErrOlder
	}
	return nil
}

// jobVersions returns the last of River's migrations that is known, and the
// newest that was made, 0 for none. River's own list of them fails where it
// does not know one. ErrNewer if one was made that is not known, and the tables
// are not for a program that does not know it.
func (s *Store) jobVersions(ctx context.Context) (last, made int, err error) {
	if last, err = s.jobs.newest(); err != nil {
		return 0, 0, fmt.Errorf("preparing the job engine's migrations: %w", err)
	}
	there, err := s.engine.hasTable(ctx, "river_migration")
	if there && err == nil {
		err = s.db.NewRaw(`SELECT coalesce(max(version), 0) FROM river_migration`).Scan(ctx, &made)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("reading which migrations of the job engine were made: %w", err)
	}
	if made <= last {
		return last, made, nil
	}
	r, err := s.required(ctx)
	if err == nil && (r.OldestJobs == 0 || r.OldestJobs > last) {
		err = ErrNewer
	}
	return last, made, err
}

// migrateJobs brings River's tables up to date.
func (s *Store) migrateJobs(ctx context.Context) error {
	last, made, err := s.jobVersions(ctx)
	if err != nil {
		return err
	}
	if made > last {
		return nil // made by a newer version, of whose tables this one may be
	}
	if err := s.jobs.migrate(ctx); err != nil {
		return fmt.Errorf("migrating the job engine's tables: %w", err)
	}
	return nil
}
