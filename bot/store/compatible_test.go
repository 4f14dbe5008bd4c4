package store

import (
	"errors"
	"path/filepath"
	"testing"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// future is what a version to come may do to the tables while this one uses
// them: new columns with defaults, new tables.
func future() []string {
	return []string{
		"ALTER TABLE cases ADD COLUMN mood text NOT NULL DEFAULT 'fine'",
		"ALTER TABLE delivery ADD COLUMN mood text NOT NULL DEFAULT 'fine'",
		"ALTER TABLE outbox ADD COLUMN mood text NOT NULL DEFAULT 'fine'",
		"ALTER TABLE repository ADD COLUMN mood bigint NOT NULL DEFAULT 1",
		"ALTER TABLE installation ADD COLUMN mood bigint NOT NULL DEFAULT 1",
		"ALTER TABLE audit ADD COLUMN mood bigint NOT NULL DEFAULT 1",
		"ALTER TABLE comment ADD COLUMN mood bigint NOT NULL DEFAULT 1",
		"ALTER TABLE waits ADD COLUMN mood bigint NOT NULL DEFAULT 1",
		"ALTER TABLE digest ADD COLUMN mood bigint NOT NULL DEFAULT 1",
		"ALTER TABLE replica ADD COLUMN mood bigint NOT NULL DEFAULT 1",
		"ALTER TABLE schema ADD COLUMN mood bigint NOT NULL DEFAULT 1",
		"CREATE TABLE moods (id bigint PRIMARY KEY)",
		"INSERT INTO bun_migrations (name, group_id) VALUES ('29990101000000', 99)",
		"INSERT INTO river_migration (line, version) VALUES ('main', 999)",
	}
}

// TestRollingUpgrade: what a newer version has made of the tables does not stop
// this one, be it running or starting, before the newer one says so.
func TestRollingUpgrade(t *testing.T) {
	for name, database := range map[string]func(*testing.T) string{
		"SQLite":     func(t *testing.T) string { return filepath.Join(t.TempDir(), "r.db") },
		"PostgreSQL": func(t *testing.T) string { return server.Empty(t) },
	} {
		t.Run(name, func(t *testing.T) {
			at := database(t)
			s := openAt(t, at)
			add(t, s, "before", noon())
			for _, statement := range future() {
				exec(t, s, statement)
			}
			live(t, s, "running")
			again := openAt(t, at)
			live(t, again, "started again")
			attached, err := Attach(t.Context(), Options{Database: at, Clock: noon})
			if err != nil {
				t.Fatal(err)
			}
			if err := attached.Close(); err != nil {
				t.Error(err)
			}
			exec(t, s, "UPDATE schema SET oldest = '29990101000000'")
			if _, err := Open(t.Context(), Options{Database: at, Clock: noon}); !errors.Is(err, ErrNewer) {
				t.Errorf("got %v where the tables are for a newer version alone, want %v", err, ErrNewer)
			}
		})
	}
}

// live does what a version does all day.
func live(t *testing.T, s *Store, guid string) {
	t.Helper()
	add(t, s, guid, noon())
	if err := decide(t.Context(), s, policy.Memory{State: policy.Triage}); err != nil {
		t.Fatal(err)
	}
	c, _, err := s.NextCall(t.Context(), 9, noon())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.CallMade(t.Context(), c, bot.Made{Last: true, Now: noon()}); err != nil {
		t.Fatal(err)
	}
	err = s.SaveRepository(t.Context(), bot.Repository{ID: 71, Owner: "pypi", Name: "support", Installation: 9})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Sweep(t.Context(), noon()); err != nil {
		t.Fatal(err)
	}
}
