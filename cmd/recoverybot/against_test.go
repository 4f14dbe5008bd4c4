package main

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// TestAgainstNamesTen: of many requests ten are named; approvals that another
// gate judged are void, whatever else changes.
func TestAgainstNamesTen(t *testing.T) {
	rules, err := demoRules()
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 12, 3, 10, 30, 0, 0, time.UTC)
	var out bytes.Buffer
	o := outlook{rules: rules, now: now, once: map[change][]string{}, soon: map[change][]string{}, wakes: map[change][]string{}}
	names := []string{"#1", "#2", "#3", "#4", "#5", "#6", "#7", "#8", "#9", "#10", "#11", "#12"}
	for i, name := range names {
		c := bot.Case{Ref: bot.Ref{CaseKey: bot.CaseKey{Repository: rules.Repositories[0].ID}, Number: i + 1}}
		c.Memory = policy.Memory{State: policy.Asked, Turn: policy.Requester, Since: now.AddDate(0, 0, -61), Reminded: now.AddDate(0, 0, -8), Stage: 3}
		if i == 11 {
			c.Memory.Approvals = []policy.Approval{{User: 1}}
		}
		o.take(c, name)
	}
	o.print(&env{out: &out})
	want := `At once it
  voids the approvals of 1 request: #12
  closes 11 requests: #1, #2, #3, #4, #5, #6, #7, #8, #9, #10 and 1 more
The next time it
  wakes 11 requests earlier: #1, #2, #3, #4, #5, #6, #7, #8, #9, #10 and 1 more
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("the outlook (-want +got):\n%s", diff)
	}
}
