package pgtest

import (
	"testing"

	"github.com/jackc/pgx/v5"
)

// What was committed before a kill is there after the restart, at the same
// address.
func TestKill(t *testing.T) {
	s := New(t)
	address := s.Empty(t)
	connect := func() *pgx.Conn {
		t.Helper()
		conn, err := pgx.Connect(t.Context(), address)
		if err != nil {
			t.Fatal(err)
		}
		return conn
	}
	if _, err := connect().Exec(t.Context(), "CREATE TABLE kept AS SELECT 42 AS n"); err != nil {
		t.Fatal(err)
	}
	if err := s.Kill(); err != nil {
		t.Fatal(err)
	}
	if _, err := pgx.Connect(t.Context(), address); err == nil {
		t.Error("a killed server answers")
	}
	if err := s.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	var got int
	if err := connect().QueryRow(t.Context(), "SELECT n FROM kept").Scan(&got); err != nil || got != 42 {
		t.Errorf("got %d and %v, want 42", got, err)
	}
}
