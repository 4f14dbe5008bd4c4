package store

import (
	"path/filepath"
	"strings"
	"testing"
)

// What each delivery changes of its case is in no index, also in a database
// from before that was so: PostgreSQL would write the case into all of them.
func TestNewestIsInNoIndex(t *testing.T) {
	for name, c := range map[string]struct {
		database func(*testing.T) string
		indexes  string
	}{
		"SQLite": {
			func(t *testing.T) string { return filepath.Join(t.TempDir(), "r.db") },
			`SELECT coalesce(sql, name) FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'cases'`,
		},
		"PostgreSQL": {
			func(t *testing.T) string { return server.Empty(t) },
			`SELECT indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename = 'cases'`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			at := c.database(t)
			s := openAt(t, at)
			exec(t, s, `DROP INDEX cases_going`)
			exec(t, s, `CREATE INDEX cases_strange ON cases (newest_seen) WHERE ended = 0 AND issue > 0 AND author_id <> 0`)
			exec(t, s, `DELETE FROM bun_migrations WHERE name = '`+newestMigration().Name+`'`)
			s = openAt(t, at)
			all := query(t, s, c.indexes)
			if got := strings.Join(all, "\n"); strings.Contains(got, "newest_seen") || !strings.Contains(got, "cases_going") {
				t.Errorf("got the indexes\n%s\nwant one of what goes on, and none with newest_seen", got)
			}
		})
	}
}
