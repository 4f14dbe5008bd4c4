// Package pgtest runs throw-away PostgreSQL servers from the server's own
// binaries, for tests and for programs that measure.
//
// A server listens on a free port of the loopback interface alone, keeps
// everything in a folder of its own, and ends with its maker, however that ends:
// its files go, too. PostgreSQL refuses to run as root: then it runs as the user
// postgres.
package pgtest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrNoServer means that there are no binaries of a PostgreSQL server on this
// machine: Debian's package is postgresql.
var ErrNoServer = errors.New("there are no binaries of a PostgreSQL server (Debian's package is postgresql)")

// Server is a running PostgreSQL server. Its methods are for one goroutine at
// a time, but for Database.
type Server struct {
	bin  string // folder of the binaries
	dir  string
	as   *account // nil: who runs this
	mark *os.File // locked: the folder is ours
	port int
	cmd  *exec.Cmd

	guard *guard // of the server that runs

	settings []string
}

// Start makes a server in a new folder below dir ("" is the folder for
// temporary files) and waits until it answers. Its data survive a crash of
// the server as they would in earnest: fsync is on. Stop it after use.
func Start(ctx context.Context, dir string) (*Server, error) { return start(ctx, dir, nil) }

// quick are the settings of a server whose data need not survive that the
// machine fails, but all the same that the server is killed: what it has written
// is in the machine's memory then. A transaction that has ended was written.
func quick() []string {
	return []string{
		"fsync=off", "autovacuum=off", "checkpoint_timeout=1h", "wal_level=minimal", "max_wal_senders=0", "jit=off",
	}
}

// start is Start, with settings of the server.
func start(ctx context.Context, dir string, settings []string) (*Server, error) {
	bin, err := binaries()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, settings: settings}
	if s.as, err = unprivileged(); err != nil {
		return nil, err
	}
	if s.dir, s.mark, err = folder(dir); err != nil {
		return nil, err
	}
	if err = s.make(ctx); err == nil {
		err = s.launch(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.Stop())
	}
	return s, nil
}

// binaries returns the folder with the newest server's binaries.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", fmt.Errorf("looking for PostgreSQL: %w", err)
	}
	version := func(path string) int {
		n, _ := strconv.Atoi(filepath.Base(filepath.Dir(filepath.Dir(path)))) // 0 for what is no version
		return n
	}
	if len(found) > 0 {
		return filepath.Dir(slices.MaxFunc(found, func(a, b string) int { return version(a) - version(b) })), nil
	}
	initdb, err := exec.LookPath("initdb")
	if err != nil {
		return "", ErrNoServer
	}
	return filepath.Dir(initdb), nil
}

// make makes the server's files.
func (s *Server) make(ctx context.Context) error {
	if s.as != nil {
		if err := os.Chown(s.dir, s.as.user, s.as.group); err != nil {
			return fmt.Errorf("giving the folder to PostgreSQL: %w", err)
		}
	}
	out, err := s.command(ctx, "initdb", "--pgdata", s.data(), "--username", "postgres", "--auth", "trust",
		"--encoding", "UTF8", "--no-locale", "--no-sync").CombinedOutput()
	if err != nil {
		return fmt.Errorf("making a PostgreSQL server: %w\n%s", err, bytes.TrimSpace(out))
	}
	return nil
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

func (s *Server) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(s.bin, name), args...) //nolint:gosec // PostgreSQL's own binaries
	cmd.Dir = s.dir
	s.as.own(cmd)
	return cmd
}

// launch starts the server and waits until it answers.
func (s *Server) launch(ctx context.Context) error {
	if s.port == 0 {
		port, err := freePort(ctx)
		if err != nil {
			return err
		}
		s.port = port
	}
	out := &bytes.Buffer{}
	s.cmd = s.command(context.WithoutCancel(ctx), "postgres", "-D", s.data(), "-p", strconv.Itoa(s.port),
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "max_connections=200", "-c", "logging_collector=off")
	for _, setting := range s.settings {
		s.cmd.Args = append(s.cmd.Args, "-c", setting)
	}
	s.cmd.Stderr = out
	if err := s.cmd.Start(); err != nil {
		return fmt.Errorf("starting PostgreSQL: %w", err)
	}
	var err error
	if s.guard, err = s.watch(context.WithoutCancel(ctx)); err != nil {
		return errors.Join(err, s.Kill())
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err := s.exec(ctx, "SELECT 1")
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("waiting for PostgreSQL: %w\n%s", err, bytes.TrimSpace(out.Bytes())), s.Kill())
		case <-time.After(20 * time.Millisecond):
		}
	}
}

func freePort(ctx context.Context) (int, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("looking for a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port //nolint:forcetypeassert // of a TCP listener
	return port, l.Close()
}

// URL is the address of the database with that name.
func (s *Server) URL(database string) string {
	return fmt.Sprintf("postgres://postgres@127.0.0.1:%d/%s?sslmode=disable", s.port, database)
}

// exec runs a statement in the database of the server's own user.
func (s *Server) exec(ctx context.Context, statement string) error {
	return s.execAt(ctx, "postgres", statement)
}

// execAt runs statements in the database with that name.
func (s *Server) execAt(ctx context.Context, name, statements string) error {
	conn, err := pgx.Connect(ctx, s.URL(name))
	if err != nil {
		return err
	}
	_, err = conn.PgConn().Exec(ctx, statements).ReadAll()
	return errors.Join(err, conn.Close(ctx))
}

// Database makes an empty database and returns its address. It may be called
// concurrently.
func (s *Server) Database(ctx context.Context) (string, error) {
	name, err := s.database(ctx, "")
	if err != nil {
		return "", err
	}
	return s.URL(name), nil
}

// database makes a database and returns its name.
func (s *Server) database(ctx context.Context, options string) (string, error) {
	name := "db" + strings.ToLower(rand.Text())
	if err := s.exec(ctx, "CREATE DATABASE "+name+" "+options); err != nil {
		return "", fmt.Errorf("making a database: %w", err)
	}
	return name, nil
}

// Kill kills the server and all its processes by SIGKILL, as a machine that
// fails would.
func (s *Server) Kill() error { return s.end(kill) }

func (s *Server) end(how func(*os.Process) error) error {
	if s.cmd == nil {
		return nil
	}
	err := how(s.cmd.Process)
	_ = s.cmd.Wait() // its status says only that it was ended
	s.cmd = nil
	s.guard.dismiss()
	if err != nil {
		return fmt.Errorf("ending PostgreSQL: %w", err)
	}
	return nil
}

// Process is the id of the server's first process, which has the others for
// children; 0 while none runs.
func (s *Server) Process() int {
	if s.cmd == nil {
		return 0
	}
	return s.cmd.Process.Pid
}

// Restart starts a server that was killed, on the same port with the same
// data, and waits until it answers.
func (s *Server) Restart(ctx context.Context) error { return s.launch(ctx) }

// Stop ends the server, whatever it does, and deletes its files. It may be
// called twice.
func (s *Server) Stop() error {
	err := errors.Join(s.end(quit), os.RemoveAll(s.dir))
	_ = s.mark.Close() // only for its lock; it may be closed
	return err
}
