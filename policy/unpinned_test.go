package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func unpinnedRules(t *testing.T) *Rules {
	t.Helper()
	src := string(storyPolicy(t))
	for from, to := range map[string]string{
		"{id: 700001, name: octo-registry/support}":             "{name: octo-registry/support}",
		"{team: octo-registry/agents, id: 5001, org: 4001}":     "{team: octo-registry/agents, users: [ann, 7]}",
		"{users: [41]}                       # eve":             "{users: [eve]}",
		"helpers:  {team: octo-registry/helpers, id: 5002, org": "helpers:  {team: octo-registry/helpers, id: 5002, org",
	} {
		if !strings.Contains(src, from) {
			t.Fatalf("the policy has no %q", from)
		}
		src = strings.Replace(src, from, to, 1)
	}
	return testRules(t, []byte(src))
}

// TestUnpinned: each name without an id is listed with its place.
func TestUnpinned(t *testing.T) {
	r := unpinnedRules(t)
	var got []string
	for _, u := range r.Unpinned() {
		got = append(got, fmt.Sprintf("%d:%d %s", u.Line, u.Column, u))
	}
	want := []string{"4:12 repository octo-registry/support", "6:20 team octo-registry/agents", "6:50 user ann", "8:22 user eve"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the names without ids (-want +got):\n%s", diff)
	}
	if got := testRules(t, storyPolicy(t)).Unpinned(); got != nil {
		t.Errorf("a policy with all ids has unpinned names: %v", got)
	}
}

// TestUnpinnedHasNoAuthority: whatever GitHub may say of the name, an unpinned
// team, and a login, give nobody a role.
func TestUnpinnedHasNoAuthority(t *testing.T) {
	r := unpinnedRules(t)
	facts := Facts{Members: map[string][]int64{"octo-registry/agents": {31, 0}, "octo-registry/helpers": {21}}}
	for _, a := range []struct {
		actor Actor
		want  []Role
	}{
		{Actor{ID: 31, Login: "ada"}, nil},           // in the team that the slug names today
		{Actor{ID: 99, Login: "ann"}, nil},           // has the login
		{Actor{ID: 41, Login: "eve"}, nil},           // likewise
		{Actor{ID: 0, Login: "eve"}, nil},            // no id at all
		{Actor{ID: 7, Login: "x"}, []Role{Agents}},   // an id stands beside the login
		{Actor{ID: 21, Login: "h"}, []Role{Helpers}}, // a team with its id
	} {
		if got := r.roles(a.actor, facts); !slices.Equal(got, a.want) {
			t.Errorf("%+v has the roles %v, want %v", a.actor, got, a.want)
		}
	}
	for _, team := range r.Teams() {
		if team.ID == 0 {
			t.Errorf("GitHub would be asked for the members of %s, which has no id", team)
		}
	}
}
