package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
)

// Errors of Open and Attach.
var (
	// ErrNoDatabase means that what is there is not a database of recoverybot.
	ErrNoDatabase = errors.New("it is not a database of recoverybot")
	// ErrNewer means that a newer version of recoverybot has written the
	// database; this one must not touch it.
	ErrNewer = errors.New("the database comes from a newer version of recoverybot")
	// ErrUnreachable means that the server of the database does not answer, or
	// does not let us in.
	ErrUnreachable = errors.New("the server cannot be reached")
	// ErrOlder means that Attach found tables which Open would change.
	ErrOlder = errors.New("the database comes from an older version of recoverybot")
)

// Options say where the database is and what the store needs from outside.
type Options struct {
	// Database is the address of a PostgreSQL database, postgres://…, in
	// which Open makes its tables; or the path of an SQLite file, which Open
	// creates with mode 0600 if it does not exist. ":memory:" is an SQLite
	// database that ends with Close.
	Database string
	// Clock tells the time to Run, and to nothing else; it must be the real
	// one where Run is used, for River has its own.
	Clock func() time.Time
	// Random gives the ids and keys of new cases, and that of a replica
	// without a name; nil is crypto/rand.
	Random io.Reader
	// Replica names this process among those that share a PostgreSQL
	// database; no two that run may have the same. "": Open makes one up. An
	// SQLite file has one process, which takes over what the last one left.
	Replica string
	// Limits are what NextCall and Lease keep to, for each installation; zero:
	// none. All that share a database have the same.
	Limits bot.Limits
	// Outside is asked, beside the database, which mode somebody wants: a file,
	// or a flag. It is called often, also in transactions, and must be quick.
	// nil: nobody wants any.
	Outside func() bot.Opinion
	// PseudonymKey is the key of the pseudonyms that stay of the authors of
	// requests that were forgotten. It is never stored. nil: none stays.
	PseudonymKey []byte
	// Logger gets ids, classes and counts; nil drops them.
	Logger *slog.Logger

	attach   bool // the database must be there
	readOnly bool // nothing may be written to it
}

// name is the database as messages name it, without a password.
func (o Options) name() string { return Redacted(o.Database) }

// Redacted returns what Options.Database may be shown as: a path as it is, an
// address without its passwords, and nothing of what CheckName refuses.
func Redacted(database string) string {
	if CheckName(database) != nil {
		return "…"
	}
	if !IsPostgres(database) {
		return database
	}
	u, err := url.Parse(database)
	if err != nil || strings.Contains(u.Path+u.RawQuery+u.Fragment, "@") { // whose left side may be of a password
		return "postgres://…"
	}
	query := u.Query()
	for name := range query {
		if strings.Contains(strings.ToLower(name), "password") {
			query.Set(name, "xxxxx")
			u.RawQuery = query.Encode()
		}
	}
	return u.Redacted()
}

// Store is a bot.Store. All methods may be called concurrently.
type Store struct {
	engine  database
	db      *bun.DB // writes; of SQLite it is the one connection that does
	read    *bun.DB // snapshots; never writes
	jobs    jobEngine
	clock   func() time.Time
	present *present
	replica string // names this process in leases and jobs
	limits  bot.Limits
	random  io.Reader

	pseudonyms []byte // key of them; nil: there are none

	log      *slog.Logger
	failures atomic.Int64
	intake   *intake
	asked    asked
	added    chan struct{} // there may be something to dispatch
	shares   shares
	outside  func() bot.Opinion
	heeded   heeded
}

// Open opens the database and brings its tables up to date. The error says
// what is wrong with it: ErrNoDatabase, ErrNewer, or that of the operating
// system or of the server if it can't be read and written. Close the store
// after use.
func Open(ctx context.Context, o Options) (*Store, error) {
	return open(ctx, o, func(s *Store) error {
		return s.engine.migrating(ctx, func() error {
			if err := s.migrateTables(ctx); err != nil {
				return err
			}
			return s.migrateJobs(ctx)
		})
	})
}

// Attach opens a database that Open has made, perhaps in a process that still
// uses it, and changes nothing of its tables: it returns ErrOlder where Open
// would bring them up to date, and makes no file. Else it is as Open.
func Attach(ctx context.Context, o Options) (*Store, error) {
	o.attach = true
	return open(ctx, o, func(s *Store) error { return s.upToDate(ctx) })
}

func open(ctx context.Context, o Options, prepare func(*Store) error) (*Store, error) {
	s := &Store{
		present: newPresent(), added: make(chan struct{}, 1),
		clock: o.Clock, limits: o.Limits, random: o.Random, log: o.Logger, outside: o.Outside, pseudonyms: o.PseudonymKey,
	}
	s.intake, s.asked.clock = newIntake(s.store), o.Clock
	if s.clock == nil {
		return nil, errors.New("opening the database: no clock")
	}
	if s.random == nil {
		s.random = rand.Reader
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	err := s.nameReplica(o)
	if err == nil {
		err = s.connect(ctx, o)
	}
	if err == nil {
		err = s.engine.recognise(ctx)
	}
	if err == nil {
		err = prepare(s)
	}
	if err != nil {
		return nil, fmt.Errorf("opening the database %s: %w", o.name(), errors.Join(err, s.Close()))
	}
	return s, nil
}

// connect sets the engine of the database that o names.
func (s *Store) connect(ctx context.Context, o Options) error {
	if err := CheckName(o.Database); err != nil {
		return err
	}
	c := &river.Config{Logger: s.log, ID: s.replica}
	if IsPostgres(o.Database) {
		e, err := connectPostgres(ctx, o)
		if err != nil {
			return err
		}
		s.engine, s.db, s.read = e, e.db, e.db
		s.jobs, err = newJobs(e.driver(), func(t *txn) pgx.Tx { return t.pg }, c)
		return err
	}
	e, err := connectSQLite(o)
	if err != nil {
		return err
	}
	s.engine, s.db, s.read = e, e.db, e.read
	s.jobs, err = newJobs(e.driver(), func(t *txn) *sql.Tx { return t.lite }, c)
	return err
}

// nameReplica gives the process its name among those that share the database.
func (s *Store) nameReplica(o Options) error {
	if s.replica = o.Replica; s.replica != "" {
		return nil
	}
	if !IsPostgres(o.Database) {
		s.replica = "the only one"
		return nil
	}
	random := make([]byte, uidSize)
	if _, err := io.ReadFull(s.random, random); err != nil {
		return fmt.Errorf("making the name of a replica: %w", err)
	}
	s.replica = hex.EncodeToString(random)
	return nil
}

// Close closes the database, after what AddDelivery was called with is stored.
// Run must have returned.
func (s *Store) Close() error {
	if s.engine == nil {
		return nil
	}
	s.intake.close()
	return s.engine.close()
}

// Failures returns how many runs of jobs ended with an error since Open.
func (s *Store) Failures() int64 { return s.failures.Load() }

// change runs f in a transaction that writes. The error of f undoes everything
// and is returned with what was being done.
//
// SQLite has one writer: nothing changes while f runs. On PostgreSQL others
// write at the same time, and f holds the lock of what it looks at before it
// decides anything by it.
func (s *Store) change(ctx context.Context, doing string, f func(*txn) error) error {
	return described(doing, s.engine.change(ctx, f))
}

// view runs f on one snapshot of the database.
func (s *Store) view(ctx context.Context, doing string, f func(*txn) error) error {
	return described(doing, s.engine.view(ctx, f))
}

func described(doing string, err error) error {
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
