package pgtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Shared is one server for all tests of a package: to start one takes longer
// than most tests. The first test that asks starts it; TestMain calls Stop after
// the tests. No test may kill it: for that there is New. The zero value is ready
// for use, and its methods may be called concurrently.
type Shared struct {
	mu       sync.Mutex
	server   *Server
	err      error
	template string   // name of the database that the others are copies of
	free     []string // names of those that nobody uses, and that are as new
}

// Server returns the server. Without binaries of one it skips or fails the
// test, as New does.
func (s *Shared) Server(t testing.TB) *Server {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil && s.err == nil {
		s.server, s.err = start(context.WithoutCancel(t.Context()), "", quick())
	}
	require(t, s.err)
	return s.server
}

// Empty returns the address of an empty database.
func (s *Shared) Empty(t testing.TB) string {
	t.Helper()
	return s.Server(t).Empty(t)
}

// Tables returns the address of a database in which there is what create puts
// into an empty one, always the same. The test has it until its end and may
// change rows, but neither tables nor the settings of the database: after it
// others get it, with the rows as new.
func (s *Shared) Tables(t testing.TB, create func(ctx context.Context, address string) error) string {
	t.Helper()
	server := s.Server(t)
	name, err := s.take(t.Context(), create)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), time.Minute)
		defer cancel()
		if err := renew(ctx, server.URL(name)); err != nil {
			t.Errorf("making the rows of a database new: %v", err)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.free = append(s.free, name)
	})
	return server.URL(name)
}

// take returns the name of a database that is as new.
func (s *Shared) take(ctx context.Context, create func(ctx context.Context, address string) error) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if last := len(s.free) - 1; last >= 0 {
		name := s.free[last]
		s.free = s.free[:last]
		return name, nil
	}
	if s.template == "" {
		name, err := s.server.database(ctx, "")
		if err == nil {
			err = create(ctx, s.server.URL(name))
		}
		if err == nil {
			err = s.server.execAt(ctx, name, remember)
		}
		if err != nil {
			return "", fmt.Errorf("making the database that others are copies of: %w", err)
		}
		s.template = name
	}
	return s.server.database(ctx, "TEMPLATE "+s.template)
}

// Stop ends the server if one was started, and deletes its files.
func (s *Shared) Stop() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.server == nil {
		return nil
	}
	return s.server.Stop()
}

// remember keeps the rows of all tables, and where their numbers go on, in a
// schema of its own, with a procedure that brings them back. It deletes rows
// and does not truncate: that makes new files, and takes a hundred times as
// long for tables as small as these.
const remember = `
CREATE SCHEMA as_new;
DO $$
DECLARE r record;
BEGIN
	FOR r IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
		EXECUTE format('CREATE TABLE as_new.%1$I AS TABLE public.%1$I', r.relname);
	END LOOP;
END $$;
CREATE TABLE as_new."the numbers" AS
	SELECT schemaname, sequencename, start_value, last_value FROM pg_sequences WHERE schemaname = 'public';
CREATE PROCEDURE as_new.renew() LANGUAGE plpgsql AS $$
DECLARE r record;
BEGIN
	SET LOCAL session_replication_role = replica; -- no order among the tables
	FOR r IN SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' LOOP
		EXECUTE format('DELETE FROM public.%I', r.relname);
		EXECUTE format('INSERT INTO public.%1$I OVERRIDING SYSTEM VALUE SELECT * FROM as_new.%1$I', r.relname);
	END LOOP;
	PERFORM setval(format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value), last_value IS NOT NULL)
		FROM as_new."the numbers";
END $$`

// errBusy means that somebody is still connected.
var errBusy = errors.New("the test has ended, and somebody is still connected to its database")

// renew makes the rows of a database as new as soon as nobody else is connected:
// whose connection is gone may still be at work.
func renew(ctx context.Context, address string) (err error) {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(context.WithoutCancel(ctx))) }()
	for others := 1; others > 0; {
		err := conn.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()`).Scan(&others)
		if ctx.Err() != nil {
			return errBusy
		}
		if err != nil {
			return err
		}
	}
	_, err = conn.Exec(ctx, "CALL as_new.renew()")
	return err
}
