package store

import (
	"fmt"
	"path/filepath"
	"testing"

	"github.com/recoverybot/recoverybot/bot"
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
