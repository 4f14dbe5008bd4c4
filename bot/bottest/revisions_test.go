package bottest_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// As on GitHub, an edit hides nothing: former texts stay visible, whoever
// edited, until a comment is deleted with all of them.
func TestRevisions(t *testing.T) {
	w := newWorld(t)
	n := w.open()
	is, _ := w.repo.Issue(n)
	title, body := is.Title, is.Body
	w.check(w.repo.EditTitle(n, "author", "another title"))
	w.check(w.repo.EditIssue(n, "author", "another text"))
	id, err := w.repo.Comment(n, "author", "one")
	w.check(err)
	w.check(w.repo.EditComment(id, "author", "two"))
	w.as(w.token("")).call(200, "PATCH "+fmt.Sprintf("/repos/pypi/support/issues/comments/%d", id), `{"body":"three"}`)
	is, _ = w.repo.Issue(n)
	if d := cmp.Diff([]string{title + "\n\n" + body, "another title\n\n" + body}, is.Revisions); d != "" {
		t.Errorf("of the issue (-want +got)\n%s", d)
	}
	if d := cmp.Diff([]string{"one", "two"}, is.Comments[0].Revisions); d != "" || is.Comments[0].Author != "author" {
		t.Errorf("of the comment, by %s (-want +got)\n%s", is.Comments[0].Author, d)
	}
	w.as(w.token("")).call(204, "DELETE "+fmt.Sprintf("/repos/pypi/support/issues/comments/%d", id), "")
	if is, _ = w.repo.Issue(n); len(is.Comments) != 0 {
		t.Errorf("deleted, and there: %v", is.Comments)
	}
}
