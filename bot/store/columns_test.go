package store

import (
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// A database from before the desk gets its columns and keeps its rows; one in
// which that was cut off, after any column, is finished.
func TestDeskMigration(t *testing.T) {
	for missing := range len(deskColumns()) + 1 {
		t.Run(fmt.Sprintf("%d columns missing", missing), func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "r.db")
			s := openReal(t, path, nil)
			served := bot.Repository{ID: 71, Owner: "pypi", Name: "support", Installation: 9, State: "active"}
			if err := s.SaveRepository(t.Context(), served); err != nil {
				t.Fatal(err)
			}
			exec(t, s, "DELETE FROM bun_migrations WHERE name = '"+deskMigration().Name+"'")
			exec(t, s, "DROP INDEX cases_desk")
			all := deskColumns()
			for _, c := range all[len(all)-missing:] {
				exec(t, s, fmt.Sprintf("ALTER TABLE %s DROP COLUMN %s", c.table, c.name))
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			s = openReal(t, path, nil)
			defer s.Close()
			got, err := s.Repository(t.Context(), 71)
			if err != nil || got.Name != "support" || got.Desk != 0 {
				t.Errorf("got %+v, %v", got, err)
			}
			if _, err := s.Cases(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
}

// A database from before the digest knows afterwards when its requests ended.
func TestDigestMigration(t *testing.T) {
	path := filepath.Join(t.TempDir(), "r.db")
	s := openReal(t, path, nil)
	add(t, s, "one", noon())
	if err := decide(t.Context(), s, policy.Memory{State: policy.Completed, Ended: noon()}); err != nil {
		t.Fatal(err)
	}
	exec(t, s, "DELETE FROM bun_migrations WHERE name = '"+digestMigration().Name+"'")
	for _, index := range []string{"cases_ended", "cases_over", "cases_going"} {
		exec(t, s, "DROP INDEX "+index)
	}
	exec(t, s, "DROP TABLE digest")
	exec(t, s, "ALTER TABLE cases DROP COLUMN ended")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = openReal(t, path, nil)
	defer s.Close()
	for since, want := range map[time.Time]int{noon(): 1, noon().Add(time.Second): 0} {
		cases, err := s.Ended(t.Context(), since)
		if err != nil || len(cases) != want {
			t.Errorf("since %v: got %d cases, want %d, error %v", since, len(cases), want, err)
		}
	}
}
