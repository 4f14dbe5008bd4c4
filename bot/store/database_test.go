package store

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/recoverybot/recoverybot/bot/store/pgtest"
)

// server is the PostgreSQL server of all tests that do not kill it.
var server pgtest.Shared

// tables returns the address of a database with all tables, and no rows but
// those that the migrations make. A test that changes tables, and not rows
// alone, takes server.Empty.
func tables(t testing.TB) string {
	t.Helper()
	return server.Tables(t, func(ctx context.Context, address string) error {
		s, err := Open(ctx, Options{Database: address, Clock: noon})
		if err != nil {
			return err
		}
		return s.Close()
	})
}

// emptyFile is what tables are in SQLite: a copy is there sooner than a file
// with all its migrations.
var emptyFile = sync.OnceValues(func() (file []byte, err error) {
	dir, err := os.MkdirTemp("", "recoverybot-empty-")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	path := filepath.Join(dir, "empty.db")
	s, err := Open(context.Background(), Options{Database: path, Clock: noon})
	if err != nil {
		return nil, err
	}
	if err := s.Close(); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// newFile returns the path of a file with all tables, and no rows but those that
// the migrations make.
func newFile(t testing.TB) string {
	t.Helper()
	file, err := emptyFile()
	if err != nil {
		t.Fatal(err)
	}
	return written(t, file)
}

func written(t testing.TB, file []byte) (path string) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "recoverybot.db")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func openCopy(t testing.TB, file []byte) *Store {
	t.Helper()
	return openAt(t, written(t, file))
}

// eachEngine runs a test on a database of each kind without rows.
func eachEngine(t *testing.T, test func(t *testing.T, s *Store)) {
	t.Run("SQLite", func(t *testing.T) { test(t, openFile(t)) })
	t.Run("PostgreSQL", func(t *testing.T) { test(t, openAt(t, tables(t))) })
}
