package pgtest

import (
	"errors"
	"os"
	"testing"
)

// New starts a server for the test t and its subtests, and stops it at their
// end. What it has committed survives Kill, but not that the machine fails.
// Without binaries of a server it skips the test; where the environment has CI,
// it fails, for nobody reads there what was skipped. A test that does not kill
// its server is quicker with a Shared one.
func New(t testing.TB) *Server {
	t.Helper()
	s, err := start(t.Context(), "", quick())
	require(t, err)
	t.Cleanup(func() {
		if err := s.Stop(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func require(t testing.TB, err error) {
	t.Helper()
	if errors.Is(err, ErrNoServer) && os.Getenv("CI") == "" {
		t.Skipf("NOT TESTED ON POSTGRESQL: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
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
