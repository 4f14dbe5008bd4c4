package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
)

// TestTablesAreCopied fails for a new table that nobody decided about: add it
// to copied (or, if it tells of processes alone, to left).
func TestTablesAreCopied(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *Store) {
		names, err := s.engine.tables(t.Context(), s.db)
		if err != nil {
			t.Fatal(err)
		}
		names = slices.DeleteFunc(names, func(n string) bool { return foreign(n) || slices.Contains(left(), n) })
		want := slices.Sorted(slices.Values(copied()))
		if d := cmp.Diff(want, names); d != "" {
			t.Errorf("tables (-copied +there are):\n%s", d)
		}
	})
}

// fillAll writes three rows into each table, with another value in each column.
func fillAll(t *testing.T, s *Store) {
	t.Helper()
	err := s.change(t.Context(), "filling", func(tx *txn) error {
		for i, table := range copied() {
			if table == "audit" || slices.Contains(begun(), table) {
				continue
			}
			fields, err := s.fieldsOf(t.Context(), tx, table)
			if err != nil {
				return err
			}
			for n := range 3 {
				if err := fillRow(t, tx, filling{table, fields, int64(i), int64(n)}); err != nil {
					return err
				}
			}
		}
		if _, err := tx.NewRaw(`UPDATE rewake SET policy = 'p', upto = 7, done = TRUE`).Exec(t.Context()); err != nil {
			return err
		}
		if _, err := tx.NewRaw(`UPDATE mode SET mode = 'stop', set_by = 'command', since = 8, away = 9`).Exec(t.Context()); err != nil {
			return err
		}
		for range 3 {
			if err := addAuditRow(t.Context(), tx, auditRow{At: 5, CaseUID: "u", Actor: 9, Action: "a", Reasons: "[]", Policy: "p"}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

type filling struct {
	table    string
	fields   []field
	nth, row int64
}

func fillRow(t *testing.T, tx *txn, f filling) error {
	t.Helper()
	var names []string
	var values []any
	for i, c := range f.fields {
		names = append(names, c.Name)
		value := map[kind]any{
			holdsNumber: 1000*f.nth + 10*int64(i) + f.row, holdsTruth: f.row%2 == 0,
			holdsText: fmt.Sprint(c.Name, `"'\`, f.row), holdsBytes: []byte{0, byte(i), byte(f.row), 255},
		}[c.Kind]
		if c.Name == "memory" { // a migration reads it
			value = "{" + strings.Repeat(" ", int(f.row)) + "}"
		}
		if c.Name == "case_id" || i == 0 && c.Kind == holdsNumber {
			value = f.row + 1
		}
		values = append(values, value)
	}
	places := strings.TrimSuffix(strings.Repeat("?, ", len(values)), ", ")
	_, err := tx.NewRaw("INSERT INTO "+f.table+" ("+strings.Join(names, ", ")+") VALUES ("+places+")", values...).Exec(t.Context())
	return err
}

// dumpAll is all that the tables hold, by table and column.
func dumpAll(t *testing.T, s *Store) map[string][]map[string]any {
	t.Helper()
	all := map[string][]map[string]any{}
	err := s.view(t.Context(), "dumping", func(tx *txn) error {
		for _, table := range copied() {
			fields, err := s.fieldsOf(t.Context(), tx, table)
			if err != nil {
				return err
			}
			if all[table], err = dumpRows(t, tx, filling{table: table, fields: fields}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func dumpRows(t *testing.T, tx *txn, f filling) (all []map[string]any, err error) {
	t.Helper()
	rows, err := tx.QueryContext(t.Context(), "SELECT * FROM "+f.table+" ORDER BY 1, 2")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		values, err := scan(rows, f.fields)
		if err != nil {
			return nil, err
		}
		row := map[string]any{}
		for i, f := range f.fields {
			row[f.Name] = values[i]
		}
		all = append(all, row)
	}
	return all, rows.Err()
}

// TestCopyThereAndBack copies from SQLite to PostgreSQL and back: nothing is
// lost, and what comes next gets the next number.
func TestCopyThereAndBack(t *testing.T) {
	from, to, back := openFile(t), openAt(t, tables(t)), openFile(t)
	fillAll(t, from)
	want := dumpAll(t, from)
	for _, way := range [][2]*Store{{from, to}, {to, back}} {
		c, err := way[0].CopyTo(t.Context(), way[1])
		if err != nil {
			t.Fatal(err)
		}
		if c.Log.Rows != 3 || !c.Log.Good() || len(c.Tables) != len(copied()) || c.Tables[0] != (Copied{"cases", 3}) {
			t.Errorf("copied %+v", c)
		}
		if d := cmp.Diff(want, dumpAll(t, way[1])); d != "" {
			t.Errorf("the copy (-original +copy):\n%s", d)
		}
		if _, err := way[0].CopyTo(t.Context(), way[1]); !errors.Is(err, ErrNotEmpty) {
			t.Errorf("a second copy: %v, want ErrNotEmpty", err)
		}
	}
	for _, s := range []*Store{to, back} {
		d := bot.Delivery{
			GUID: "new", Digest: "new", Event: "issues", Action: "opened", ObjectID: 77, ObjectUpdatedAt: noon(),
			Ref: bot.Ref{CaseKey: bot.CaseKey{Repository: 70, Issue: 77}, Number: 7}, ReceivedAt: noon(),
		}
		if out, err := s.AddDelivery(t.Context(), d); err != nil || out != bot.Added {
			t.Errorf("the next delivery: %v, %v", out, err)
		}
		c, err := s.FindCase(t.Context(), "", "", 7)
		if err != nil || c.Ref.Issue != 77 {
			t.Errorf("its case: %+v, %v", c, err)
		}
	}
}

// TestCopyRefuses leaves the target as it was if the copy can't be whole.
func TestCopyRefuses(t *testing.T) {
	from, to := openFile(t), openFile(t)
	fillAll(t, from)
	if _, err := from.db.NewRaw(`UPDATE cases SET number = 'seven' WHERE id = 2`).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := dumpAll(t, to)
	if _, err := from.CopyTo(t.Context(), to); err == nil || !strings.Contains(err.Error(), "copying the table cases: reading the column number") {
		t.Errorf("a text in the place of a number: %v", err)
	}
	if d := cmp.Diff(before, dumpAll(t, to)); d != "" {
		t.Errorf("the target changed:\n%s", d)
	}
}

// TestCopyOfMany goes over the batches.
func TestCopyOfMany(t *testing.T) {
	from, to := openFile(t), openFile(t)
	rows := make([]bot.Redelivery, 2*copyBatch+1)
	for i := range rows {
		rows[i] = bot.Redelivery{GUID: fmt.Sprint("g", i), Attempt: int64(i), FailedAt: noon().Add(time.Duration(i))}
	}
	if err := from.NoteFailed(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	c, err := from.CopyTo(t.Context(), to)
	if err != nil || !slices.Contains(c.Tables, Copied{"redelivery", int64(len(rows))}) {
		t.Errorf("%+v, %v", c, err)
	}
}
