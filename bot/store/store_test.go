package store

import (
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/store/storetest"
	"github.com/recoverybot/recoverybot/policy"
)

func noon() time.Time { return time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC) }

// openAt opens a store, and verifies its audit log at the end of the test.
func openAt(t testing.TB, path string) *Store {
	t.Helper()
	s, err := Open(t.Context(), Options{Database: path, Clock: noon})
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
	return openAt(t, newFile(t))
}

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store { return openFile(t) })
}

// Where reads share the one connection of the writer, a call inside an open
// transaction that is not the transaction's own waits until the test's time
// is up.
func TestConformanceOfOneConnection(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Store {
		s := openFile(t)
		if err := s.read.Close(); err != nil {
			t.Fatal(err)
		}
		s.read = s.db
		s.engine.(*lite).read = s.db
		return s
	})
}

func TestMemory(t *testing.T) {
	s := openAt(t, memory)
	add(t, s, "one", noon())
	if err := decide(t.Context(), s, policy.Memory{State: policy.Triage}); err != nil {
		t.Fatal(err)
	}
	got, err := s.Cases(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].Memory.State != policy.Triage {
		t.Errorf("got %+v, want one case in triage", got)
	}
}
