package policy_test

import (
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// TestCommandBeforeOpening loses the webhook of the opening: the command that
// tells of the request runs, once, by the time at which it was given.
func TestCommandBeforeOpening(t *testing.T) {
	r := exampleRules()
	q := triaged(r)
	q.Memory, q.Issue.Labels = policy.Memory{}, []string{r.Requests.Label}
	later := firstDay().Add(100 * 24 * time.Hour)
	ev := commanded(adaID, 100, "ask", "detail")
	ev.At = later
	got := decided(r, q, ev, later).Memory
	if got.State != policy.Asked || !got.Since.Equal(later) {
		t.Errorf("got %q since %v, want asked since %v", got.State, got.Since, later)
	}
}

// TestEditLost loses the webhook of the edit that completes a form: neither
// the reconcile pass nor the clock goes on asking for what is there.
func TestEditLost(t *testing.T) {
	r := exampleRules()
	for _, kind := range []policy.EventKind{policy.Seen, policy.Tick} {
		q := triaged(r)
		q.Memory, q.Issue.Body, q.Issue.Labels = policy.Memory{}, "### PyPI Username\n\n_No response_\n", []string{r.Requests.Label}
		q = decided(r, q, policy.Event{Kind: policy.Opened, Actor: q.Issue.Author}, firstDay())
		if q.Memory.State != policy.Incomplete {
			t.Fatalf("got %q, want incomplete", q.Memory.State)
		}
		q.Issue.Body = completeBody
		got := decided(r, q, policy.Event{Kind: kind}, q.Memory.WakeAt).Memory
		if got.State != policy.Triage || got.Turn != policy.Staff {
			t.Errorf("%s: got %q, turn of %q, want triage, turn of staff", kind, got.State, got.Turn)
		}
	}
}

// TestStaleClosesNothing decides on a snapshot that is known to be old: that
// it is closed there, or has no intake label, ends nothing.
func TestStaleClosesNothing(t *testing.T) {
	r := exampleRules()
	q := triaged(r)
	q.Issue.Open, q.Issue.Labels, q.Facts.Stale = false, nil, true
	got := decided(r, q, policy.Event{Kind: policy.Tick}, firstDay())
	if got.Memory.State != policy.Triage {
		t.Errorf("got %q, want triage", got.Memory.State)
	}
	got.Issue.Open, got.Issue.Labels, got.Facts.Stale = true, []string{r.Requests.Label}, false
	if got = decided(r, got, policy.Event{Kind: policy.Seen}, firstDay()); len(got.Memory.Flags) != 0 {
		t.Errorf("after a fresh snapshot: got flags %v, want none", got.Memory.Flags)
	}
}

// An issue that we could not close is not one that staff opened again.
func TestOpenIsNotReopened(t *testing.T) {
	r := exampleRules()
	q := triaged(r)
	q.Memory.State, q.Memory.Ended = policy.Denied, firstDay()
	q.Memory.Label = "recovery: denied"
	q.Issue.Open, q.Facts.Newer = true, true
	seen := policy.Event{Kind: policy.Seen}
	if got := r.Decide(q, seen, firstDay().Add(time.Hour)).Memory.State; got != policy.Denied {
		t.Errorf("an open issue: %s, want denied", got)
	}
	q.Issue.Reopened = true
	if got := r.Decide(q, seen, firstDay().Add(time.Hour)).Memory.State; got != policy.Triage {
		t.Errorf("a reopened issue: %s, want triage", got)
	}
}

// TestWhoClosed tells withdrawals from closings by others. Nobody is not
// somebody, even if the author is nobody too; and of two closings the last counts.
func TestWhoClosed(t *testing.T) {
	r := exampleRules()
	for name, c := range map[string]struct {
		author, closedBy, sender int64
		want                     policy.State
	}{
		"the author":                         {annID, annID, annID, policy.Withdrawn},
		"the author, GitHub says no more":    {annID, 0, annID, policy.Withdrawn},
		"nobody knows, the author deleted":   {0, 0, 0, policy.Closed},
		"staff, after the author and reopen": {annID, adaID, annID, policy.Closed},
	} {
		q := triaged(r)
		q.Issue.Open, q.Issue.Author.ID, q.Issue.ClosedBy = false, c.author, c.closedBy
		ev := policy.Event{Kind: policy.ClosedHand, Actor: policy.Actor{ID: c.sender}}
		if got := decided(r, q, ev, firstDay()).Memory.State; got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestReopenedAndClosedAgain tells of an opening by hand when the issue is
// closed once more: how things are counts.
func TestReopenedAndClosedAgain(t *testing.T) {
	r := exampleRules()
	for _, who := range []int64{annID, adaID} {
		q := triaged(r)
		q.Issue.Open = false
		q = decided(r, q, policy.Event{Kind: policy.ClosedHand, Actor: policy.Actor{ID: who}}, firstDay())
		ended := q.Memory.State
		got := decided(r, q, policy.Event{Kind: policy.ReopenedHand, Actor: policy.Actor{ID: who}}, firstDay()).Memory
		if got.State != ended || !got.State.Ended() {
			t.Errorf("opened by %d: got %q, want %q as before", who, got.State, ended)
		}
	}
}
