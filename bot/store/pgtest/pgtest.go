package pgtest

import (
	"errors"
	"os"
	"testing"
)

// New starts a server for the test t and its subtests, and stops it at their
// end. Without binaries of a server it skips the test; where the environment
// has CI, it fails, for nobody reads there what was skipped.
func New(t testing.TB) *Server {
	t.Helper()
	s, err := Start(t.Context(), "")
	if errors.Is(err, ErrNoServer) && os.Getenv("CI") == "" {
		t.Skipf("NOT TESTED ON POSTGRESQL: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Empty returns the address of an empty database.
func (s *Server) Empty(t testing.TB) string {
	t.Helper()
	address, err := s.Database(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return address
}
