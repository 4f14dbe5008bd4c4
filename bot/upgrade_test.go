package bot_test

import (
	"database/sql"
	"encoding/json"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/policy"
)

// TestUpgrade starts on a database of the version before proof and approval:
// open requests in each of its states go on, and wake as the policy says now.
func TestUpgrade(t *testing.T) {
	w := newWorld(t, setup{})
	incomplete := w.file(body("", "I have a new phone."))
	w.settle()
	triage, asked, answered, done := w.triage(), w.triage(), w.triage(), w.triage()
	for _, n := range []int{asked, answered} {
		w.say(n, "hal", "/ask project")
	}
	w.say(answered, "ann", "It is ann-tools.")
	w.say(done, "ada", "/deny abuse")
	all := map[int]policy.State{
		incomplete: policy.Incomplete, triage: policy.Triage, asked: policy.Asked, answered: policy.Review, done: policy.Denied,
	}
	was := map[int]time.Time{}
	for n, state := range all {
		w.state(n, state)
		was[n] = w.memory(n).WakeAt
	}
	w.stop()
	older(t, w.path)
	w.boot()
	mark := w.fake.Mark()
	w.start()
	w.later(time.Minute)
	for n, state := range all {
		w.state(n, state)
		if got := w.memory(n).WakeAt; state.Open() && !got.Equal(was[n]) {
			t.Errorf("%s wakes at %s, want %s", state, got, was[n])
		}
	}
	if wrote := w.wrote(mark); len(wrote) > 0 {
		t.Errorf("to start wrote %v", wrote)
	}
	w.must(w.repo.EditIssue(incomplete, "ann", body("ann-builds", "I have a new phone.")))
	w.say(triage, "hal", "/ask detail")
	w.say(asked, "ann", "It is ann-tools.")
	w.say(answered, "ada", "/attest 1")
	w.say(answered, "hal", "/proof ann-tools notified")
	w.say(done, "ann", "/reopen")
	for n, state := range map[int]policy.State{
		incomplete: policy.Triage, triage: policy.Asked, asked: policy.Review, answered: policy.Proof, done: policy.Triage,
	} {
		w.state(n, state)
	}
	want := []string{"mailbox"}
	var got []string
	for _, e := range w.memory(answered).Evidence {
		got = append(got, string(e.Class))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	w.pass(60 * 24 * time.Hour)
	w.state(triage, policy.Expired)
	w.state(answered, policy.Expired)
	w.state(asked, policy.Review)
}

// older makes the tables those of the first migration, and each memory one of
// the states that there were then. Of a policy that is not this one, it has
// another time to wake.
func older(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	run := func(query string, args ...any) {
		t.Helper()
		if _, err := db.ExecContext(t.Context(), query, args...); err != nil {
			t.Fatalf("%s: %v", query, err)
		}
	}
	first, tables := firstTables(t)
	for _, name := range read(t, db, `SELECT name FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL`) {
		if !strings.HasPrefix(name, "river") && !strings.Contains(first, "INDEX IF NOT EXISTS "+name+" ") {
			run("DROP INDEX " + name)
		}
	}
	for _, name := range read(t, db, `SELECT name FROM sqlite_schema WHERE type = 'table'`) {
		columns, known := tables[name]
		switch {
		case strings.HasPrefix(name, "river") || strings.HasPrefix(name, "bun") || strings.HasPrefix(name, "sqlite"):
			continue
		case !known:
			run("DROP TABLE " + name)
			continue
		}
		for _, c := range read(t, db, `SELECT name FROM pragma_table_info(?)`, name) {
			if !slices.Contains(columns, c) {
				run("ALTER TABLE " + name + " DROP COLUMN " + c)
			}
		}
	}
	run(`DELETE FROM bun_migrations WHERE name > '20260101000000'`)
	for _, memory := range read(t, db, `SELECT memory FROM cases`) {
		run(`UPDATE cases SET memory = ?, wake_at = 0 WHERE memory = ?`, olderMemory(t, memory), memory)
	}
}

// firstTables are the first migration, and its tables with their columns.
func firstTables(t *testing.T) (string, map[string][]string) {
	t.Helper()
	src, err := os.ReadFile("store/migrations/20260101000000_first.tx.up.sql")
	if err != nil {
		t.Fatal(err)
	}
	tables := map[string][]string{}
	for _, m := range regexp.MustCompile(`(?s)CREATE TABLE IF NOT EXISTS (\w+) \((.*?)\n\);`).FindAllStringSubmatch(string(src), -1) {
		for _, c := range regexp.MustCompile(`(?m)^    ([a-z][a-z_0-9]*) `).FindAllStringSubmatch(m[2], -1) {
			tables[m[1]] = append(tables[m[1]], c[1])
		}
	}
	return string(src), tables
}

func read(t *testing.T, db *sql.DB, query string, args ...any) []string {
	t.Helper()
	rows, err := db.QueryContext(t.Context(), query, args...)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var all []string
	for rows.Next() {
		var s string
		if err := rows.Scan(&s); err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return all
}

// olderMemory leaves what was remembered then.
func olderMemory(t *testing.T, memory string) string {
	t.Helper()
	then := strings.Fields(`state turn since queued ended stage reminded late language registry said_registry account said kind marks
		said_kind goes_to flags boxes ask told reopened denials intake quiet suggested label restored notices recent receipts held digests`)
	var now map[string]json.RawMessage
	if err := json.Unmarshal([]byte(memory), &now); err != nil {
		t.Fatal(err)
	}
	for key := range now {
		if !slices.Contains(then, key) {
			delete(now, key)
		}
	}
	now["policy"] = json.RawMessage(`"older"`)
	b, err := json.Marshal(now)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
