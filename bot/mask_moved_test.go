package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// halfMoved is a comment whose masked text is posted, and that is to be deleted
// next.
func (w *world) halfMoved(n int) (id, ours int64) {
	w.Helper()
	id = w.written(n, "ann", "first: "+leaked)
	w.fake.Fail(bottest.Fault{Method: "DELETE", Status: 502})
	w.decided(n, policy.Mask{Comment: id, Repost: true})
	w.settle()
	is, _ := w.repo.Issue(n)
	last := is.Comments[len(is.Comments)-1]
	if _, there := w.note(n, id); !there || !strings.Contains(last.Body, "first: [removed: token]") {
		w.Fatalf("want both, the comment and its masked text:\n%v", is.Comments)
	}
	w.clock.set(w.clock.Now().Add(time.Second))
	return id, last.ID
}

// What its author makes of a comment between our post and the end of theirs is
// not lost: ours says it, too, before theirs goes.
func TestMaskKeepsAnEdit(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	id, ours := w.halfMoved(n)
	w.must(w.repo.EditComment(id, "ann", "second: "+leaked+" and my account is another one"))
	w.settle()
	w.soon()
	got, _ := w.note(n, ours)
	if !strings.Contains(got.Body, "second: [removed: token] and my account is another one") {
		t.Errorf("what its author wrote last is lost; ours says %q", got.Body)
	}
	if _, there := w.note(n, id); there {
		t.Error("the comment with the secret is still there")
	}
}

// Where nothing stands for it any more, a comment is not deleted, but masked.
func TestMaskDeletesNothingAlone(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	id, ours := w.halfMoved(n)
	w.must(w.repo.DeleteComment(ours, "max"))
	w.settle()
	w.soon()
	if got, there := w.note(n, id); !there || got.Body != "first: [removed: token]" {
		t.Errorf("the comment is there: %v, and says %q", there, got.Body)
	}
}
