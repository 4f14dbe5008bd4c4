package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/uptrace/bun"
)

func (e *postgres) tables(ctx context.Context, db bun.IDB) ([]string, error) {
	var names []string
	err := db.NewRaw(`SELECT table_name FROM information_schema.tables
		WHERE table_schema = current_schema() AND table_type = 'BASE TABLE' ORDER BY table_name`).Scan(ctx, &names)
	return names, err
}

func (e *postgres) fields(ctx context.Context, db bun.IDB, table string) ([]field, error) {
	var rows []struct{ Name, Type string }
	err := db.NewRaw(`SELECT column_name AS name, data_type AS type FROM information_schema.columns
		WHERE table_schema = current_schema() AND table_name = ? ORDER BY ordinal_position`, table).Scan(ctx, &rows)
	return columnsOf(rows), err
}

// resume lets the numbers that the database gives go on after the highest one
// that was copied.
func (e *postgres) resume(ctx context.Context, tx *txn) error {
	var given []struct{ Table, Column string }
	err := tx.NewRaw(`SELECT table_name AS "table", column_name AS "column" FROM information_schema.columns
		WHERE table_schema = current_schema() AND is_identity = 'YES' ORDER BY table_name`).Scan(ctx, &given)
	if err != nil {
		return fmt.Errorf("reading which numbers the database gives: %w", err)
	}
	for _, g := range given {
		if foreign(g.Table) {
			continue
		}
		_, err := tx.NewRaw(`SELECT setval(pg_get_serial_sequence(?, ?), coalesce((SELECT max(?) FROM ?), 0) + 1, FALSE)`,
			g.Table, g.Column, bun.Ident(g.Column), bun.Ident(g.Table)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("setting the numbers of %s: %w", g.Table, err)
		}
	}
	return nil
}

func (e *postgres) logRows() string {
	return `SELECT seq AS place, TRUE AS sound, seq, at, case_uid, actor, action, reasons, policy, subject, account, prev, hash
		FROM audit WHERE seq >= ? ORDER BY seq LIMIT ?`
}

// logIndexes: PostgreSQL has no check of its own; a damaged page is an error.
func (e *postgres) logIndexes(context.Context, *txn) (bool, error) { return true, nil }

func (e *postgres) damage(context.Context, *txn) ([]string, error) { return nil, nil }

// snapshot copies into an SQLite file: a file beside that one is made first,
// for only a new file is whole without others.
func (e *postgres) snapshot(ctx context.Context, s *Store, path string) (err error) {
	dir, err := os.MkdirTemp(filepath.Dir(path), ".recoverybot-")
	if err != nil {
		return fmt.Errorf("making a folder for the backup: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	file, err := Open(ctx, Options{Database: filepath.Join(dir, "copy.db"), Clock: s.clock})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	if _, err := s.CopyTo(ctx, file); err != nil {
		return err
	}
	return file.engine.snapshot(ctx, file, path)
}
