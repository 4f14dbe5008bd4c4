package store

import (
	"testing"
	"time"
)

// TestHeedOfAnother: a process that has a mode of its own, by a flag or a file,
// and dies in it, does not let time stand still for the others.
func TestHeedOfAnother(t *testing.T) {
	s := openFile(t)
	heed := func(at time.Time) {
		t.Helper()
		if _, err := s.Heed(t.Context(), at); err != nil {
			t.Fatal(err)
		}
	}
	ticks := func() bool {
		t.Helper()
		m, err := s.mode(t.Context(), s.read)
		if err != nil {
			t.Fatal(err)
		}
		return m.ticks()
	}
	heed(noon())
	if err := s.setAway(t.Context(), closing(noon())); err != nil { // the other one did
		t.Fatal(err)
	}
	heed(noon().Add(time.Minute))
	if ticks() {
		t.Error("time decides while another process may be away")
	}
	heed(noon().Add(2 * time.Hour))
	if !ticks() {
		t.Error("time stands still, although the other one is gone")
	}
}
