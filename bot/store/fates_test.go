package store

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/policy"
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
		"registry", "account", "shadow", "kept",
	}
	return kept, erased
}

// TestColumnsHaveTheirFate writes something into all that is erased, of
// a request and of an issue that is none, and erases their author: nothing of
// it is left on either database.
func TestColumnsHaveTheirFate(t *testing.T) {
	eachEngine(t, func(t *testing.T, s *Store) {
		p := &person{T: t, s: s}
		p.live(policy.Completed)
		if _, err := s.AddDelivery(t.Context(), p.delivery(503, canaryAuthor)); err != nil {
			t.Fatal(err)
		}
		exec(t, s, `UPDATE delivery SET done_at = 1`)
		exec(t, s, `UPDATE cases SET last_write = 7, overdue = 7, turn = 'staff', wake_at = 7, replied = TRUE, desk_repository = 7,
			desk_issue = 7, desk_number = 7, desk_reposts = 7, registry = 'pypi', account = 'canary', shadow = TRUE, kept = memory WHERE issue <> 502`)
		exec(t, s, `INSERT INTO objection (author, case_id) SELECT 78787878, id FROM cases WHERE issue <> 502`)
		exec(t, s, `INSERT INTO shadow (case_id, at, kind, name) SELECT id, 1, 'canary', 'canary' FROM cases WHERE issue <> 502`)
		if _, err := s.Erase(t.Context(), canaryAuthor, noon()); err != nil {
			t.Fatal(err)
		}
		all := dumpAll(t, s)
		if text := fmt.Sprint(all); strings.Contains(text, "canary") || strings.Contains(text, "78787878") {
			t.Errorf("something is left:\n%s", text)
		}
		_, erased := ofCase()
		for _, row := range all["cases"] {
			issue, _ := row["issue"].(int64)
			if issue == 502 {
				continue
			}
			for _, column := range erased {
				place := issue > 0 && slices.Contains([]string{"issue", "secret", "newest_seen"}, column)
				empty := slices.Contains([]string{"0", "", "false", "[]"}, fmt.Sprint(row[column]))
				if !place && !empty && column != "issue" {
					t.Errorf("issue %d still has %s: %v", issue, column, row[column])
				}
			}
		}
		if n := len(all["cases"]); n != 4 { // two places, what stays of the request, and somebody else's
			t.Errorf("%d cases, want 4", n)
		}
	})
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
