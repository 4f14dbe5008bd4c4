package store

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/store/storetest"
)

func noon() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

// openAt opens a store, and verifies its audit log at the end of the test.
func openAt(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Path: path, Clock: noon})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func openFile(t testing.TB) *Store {
	t.Helper()
	return openAt(t, filepath.Join(t.TempDir(), "recoverybot.db"))
}

func TestConformanceOfFile(t *testing.T) {
	storetest.Run(t, func(t *testing.T) bot.Store { return openFile(t) })
}

// In memory, reads share the writer's one connection: a call inside an open
// transaction that is not the transaction's own waits until the test's time
// is up.
func TestConformanceOfMemory(t *testing.T) {
	storetest.Run(t, func(t *testing.T) bot.Store { return openAt(t, memory) })
}
