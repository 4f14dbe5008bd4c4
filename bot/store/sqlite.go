package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/sqlitedialect"
	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

const (
	memory  = ":memory:"
	readers = 4 // connections of the second pool
)

// lite is the engine of SQLite.
type lite struct {
	db   *bun.DB // the one connection that writes
	read *bun.DB // snapshots; never writes

	mu       sync.Mutex
	prepared map[string]*sql.Stmt // by the head of the insertion
}

// connectSQLite opens the pools. A file that is no database is found by
// reading its schema, before anything is written.
func connectSQLite(o Options) (*lite, error) {
	prepare := createFile
	pragmas := []string{"busy_timeout(10000)", "synchronous(FULL)", "foreign_keys(1)", "secure_delete(1)"}
	if o.readOnly {
		return inspectSQLite(o.Database)
	}
	if o.attach {
		prepare = writable
	} else {
		pragmas = append(pragmas, "journal_mode(WAL)", "wal_autocheckpoint(4000)")
	}
	if err := prepare(o.Database); err != nil {
		return nil, err
	}
	writer, err := pool(o.Database, url.Values{"_txlock": {"immediate"}, "_pragma": pragmas})
	if err != nil {
		return nil, err
	}
	writer.SetMaxOpenConns(1)
	if o.Database == memory {
		return &lite{db: writer, read: writer}, nil
	}
	read, err := pool(o.Database, url.Values{"_pragma": {"busy_timeout(10000)", "query_only(1)"}})
	if err != nil {
		return nil, errors.Join(err, writer.Close())
	}
	read.SetMaxOpenConns(readers)
	read.SetMaxIdleConns(readers)
	return &lite{db: writer, read: read}, nil
}

// inspectSQLite opens a file that must not be changed.
func inspectSQLite(path string) (*lite, error) {
	if err := readable(path); err != nil {
		return nil, err
	}
	db, err := pool(path, url.Values{"mode": {"ro"}, "_pragma": {"busy_timeout(10000)"}})
	if err != nil {
		return nil, err
	}
	return &lite{db: db, read: db}, nil
}

// readable returns the operating system's error for a file that can't be read.
func readable(path string) error {
	f, err := os.Open(path) //nolint:gosec // the operator's word
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil && info.IsDir() { // SQLite would speak of its disk
		err = &fs.PathError{Op: "open", Path: path, Err: syscall.EISDIR}
	}
	return errors.Join(err, f.Close())
}

func (e *lite) close() error {
	if e.read == e.db {
		return e.db.Close()
	}
	return errors.Join(e.read.Close(), e.db.Close())
}

// prepare uses the writer's connection, which a transaction would keep.
func (e *lite) prepare(ctx context.Context, all ...insertion) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, i := range all {
		if e.prepared[i.head] != nil {
			continue
		}
		s, err := e.db.PrepareContext(ctx, i.head+"VALUES (?"+strings.Repeat(",?", strings.Count(i.types, " "))+")"+i.tail)
		if err != nil {
			return fmt.Errorf("preparing a statement: %w", err)
		}
		if e.prepared == nil {
			e.prepared = map[string]*sql.Stmt{}
		}
		e.prepared[i.head] = s.Stmt
	}
	return nil
}

// insert inserts row by row: there is no way to go, and one short statement
// serves all.
func (e *lite) insert(ctx context.Context, tx *txn, b batch, each func(scan func(...any) error) error) error {
	e.mu.Lock()
	s := e.prepared[b.head]
	e.mu.Unlock()
	// The driver has a goroutine watch each statement whose context can end;
	// these take microseconds.
	ctx = context.WithoutCancel(ctx)
	s = tx.lite.StmtContext(ctx, s)
	defer func() { _ = s.Close() }() // it is prepared for the next transaction, too
	for _, values := range b.rows {
		rows, err := s.QueryContext(ctx, values...)
		if err != nil {
			return err
		}
		if err := eachRow(rows, each); err != nil {
			return err
		}
	}
	return nil
}

func eachRow(rows *sql.Rows, each func(scan func(...any) error) error) error {
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (e *lite) change(ctx context.Context, f func(*txn) error) error { return runTx(ctx, e.db, f) }

func (e *lite) view(ctx context.Context, f func(*txn) error) error { return runTx(ctx, e.read, f) }

func runTx(ctx context.Context, db *bun.DB, f func(*txn) error) error {
	return db.RunInTx(ctx, nil, func(_ context.Context, tx bun.Tx) error { return f(&txn{IDB: tx, lite: tx.Tx}) })
}

// locking does nothing: a transaction that writes is the only one.
func (e *lite) locking(q *bun.SelectQuery) *bun.SelectQuery { return q }

func (e *lite) passing() string { return "" }

func (e *lite) driver() *riversqlite.Driver { return riversqlite.New(e.db.DB) }

func (e *lite) words() words {
	return words{Serial: "integer PRIMARY KEY AUTOINCREMENT", Bytes: "blob"}
}

// migrating needs nothing: Lock keeps a second process away.
func (e *lite) migrating(_ context.Context, f func() error) error { return f() }

// pace: SQLite wakes nobody.
func (e *lite) pace(c *river.Config) {
	c.PollOnly = true
	c.FetchPollInterval = 100 * time.Millisecond
}

func (e *lite) hasTable(ctx context.Context, name string) (bool, error) {
	return e.db.NewSelect().Table("sqlite_schema").Where("type = 'table' AND name = ?", name).Exists(ctx)
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
	return bun.NewDB(db, sqlitedialect.New(), bun.WithDiscardUnknownColumns()), nil
}

// recognise returns ErrNoDatabase for a file that is none, or one with tables
// of another program.
func (e *lite) recognise(ctx context.Context) error {
	var all, ours int
	err := e.db.QueryRowContext(ctx,
		`SELECT count(*), coalesce(sum(name = 'bun_migrations'), 0) FROM sqlite_schema WHERE type = 'table'`,
	).Scan(&all, &ours)
	if broken, ok := errors.AsType[*sqlite.Error](err); ok && broken.Code()&0xff == sqlite3.SQLITE_NOTADB {
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

// hurry makes jobs ready that wait. It is what River does to retry a job,
// for all of them in one statement: a sweep has hundreds.
func (e *lite) hurry(ctx context.Context, tx *txn, ids []int64) error {
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

// attend, retire and owns: no other process is there.
func (e *lite) attend(context.Context, *Store) error { return nil }

func (e *lite) retire(context.Context, string) error { return nil }

func (e *lite) owns(context.Context, *txn, *rivertype.JobRow, string) (bool, error) { return true, nil }

// release makes the jobs ready that were running when the last process
// was killed, and ends its leadership and its leases. SQLite serves one process alone, so
// that whatever is marked as running when Run starts runs no more; River's own
// rescue would come after RescueStuckJobsAfter, and its next election after
// 15 s. A second process that runs at once does no harm: jobs may run twice.
func (e *lite) release(ctx context.Context) error {
	return runTx(ctx, e.db, func(tx *txn) error {
		_, err := tx.ExecContext(ctx, `UPDATE river_job SET state = 'available', attempt = max(attempt - 1, 0)
			WHERE state = 'running'`)
		if err != nil {
			return fmt.Errorf("updating river_job: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `DELETE FROM river_leader`); err != nil {
			return fmt.Errorf("deleting from river_leader: %w", err)
		}
		if _, err := tx.ExecContext(ctx, `UPDATE installation SET holder = '', held_until = 0 WHERE holder <> ''`); err != nil {
			return fmt.Errorf("ending the leases of installations: %w", err)
		}
		return nil
	})
}
