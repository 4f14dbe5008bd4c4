package policy_test

import (
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// TestLabelsInOtherLetters spells labels as GitHub may: it compares them
// without regard to case, and answers with the spelling of the repository.
func TestLabelsInOtherLetters(t *testing.T) {
	r := exampleRules()
	q := triaged(r)
	for i, l := range q.Issue.Labels {
		q.Issue.Labels[i] = strings.ToUpper(l)
	}
	q.Form, q.Facts.Newer = r.Form(q.Issue), true
	d := r.Decide(q, policy.Event{Kind: policy.Seen}, firstDay().Add(time.Minute))
	if d.Memory.State != policy.Triage || len(d.Effects) != 0 {
		t.Errorf("got %q and %v, want triage and nothing to do", d.Memory.State, d.Effects)
	}
	q.Memory, q.Issue.Body = policy.Memory{}, ""
	q.Form = r.Form(q.Issue)
	if got := r.Decide(q, policy.Event{Kind: policy.Seen}, firstDay()).Memory.State; got != policy.Incomplete {
		t.Errorf("an empty issue with the intake label in capitals: got %q, want incomplete", got)
	}
}
