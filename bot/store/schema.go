package store

import (
	"context"
	"fmt"
	"strings"

	"github.com/uptrace/bun"
)

// copied are the tables that a copy of the database has, each after those
// that it refers to. The job engine's own are made anew, and the migrations'
// come with the tables.
func copied() []string {
	return []string{
		"cases", "delivery", "outbox", "comment", "seen_command",
		"audit", "audit_head",
		"repository", "repository_label", "installation", "outage",
		"waits", "rewake", "digest",
		"redelivery", "redelivery_mark",
		"mode", "shadow",
		"claim", "objection",
	}
}

// left are the tables that tell of processes, of versions of the program, and of
// jobs to come, which the sweep at a start makes anew. No copy has them.
func left() []string { return []string{"replica", "schema", "wake"} }

// begun are tables in which the migrations put a first row.
func begun() []string { return []string{"audit_head", "rewake", "mode"} }

// foreign reports whether a table belongs to the job engine, the migrations or
// the database itself.
func foreign(table string) bool {
	return strings.HasPrefix(table, "river_") || strings.HasPrefix(table, "bun_") || strings.HasPrefix(table, "sqlite_")
}

// kind is what a column holds, whatever the database calls it.
type kind int

const (
	holdsStrange kind = iota
	holdsNumber
	holdsTruth
	holdsText
	holdsBytes
)

// kindOf reads the name of a type.
func kindOf(name string) kind {
	switch strings.ToLower(name) {
	case "bigint", "integer":
		return holdsNumber
	case "boolean":
		return holdsTruth
	case "text":
		return holdsText
	case "blob", "bytea":
		return holdsBytes
	}
	return holdsStrange
}

// value is v as a column of that kind takes it: SQLite keeps a boolean as a
// number, and anything in any column.
func (k kind) value(v any) (any, error) {
	n, isNumber := v.(int64)
	switch {
	case v == nil:
		return nil, nil //nolint:nilnil // NULL
	case k == holdsTruth && isNumber && (n == 0 || n == 1):
		return n == 1, nil
	}
	fits := false
	switch k {
	case holdsNumber:
		fits = isNumber
	case holdsTruth:
		_, fits = v.(bool)
	case holdsText:
		if b, ok := v.([]byte); ok {
			return string(b), nil
		}
		_, fits = v.(string)
	case holdsBytes:
		_, fits = v.([]byte)
	case holdsStrange:
	}
	if !fits {
		return nil, fmt.Errorf("a value of type %T does not fit", v)
	}
	return v, nil
}

// field is a column of a table.
type field struct {
	Name string
	Kind kind
}

// fieldsOf returns the columns of one of our tables, in the table's order.
func (s *Store) fieldsOf(ctx context.Context, db bun.IDB, table string) ([]field, error) {
	fields, err := s.engine.fields(ctx, db, table)
	if err != nil {
		return nil, fmt.Errorf("reading the columns of %s: %w", table, err)
	}
	for _, f := range fields {
		if f.Kind == holdsStrange {
			return nil, fmt.Errorf("reading the columns of %s: %s has a type that is not known", table, f.Name)
		}
	}
	return fields, nil
}

// columnsOf returns the names and types of a query for fields.
func columnsOf(rows []struct{ Name, Type string }) []field {
	fields := make([]field, 0, len(rows))
	for _, r := range rows {
		fields = append(fields, field{Name: r.Name, Kind: kindOf(r.Type)})
	}
	return fields
}
