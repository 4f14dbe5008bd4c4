package store

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/uptrace/bun"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

func exec(t testing.TB, s *Store, statement string) {
	t.Helper()
	if _, err := s.db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func query(t testing.TB, s *Store, statement string) []string {
	t.Helper()
	var all []string
	if err := s.db.NewRaw(statement).Scan(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// dump returns how many rows each table has, and the versions of the cases.
func dump(t testing.TB, s *Store) string {
	t.Helper()
	var b strings.Builder
	for _, table := range []string{
		"cases", "delivery", "outbox", "comment", "audit", "seen_command", "river_job", "wake",
		"cases WHERE version > 0", "delivery WHERE done_at = 0", "outbox WHERE done_at = 0", "audit_head WHERE seq > 1",
	} {
		fmt.Fprintln(&b, table, query(t, s, "SELECT count(*) FROM "+table))
	}
	return b.String()
}

// An error at any table undoes the whole transaction.
func TestErrorInTheMiddle(t *testing.T) {
	adding := func(s *Store) error {
		_, err := s.AddDelivery(t.Context(), someDelivery("two", noon()))
		return err
	}
	deciding := func(s *Store) error {
		w, _, err := s.Begin(t.Context(), someKey(), noon())
		if err != nil {
			return err
		}
		w.Case.Memory.State = policy.Triage
		return s.Commit(t.Context(), bot.Result{
			Case: w.Case, Delivery: w.Delivery.ID, Command: 7001, Now: noon(),
			Decision: policy.Decision{Effects: []policy.Effect{policy.Labels{Add: []string{"b"}}}},
		})
	}
	for _, test := range []struct {
		at   string
		does func(*Store) error
	}{
		{"INSERT ON delivery", adding},
		{"INSERT ON wake", adding},
		{"UPDATE ON delivery", deciding},
		{"INSERT ON seen_command", deciding},
		{"INSERT ON audit", deciding},
		{"UPDATE OF hash ON audit_head", deciding},
		{"UPDATE ON outbox", deciding},
		{"INSERT ON outbox", deciding},
		{"INSERT ON river_job", deciding},
	} {
		t.Run(test.at, func(t *testing.T) {
			s := openFile(t)
			add(t, s, "zero", noon())
			if err := decide(t.Context(), s, policy.Memory{}); err != nil {
				t.Fatal(err)
			}
			add(t, s, "one", noon())
			exec(t, s, "DELETE FROM river_job")
			want := dump(t, s)
			exec(t, s, "CREATE TRIGGER fault BEFORE "+test.at+" BEGIN SELECT raise(ABORT, 'fault'); END")
			if err := test.does(s); err == nil || !strings.Contains(err.Error(), "fault") {
				t.Fatalf("got error %v, want the fault", err)
			}
			if got := dump(t, s); got != want {
				t.Errorf("got\n%swant\n%s", got, want)
			}
			exec(t, s, "DROP TRIGGER fault")
			if err := test.does(s); err != nil {
				t.Errorf("without the fault: %v", err)
			}
		})
	}
}

func TestNoRandomness(t *testing.T) {
	s, err := Open(t.Context(), Options{Database: memory, Clock: noon, Random: strings.NewReader("short")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddDelivery(t.Context(), someDelivery("one", noon())); err == nil {
		t.Error("got no error, want one: a case without a key must not be")
	}
	if got := query(t, s, "SELECT count(*) FROM cases"); got[0] != "0" {
		t.Errorf("got %s cases, want none", got[0])
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// What is personal stands in the audit log under the case's key alone.
func TestAuditHidesNames(t *testing.T) {
	s := openFile(t)
	d := someDelivery("one", noon())
	d.AuthorID = 987654321
	if _, err := s.AddDelivery(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	if err := decide(t.Context(), s, policy.Memory{State: policy.Triage, Registry: "pypi", Account: "jbber"}); err != nil {
		t.Fatal(err)
	}
	got := query(t, s, `SELECT seq || ' ' || at || ' ' || case_uid || ' ' || actor || ' ' || action || ' ' || reasons || ' ' || policy || ' ' || subject || ' ' || account FROM audit`)
	for _, secret := range []string{"987654321", "jbber", "501"} {
		if regexp.MustCompile(`\b` + secret + `\b`).MatchString(got[0]) {
			t.Errorf("got %s with %s in it", got[0], secret)
		}
	}
	hashes := query(t, s, `SELECT length(subject) || ' ' || length(account) FROM audit`)
	if hashes[0] != "64 64" {
		t.Errorf("got lengths %s of the keyed hashes, want 64 64", hashes[0])
	}
}

// One case and one installation have one open job each.
func TestJobsAreUnique(t *testing.T) {
	s := openFile(t)
	for i := range 3 {
		add(t, s, fmt.Sprint(i), noon())
		if err := decide(t.Context(), s, policy.Memory{State: policy.Triage, WakeAt: noon()}); err != nil {
			t.Fatal(err)
		}
		add(t, s, fmt.Sprint("more", i), noon())
	}
	if _, err := s.Dispatch(t.Context()); err != nil {
		t.Fatal(err)
	}
	jobs := func() string { return strings.Join(query(t, s, "SELECT kind FROM river_job ORDER BY kind"), " ") }
	if got := jobs(); got != "case drain" {
		t.Errorf("got jobs %s, want case drain", got)
	}
	exec(t, s, "DELETE FROM river_job")
	for range 2 {
		if _, _, err := s.Sweep(t.Context(), noon()); err != nil {
			t.Fatal(err)
		}
	}
	if got := jobs(); got != "case drain" {
		t.Errorf("got jobs %s after sweeps, want case drain", got)
	}
}

func TestOpenAgain(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a b#c?d%25.db")
	s := openReal(t, path, nil)
	add(t, s, "one", noon())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openAt(t, path)
	if _, _, err := s.Begin(t.Context(), someKey(), noon()); err != nil {
		t.Error(err)
	}
	for _, name := range []string{path, path + "-wal"} {
		info, err := os.Stat(name)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o600 {
			t.Errorf("%s: got mode %o, want 600", filepath.Base(name), got)
		}
	}
	if _, err := s.read.ExecContext(t.Context(), "DELETE FROM delivery"); err == nil {
		t.Error("the readers can write")
	}
	for pragma, want := range map[string]string{"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"} {
		if got := query(t, s, "PRAGMA "+pragma); got[0] != want {
			t.Errorf("%s: got %s, want %s", pragma, got[0], want)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, test := range []struct {
		name string
		file func(t *testing.T, path string)
		want error
	}{
		{"no such directory", func(t *testing.T, path string) {
			if err := os.Remove(filepath.Dir(path)); err != nil {
				t.Fatal(err)
			}
		}, os.ErrNotExist},
		{"another file", func(t *testing.T, path string) {
			text := strings.Repeat("this is a letter, and no database. ", 99)
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}, ErrNoDatabase},
		{"another program's database", func(t *testing.T, path string) {
			damage(t, path, "DROP TABLE bun_migrations")
		}, ErrNoDatabase},
		{"a newer version", func(t *testing.T, path string) {
			damage(t, path, "INSERT INTO bun_migrations (name, group_id) VALUES ('29990101000000', 2); UPDATE schema SET oldest = '29990101000000'")
		}, ErrNewer},
		{"a newer job engine", func(t *testing.T, path string) {
			damage(t, path, "INSERT INTO river_migration (line, version) VALUES ('main', 999); UPDATE schema SET oldest_jobs = 999")
		}, ErrNewer},
	} {
		t.Run(test.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "sub", "r.db")
			if err := os.Mkdir(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			test.file(t, path)
			_, err := Open(t.Context(), Options{Database: path, Clock: noon})
			if !errors.Is(err, test.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("got %v, want %v and the path", err, test.want)
			}
		})
	}
}

func damage(t *testing.T, path, statement string) {
	t.Helper()
	s := openReal(t, path, nil)
	exec(t, s, statement)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

// The queries that are asked again and again find their rows by an index, so
// that cases with nothing due cost nothing.
func TestIndexes(t *testing.T) {
	s := openFile(t)
	manyCases(t, s, 1000, 10)
	exec(t, s, "ANALYZE")
	for name, q := range map[string]fmt.Stringer{
		"due ticks":        dueTick(s.read, noon()),
		"ready deliveries": readyDelivery(s.read, noon()),
		"ready calls":      readyCalls(s.read, noon()).Column("o.id").Where("o.installation = 9"),
		"counting":         countDue(s.read, noon()),
	} {
		for _, line := range plan(t, s, q.String()) {
			if strings.HasPrefix(line, "SCAN") && !strings.Contains(line, "USING INDEX") {
				t.Errorf("%s: %s\n%s", name, line, q)
			}
		}
	}
}

// A sweep writes the rows of the cases that are due, and jobs, and nothing else;
// it finds them by the index, however many cases there are.
func TestSweepTouchesWhatIsDue(t *testing.T) {
	s := openFile(t)
	if err := fill(s, 5000, 7); err != nil {
		t.Fatal(err)
	}
	exec(t, s, "CREATE TABLE touched (id bigint)")
	exec(t, s, "CREATE TRIGGER touching AFTER UPDATE ON cases BEGIN INSERT INTO touched VALUES (new.id); END")
	for _, table := range []string{"delivery", "outbox", "audit", "comment"} {
		exec(t, s, "CREATE TRIGGER "+table+"_untouched BEFORE UPDATE ON "+table+" BEGIN SELECT raise(ABORT, 'fault'); END")
	}
	for sweep := 1; sweep <= 2; sweep++ {
		if due, _, err := s.Sweep(t.Context(), noon()); err != nil || due != 7 {
			t.Fatalf("got %d due, %v, want 7", due, err)
		}
		got := strings.Join(query(t, s, "SELECT id FROM touched ORDER BY id"), " ")
		if got != "1 2 3 4 5 6 7" {
			t.Errorf("sweep %d wrote the cases %s, want the first seven", sweep, got)
		}
		exec(t, s, "DELETE FROM touched")
		if jobs := query(t, s, "SELECT count(*) FROM river_job"); jobs[0] != "7" {
			t.Errorf("sweep %d: got %s jobs, want 7", sweep, jobs[0])
		}
	}
}

// The queries of a sweep, without any statistics of the tables: a new database
// has none.
func TestSweepUsesIndexes(t *testing.T) {
	s := openFile(t)
	if err := fill(s, 5000, 7); err != nil {
		t.Fatal(err)
	}
	all := func(q *bun.SelectQuery) *bun.SelectQuery { return q }
	var keys []caseRow
	var comments []commentRow
	for name, q := range map[string]fmt.Stringer{
		"counting":        countDue(s.read, noon()),
		"open deliveries": withOpenDeliveries(s.read, &keys, all),
		"open effects":    heads(s.read).Distinct().Column("o.installation"),
		"ended of late":   endedSince(noon())(s.read.NewSelect().Model(&keys)),
		"their comments":  endedSince(noon())(s.read.NewSelect().Model(&comments).Join("JOIN cases AS c ON c.id = m.case_id")),
		"re-arming":       twinsOf(s.read, newDelivery(someDelivery("again", noon()), 1)).Set("done_at = 0"),
		"old waits":       s.read.NewRaw(pruneOld, stamp(noon())),
	} {
		for _, line := range plan(t, s, q.String()) {
			// The index of open rows has nothing but them.
			if strings.HasPrefix(line, "SCAN") && !strings.Contains(line, "USING INDEX delivery_open") &&
				!strings.Contains(line, "USING COVERING INDEX delivery_open") && !strings.Contains(line, "INDEX outbox_") {
				t.Errorf("%s: %s\n%s", name, line, q)
			}
		}
	}
}

// plan returns how SQLite finds the rows of a query, a line for each table.
func plan(t *testing.T, s *Store, q string) []string {
	t.Helper()
	rows, err := s.read.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+q)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var lines []string
	for rows.Next() {
		var id, parent, unused int
		var line string
		if err := rows.Scan(&id, &parent, &unused, &line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return lines
}
