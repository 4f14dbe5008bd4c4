package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Inspect opens a database as it is, of whatever version, and writes nothing
// to it. ErrNoDatabase if it is none.
func Inspect(ctx context.Context, o Options) (*Store, error) {
	o.attach, o.readOnly = true, true
	return open(ctx, o, func(s *Store) error {
		there, err := s.engine.hasTable(ctx, "bun_migrations")
		if err == nil && !there {
			err = ErrNoDatabase
		}
		return err
	})
}

// Migrated is what a Migrate has done.
type Migrated struct {
	From, To         string   // names of the last migration before and after; "" for none
	Made             []string // names of those that were made
	JobsFrom, JobsTo int      // versions of the job engine's tables
}

// Migrate brings the tables of a database up to date, and makes them where
// there are none, as Open does.
func Migrate(ctx context.Context, o Options) (Migrated, error) {
	var m Migrated
	var before []string
	s, err := open(ctx, o, func(s *Store) error {
		return s.engine.migrating(ctx, func() (err error) {
			if before, err = s.applied(ctx); err != nil {
				return err
			}
			if _, m.JobsFrom, err = s.jobVersions(ctx); err != nil {
				return err
			}
			if err := s.migrateTables(ctx); err != nil {
				return err
			}
			return s.migrateJobs(ctx)
		})
	})
	if err != nil {
		return Migrated{}, err
	}
	after, err := s.applied(ctx)
	if err == nil {
		_, m.JobsTo, err = s.jobVersions(ctx)
	}
	m.From, m.To = last(before), last(after)
	m.Made = slices.DeleteFunc(after, func(name string) bool { return slices.Contains(before, name) })
	return m, errors.Join(err, s.Close())
}

func last(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[len(names)-1]
}

// applied returns the names of the migrations that were made, in order.
func (s *Store) applied(ctx context.Context) ([]string, error) {
	there, err := s.engine.hasTable(ctx, "bun_migrations")
	if err != nil || !there {
		return nil, err
	}
	m, known, err := s.migrator()
	if err != nil {
		return nil, err
	}
	comments := map[string]string{}
	for _, k := range known.Sorted() {
		comments[k.Name] = k.Comment
	}
	made, err := m.AppliedMigrations(ctx)
	if err != nil {
		return nil, fmt.Errorf("reading which migrations were made: %w", err)
	}
	var names []string
	for _, one := range made {
		names = append(names, strings.TrimSpace(one.Name+" "+comments[one.Name]))
	}
	slices.Sort(names)
	return names, nil
}

// Backup writes all of the database into a new SQLite file that only its owner
// can read, while others serve on it. Of PostgreSQL it is a copy by CopyTo. It
// returns what the file holds, once that is on the disk. A file that is there
// is left alone, with fs.ErrExist.
func (s *Store) Backup(ctx context.Context, path string) (Copy, error) {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		return Copy{}, fmt.Errorf("writing the backup %s: %w", path, errors.Join(err, fs.ErrExist))
	}
	part := path + ".part"
	c, err := s.backup(ctx, part)
	if err == nil {
		err = os.Link(part, path) // unlike a renaming, it replaces nothing
	}
	if err == nil {
		err = errors.Join(os.Remove(part), syncFile(filepath.Dir(path)))
	}
	if err != nil {
		return Copy{}, fmt.Errorf("writing the backup %s: %w", path, err)
	}
	return c, nil
}

// backup removes what it could not finish.
func (s *Store) backup(ctx context.Context, part string) (c Copy, err error) {
	f, err := os.OpenFile(part, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator's word
	if err != nil {
		return Copy{}, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(part))
		}
	}()
	if err := f.Close(); err != nil {
		return Copy{}, err
	}
	if err := s.engine.snapshot(ctx, s, part); err != nil {
		return Copy{}, err
	}
	if err := syncFile(part); err != nil {
		return Copy{}, err
	}
	return s.contents(ctx, part)
}

// contents reads what a backup holds.
func (s *Store) contents(ctx context.Context, path string) (c Copy, err error) {
	b, err := Inspect(ctx, Options{Database: path, Clock: s.clock})
	if err != nil {
		return Copy{}, err
	}
	defer func() { err = errors.Join(err, b.Close()) }()
	err = b.view(ctx, "reading the backup", func(tx *txn) error {
		e := end{b, tx}
		for _, table := range copied() {
			n, err := e.count(ctx, table)
			if err != nil {
				return err
			}
			c.Tables = append(c.Tables, Copied{Table: table, Rows: n})
		}
		c.Log, err = e.log(ctx)
		return err
	})
	return c, err
}

// syncFile waits until a file, or a folder's list, is on the disk.
func syncFile(path string) error {
	f, err := os.Open(path) //nolint:gosec // the operator's word
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Restore copies a backup into an empty database. The backup may be of an
// older version, and is left as it is.
func Restore(ctx context.Context, backup string, to *Store) (c Copy, err error) {
	dir, err := os.MkdirTemp("", "recoverybot-restore-")
	if err != nil {
		return Copy{}, fmt.Errorf("making a folder for the backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	from, err := Inspect(ctx, Options{Database: backup, Clock: to.clock})
	if err != nil {
		return Copy{}, err
	}
	path := filepath.Join(dir, "backup.db")
	if err := errors.Join(from.engine.snapshot(ctx, from, path), from.Close()); err != nil {
		return Copy{}, fmt.Errorf("reading the backup %s: %w", backup, err)
	}
	newest, err := Open(ctx, Options{Database: path, Clock: to.clock})
	if err != nil {
		return Copy{}, err
	}
	defer func() { err = errors.Join(err, newest.Close()) }()
	return newest.CopyTo(ctx, to)
}
