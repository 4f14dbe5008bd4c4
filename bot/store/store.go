package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/riverqueue/river"
	"github.com/uptrace/bun"
)

// Errors of Open and Attach.
var (
	// ErrNoDatabase means that the file is not a database of recoverybot.
	ErrNoDatabase = errors.New("the file is not a database of recoverybot")
	// ErrNewer means that a newer version of recoverybot has written the
	// database; this one must not touch it.
	ErrNewer = errors.New("the database comes from a newer version of recoverybot")
	// ErrOlder means that Attach found tables which Open would change.
	ErrOlder = errors.New("the database comes from an older version of recoverybot")
)

// Options say where the database is and what the store needs from outside.
type Options struct {
	// Path is the file; it is created with mode 0600 if it does not exist.
	// ":memory:" is a database that ends with Close.
	Path string
	// Clock tells the time to Run, and to nothing else; it must be the real
	// one where Run is used, for River has its own.
	Clock func() time.Time
	// Random gives the ids and keys of new cases; nil is crypto/rand.
	Random io.Reader
	// Logger gets ids, classes and counts; nil drops them.
	Logger *slog.Logger
}

// Store is a bot.Store on SQLite. All methods may be called concurrently.
type Store struct {
	db       *bun.DB // the one connection that writes
	read     *bun.DB // snapshots; never writes
	jobs     *river.Client[*sql.Tx]
	clock    func() time.Time
	random   io.Reader
	log      *slog.Logger
	failures atomic.Int64
}

// Open opens the database and brings its tables up to date. The error says
// what is wrong with the file: ErrNoDatabase, ErrNewer, or that of the
// operating system if it can't be read and written. Close the store after use.
func Open(ctx context.Context, o Options) (*Store, error) {
	return open(o, func(s *Store) error {
		if err := createFile(o.Path); err != nil {
			return err
		}
		if err := s.connect(ctx, o.Path, "journal_mode(WAL)"); err != nil {
			return err
		}
		if err := migrateTables(ctx, s.db); err != nil {
			return err
		}
		return migrateJobs(ctx, s.db)
	})
}

// Attach opens a database that Open has made, perhaps in a process that still
// uses it, and changes nothing of its tables: it returns ErrOlder where Open
// would bring them up to date, and makes no file. Else it is as Open.
func Attach(ctx context.Context, o Options) (*Store, error) {
	return open(o, func(s *Store) error {
		if err := writable(o.Path); err != nil {
			return err
		}
		if err := s.connect(ctx, o.Path); err != nil {
			return err
		}
		return s.upToDate(ctx)
	})
}

func open(o Options, prepare func(*Store) error) (*Store, error) {
	s := &Store{clock: o.Clock, random: o.Random, log: o.Logger}
	if s.clock == nil {
		return nil, errors.New("opening the database: no clock")
	}
	if s.random == nil {
		s.random = rand.Reader
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	err := prepare(s)
	if err == nil {
		s.jobs, err = river.NewClient(jobDriver(s.db), &river.Config{Logger: s.log})
	}
	if err != nil {
		return nil, fmt.Errorf("opening the database %s: %w", o.Path, errors.Join(err, s.Close()))
	}
	return s, nil
}

// Close closes the database. Run must have returned.
func (s *Store) Close() error {
	var errs []error
	if s.read != nil && s.read != s.db {
		errs = append(errs, s.read.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	return errors.Join(errs...)
}

// Failures returns how many runs of jobs ended with an error since Open.
func (s *Store) Failures() int64 { return s.failures.Load() }

// change runs f in a transaction that has the write lock from its start. The
// error of f undoes everything and is returned with what was being done.
func (s *Store) change(ctx context.Context, doing string, f func(bun.Tx) error) error {
	return run(ctx, s.db, doing, f)
}

// view runs f on one snapshot of the database.
func (s *Store) view(ctx context.Context, doing string, f func(bun.Tx) error) error {
	return run(ctx, s.read, doing, f)
}

func run(ctx context.Context, db *bun.DB, doing string, f func(bun.Tx) error) error {
	err := db.RunInTx(ctx, nil, func(_ context.Context, tx bun.Tx) error { return f(tx) })
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}

// stamp is t as it is stored.
func stamp(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

// closing is t as it is stored where 0 would mean that a row is open.
func closing(t time.Time) int64 { return max(1, stamp(t)) }

// moment is the inverse of stamp.
func moment(micros int64) time.Time {
	if micros == 0 {
		return time.Time{}
	}
	return time.UnixMicro(micros).UTC()
}

// touched returns missing if a statement has changed no row.
func touched(res sql.Result, err, missing error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return missing
	}
	return nil
}
