package store

import (
	"slices"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
)

// TestAskedDuringAPass: who asks for a pass while one is made gets another.
func TestAskedDuringAPass(t *testing.T) {
	const id = 71
	for name, test := range map[string]struct {
		asks        func(*Store) error
		due, behind bool
	}{
		"nobody":       {func(*Store) error { return nil }, false, false},
		"somebody":     {func(s *Store) error { return s.Hurry(t.Context(), id) }, true, false},
		"behind":       {func(s *Store) error { return s.FallBehind(t.Context(), id) }, true, true},
		"two in a row": {func(s *Store) error { _ = s.Hurry(t.Context(), id); return s.Hurry(t.Context(), id) }, true, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := openFile(t)
			if err := s.SaveRepository(t.Context(), bot.Repository{ID: id, Owner: "pypi", Name: "support", State: bot.StateActive, Started: noon()}); err != nil {
				t.Fatal(err)
			}
			for round := range 2 { // the second pass is one that was asked for
				r, err := s.Repository(t.Context(), id)
				if err != nil {
					t.Fatal(err)
				}
				if err := test.asks(s); err != nil {
					t.Fatal(err)
				}
				err = s.EndPass(t.Context(), bot.Pass{
					Repository: id, Was: r.Passes.Due, Mark: noon(), Now: noon(),
					Passes: bot.Passes{Due: noon().Add(time.Hour), Every: time.Hour},
				})
				if err != nil {
					t.Fatal(err)
				}
				due, err := s.DuePasses(t.Context(), noon())
				if err != nil || slices.Contains(due, id) != test.due {
					t.Errorf("round %d: due %v, %v; want %v", round, due, err, test.due)
				}
				if r, err = s.Repository(t.Context(), id); err != nil || r.Passes.Behind != test.behind {
					t.Errorf("round %d: behind %v, %v; want %v", round, r.Passes.Behind, err, test.behind)
				}
			}
		})
	}
}
