package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/uptrace/bun"
)

// ErrNotEmpty means that a database has rows already, so that nothing is
// copied into it.
var ErrNotEmpty = errors.New("the database is not empty")

const copyBatch = 200 // rows of one statement

// Copied is how many rows of a table were copied.
type Copied struct {
	Table string
	Rows  int64
}

// Copy is what was copied.
type Copy struct {
	Tables []Copied
	Log    Chain // the audit log, as it was found in the copy, and in the original alike
}

// CopyTo copies all tables, with all numbers, from one snapshot into another
// database, in one transaction there: ErrNotEmpty if that has rows. Jobs are
// not copied: the sweep at the start makes them. What arrived is counted and
// its audit log is walked before the transaction ends. Nobody may serve on
// either database meanwhile, but on this one for a backup.
func (s *Store) CopyTo(ctx context.Context, to *Store) (Copy, error) {
	var c Copy
	err := s.view(ctx, "copying the database", func(from *txn) error {
		return to.change(ctx, "writing the copy", func(into *txn) error {
			p := passageway{from: end{s, from}, into: end{to, into}}
			if err := p.clear(ctx); err != nil {
				return err
			}
			for _, table := range copied() {
				n, err := p.table(ctx, table)
				if err != nil {
					return fmt.Errorf("copying the table %s: %w", table, err)
				}
				c.Tables = append(c.Tables, Copied{Table: table, Rows: n})
			}
			if err := to.engine.resume(ctx, into); err != nil {
				return err
			}
			var err error
			c.Log, err = p.compare(ctx)
			return err
		})
	})
	return c, err
}

// end is a database with an open transaction.
type end struct {
	store *Store
	tx    *txn
}

// count returns how many rows a table has.
func (e end) count(ctx context.Context, table string) (n int64, err error) {
	err = e.tx.NewRaw(`SELECT count(*) FROM ?`, bun.Ident(table)).Scan(ctx, &n)
	return n, err
}

// log walks the audit log.
func (e end) log(ctx context.Context) (Chain, error) {
	w := newWalk(e.store, nil)
	err := w.all(ctx, e.tx)
	return w.chain, err
}

// passageway leads from one database into another.
type passageway struct{ from, into end }

// clear returns ErrNotEmpty unless nothing is there but what the migrations
// put there, and takes that away.
func (p passageway) clear(ctx context.Context) error {
	for _, table := range copied() {
		if slices.Contains(begun(), table) {
			continue
		}
		n, err := p.into.count(ctx, table)
		if err != nil {
			return fmt.Errorf("counting the rows of %s: %w", table, err)
		}
		if n > 0 {
			return fmt.Errorf("%w: its table %s has %d rows", ErrNotEmpty, table, n)
		}
	}
	for _, table := range begun() {
		if _, err := p.into.tx.NewRaw(`DELETE FROM ?`, bun.Ident(table)).Exec(ctx); err != nil {
			return fmt.Errorf("emptying %s: %w", table, err)
		}
	}
	return nil
}

// table copies one table, and compares the numbers of rows.
func (p passageway) table(ctx context.Context, table string) (int64, error) {
	fields, err := p.into.store.fieldsOf(ctx, p.into.tx, table)
	if err != nil {
		return 0, err
	}
	theirs, err := p.from.store.fieldsOf(ctx, p.from.tx, table)
	if err != nil {
		return 0, err
	}
	if !sameFields(fields, theirs) {
		return 0, errors.New("the columns are not the same: one of the databases is damaged")
	}
	if err := p.rows(ctx, table, fields); err != nil {
		return 0, err
	}
	had, err := p.from.count(ctx, table)
	if err != nil {
		return 0, err
	}
	got, err := p.into.count(ctx, table)
	if err == nil && got != had {
		err = fmt.Errorf("%d rows arrived of %d", got, had)
	}
	return got, err
}

// sameFields compares without regard to the order, in which columns came to
// a table.
func sameFields(a, b []field) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(f field) bool { return !slices.Contains(b, f) })
}

// rows copies in the order of the first column, which is the key or begins it:
// the audit log stands in the file as it was written.
func (p passageway) rows(ctx context.Context, table string, fields []field) (err error) {
	names := make([]string, 0, len(fields))
	for _, f := range fields {
		names = append(names, `"`+f.Name+`"`)
	}
	columns := strings.Join(names, ", ")
	rows, err := p.from.tx.QueryContext(ctx, fmt.Sprintf(`SELECT %s FROM "%s" ORDER BY "%s"`, columns, table, fields[0].Name))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	b := bulk{
		head:  fmt.Sprintf(`INSERT INTO "%s" (%s) VALUES `, table, columns),
		place: "(" + strings.TrimSuffix(strings.Repeat("?, ", len(fields)), ", ") + ")",
	}
	for rows.Next() {
		values, err := scan(rows, fields)
		if err != nil {
			return err
		}
		b.values = append(b.values, values...)
		if b.rows++; b.rows == copyBatch {
			if err := b.insert(ctx, p.into.tx); err != nil {
				return err
			}
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	return b.insert(ctx, p.into.tx)
}

// scan reads a row as its columns take it.
func scan(rows *sql.Rows, fields []field) ([]any, error) {
	values, into := make([]any, len(fields)), make([]any, len(fields))
	for i := range values {
		into[i] = &values[i]
	}
	if err := rows.Scan(into...); err != nil {
		return nil, err
	}
	for i, f := range fields {
		v, err := f.Kind.value(values[i])
		if err != nil {
			return nil, fmt.Errorf("reading the column %s: %w", f.Name, err)
		}
		values[i] = v
	}
	return values, nil
}

// bulk is rows that are inserted by one statement.
type bulk struct {
	head, place string
	rows        int
	values      []any
}

func (b *bulk) insert(ctx context.Context, tx *txn) error {
	if b.rows == 0 {
		return nil
	}
	places := strings.TrimSuffix(strings.Repeat(b.place+", ", b.rows), ", ")
	_, err := tx.NewRaw(b.head+places, b.values...).Exec(ctx)
	b.rows, b.values = 0, b.values[:0]
	return err
}

// compare walks the audit logs, which must be found alike.
func (p passageway) compare(ctx context.Context) (Chain, error) {
	had, err := p.from.log(ctx)
	if err != nil {
		return Chain{}, err
	}
	got, err := p.into.log(ctx)
	if err == nil && got != had {
		err = fmt.Errorf("the audit log arrived with %d good rows of %d", got.Rows, had.Rows)
	}
	return got, err
}
