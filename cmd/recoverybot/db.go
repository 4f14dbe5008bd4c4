package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/recoverybot/recoverybot/bot/store"
)

type dbCmd struct {
	Migrate dbMigrateCmd `cmd:"" help:"Bring the tables up to date, and say from what to what."`
	Backup  dbBackupCmd  `cmd:"" help:"Write all of the database into a new file, while the bot runs."`
	Restore dbRestoreCmd `cmd:"" help:"Read a backup into an empty database."`
	Check   dbCheckCmd   `cmd:"" help:"Look for what is wrong with the database. Changes nothing."`
	Copy    dbCopyCmd    `cmd:"" help:"Copy all from one database into another: from SQLite to PostgreSQL, or back."`
}

type dbMigrateCmd struct {
	databaseFlags
}

// Help is the long part of --help.
func (dbMigrateCmd) Help() string {
	return `serve does it at its start. This is for those who want it apart, for instance as another user of PostgreSQL, who may make tables.

An SQLite database is not migrated while the bot runs. Make a backup before: recoverybot db backup FILE`
}

// Run migrates the database.
func (c *dbMigrateCmd) Run(ctx context.Context, e *env) error {
	address, err := c.address()
	if err != nil {
		return err
	}
	lock, err := lockDatabase(address)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }() // the process ends
	m, err := store.Migrate(ctx, store.Options{Database: address, Clock: e.now})
	if err != nil {
		return withAdvice(err)
	}
	if len(m.Made) == 0 && m.JobsFrom == m.JobsTo {
		fmt.Fprintf(e.out, "%s is up to date: %s, job engine %d.\n", c.shown(), m.To, m.JobsTo)
		return nil
	}
	from := m.From
	if from == "" {
		from = "no tables"
	}
	fmt.Fprintf(e.out, "%s was migrated\n  from  %s, job engine %d\n  to    %s, job engine %d\n", c.shown(), from, m.JobsFrom, m.To, m.JobsTo)
	for _, name := range m.Made {
		fmt.Fprintf(e.out, "    %s\n", name)
	}
	return nil
}

type dbBackupCmd struct {
	File string `arg:"" help:"The new file. One that is there is not written over." placeholder:"FILE"`
	databaseFlags
}

// Help is the long part of --help.
func (dbBackupCmd) Help() string {
	return `The file is an SQLite database that only its owner can read, of PostgreSQL too: one moment of the bot's life, whole, however long the writing takes. Nothing has to be stopped.

It holds the keys by which the audit log hides people: keep it as safe as the database.

  recoverybot db backup /var/backups/recoverybot-2026-12-03.db`
}

// Run writes the backup.
func (c *dbBackupCmd) Run(ctx context.Context, e *env) error {
	if err := backupFile(c.File); err != nil {
		return err
	}
	st, err := openStore(ctx, e, c.databaseFlags)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // only read
	done, err := st.Backup(ctx, c.File)
	if errors.Is(err, fs.ErrExist) {
		err = fmt.Errorf("%w\nIt was left alone. Name a new file; what ends in .part beside it is left of a backup that was cut off, and may go", err)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Wrote %s.\n", c.File)
	return tellCopy(e, done)
}

// backupFile refuses what is no path, and does not repeat it: there may be
// a password in it.
func backupFile(path string) error {
	if store.IsPostgres(path) {
		return usageError{text: "FILE: a backup is a file. From one database into another leads `recoverybot db copy`"}
	}
	return named("FILE", path)
}

type dbRestoreCmd struct {
	File string `arg:"" help:"A backup, or another SQLite file of the bot. It is left as it is." placeholder:"FILE"`
	databaseFlags
}

// Help is the long part of --help.
func (dbRestoreCmd) Help() string {
	return `Stop the bot, and move the old database away: a database that has anything in it is refused. A backup of an older version is brought up to date on the way.

What happened since the backup is read from GitHub at the next start; what staff attested and approved since then is lost, which is the safe side.`
}

// Run restores the backup.
func (c *dbRestoreCmd) Run(ctx context.Context, e *env) error {
	address, err := c.address()
	if err != nil {
		return err
	}
	if err := backupFile(c.File); err != nil {
		return err
	}
	if _, err := os.Stat(c.File); err != nil {
		return fmt.Errorf("reading the backup: %w", err)
	}
	to, err := openTarget(ctx, e, address)
	if err != nil {
		return err
	}
	done, err := store.Restore(ctx, c.File, to.store)
	if err = to.end(err); err != nil {
		return withAdvice(err)
	}
	fmt.Fprintf(e.out, "Restored %s into %s.\n", c.File, c.shown())
	if err := tellCopy(e, done); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Next: recoverybot serve %s\nIt reads from GitHub what happened since the backup.\n", c.flag())
	return nil
}

type dbCheckCmd struct {
	databaseFlags
}

// Help is the long part of --help.
func (dbCheckCmd) Help() string {
	return `It looks at the file itself, the version of the tables, rows that belong to nothing, what the bot's own rules forbid, and the audit log. The bot may run meanwhile. The exit status is 1 if anything is wrong.`
}

// Run checks the database; errQuiet if something is wrong.
func (c *dbCheckCmd) Run(ctx context.Context, e *env) error {
	address, err := c.address()
	if err != nil {
		return err
	}
	if err := thereIs(address); err != nil {
		return err
	}
	st, err := store.Inspect(ctx, store.Options{Database: address, Clock: e.now})
	if err != nil {
		return withAdvice(err)
	}
	defer func() { _ = st.Close() }() // only read
	found, err := st.Check(ctx)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		fmt.Fprintf(e.out, "Nothing is wrong with %s.\n", c.shown())
		return nil
	}
	fmt.Fprintf(e.out, "%s wrong with %s:\n", count(len(found), "thing is", "things are"), c.shown())
	for _, f := range found {
		fmt.Fprintf(e.out, "\n%s\n  %s.\n", f.What, f.Do)
	}
	return errQuiet
}

type dbCopyCmd struct {
	From string `required:"" env:"-" help:"The database to copy: an SQLite file, or postgres://USER@HOST/NAME." placeholder:"DATABASE"`
	To   string `required:"" env:"-" help:"The empty database: a new file, or postgres://USER@HOST/NAME." placeholder:"DATABASE"`
}

// Help is the long part of --help.
func (dbCopyCmd) Help() string {
	return `For a team that grows. Stop the bot first: what came in later would not be copied. Either all of it arrives, or nothing.

Give the password of PostgreSQL in the environment (PGPASSWORD), or in a file (~/.pgpass, or the one that PGPASSFILE names): what is written in the command, others on the machine can see.

  recoverybot db copy --from recoverybot.db --to postgres://recoverybot@db.example/recoverybot`
}

// Run copies.
func (c *dbCopyCmd) Run(ctx context.Context, e *env) error {
	if c.From == c.To {
		return usageError{text: "--from and --to are the same database"}
	}
	if err := cmp.Or(named("--from", c.From), named("--to", c.To), thereIs(c.From)); err != nil {
		return err
	}
	lock, err := lockDatabase(c.From)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }() // the process ends
	from, err := openStore(ctx, e, databaseFlags{Database: c.From})
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }() // only read
	to, err := openTarget(ctx, e, c.To)
	if err != nil {
		return err
	}
	done, err := from.CopyTo(ctx, to.store)
	if err = to.end(err); err != nil {
		return withAdvice(err)
	}
	fmt.Fprintf(e.out, "Copied %s into %s.\n", store.Redacted(c.From), store.Redacted(c.To))
	if err := tellCopy(e, done); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "Next: recoverybot serve %s\nKeep the old database as a backup, and never serve on it again.\n", databaseFlags{Database: c.To}.flag())
	return nil
}

// target is a database that something is copied into.
type target struct {
	store *store.Store
	lock  io.Closer
	made  string // path of a file that was not there
}

// openTarget opens a database, and makes a file where there is none.
func openTarget(ctx context.Context, e *env, database string) (*target, error) {
	t := &target{}
	if (databaseFlags{Database: database}).absent() {
		t.made = database
	}
	var err error
	if t.lock, err = lockDatabase(database); err != nil {
		return nil, err
	}
	if t.store, err = store.Open(ctx, store.Options{Database: database, Clock: e.now}); err != nil {
		return nil, errors.Join(withAdvice(err), t.lock.Close())
	}
	return t, nil
}

// end closes it after a copy. If that went wrong, a file that was made for it
// is removed.
func (t *target) end(err error) error {
	failed := err != nil
	err = errors.Join(err, t.store.Close())
	if t.made != "" && failed {
		err = errors.Join(err, os.Remove(t.made))
	}
	return errors.Join(err, t.lock.Close())
}

// tellCopy prints what a copy holds; errQuiet if its audit log is broken.
func tellCopy(e *env, c store.Copy) error {
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, t := range c.Tables {
		fmt.Fprintf(w, "%d\t %s\n", t.Rows, strings.ReplaceAll(t.Table, "_", " "))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("printing the tables: %w", err)
	}
	if !c.Log.Good() {
		fmt.Fprintf(e.out, "THE AUDIT LOG IS BROKEN, there as here: row %d: %s\nRead \"The audit log\" in docs/operate.md before you go on.\n", c.Log.Broken, c.Log.What)
		return errQuiet
	}
	fmt.Fprintf(e.out, "The audit log is as it was written: %s.\n", count(int(c.Log.Rows), "row", "rows"))
	if c.Log.Rows > 0 {
		fmt.Fprintf(e.out, "head %d:%s\n", c.Log.Last.Seq, c.Log.Last.Hash)
	}
	return nil
}
