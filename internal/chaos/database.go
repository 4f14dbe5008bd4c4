package main

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"sync"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver's name
	_ "modernc.org/sqlite"             // the driver's name

	"github.com/recoverybot/recoverybot/bot/store/pgtest"
)

// database is where the replicas keep everything.
type database struct {
	address string // for --database
	driver  string
	reading string // for the driver
	figures *figures

	mu     sync.Mutex
	server *pgtest.Server // nil: SQLite
}

// newDatabase makes an empty database for a trial. Stop it after use.
func newDatabase(ctx context.Context, t *trial) (*database, error) {
	if t.engine() == sqlite {
		path := filepath.Join(t.dir, "bot.db")
		return &database{address: path, driver: "sqlite", reading: "file:" + path + "?mode=ro&_pragma=busy_timeout(10000)"}, nil
	}
	server, err := pgtest.Start(ctx, t.options.dir) // its own user must reach it
	if err != nil {
		return nil, err
	}
	d := &database{driver: "pgx", server: server}
	if d.address, err = server.Database(ctx); err != nil {
		_ = server.Stop() // the first error is the one to tell
		return nil, err
	}
	d.reading = d.address
	return d, nil
}

// open opens it to look.
func (d *database) open() (*sql.DB, error) {
	db, err := sql.Open(d.driver, d.reading)
	if err != nil {
		return nil, fmt.Errorf("opening the database to look: %w", err)
	}
	return db, nil
}

// killing kills the server until ctx is done, one time about every so often, and starts it
// again at once. SQLite has none: it ends with its process.
func (d *database) killing(ctx context.Context, every time.Duration, random *rand.Rand) {
	for every > 0 && d.server != nil {
		select {
		case <-ctx.Done():
			return
		case <-time.After(every/2 + time.Duration(random.Int64N(int64(every)))):
		}
		if err := d.restart(ctx); err != nil && ctx.Err() == nil {
			d.figures.count("PostgreSQL", err.Error())
		}
	}
}

func (d *database) restart(ctx context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err := d.server.Kill(); err != nil {
		return err
	}
	d.figures.count("PostgreSQL", "killed")
	began := time.Now()
	defer func() { d.figures.add("PostgreSQL", "ms down", int(time.Since(began).Milliseconds())) }()
	return d.server.Restart(context.WithoutCancel(ctx)) // who reads the end of the run needs it
}

// stop ends the server and deletes its files; those of SQLite stay.
func (d *database) stop() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.server != nil {
		_ = d.server.Stop() // the run is over
	}
}
