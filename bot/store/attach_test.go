package store

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/recoverybot/recoverybot/bot"
)

// attach attaches to a copy of a database in which a statement was run, and
// wants the file to be the same afterwards.
func attach(t *testing.T, statement string) error {
	t.Helper()
	path := newFile(t)
	s, err := Open(t.Context(), Options{Database: path, Clock: noon})
	if err != nil {
		t.Fatal(err)
	}
	if statement != "" {
		exec(t, s, statement)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	s, failed := Attach(t.Context(), Options{Database: path, Clock: noon})
	if failed == nil {
		if _, err := s.Jobs(t.Context()); err != nil {
			t.Error(err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
	after, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(before, after) {
		t.Error("the file was changed")
	}
	return failed
}

func TestAttach(t *testing.T) {
	for statement, want := range map[string]error{
		"":                           nil,
		"DELETE FROM bun_migrations": ErrOlder,
		"DELETE FROM river_migration WHERE version > 3": ErrOlder,
		"DROP TABLE river_migration":                    ErrOlder,
		"DROP TABLE bun_migrations":                     ErrNoDatabase,
		"UPDATE river_migration SET version = 9999 WHERE version = 4; UPDATE schema SET oldest_jobs = 9999":                         ErrNewer,
		"UPDATE river_migration SET version = 9999 WHERE version = 4; DROP TABLE schema":                                            ErrNewer,
		"INSERT INTO bun_migrations (name, group_id) VALUES ('99991231000000', 99); UPDATE schema SET oldest = '99991231000000'":    ErrNewer,
		"INSERT INTO bun_migrations (name, group_id) VALUES ('99991231000000', 99); DELETE FROM schema":                             ErrNewer,
		"INSERT INTO bun_migrations (name, group_id) VALUES ('99991231000000', 99); UPDATE river_migration SET version = version+9": nil,
	} {
		if err := attach(t, statement); !errors.Is(err, want) || want == nil && err != nil {
			t.Errorf("%q: got %v, want %v", statement, err, want)
		}
	}
}

func TestAttachToNothing(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "nowhere.db")
	if _, err := Attach(t.Context(), Options{Database: path, Clock: noon}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want that it is not there", err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made: %v", err)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Attach(t.Context(), Options{Database: path, Clock: noon}); !errors.Is(err, ErrNoDatabase) {
		t.Errorf("an empty file: got %v, want %v", err, ErrNoDatabase)
	}
}

// Beside a store that works, another one reads and changes the same rows.
func TestAttachBesideAnother(t *testing.T) {
	path := filepath.Join(t.TempDir(), "bot.db")
	s := openAt(t, path)
	beside, err := Attach(t.Context(), Options{Database: path, Clock: noon})
	if err != nil {
		t.Fatal(err)
	}
	add(t, s, "one", noon())
	d, err := s.Jobs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	got, err := beside.Retry(t.Context(), d[0].Name, noon())
	if err = errors.Join(err, beside.Close()); err != nil || got != bot.VerdictRetried {
		t.Errorf("got %s, %v", got, err)
	}
}

// TestLockCutsNothing: the lock writes into its own file, wherever somebody else
// lets the name of it lead to.
func TestLockCutsNothing(t *testing.T) {
	dir := t.TempDir()
	path, precious := filepath.Join(dir, "bot.db"), filepath.Join(dir, "precious")
	if err := os.WriteFile(precious, []byte("precious"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(precious, path+".lock"); err != nil {
		t.Fatal(err)
	}
	if f, err := Lock(path); err == nil {
		t.Errorf("locked by a link: %v", f.Close())
	}
	if got, err := os.ReadFile(precious); err != nil || string(got) != "precious" {
		t.Errorf("the file that it leads to holds %q, %v", got, err)
	}
}

func TestLock(t *testing.T) {
	dir := t.TempDir()
	path, other := filepath.Join(dir, "bot.db"), filepath.Join(dir, "other.db")
	first, err := Lock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(path); !errors.Is(err, ErrLocked) {
		t.Errorf("the second: got %v, want %v", err, ErrLocked)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(dir, "link.db")
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(link); !errors.Is(err, ErrLocked) {
		t.Errorf("by another name: got %v, want %v", err, ErrLocked)
	}
	second, err := Lock(other)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(first.Close(), second.Close()); err != nil {
		t.Fatal(err)
	}
	again, err := Lock(link)
	if err != nil {
		t.Fatalf("after the end of the first: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := Lock(filepath.Join(dir, "nowhere", "bot.db")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("no folder: got %v", err)
	}
}
