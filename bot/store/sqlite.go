package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"

	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	memory  = ":memory:"
	readers = 4 // connections of the second pool
)

// driver is River's for this database.
type driver = riversqlite.Driver

func jobDriver(db *bun.DB) *driver { return riversqlite.New(db.DB) }

// words are what the migrations need to know of the database.
type words struct {
	Serial string // type of an id that the database gives
	Bytes  string // type of a string of bytes
}

func dialectWords() words { return words{Serial: "integer PRIMARY KEY AUTOINCREMENT", Bytes: "blob"} }

// connect opens the pools, with further settings for the writer's. A file that is no database is found by reading its
// schema, before anything is written.
func (s *Store) connect(ctx context.Context, path string, pragmas ...string) error {
	writer, err := pool(path, url.Values{
		"_txlock": {"immediate"},
		"_pragma": append([]string{"busy_timeout(10000)", "synchronous(FULL)", "foreign_keys(1)"}, pragmas...),
	})
	if err != nil {
		return err
	}
	writer.SetMaxOpenConns(1)
	s.db, s.read = writer, writer
	if err := recognise(ctx, s.db); err != nil {
		return err
	}
	if path == memory {
		return nil
	}
	s.read, err = pool(path, url.Values{"_pragma": {"busy_timeout(10000)", "query_only(1)"}})
	if err != nil {
		return err
	}
	s.read.SetMaxOpenConns(readers)
	s.read.SetMaxIdleConns(readers)
	return nil
}

// createFile makes sure that the file can be written and that nobody else can
// read it; SQLite gives its side files the same mode.
func createFile(path string) error {
	if path == memory {
		return nil
	}
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600) //nolint:gosec // the operator's word
	if err != nil {
		return err
	}
	return errors.Join(f.Chmod(0o600), f.Close())
}

// writable returns the operating system's error for a file that is not there
// or can't be written, which SQLite would make, or not explain.
func writable(path string) error {
	f, err := os.OpenFile(path, os.O_RDWR, 0) //nolint:gosec // the operator's word
	if err != nil {
		return err
	}
	return f.Close()
}

func pool(path string, query url.Values) (*bun.DB, error) {
	name := memory
	if path != memory {
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, err
		}
		name = (&url.URL{Path: abs}).EscapedPath()
	}
	db, err := sql.Open("sqlite", "file:"+name+"?"+query.Encode())
	if err != nil {
		return nil, err
	}
	return bun.NewDB(db, sqlitedialect.New()), nil
}

// recognise returns ErrNoDatabase for a file that is none, or one with tables
// of another program.
func recognise(ctx context.Context, db *bun.DB) error {
	var all, ours int
	err := db.QueryRowContext(ctx,
		`SELECT count(*), coalesce(sum(name = 'bun_migrations'), 0) FROM sqlite_schema WHERE type = 'table'`,
	).Scan(&all, &ours)
	if e, ok := errors.AsType[*sqlite.Error](err); ok && e.Code()&0xff == sqlite3.SQLITE_NOTADB {
		return ErrNoDatabase
	}
	if err != nil {
		return err
	}
	if all > 0 && ours == 0 {
		return ErrNoDatabase
	}
	return nil
}

// newestJobMigration returns River's newest migration that was made, 0 for
// none. River's own list of them fails where it does not know one.
func newestJobMigration(ctx context.Context, db *bun.DB) (version int, err error) {
	exists, err := db.NewSelect().Table("sqlite_schema").Where("name = 'river_migration'").Exists(ctx)
	if err != nil || !exists {
		return 0, err
	}
	err = db.NewRaw(`SELECT coalesce(max(version), 0) FROM river_migration`).Scan(ctx, &version)
	return version, err
}

// hurryJobs makes jobs ready that wait. It is what River does to retry a job,
// for all of them in one statement: a sweep has hundreds.
func hurryJobs(ctx context.Context, tx bun.Tx, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.NewRaw(`UPDATE river_job SET state = 'available', finalized_at = NULL, scheduled_at = datetime('now', 'subsec'),
			max_attempts = max_attempts + (attempt = max_attempts)
		WHERE id IN (?) AND state <> 'running' AND (state <> 'available' OR scheduled_at > datetime('now', 'subsec'))`,
		bun.List(ids)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("making jobs ready: %w", err)
	}
	return nil
}

// releaseJobs makes the jobs ready that were running when the last process
// was killed, and ends its leadership. SQLite serves one process alone, so
// that whatever is marked as running when Run starts runs no more; River's own
// rescue would come after RescueStuckJobsAfter, and its next election after
// 15 s. A second process that runs at once does no harm: jobs may run twice.
func releaseJobs(ctx context.Context, db *bun.DB) error {
	return run(ctx, db, "releasing the jobs of a process that ended", func(tx bun.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE river_job SET state = 'available', attempt = max(attempt - 1, 0)
			WHERE state = 'running'`)
		if err != nil {
			return fmt.Errorf("updating river_job: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM river_leader`); err != nil {
			return fmt.Errorf("deleting from river_leader: %w", err)
		}
		return nil
	})
}
