package store

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"
)

const (
	// connections of one replica: its workers, the job engine, the receiver
	connections = 16
	// maxRuns is how often a transaction is tried that others made impossible.
	maxRuns = 5
	// endLimit is how long the end of a transaction may take.
	endLimit = 10 * time.Second
	// migrationLock is the key of the advisory lock that the migrations hold.
	migrationLock = 0x7265636f76657279
)

// IsPostgres reports whether database is the address of a PostgreSQL database,
// and not the path of an SQLite file.
func IsPostgres(database string) bool {
	return strings.HasPrefix(database, "postgres://") || strings.HasPrefix(database, "postgresql://")
}

// Passing reports whether an error of Open may pass by itself, for the server
// of the database does not answer now, or not yet. A password, a name or an
// address that is wrong stays so; that nobody listens at an address may pass.
func Passing(err error) bool {
	if e, ok := errors.AsType[*pgconn.PgError](err); ok {
		// It shuts down, starts, recovers, or has no connection left.
		return slices.Contains([]string{"57P01", "57P02", "57P03", "53300"}, e.Code)
	}
	if e, ok := errors.AsType[*net.DNSError](err); ok {
		return !e.IsNotFound
	}
	if _, ok := errors.AsType[*tls.CertificateVerificationError](err); ok {
		return false
	}
	_, refused := errors.AsType[*net.OpError](err)
	return refused || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, context.DeadlineExceeded)
}

// postgres is the engine of PostgreSQL. bun and River share its connections:
// bun's are database/sql's view of the pool.
type postgres struct {
	pool     *pgxpool.Pool
	db       *bun.DB
	suspects []int64 // jobs that attend finds lost, if they are at its next call
}

func connectPostgres(ctx context.Context, o Options) (*postgres, error) {
	c, err := pgxpool.ParseConfig(o.Database)
	if err != nil {
		return nil, badSetting(err)
	}
	if !strings.Contains(o.Database, "pool_max_conns") {
		c.MaxConns = connections
	}
	// bun writes values into the text of a statement, so that a cache of
	// prepared ones would hold nothing but what is never asked again.
	c.ConnConfig.DefaultQueryExecMode = pgx.QueryExecModeExec
	if o.readOnly {
		c.ConnConfig.RuntimeParams["default_transaction_read_only"] = "on"
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, err
	}
	if err := pool.Ping(ctx); err != nil {
		pool.Close()
		return nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	db := bun.NewDB(stdlib.OpenDBFromPool(pool), pgdialect.New(), bun.WithDiscardUnknownColumns())
	return &postgres{pool: pool, db: db}, nil
}

// badSetting is what may be told of an address that the driver refuses: its
// error repeats the address. A file that the address names may be told.
func badSetting(err error) error {
	if file, ok := errors.AsType[*fs.PathError](err); ok {
		return fmt.Errorf("reading a file that the address names: %w", file)
	}
	return fmt.Errorf("%w: it is not like postgres://USER:PASSWORD@HOST:PORT/NAME, or a setting after its ? is wrong. %s", ErrAddress, escapes)
}

func (e *postgres) close() error {
	err := e.db.Close()
	e.pool.Close()
	return err
}

// change and view begin on a connection that is bun's, too: nobody else has it
// until it is closed.
//
// f runs again if the server undid the transaction because it waited in a ring
// with others: locks are taken in an order, but the job engine has its own.
func (e *postgres) change(ctx context.Context, f func(*txn) error) error {
	for try := 1; ; try++ {
		err := e.run(ctx, pgx.TxOptions{}, f)
		if err == nil || try == maxRuns || !undone(err) || ctx.Err() != nil {
			return err
		}
	}
}

// undone reports whether the server says that the same may succeed now:
// deadlock_detected or serialization_failure.
func undone(err error) bool {
	e, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (e.Code == "40P01" || e.Code == "40001")
}

func (e *postgres) view(ctx context.Context, f func(*txn) error) error {
	return e.run(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}, f)
}

func (e *postgres) run(ctx context.Context, o pgx.TxOptions, f func(*txn) error) (err error) {
	conn, err := e.db.Conn(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if closed := conn.Close(); !errors.Is(closed, sql.ErrConnDone) {
			err = errors.Join(err, closed)
		}
	}()
	var raw *pgx.Conn
	err = conn.Raw(func(driver any) error {
		raw = driver.(*stdlib.Conn).Conn() //nolint:forcetypeassert // it is what OpenDBFromPool makes
		return nil
	})
	if err != nil {
		return err
	}
	tx, err := raw.BeginTx(ctx, o)
	if err != nil {
		return err
	}
	failed := f(&txn{IDB: conn, pg: tx})
	// Whoever gave up waiting now would not know whether it was done.
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), endLimit)
	defer cancel()
	// Through Raw: after a statement that was not sent database/sql has given
	// the connection back, and it is not ours any more. It ended with the
	// transaction.
	err = conn.Raw(func(any) error {
		if failed != nil {
			return tx.Rollback(end)
		}
		return tx.Commit(end)
	})
	if failed != nil && errors.Is(err, sql.ErrConnDone) {
		return failed
	}
	return errors.Join(failed, err)
}

func (e *postgres) locking(q *bun.SelectQuery) *bun.SelectQuery { return q.For("NO KEY UPDATE OF c") }

func (e *postgres) passing() string { return " FOR UPDATE SKIP LOCKED" }

func (e *postgres) driver() *riverpgxv5.Driver { return riverpgxv5.New(e.pool) }

func (e *postgres) words() words {
	return words{Serial: "bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY", Bytes: "bytea"}
}

// pace: PostgreSQL tells of jobs; asking is for those that come ready by the
// clock.
func (e *postgres) pace(c *river.Config) { c.FetchPollInterval = 250 * time.Millisecond }

// migrating lets one replica migrate, while the others wait.
func (e *postgres) migrating(ctx context.Context, f func() error) error {
	conn, err := e.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("connecting: %w", err)
	}
	defer conn.Release()
	if _, err := conn.Exec(ctx, "SELECT pg_advisory_lock($1)", int64(migrationLock)); err != nil {
		return fmt.Errorf("waiting for another replica's migrations: %w", err)
	}
	err = f()
	_, unlock := conn.Exec(context.WithoutCancel(ctx), "SELECT pg_advisory_unlock($1)", int64(migrationLock))
	return errors.Join(err, unlock)
}

func (e *postgres) hasTable(ctx context.Context, name string) (bool, error) {
	return e.db.NewSelect().TableExpr("information_schema.tables").
		Where("table_schema = current_schema() AND table_name = ?", name).Exists(ctx)
}

func (e *postgres) recognise(ctx context.Context) error {
	all, err := e.db.NewSelect().TableExpr("information_schema.tables").Where("table_schema = current_schema()").Exists(ctx)
	if err != nil || !all {
		return err
	}
	ours, err := e.hasTable(ctx, "bun_migrations")
	if err == nil && !ours {
		return ErrNoDatabase
	}
	return err
}

// hurry is River's retry of jobs, for all in one statement.
func (e *postgres) hurry(ctx context.Context, tx *txn, ids []int64) error {
	if len(ids) == 0 {
		return nil
	}
	_, err := tx.NewRaw(`UPDATE river_job SET state = 'available', finalized_at = NULL, scheduled_at = now(),
			max_attempts = CASE WHEN attempt = max_attempts THEN max_attempts + 1 ELSE max_attempts END
		WHERE id IN (?) AND state <> 'running' AND (state <> 'available' OR scheduled_at > now())`,
		bun.List(ids)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("making jobs ready: %w", err)
	}
	return nil
}

// release does nothing: other replicas work on their jobs, and attend finds
// those that nobody works on.
func (e *postgres) release(context.Context) error { return nil }

// prepare does nothing: pgx prepares what it is asked to, once for each
// connection.
func (e *postgres) prepare(context.Context, ...insertion) error { return nil }

// insert inserts all rows by one statement, which has an array for each
// column: each statement is a way to the server and back, and this one is the
// same for any number of rows.
func (e *postgres) insert(ctx context.Context, tx *txn, b batch, each func(scan func(...any) error) error) error {
	types := strings.Fields(b.types)
	columns, arrays := make([]any, 1+len(types)), make([]string, len(types))
	columns[0] = pgx.QueryExecModeCacheStatement
	for i, t := range types {
		values := make([]any, len(b.rows))
		for n, r := range b.rows {
			values[n] = r[i]
		}
		columns[1+i], arrays[i] = values, fmt.Sprintf("$%d::%s[]", i+1, t)
	}
	rows, err := tx.pg.Query(ctx, b.head+"SELECT * FROM unnest("+strings.Join(arrays, ", ")+")"+b.tail, columns...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		if err := each(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}
