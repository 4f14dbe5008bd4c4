package store

import (
	"fmt"
	"testing"

	"github.com/recoverybot/recoverybot/policy"
)

func TestVerifyOnPostgreSQL(t *testing.T) {
	s := openAt(t, tables(t))
	for i, state := range []policy.State{policy.Triage, policy.Asked, policy.Review} {
		add(t, s, fmt.Sprint(i), noon())
		if err := decide(t.Context(), s, policy.Memory{State: state}); err != nil {
			t.Fatal(err)
		}
	}
	if got := verified(t, s, nil); got.Rows != 3 || !got.Good() {
		t.Fatalf("undamaged: got %+v, want 3 good rows", got)
	}
	if _, err := s.db.NewRaw("UPDATE audit SET actor = actor + 1 WHERE seq = 2").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := verified(t, s, nil); got.Rows != 1 || got.Broken != 2 || got.What != RowChanged {
		t.Errorf("row 2 changed: got %+v, want 1 good row, and that row 2 is not what was written", got)
	}
	if _, err := s.db.NewRaw("DELETE FROM audit WHERE seq >= 2").Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := verified(t, s, nil); got.Rows != 1 || got.Broken != 2 || got.What != LogCut {
		t.Errorf("rows 2 and 3 deleted: got %+v, want 1 good row, and that the log ends before row 2", got)
	}
}
