package store

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/policy"
)

// logged is the file of a store whose audit log has three rows, all columns of
// which hold something, and its head.
func logged(t *testing.T) ([]byte, Head) {
	t.Helper()
	path := newFile(t)
	s := openReal(t, path, nil)
	for i, state := range []policy.State{policy.Triage, policy.Asked, policy.Review} {
		add(t, s, fmt.Sprint(i), noon())
		m := policy.Memory{State: state, Registry: "pypi", Account: "jbber", Policy: "0123456789ab"}
		if err := decide(t.Context(), s, m); err != nil {
			t.Fatal(err)
		}
	}
	got := verified(t, s, nil)
	if got.Rows != 3 || !got.Good() {
		t.Fatalf("undamaged: got %+v, want 3 good rows", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return file, got.Last
}

func verified(t *testing.T, s *Store, noted *Head) Chain {
	t.Helper()
	got, err := s.Verify(t.Context(), noted)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// Whatever is done to a row by a statement is found, with the row's number.
func TestVerifyFindsTheRow(t *testing.T) {
	file, _ := logged(t)
	type end struct {
		Rows, Broken int64
		What         Damage
	}
	for _, test := range []struct {
		damage string
		want   end
	}{
		{`DELETE FROM audit WHERE seq = 1`, end{0, 1, RowMissing}},
		{`DELETE FROM audit WHERE seq = 2`, end{1, 2, RowMissing}},
		{`DELETE FROM audit WHERE seq = 3`, end{2, 3, LogCut}},
		{`DELETE FROM audit`, end{0, 1, LogCut}},
		{`DELETE FROM audit_head`, end{3, 4, LogCut}},
		{`UPDATE audit SET seq = CASE seq WHEN 1 THEN 12 ELSE seq END`, end{0, 1, RowChanged}},
		{`UPDATE audit SET seq = -seq; UPDATE audit SET seq = CASE seq WHEN -2 THEN 3 WHEN -3 THEN 2 ELSE 1 END`, end{1, 2, RowChanged}},
		{`CREATE TABLE b AS SELECT * FROM audit; DELETE FROM audit; INSERT INTO audit SELECT * FROM b ORDER BY seq = 1, seq`, end{0, 1, RowMissing}},
		{`UPDATE audit SET prev = '' WHERE seq = 2`, end{1, 2, RowChanged}},
		{`UPDATE audit SET seq = 'one' WHERE seq = 1`, end{0, 1, RowStrange}},
		{`UPDATE audit SET seq = NULL WHERE seq = 2`, end{1, 2, RowStrange}},
		{`UPDATE audit SET action = CAST(action AS blob) WHERE seq = 2`, end{1, 2, RowStrange}},
		{`UPDATE audit SET at = at + 0.5 WHERE seq = 3`, end{2, 3, RowStrange}},
		{`INSERT INTO audit SELECT 4, at, case_uid, actor, action, reasons, policy, subject, account, hash, hash FROM audit WHERE seq = 3`, end{3, 4, RowChanged}},
		{`UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)`, end{3, 3, RowAdded}},
		{`UPDATE audit_head SET hash = 'x'`, end{3, 3, RowAdded}},
		{`INSERT INTO audit (rowid, seq, at, case_uid, actor, action, reasons, policy, subject, account, prev, hash)
			SELECT -1, 0, at, case_uid, actor, action, reasons, policy, subject, account, prev, hash FROM audit WHERE seq = 3`, end{0, 1, RowChanged}},
	} {
		t.Run(test.damage, func(t *testing.T) {
			s := openCopy(t, file)
			exec(t, s, test.damage)
			got := verified(t, s, nil)
			if diff := cmp.Diff(test.want, end{got.Rows, got.Broken, got.What}); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// One bit less or more in any column of any row is found in that row.
func TestVerifyEachColumn(t *testing.T) {
	file, _ := logged(t)
	s := openCopy(t, file)
	exec(t, s, "CREATE TABLE kept AS SELECT * FROM audit")
	for seq := int64(1); seq <= 3; seq++ {
		for _, column := range strings.Fields("seq at actor case_uid action reasons policy subject account prev hash") {
			flip := fmt.Sprintf("%s = %s + 64", column, column)
			if strings.Contains("case_uid action reasons policy subject account prev hash", column) {
				flip = fmt.Sprintf("%s = substr(%s, 1, 3) || char(unicode(substr(%s, 4) || 'x') | 128) || substr(%s, 5)", column, column, column, column)
			}
			exec(t, s, fmt.Sprintf("UPDATE audit SET %s WHERE seq = %d", flip, seq))
			if got := verified(t, s, nil); got.Broken != seq {
				t.Errorf("%s of row %d: got %+v, want that row", column, seq, got)
			}
			exec(t, s, "DELETE FROM audit; INSERT INTO audit SELECT * FROM kept ORDER BY seq")
		}
	}
	if got := verified(t, s, nil); !got.Good() {
		t.Errorf("undone: got %+v, want a good log", got)
	}
}

// The bytes of a log in the file itself: each value of each row is found, and a
// bit of it is turned. Nothing but the value differs, not even an index.
func TestVerifyEachByteOfTheFile(t *testing.T) {
	file, _ := logged(t)
	s := openCopy(t, file)
	rows := query(t, s, `SELECT case_uid || action || reasons || policy || subject || account || prev || hash FROM audit ORDER BY seq`)
	for n, row := range rows {
		at := bytes.Index(file, []byte(row))
		if at < 0 {
			t.Fatalf("row %d does not stand in one piece in the file", n+1)
		}
		for i := 0; i < len(row); i += 5 {
			damaged := bytes.Clone(file)
			damaged[at+i] ^= 1
			if got := verified(t, openCopy(t, damaged), nil); got.Broken != int64(n+1) {
				t.Fatalf("byte %d of row %d: got %+v, want that row", i, n+1, got)
			}
		}
	}
}

// A head that was noted outside finds what the file alone cannot tell: a log
// that was cut or written anew together with its own head.
func TestVerifyNotedHead(t *testing.T) {
	file, head := logged(t)
	other, _ := logged(t) // other random ids: as if it was written anew
	cut := `DELETE FROM audit WHERE seq = 3; UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit WHERE seq = 2)`
	for _, test := range []struct {
		name, damage string
		file         []byte
		rows, broken int64
		want         Damage
	}{
		{"as it was", "", file, 3, 0, ""},
		{"cut", cut, file, 2, 3, LogCut},
		{"written anew", "", other, 2, 3, LogRewritten},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := openCopy(t, test.file)
			exec(t, s, test.damage)
			if got := verified(t, s, nil); !got.Good() {
				t.Errorf("without the head: got %+v, want good", got)
			}
			got := verified(t, s, &head)
			if got.Rows != test.rows || got.Broken != test.broken || got.What != test.want {
				t.Errorf("got %+v, want %d rows, row %d: %s", got, test.rows, test.broken, test.want)
			}
			add(t, s, "later", noon())
			if err := decide(t.Context(), s, policy.Memory{State: policy.Denied}); err != nil {
				t.Fatal(err)
			}
			if got := verified(t, s, &head); got.Good() != (test.want == "") {
				t.Errorf("with a row more: got %+v, want good: %v", got, test.want == "")
			}
		})
	}
}

// The log is longer than what is read at once, and a page can end anywhere.
func TestVerifyPages(t *testing.T) {
	s := openFile(t)
	add(t, s, "one", noon())
	for i := range 2*pageRows + 1 {
		if i%100 == 0 || i > 2*pageRows-2 { // SQLite is quicker at copying than we at deciding
			if got := verified(t, s, nil); got.Rows != int64(i) || !got.Good() {
				t.Fatalf("got %+v, want %d good rows", got, i)
			}
		}
		err := s.change(t.Context(), "filling", func(tx *txn) error {
			return addAuditRow(t.Context(), tx, auditRow{At: stamp(noon()), CaseUID: "u", Action: "a", Reasons: "[]"})
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	exec(t, s, fmt.Sprintf("UPDATE audit SET at = 1 WHERE seq = %d", pageRows+1))
	if got := verified(t, s, nil); got.Broken != pageRows+1 {
		t.Errorf("got %+v, want row %d", got, pageRows+1)
	}
}
