package store

import (
	"context"

	"github.com/uptrace/bun"
)

func (e *lite) tables(ctx context.Context, db bun.IDB) ([]string, error) {
	var names []string
	err := db.NewRaw(`SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name`).Scan(ctx, &names)
	return names, err
}

func (e *lite) fields(ctx context.Context, db bun.IDB, table string) ([]field, error) {
	var rows []struct{ Name, Type string }
	err := db.NewRaw(`SELECT name, type FROM pragma_table_info(?) ORDER BY cid`, table).Scan(ctx, &rows)
	return columnsOf(rows), err
}

// resume needs nothing: AUTOINCREMENT goes on after the highest number.
func (e *lite) resume(context.Context, *txn) error { return nil }

// logRows walks in the order of the file, which is that of the writing: an
// index that was changed shows nothing else. The types of the columns are what
// they hold, not what the table says: SQLite keeps anything in any column.
func (e *lite) logRows() string {
	return `SELECT rowid AS place, (typeof(seq) = 'integer' AND typeof(at) = 'integer' AND typeof(actor) = 'integer'
			AND typeof(case_uid) || typeof(action) || typeof(reasons) || typeof(policy) || typeof(subject) || typeof(account)
			|| typeof(prev) || typeof(hash) = 'texttexttexttexttexttexttexttext') AS sound,
		CAST(seq AS integer) AS seq, CAST(at AS integer) AS at,
		CAST(case_uid AS text) AS case_uid, CAST(actor AS integer) AS actor, CAST(action AS text) AS action,
		CAST(reasons AS text) AS reasons, CAST(policy AS text) AS policy, CAST(subject AS text) AS subject,
		CAST(account AS text) AS account, CAST(prev AS text) AS prev, CAST(hash AS text) AS hash
		FROM audit NOT INDEXED WHERE rowid >= ? ORDER BY rowid LIMIT ?`
}

func (e *lite) logIndexes(ctx context.Context, tx *txn) (bool, error) {
	found, err := integrity(ctx, tx, `PRAGMA integrity_check(audit)`)
	return len(found) == 0, err
}

// damage returns what SQLite finds wrong with the file: places, and no
// content.
func (e *lite) damage(ctx context.Context, tx *txn) ([]string, error) {
	return integrity(ctx, tx, `PRAGMA integrity_check(20)`)
}

func integrity(ctx context.Context, tx *txn, pragma string) ([]string, error) {
	var state []string
	if err := tx.NewRaw(pragma).Scan(ctx, &state); err != nil {
		return nil, err
	}
	if len(state) == 1 && state[0] == "ok" {
		return nil, nil
	}
	return append([]string{}, state...), nil
}

// snapshot writes the whole file anew, beside others that use it.
func (e *lite) snapshot(ctx context.Context, _ *Store, path string) error {
	_, err := e.db.NewRaw(`VACUUM INTO ?`, path).Exec(ctx)
	return err
}
