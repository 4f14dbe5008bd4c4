package policy

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWarningsOf: once the members are counted, what is said is about them, and
// what the file alone says is not said again.
func TestWarningsOf(t *testing.T) {
	src := string(storyPolicy(t))
	const agents, helpers = "octo-registry/agents", "octo-registry/helpers"
	few := func(paths, who string) string {
		return "paths " + paths + ": " + who + " must approve, and there are fewer: it never leads to `ready`"
	}
	ordinary, address := "proven, ordinary, unverified, no-project", "new-address, new-address-co-owner"
	const two, one = "2 different people of agents, helpers", "1 of agents and 1 of security, different people,"
	for name, tt := range map[string]struct {
		members map[string][]int64
		want    []string
	}{
		"not counted":    {nil, nil},
		"one team":       {map[string][]int64{agents: {31}}, nil},
		"two people":     {map[string][]int64{agents: {31}, helpers: {21}}, nil},
		"one of the two": {map[string][]int64{agents: {31}, helpers: {31}}, []string{few(ordinary, two)}},
		"one in all":     {map[string][]int64{agents: {41}, helpers: {41}}, []string{"one person alone may attest, approve and complete: whoever has that account has every account of the registry. Name a second person", few(ordinary, two), few(address, one)}},
		"only security":  {map[string][]int64{agents: {41}, helpers: {21}}, []string{few(address, one)}},
		"no agents": {map[string][]int64{agents: {}, helpers: {21, 22}}, []string{
			"nobody may attest: no request would ever end well; name people for one of the roles of may.attest",
			"nobody may complete: no request would ever end well; name people for one of the roles of may.complete",
			few(address, one),
		}},
	} {
		if diff := cmp.Diff(tt.want, testRules(t, []byte(src)).WarningsOf(tt.members), cmpEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	without := strings.Replace(src, "  security: {users: [41]} ", "  # ", 1)
	r := testRules(t, []byte(without))
	if got := r.WarningsOf(map[string][]int64{agents: {31, 32}, helpers: {21}}); len(got) > 0 {
		t.Errorf("said again, or wrong: %q", got)
	}
	if diff := cmp.Diff([]string{few(address, one)}, r.shortages(nil)); diff != "" {
		t.Errorf("without security (-want +got):\n%s", diff)
	}
}

// cmpEmpty takes no list and an empty one for the same.
func cmpEmpty() cmp.Option {
	return cmp.Transformer("some", func(list []string) string { return strings.Join(list, "\n") })
}

// TestVetoOfNobody: a veto group in which nobody else is is warned of, once
// its members are counted.
func TestVetoOfNobody(t *testing.T) {
	src := strings.Replace(string(storyPolicy(t)), "octo-registry/support}", "octo-registry/support, desk: {id: 700002, name: octo-registry/desk}}", 1) +
		"paths: {quick: {evidence: [[mailbox], [branch-attested]], not-for: [new-address, flagged, protected], approvals: {agents: 1}, veto: helpers, wait: 72h}}\n"
	r := testRules(t, []byte(src))
	const agents, helpers = "octo-registry/agents", "octo-registry/helpers"
	for name, tt := range map[string]struct {
		members map[string][]int64
		warned  bool
	}{
		"not counted":         {nil, false},
		"another":             {map[string][]int64{agents: {31}, helpers: {21}}, false},
		"oneself":             {map[string][]int64{agents: {31}, helpers: {31}}, true},
		"oneself and another": {map[string][]int64{agents: {31}, helpers: {31, 21}}, false},
		"nobody":              {map[string][]int64{agents: {31}, helpers: {}}, true},
	} {
		got := r.WarningsOf(tt.members)
		warned := strings.Contains(strings.Join(got, "\n"), "paths quick: nobody else is in the veto group helpers")
		if warned != tt.warned {
			t.Errorf("%s: the warnings are %q, want one about the veto group: %v", name, got, tt.warned)
		}
	}
}
