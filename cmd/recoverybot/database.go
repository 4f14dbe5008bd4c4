package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"syscall"

	"github.com/recoverybot/recoverybot/bot/github"
	"github.com/recoverybot/recoverybot/bot/store"
)

// defaultDatabase is where the database is if nobody says anything.
const defaultDatabase = "recoverybot.db"

// databaseFlags say which database a command works on.
type databaseFlags struct {
	Database     string `default:"recoverybot.db" help:"The bot's database: an SQLite file, or the address of a PostgreSQL database, postgres://USER@HOST/NAME. Default: ${default}" placeholder:"DATABASE"`
	DatabaseFile string `help:"File with the address of the PostgreSQL database, if there is a password in it. Nobody else may read it: chmod 600 FILE." placeholder:"FILE"`
}

// address is the path of the file, or the address with its password.
func (d databaseFlags) address() (string, error) {
	if d.DatabaseFile == "" {
		return d.Database, named("--database", d.Database)
	}
	if d.Database != defaultDatabase {
		return "", usageError{text: "give --database or --database-file, not both"}
	}
	src, err := github.ReadPrivate(d.DatabaseFile, "the database's address")
	if err != nil {
		return "", err
	}
	address := string(bytes.TrimSpace(src))
	if !store.IsPostgres(address) {
		return "", fmt.Errorf("the database file %s has no address in it: write one line like postgres://USER:PASSWORD@HOST/NAME", d.DatabaseFile)
	}
	return address, nil
}

// named refuses what is no name of a database, before anybody takes it for that
// of a file.
func named(flag, database string) error {
	if err := store.CheckName(database); err != nil {
		return usageError{text: fmt.Sprintf("%s: %v", flag, err)}
	}
	return nil
}

// shown is the database as messages name it: never with a password.
func (d databaseFlags) shown() string {
	if d.DatabaseFile != "" {
		return "the database of " + d.DatabaseFile
	}
	return store.Redacted(d.Database)
}

// flag is the flag as it was given, for a command to paste.
func (d databaseFlags) flag() string {
	if d.DatabaseFile != "" {
		return "--database-file " + quoted(d.DatabaseFile)
	}
	return "--database " + quoted(store.Redacted(d.Database))
}

// absent reports whether it is a file that is not there.
func (d databaseFlags) absent() bool {
	if d.DatabaseFile != "" || store.IsPostgres(d.Database) {
		return false
	}
	_, err := os.Stat(d.Database)
	return errors.Is(err, fs.ErrNotExist)
}

// openStore opens the database beside a bot that may run, and says so where
// there is none, rather than making an empty one. It migrates nothing.
func openStore(ctx context.Context, e *env, d databaseFlags) (*store.Store, error) {
	address, err := d.address()
	if err != nil {
		return nil, err
	}
	if err := thereIs(address); err != nil {
		return nil, err
	}
	st, err := store.Attach(ctx, store.Options{Database: address, Clock: e.now})
	if err != nil {
		return nil, withAdvice(err)
	}
	return st, nil
}

// thereIs wants the file of an SQLite database to be there.
func thereIs(database string) error {
	if store.IsPostgres(database) {
		return nil
	}
	if _, err := os.Stat(database); err != nil {
		return fmt.Errorf("opening the database: %w\nName the file that the bot uses with --database FILE; `recoverybot serve` makes it", err)
	}
	return nil
}

// lockDatabase keeps every other process from serving on a file. PostgreSQL
// needs no lock: its replicas share it.
func lockDatabase(database string) (io.Closer, error) {
	if store.IsPostgres(database) {
		return io.NopCloser(nil), nil
	}
	if info, err := os.Stat(database); err == nil && info.IsDir() { // it gets no lock file beside it
		return nil, withAdvice(fmt.Errorf("opening the database: %w", &fs.PathError{Op: "open", Path: database, Err: syscall.EISDIR}))
	}
	lock, err := store.Lock(database)
	if err != nil {
		return nil, withAdvice(err)
	}
	return lock, nil
}

// withAdvice adds to an error of the database what to do next.
func withAdvice(err error) error {
	var advice string
	switch {
	case errors.Is(err, store.ErrAddress):
		return usageError{text: err.Error()}
	case errors.Is(err, syscall.EISDIR):
		advice = "It is a folder. Name the file in it with --database FILE"
	case errors.Is(err, store.ErrNoDatabase):
		advice = "Nothing was changed in it. Name the right file with --database FILE"
	case errors.Is(err, store.ErrNewer):
		advice = "Nothing was changed in it. Run that version again, or go on with a copy from before the upgrade"
	case errors.Is(err, store.ErrOlder):
		advice = "Nothing was changed in it. Start `recoverybot serve` of this version once: it brings the database up to date. Make a copy before"
	case errors.Is(err, store.ErrLocked):
		advice = "Stop the other one first, or name another database with --database FILE. queue, explain, jobs and adopt work beside it"
	case errors.Is(err, store.ErrNotEmpty):
		advice = "Nothing was changed in it. Name a new file, or the address of an empty database"
	case errors.Is(err, store.ErrUnreachable):
		advice = "Look whether the server runs there, and whether user, password and the name of the database are right. The password may be in PGPASSWORD, or in the file of --database-file"
	case errors.Is(err, fs.ErrNotExist):
		advice = "Make the folder first, or name another with --database FILE"
	case errors.Is(err, fs.ErrPermission):
		advice = "The user who runs this must be allowed to read and write it"
	default:
		return err
	}
	return fmt.Errorf("%w\n%s", err, advice)
}
