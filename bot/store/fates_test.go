package store

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// ofCase are the columns of a case by what becomes of them when it is
// forgotten.
func ofCase() (kept, erased []string) {
	kept = []string{
		"id", "repository", "installation", "owner", "name", "private", "uid", "version", "forgotten",
		"state", "kind", "since", "queued", "ended", "memory", // of these what closed leaves
		"pseudonym",
	}
	erased = []string{
		"issue", "number", "author_id", "secret", "newest_seen", "last_write", "overdue", "turn", "wake_at", "replied",
		"desk_repository", "desk_issue", "desk_number", "desk_reposts",
	}
	return kept, erased
}

// TestEachTableHasAFate fails for a table of which docs/privacy.md does not say
// what becomes of it, and for a column of cases which nobody decided about: add
// it to ofCase, and to archive and clearPlace if it tells of people.
func TestEachTableHasAFate(t *testing.T) {
	page, err := os.ReadFile("../../docs/privacy.md")
	if err != nil {
		t.Fatal(err)
	}
	_, list, _ := strings.Cut(string(page), "## The list")
	list, _, _ = strings.Cut(list, "\n## ")
	for _, table := range append(copied(), left()...) {
		if !strings.Contains(list, "`"+table+"`") {
			t.Errorf("docs/privacy.md does not say what becomes of the table %s", table)
		}
	}
	s := openFile(t)
	fields, err := s.fieldsOf(t.Context(), s.db, "cases")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range fields {
		got = append(got, f.Name)
	}
	slices.Sort(got)
	kept, erased := ofCase()
	want := slices.Sorted(slices.Values(append(kept, erased...)))
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("columns of cases (-known +there are):\n%s", d)
	}
}
