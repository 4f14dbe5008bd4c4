package policy_test

import (
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// An issue that we could not close is not one that staff opened again.
func TestOpenIsNotReopened(t *testing.T) {
	r := oddRules(t)
	q := oddRequest(t, r)
	q.Memory.State, q.Memory.Ended = policy.Denied, oddStart()
	q.Memory.Label = "recovery: denied"
	q.Issue.Open, q.Facts.Newer = true, true
	seen := policy.Event{Kind: policy.Seen}
	if got := r.Decide(q, seen, oddStart().Add(time.Hour)).Memory.State; got != policy.Denied {
		t.Errorf("an open issue: %s, want denied", got)
	}
	q.Issue.Reopened = true
	if got := r.Decide(q, seen, oddStart().Add(time.Hour)).Memory.State; got != policy.Triage {
		t.Errorf("a reopened issue: %s, want triage", got)
	}
}
