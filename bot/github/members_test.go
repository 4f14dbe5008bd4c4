package github

import (
	"slices"
	"testing"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// GitHub is asked about a team each time, and for nothing where nothing has
// changed; who leaves a team is out of it at the next call.
func TestMembersAskedAgain(t *testing.T) {
	w := newWorld(t)
	staff := policy.Team{Org: "octo", Slug: "staff", ID: 11, OrgID: 12}
	members := func() []int64 {
		t.Helper()
		ids, err := w.client.Members(t.Context(), w.ref.Installation, staff)
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	before := members()
	w.fake.ResetCalls()
	if got := members(); !slices.Equal(got, before) || len(got) != 2 {
		t.Errorf("members %v, want %v", got, before)
	}
	if got := w.fake.Tally(); got["team 304"] != 1 || got["team members 304"] != 1 || len(got) != 2 {
		t.Errorf("calls for what has not changed: %v", got)
	}
	w.fake.AddTeam(bottest.Team{Org: "octo", Slug: "staff", ID: 11, Members: []string{"ann"}})
	if got := members(); len(got) != 1 || slices.Contains(before, got[0]) {
		t.Errorf("members after a change: %v", got)
	}
	w.fake.AddTeam(bottest.Team{Org: "octo", Slug: "staff", ID: 99, Members: []string{"ann"}})
	if ids, err := w.client.Members(t.Context(), w.ref.Installation, staff); err == nil {
		t.Errorf("members %v of another team of that name, want an error", ids)
	}
}
