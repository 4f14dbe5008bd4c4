package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// TestStatusThatDies lets the first status comment fail for good: nothing is
// tried by itself then, and the next event writes it.
func TestStatusThatDies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{})
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, On: "POST comment", Times: 5, Status: 422})
	n, err := w.repo.OpenIssue("ann", bottest.Draft{Title: "Account recovery", Body: body("ann-builds", "Lost."), Labels: []string{w.rules.Requests.Label}})
	w.must(err)
	w.settle()
	for range 10 {
		w.later(time.Minute)
	}
	if got := w.fake.CountSince(0, "POST comment"); got != 5 {
		t.Fatalf("%d tries to post, want 5 and then rest", got)
	}
	calls := w.fake.Mark()
	w.sweep()
	w.must(w.bot.Reconcile(w.Context()))
	w.settle()
	if got := w.fake.CountSince(calls, "POST comment"); got != 0 {
		t.Fatalf("%d tries by itself, want none", got)
	}
	_, err = w.repo.Comment(n, "ann", "Is anybody there?")
	w.must(err)
	w.settle()
	is, _ := w.repo.Issue(n)
	if len(is.Comments) != 2 || !strings.Contains(is.Comments[1].Body, "<!-- recoverybot: status -->") {
		t.Fatalf("after the next event: %d comments, want the requester's and the status", len(is.Comments))
	}

	// The same for an edit of what is there.
	old := is.Comments[1].Body
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, On: "PATCH comment", Times: 5, Status: 422})
	_, err = w.repo.Comment(n, "ann", "/username bob-builds")
	w.must(err)
	w.settle()
	for range 10 {
		w.later(time.Minute)
	}
	before := w.fake.Mark()
	_, err = w.repo.Comment(n, "ann", "Still nobody?")
	w.must(err)
	w.settle()
	is, _ = w.repo.Issue(n)
	if got := w.fake.CountSince(before, "PATCH comment"); got != 1 || is.Comments[1].Body == old {
		t.Errorf("%d edits after the next event, want one; the status says:\n%s", got, is.Comments[1].Body)
	}
	if left := w.fake.ClearFaults(); left != 0 {
		t.Errorf("%d faults are left", left)
	}
}
