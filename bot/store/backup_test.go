package store

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestBackup writes a backup beside an open store, and restores it into both
// kinds of databases.
func TestBackup(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *Store) {
		fillAll(t, s)
		path := filepath.Join(t.TempDir(), "backup.db")
		c, err := s.Backup(t.Context(), path)
		if err != nil {
			t.Fatal(err)
		}
		if c.Log.Rows != 3 || !c.Log.Good() {
			t.Errorf("the backup's log: %+v", c.Log)
		}
		info, err := os.Stat(path)
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v; want 0600", info.Mode(), err)
		}
		if left, err := filepath.Glob(path + "?*"); err != nil || len(left) > 0 {
			t.Errorf("left beside it: %v, %v", left, err)
		}
		file, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Backup(t.Context(), path); !errors.Is(err, fs.ErrExist) {
			t.Errorf("over a file: %v, want fs.ErrExist", err)
		}
		for _, to := range []*Store{openFile(t), openAt(t, tables(t))} {
			if _, err := Restore(t.Context(), path, to); err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(dumpAll(t, s), dumpAll(t, to)); d != "" {
				t.Errorf("restored (-was +is):\n%s", d)
			}
			if _, err := Restore(t.Context(), path, to); !errors.Is(err, ErrNotEmpty) {
				t.Errorf("over rows: %v, want ErrNotEmpty", err)
			}
		}
		after, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(file, after) {
			t.Errorf("the backup was changed: %v", err)
		}
	})
}

// TestRestoreOfOlder migrates a copy of the backup, and leaves the backup.
func TestRestoreOfOlder(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	old := openAt(t, path)
	fillAll(t, old)
	if _, err := old.db.NewRaw(`DELETE FROM bun_migrations`).Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	to := openFile(t)
	if _, err := Restore(t.Context(), path, to); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(dumpAll(t, old), dumpAll(t, to)); d != "" {
		t.Errorf("restored (-was +is):\n%s", d)
	}
	if err := old.upToDate(t.Context()); !errors.Is(err, ErrOlder) {
		t.Errorf("the old file: %v, want ErrOlder", err)
	}
}

// TestInspect writes nothing.
func TestInspect(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.db")
	openAt(t, path)
	address := tables(t)
	openAt(t, address)
	for _, database := range []string{path, address} {
		s, err := Inspect(t.Context(), Options{Database: database, Clock: noon})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.db.NewRaw(`DELETE FROM rewake`).Exec(t.Context()); err == nil {
			t.Errorf("%s: a row was deleted", Redacted(database))
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	nothing := filepath.Join(t.TempDir(), "none.db")
	if _, err := Inspect(t.Context(), Options{Database: nothing, Clock: noon}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no file: %v, want fs.ErrNotExist", err)
	}
	if _, err := Inspect(t.Context(), Options{Database: server.Empty(t), Clock: noon}); !errors.Is(err, ErrNoDatabase) {
		t.Errorf("no tables: %v, want ErrNoDatabase", err)
	}
}

// TestMigrate says from what to what.
func TestMigrate(t *testing.T) {
	for name, database := range map[string]string{
		"SQLite": filepath.Join(t.TempDir(), "new.db"), "PostgreSQL": server.Empty(t),
	} {
		o := Options{Database: database, Clock: noon}
		m, err := Migrate(t.Context(), o)
		if err != nil || m.From != "" || !strings.HasPrefix(m.To, "20261") || m.JobsFrom != 0 || m.JobsTo == 0 || len(m.Made) < 5 {
			t.Errorf("%s, a new one: %+v, %v", name, m, err)
		}
		again, err := Migrate(t.Context(), o)
		if err != nil || again.From != m.To || again.To != m.To || again.JobsFrom != m.JobsTo || len(again.Made) > 0 {
			t.Errorf("%s, again: %+v, %v", name, again, err)
		}
	}
}

// TestCheck finds what is wrong, and nothing where nothing is.
func TestCheck(t *testing.T) {
	const one = `INSERT INTO cases (id, repository, issue, installation, owner, name, number, private, author_id, uid, secret)
		VALUES (1, 7, 1, 5, 'o', 'n', 1, FALSE, 9, 'u', 'k')`
	const effect = `INSERT INTO outbox (installation, case_id, seq, effect_key, kind, args, priority, decided_at, superseded, begun_at, done_at)
		VALUES (5, 1, 1, 'k', 'k', '{}', 1, 1, TRUE, 3, 4)`
	for _, c := range []struct {
		name, break1, break2, want string
	}{
		{"nothing", one, ``, ``},
		{"another state", one, `UPDATE cases SET state = 'triage'`, "the columns for queries differ from the memory of cases 1"},
		{"no memory", one, `UPDATE cases SET memory = 'x'`, "the memory cannot be read of cases 1"},
		{"no key", one, `UPDATE cases SET secret = ''`, "table cases: 1 cases have no repository, no name or no key"},
		{"begun and superseded", one, effect, "table outbox: 1 effects were begun and are superseded"},
		{"no head", one, `DELETE FROM audit_head`, "table audit_head: it has 0 rows, and must have one"},
		{"a row of nobody", one, `INSERT INTO audit (seq, at, case_uid, actor, action, reasons, policy, subject, account, prev, hash)
			VALUES (1, 1, '', 1, '', '', '', '', '', '', 'x')`, "the audit log: row 1: it is not what was written"},
	} {
		t.Run(c.name, func(t *testing.T) {
			eachEngine(t, func(t *testing.T, s *Store) {
				for _, statement := range []string{c.break1, c.break2} {
					if statement == "" {
						continue
					}
					if _, err := s.db.ExecContext(t.Context(), statement); err != nil {
						t.Fatal(err)
					}
				}
				found, err := s.Check(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				var what []string
				for _, f := range found {
					what = append(what, f.What)
				}
				if got := strings.Join(what, "\n"); !strings.Contains(got, c.want) || c.want == "" && got != "" {
					t.Errorf("found:\n%s\nwant: %s", got, c.want)
				}
			})
		})
	}
}
