package store

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// TestAuditHidesPeople looks at the rows as they are stored: staff stand there by
// their ids, the author and an objector do not, and yet the timeline of a
// request that is kept names them.
func TestAuditHidesPeople(t *testing.T) {
	const author, staff, objector, stranger = 111111101, 222222202, 333333303, 444444404
	s := openFile(t)
	d := someDelivery("one", noon())
	d.AuthorID = author
	if _, err := s.AddDelivery(t.Context(), d); err != nil {
		t.Fatal(err)
	}
	m := policy.Memory{State: policy.Triage}
	acts := []struct {
		who   int64
		kind  policy.EventKind
		staff bool
		then  func(*policy.Memory)
	}{
		{author, policy.Opened, false, func(*policy.Memory) {}},
		{staff, policy.Commanded, true, func(m *policy.Memory) {
			m.Approvals = []policy.Approval{{User: staff, At: noon(), Comment: 1}}
		}},
		{objector, policy.Commanded, false, func(m *policy.Memory) {
			m.State, m.Hold = policy.Held, &policy.Hold{Why: policy.HoldObjection, By: objector, At: noon()}
			m.Objections = []policy.Objection{{By: objector, At: noon(), Comment: 2}}
		}},
		{stranger, policy.Commented, false, func(m *policy.Memory) { m.Stage++ }},
		{author, policy.ClosedHand, false, func(m *policy.Memory) { m.State = policy.Withdrawn }},
		{staff, policy.ReopenedHand, false, func(m *policy.Memory) { m.State = policy.Triage }},
	}
	for _, a := range acts {
		c, err := s.FindCase(t.Context(), "", "", d.Ref.Number)
		if err != nil {
			t.Fatal(err)
		}
		a.then(&m)
		c.Memory = m
		r := bot.Result{Case: c, Now: noon(), Event: policy.Event{Kind: a.kind, Actor: policy.Actor{ID: a.who}}}
		r.Decision = policy.Decision{Memory: m, ByStaff: a.staff, Reasons: []policy.Reason{{Code: "because"}}}
		if err := s.Commit(t.Context(), r); err != nil {
			t.Fatal(err)
		}
	}
	all := strings.Join(query(t, s, `SELECT actor || ' ' || reasons FROM audit ORDER BY seq`), "\n")
	for who, want := range map[string]bool{"111111101": false, "222222202": true, "333333303": false, "444444404": false} {
		if got := strings.Contains(all, who); got != want {
			t.Errorf("%s stands in the log: %v, want %v\n%s", who, got, want, all)
		}
	}
	rows, err := s.Timeline(t.Context(), d.Ref.CaseKey)
	if err != nil {
		t.Fatal(err)
	}
	var got []int64
	for _, r := range rows {
		got = append(got, max(r.Actor, -1))
	}
	if d := cmp.Diff([]int64{author, staff, objector, -1, author, staff}, got); d != "" {
		t.Errorf("actors in the timeline (-want +got):\n%s", d)
	}
	if held := rows[2].Reasons; !strings.Contains(held[len(held)-1].String(), "by:333333303") {
		t.Errorf("the timeline does not tell who objected: %v", held)
	}
}
