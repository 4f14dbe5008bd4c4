package policy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/internal/sample"
)

func testPins() Pins {
	return Pins{
		Repositories: map[string]int64{"octo-registry/support": 700001, "octo-registry/other": 700002, "octo-registry/desk": 700003},
		Teams: map[string]Team{
			"octo-registry/agents":  {Org: "octo-registry", Slug: "agents", ID: 5001, OrgID: 4001},
			"octo-registry/helpers": {Org: "octo-registry", Slug: "helpers", ID: 5002, OrgID: 4001},
		},
		Users: map[string]int64{"octocat": 583231, "mona": 12, "12345": 99},
	}
}

// pinTail is what a policy needs besides its names.
const pinTail = `
registries: {pypi: {preset: pypi}}
requests: {forms: [{file: forms/recovery-2024.yml}]}
`

// TestPin shows what becomes of names in every layout that people write.
func TestPin(t *testing.T) {
	const head = "version: 1\n"
	for name, tt := range map[string]struct{ in, want string }{
		"flow": {
			"repositories:\n  - {name: octo-registry/support}   # ours\npeople: {agents: {team: octo-registry/agents}}",
			"repositories:\n  - {name: octo-registry/support, id: 700001}   # ours\npeople: {agents: {team: octo-registry/agents, id: 5001, org: 4001}}",
		},
		"block": {
			"repositories:\n- name: octo-registry/support # ours\n  # more\n- name: 'octo-registry/other'\npeople:\n  agents:\n    team: \"octo-registry/agents\"\n    users:\n      - octocat\n      - 7   # seven",
			"repositories:\n- name: octo-registry/support # ours\n  id: 700001\n  # more\n- name: 'octo-registry/other'\n  id: 700002\npeople:\n  agents:\n    team: \"octo-registry/agents\"\n    id: 5001\n    org: 4001\n    users:\n      - 583231  # octocat\n      - 7   # seven",
		},
		"ids that are there stay": {
			"repositories: [{id: 1, name: octo-registry/support}]\npeople: {agents: {team: octo-registry/agents, id: 2}, helpers: {team: octo-registry/helpers, id: 3, org: 4}, security: {users: [5]}}",
			"repositories: [{id: 1, name: octo-registry/support}]\npeople: {agents: {team: octo-registry/agents, org: 4001, id: 2}, helpers: {team: octo-registry/helpers, id: 3, org: 4}, security: {users: [5]}}",
		},
		"logins of one line share a comment": {
			"repositories: [{id: 1, name: octo-registry/support}]\npeople:\n  agents: {users: [octocat, 7, \"mona\", '12345']}  # the team",
			"repositories: [{id: 1, name: octo-registry/support}]\npeople:\n  agents: {users: [583231, 7, 12, 99]}  # the team (octocat, mona, 12345)",
		},
		"a flow list over lines": {
			"repositories: [{id: 1, name: octo-registry/support}]\npeople:\n  agents: {users: [octocat, # first\n    mona\n  ]}",
			"repositories: [{id: 1, name: octo-registry/support}]\npeople:\n  agents: {users: [583231, # first (octocat)\n    12  # mona\n  ]}",
		},
		"a value on the next line, and a folded one": {
			"repositories:\n  - name:\n      octo-registry/support\npeople:\n  agents:\n    team: >-\n      octo-registry/agents",
			"repositories:\n  - name:\n      octo-registry/support\n    id: 700001\npeople:\n  agents:\n    id: 5001\n    org: 4001\n    team: >-\n      octo-registry/agents",
		},
		"a desk of two repositories": {
			"repositories:\n  - {name: octo-registry/support, desk: {name: octo-registry/desk}}\n  - name: octo-registry/other\n    desk:\n      name: octo-registry/desk  # the same\npeople: {agents: {users: [5, 6]}}",
			"repositories:\n  - {name: octo-registry/support, id: 700001, desk: {name: octo-registry/desk, id: 700003}}\n  - name: octo-registry/other\n    id: 700002\n    desk:\n      name: octo-registry/desk  # the same\n      id: 700003\npeople: {agents: {users: [5, 6]}}",
		},
		"an unknown name stays": {
			"repositories: [{name: octo-registry/nowhere}]\npeople: {agents: {users: [ghost, 7]}}",
			"repositories: [{name: octo-registry/nowhere}]\npeople: {agents: {users: [ghost, 7]}}",
		},
	} {
		for _, eol := range []string{"\n", "\r\n"} {
			for _, bom := range []string{"", "\ufeff"} {
				in := bom + strings.ReplaceAll(head+tt.in+pinTail, "\n", eol)
				want := bom + strings.ReplaceAll(head+tt.want+pinTail, "\n", eol)
				got, err := Pin([]byte(in), testForms(t), testPins())
				if err != nil {
					t.Errorf("%s (line ends %q): %v", name, eol, err)
					continue
				}
				if diff := cmp.Diff(want, string(got.Source)); diff != "" {
					t.Errorf("%s (line ends %q, -want +got):\n%s", name, eol, diff)
				}
			}
		}
	}
}

// TestPinRefuses: where ids do not fit, nothing is changed.
func TestPinRefuses(t *testing.T) {
	for _, in := range []string{
		"repositories: [name: octo-registry/support]\npeople: {agents: {users: [1, 2]}}",
		"repositories: [{id: 1, name: octo-registry/support}]\npeople:\n  agents:\n    users:\n      - 7\n      - >-\n        octocat",
	} {
		got, err := Pin([]byte("version: 1\n"+in+pinTail), testForms(t), testPins())
		if !errors.Is(err, ErrLayout) || got.Source != nil {
			t.Errorf("%s\ngives the error %v and %q, want ErrLayout and nothing", in, err, got.Source)
		}
	}
	var errs Errors
	if _, err := Pin([]byte("version: 2\n"), testForms(t), testPins()); !errors.As(err, &errs) {
		t.Errorf("a policy that is wrong gives %v, want Errors", err)
	}
}

// TestSayTheSame shows that a change of anything but ids would be found.
func TestSayTheSame(t *testing.T) {
	src := string(storyPolicy(t))
	was := testRules(t, []byte(src))
	for _, change := range [][2]string{
		{"support@", "help@"},
		{"id: 5001", "id: 5003"},
		{"[41]", "[41, 42]"},
		{"60d", "61d"},
		{"octo-registry/support", "octo-registry/other"},
		{"octo-registry/support}", "octo-registry/support, desk: {name: octo-registry/desk}}"},
	} {
		same, err := sayTheSame(was, testRules(t, []byte(strings.Replace(src, change[0], change[1], 1))))
		if same || err != nil {
			t.Errorf("%q instead of %q is not seen (%v)", change[1], change[0], err)
		}
	}
	if same, err := sayTheSame(was, testRules(t, []byte(src+"# the end\n"))); !same || err != nil {
		t.Errorf("a comment makes a difference (%v)", err)
	}
}

// layout writes a policy in a random layout.
type layout struct {
	t *rapid.T
	b strings.Builder
}

func (l *layout) pick(of ...string) string { return rapid.SampledFrom(of).Draw(l.t, "choice") }

func (l *layout) quoted(s string) string {
	quote := l.pick("", "'", `"`)
	if quote == "" && s == "12345" {
		quote = "'"
	}
	return quote + s + quote
}

func (l *layout) comment() string { return l.pick("", "", " # note", "   # a: {b}, [c] 'd", "  ") }

// mapping writes keys in flow or block style; indent is that of the block.
func (l *layout) mapping(indent string, entries []string) string {
	if l.pick("flow", "block") == "flow" {
		gap := l.pick(", ", ",", ",\n"+indent+"  ", ", # why\n"+indent+"    ")
		return l.pick(" ", "  ") + l.pick("{", "{ ") + strings.Join(entries, gap) + l.pick("}", " }") + l.comment() + "\n"
	}
	var b strings.Builder
	b.WriteString(l.comment() + "\n")
	for _, e := range entries {
		b.WriteString(l.pick("", indent+"# above\n", "\n") + indent + e + l.comment() + "\n")
	}
	return b.String()
}

func (l *layout) repository(name string) {
	entries := []string{"name: " + l.quoted(name)}
	if l.pick("flow", "block") == "flow" {
		l.b.WriteString("  - {" + entries[0] + l.pick("", " ", ",") + "}" + l.comment() + "\n")
		return
	}
	l.b.WriteString("  -" + l.pick(" ", "   ") + entries[0] + l.comment() + "\n")
}

func (l *layout) users(names ...string) string {
	all := make([]string, 0, len(names))
	for _, n := range names {
		all = append(all, l.quoted(n))
	}
	return "users: [" + strings.Join(all, l.pick(", ", ",", " , ")) + l.pick("", ", 7", " ") + "]"
}

func (l *layout) policy() string {
	l.b.WriteString("version: 1" + l.comment() + "\nrepositories:" + l.comment() + "\n")
	l.repository("octo-registry/support")
	l.repository("octo-registry/other")
	l.b.WriteString("people:\n")
	agents := []string{"team: " + l.quoted("octo-registry/agents"), l.users("octocat", "mona")}
	if l.pick("first", "last") == "last" {
		slices.Reverse(agents)
	}
	l.b.WriteString("  agents:" + l.mapping("    ", agents))
	l.b.WriteString("  helpers:" + l.mapping("      ", []string{"team: " + l.quoted("octo-registry/helpers")}))
	l.b.WriteString("  security:\n    users:" + l.comment() + "\n")
	for _, login := range []string{"octocat", "12345"} {
		l.b.WriteString("      - " + l.quoted(login) + l.comment() + "\n")
	}
	text := l.b.String() + pinTail
	return l.pick("", "\ufeff") + strings.ReplaceAll(text, "\n", l.pick("\n", "\r\n"))
}

// TestPinAnyLayout: in any layout all ids get in, no comment gets lost, and a
// second time nothing is left to do.
func TestPinAnyLayout(t *testing.T) {
	forms := testForms(t)
	checks(t, sample.Sizes{Plain: 40, Race: 4, All: 100})
	rapid.Check(t, func(t *rapid.T) {
		src := (&layout{t: t}).policy()
		before, err := ParseRules([]byte(src), forms)
		if err != nil {
			t.Fatalf("the layout is no policy: %v\n%s", err, src)
		}
		out, err := Pin([]byte(src), forms, testPins())
		if err != nil {
			t.Fatalf("%v\n%s", err, src)
		}
		if got, want := len(out.Changes), len(before.Unpinned()); got != want {
			t.Errorf("%d changes for %d names", got, want)
		}
		after, err := ParseRules(out.Source, forms)
		if err != nil || after.Unpinned() != nil {
			t.Fatalf("names without ids are left: %v, %v\n%s", after.Unpinned(), err, out.Source)
		}
		want := "[583231 12] [583231 99]"
		got := fmt.Sprint(firstTwo(after.People[Agents].Users), firstTwo(after.People[Security].Users))
		if got != want {
			t.Errorf("the users are %s, want %s", got, want)
		}
		if a, b := strings.Count(src, "#"), strings.Count(string(out.Source), "#"); b < a {
			t.Errorf("%d of %d comments are left:\n%s", b, a, out.Source)
		}
		again, err := Pin(out.Source, forms, testPins())
		if err != nil || len(again.Changes) > 0 || string(again.Source) != string(out.Source) {
			t.Errorf("a second time: %v, %v", again.Changes, err)
		}
	})
}

func firstTwo(ids []int64) []int64 { return ids[:min(2, len(ids))] }

// FuzzPin: of any policy that is read, Pin makes one with the same meaning or
// refuses, and a second time finds nothing to do.
func FuzzPin(f *testing.F) {
	f.Add("repositories: [{name: octo-registry/support}]\npeople: {agents: {users: [octocat]}}")
	f.Add("repositories:\n- name: 'octo-registry/support' # c\npeople:\n  agents:\n    team: octo-registry/agents\r\n    users:\n    - \"mona\"")
	forms := testForms(f)
	f.Fuzz(func(t *testing.T, names string) {
		src := []byte("version: 1\n" + names + pinTail)
		before, err := ParseRules(src, forms)
		if err != nil {
			return
		}
		out, err := Pin(src, forms, testPins())
		if err != nil {
			if !errors.Is(err, ErrLayout) {
				t.Fatalf("%v\n%s", err, src)
			}
			return
		}
		after, err := ParseRules(out.Source, forms)
		if err != nil || len(after.Unpinned()) > len(before.Unpinned()) {
			t.Fatalf("%v, %v\n%s", after.Unpinned(), err, out.Source)
		}
		again, err := Pin(out.Source, forms, testPins())
		if err != nil || len(again.Changes) > 0 {
			t.Fatalf("a second time: %v, %v\n%s", again.Changes, err, out.Source)
		}
	})
}
