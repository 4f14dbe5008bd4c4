package policy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

const day = 24 * time.Hour

// subsets returns every set of classes.
func subsets() [][]Class {
	var all [][]Class
	for set := range 1 << len(Classes()) {
		var have []Class
		for i, c := range Classes() {
			if set&(1<<i) != 0 {
				have = append(have, c)
			}
		}
		all = append(all, have)
	}
	return all
}

func hasOne(have []Class, of ...Class) bool {
	return slices.ContainsFunc(of, func(c Class) bool { return slices.Contains(have, c) })
}

// pairs are the only pairs of evidence that prove something, written out by
// hand: each high class with each class of another side that counts.
func pairs() [][2]Class {
	return [][2]Class{
		{Mailbox, BranchAttested},
		{Mailbox, BranchOwner},
		{Mailbox, BranchDeclared},
		{Mailbox, CoOwner},
		{Linked, BranchAttested},
		{Linked, BranchOwner},
		{Linked, BranchDeclared},
		{Linked, CoOwner},
		{Session, BranchAttested},
		{Session, BranchOwner},
		{Session, BranchDeclared},
		{Session, CoOwner},
		{MailboxUnverified, BranchAttested},
		{MailboxUnverified, BranchOwner},
		{CoOwner, BranchAttested},
		{CoOwner, BranchOwner},
	}
}

// provesSomething is the fixed rule in other words than the code's: one of the
// pairs is there.
func provesSomething(have []Class) bool {
	return slices.ContainsFunc(pairs(), func(p [2]Class) bool { return hasOne(have, p[0]) && hasOne(have, p[1]) })
}

// TestFixedRule tries every set of evidence.
func TestFixedRule(t *testing.T) {
	proven := 0
	for _, have := range subsets() {
		want := provesSomething(have)
		if got := fixedRule(have); got != want {
			t.Errorf("%q: the rule says %v, want %v", have, got, want)
		}
		if want {
			proven++
		}
	}
	if proven == 0 || proven == len(subsets()) {
		t.Errorf("%d of %d sets prove something", proven, len(subsets()))
	}
}

// TestBuiltInPaths tries every set of evidence with every set of traits: which
// of the built-in paths it leads to, said in the words of a person.
func TestBuiltInPaths(t *testing.T) {
	r, err := Preset(plainPreset)
	if err != nil {
		t.Fatal(err)
	}
	want := func(have []Class, traits []Trait) string {
		is := func(t Trait) bool { return slices.Contains(traits, t) }
		strong, attested := hasOne(have, Mailbox, Linked, Session), hasOne(have, BranchAttested, BranchOwner)
		switch {
		case is(TraitNewAddress) && hasOne(have, Linked, Session) && attested:
			return "new-address"
		case is(TraitNewAddress) && hasOne(have, BranchOwner) && hasOne(have, CoOwner):
			return "new-address-co-owner"
		case is(TraitNewAddress):
			return ""
		case strong && attested && !is(TraitFlagged) && !is(TraitProtected):
			return "proven"
		case strong && (attested || hasOne(have, BranchDeclared)):
			return "ordinary"
		case hasOne(have, MailboxUnverified) && attested:
			return "unverified"
		case hasOne(have, Mailbox) && is(TraitNoProject):
			return "no-project"
		}
		return ""
	}
	seen := map[string]int{}
	for _, have := range subsets() {
		for _, traits := range allTraits() {
			got := ""
			if p := r.path(have, traits); p != nil {
				got = p.Name
			}
			seen[got]++
			if want := want(have, traits); got != want {
				t.Errorf("%q with the traits %q leads to %q, want %q", have, traits, got, want)
			}
		}
	}
	if len(seen) != 7 {
		t.Errorf("only %v were seen, want six paths and none", seen)
	}
}

// allTraits returns every set of traits.
func allTraits() [][]Trait {
	known := []Trait{TraitNewAddress, TraitFlagged, TraitProtected, TraitStaffOwn, TraitNoProject}
	var all [][]Trait
	for set := range 1 << len(known) {
		var traits []Trait
		for i, t := range known {
			if set&(1<<i) != 0 {
				traits = append(traits, t)
			}
		}
		all = append(all, traits)
	}
	return all
}

// pathRules are rules with one path, for two agents and one of security.
func pathRules(p Path) *Rules {
	return &Rules{
		People: map[Role]Group{Agents: {Users: []int64{31, 32}}, Security: {Users: []int64{41}}},
		May:    map[Ability][]Role{MayApprove: {Agents}},
		Paths:  []Path{p},
	}
}

// quick is a path of a small team that is just right.
func quick() Path {
	return Path{
		Name: "quick", Evidence: [][]Class{{Mailbox, Linked, Session}, {BranchAttested}},
		NotFor: []Trait{TraitNewAddress, TraitFlagged, TraitProtected}, Approvals: 1, From: []Role{Agents}, Veto: Security, Wait: 3 * day,
	}
}

// TestPathAtWork: whatever the rules say, a path that is too weak is none.
// Each change takes away one thing; the first takes away nothing.
func TestPathAtWork(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*Rules, *Path)
		have   []Class
		traits []Trait
		want   bool
	}{
		"nothing":                {change: func(*Rules, *Path) {}, want: true},
		"the author's own":       {change: func(*Rules, *Path) {}, have: []Class{Session, BranchOwner}, want: true},
		"evidence":               {change: func(*Rules, *Path) {}, have: []Class{BranchAttested}},
		"staff's own":            {change: func(*Rules, *Path) {}, traits: []Trait{TraitStaffOwn}},
		"a flag":                 {change: func(*Rules, *Path) {}, traits: []Trait{TraitFlagged}},
		"no list":                {change: func(_ *Rules, p *Path) { p.Evidence = nil }},
		"an empty list":          {change: func(_ *Rules, p *Path) { p.Evidence = append(p.Evidence, nil) }},
		"one side":               {change: func(_ *Rules, p *Path) { p.Evidence = p.Evidence[:1] }},
		"a weaker choice":        {change: func(_ *Rules, p *Path) { p.Evidence[1] = []Class{BranchAttested, BranchSeen} }},
		"an hour":                {change: func(_ *Rules, p *Path) { p.Wait -= time.Hour }},
		"all approvals":          {change: func(_ *Rules, p *Path) { p.Approvals = 0 }},
		"the veto":               {change: func(_ *Rules, p *Path) { p.Veto = "" }},
		"the veto, and a week":   {change: func(_ *Rules, p *Path) { p.Veto, p.Wait = "", 7*day }, want: true},
		"who has the veto":       {change: func(r *Rules, _ *Path) { r.People[Security] = Group{} }},
		"who else has it":        {change: func(_ *Rules, p *Path) { p.From = []Role{Agents, Security} }},
		"what it is not for":     {change: func(_ *Rules, p *Path) { p.NotFor = p.NotFor[1:] }},
		"a new address":          {change: func(_ *Rules, p *Path) { p.Approvals, p.NotFor = 2, nil }, traits: []Trait{TraitNewAddress}},
		"its time":               {change: newAddress(13*day, map[Role]int{Agents: 1, Security: 1}), traits: []Trait{TraitNewAddress}},
		"its one of security":    {change: newAddress(14*day, map[Role]int{Agents: 2}), traits: []Trait{TraitNewAddress}},
		"neither of the two":     {change: newAddress(14*day, map[Role]int{Agents: 1, Security: 1}), traits: []Trait{TraitNewAddress}, want: true},
		"the trait asked for":    {change: newAddress(14*day, map[Role]int{Agents: 1, Security: 1})},
		"the project":            {change: noProject(2, 7*day), have: []Class{Mailbox}, traits: []Trait{TraitNoProject}, want: true},
		"who confirms that":      {change: noProject(2, 7*day), have: []Class{Mailbox}},
		"the second of those":    {change: noProject(1, 7*day), have: []Class{Mailbox}, traits: []Trait{TraitNoProject}},
		"a day of that":          {change: noProject(2, 6*day), have: []Class{Mailbox}, traits: []Trait{TraitNoProject}},
		"the mailbox's approval": {change: noProject(2, 7*day), have: []Class{Linked}, traits: []Trait{TraitNoProject}},
	} {
		p := quick()
		r := pathRules(p)
		tt.change(r, &r.Paths[0])
		have := tt.have
		if have == nil {
			have = []Class{Mailbox, BranchAttested}
		}
		if got := r.path(have, tt.traits); (got != nil) != tt.want {
			t.Errorf("without %s: the path is %+v, want one: %v", name, got, tt.want)
		}
	}
}

func newAddress(wait time.Duration, by map[Role]int) func(*Rules, *Path) {
	return func(_ *Rules, p *Path) {
		p.NotFor, p.OnlyFor, p.Approvals, p.ByRole, p.Veto, p.Wait = nil, []Trait{TraitNewAddress}, 2, by, "", wait
	}
}

func noProject(approvals int, wait time.Duration) func(*Rules, *Path) {
	return func(_ *Rules, p *Path) {
		p.Evidence, p.OnlyFor, p.Approvals, p.Veto, p.Wait = [][]Class{{Mailbox}}, []Trait{TraitNoProject}, approvals, "", wait
	}
}

// TestGateSection: what approvals are bound to changes with the gate, and with
// nothing else.
func TestGateSection(t *testing.T) {
	src := string(storyPolicy(t))
	section := func(src string) string { return string(testRules(t, []byte(src)).gateSection()) }
	was := section(src)
	if !json.Valid([]byte(was)) {
		t.Errorf("the section is no JSON: %s", was)
	}
	for _, same := range []string{
		src + "# the end\n", src + "may: {sort: [agents], approve: [helpers, agents]}\n", strings.Replace(src, "[41]", "[42]", 1),
		src + "protected: {accounts: []}\nredirect: {appeal: mailto:a@b.example}\n",
	} {
		if diff := cmp.Diff(was, section(same)); diff != "" {
			t.Errorf("the section changes:\n%s\nby\n%s", diff, cmp.Diff(src, same))
		}
	}
	for _, more := range []string{
		"may: {approve: [agents]}\n", "may: {attest: [security]}\n", "protected: {accounts: [octo]}\n",
		"paths: {own: {evidence: [[mailbox], [branch-attested]], wait: 7d}}\n",
	} {
		if section(src+more) == was {
			t.Errorf("the section is the same with %s", more)
		}
	}
}

// TestProtected: names stand once, in order; how they are spelled is compared
// as each registry does.
func TestProtected(t *testing.T) {
	r := testRules(t, append(storyPolicy(t), "protected: {accounts: [octo_admin, Octo-Admin, octo_admin]}\n"...))
	if diff := cmp.Diff([]string{"Octo-Admin", "octo_admin"}, r.Protected); diff != "" {
		t.Errorf("the accounts (-want +got):\n%s", diff)
	}
}

// TestPathFrom: a path counts the approvals of the roles that it names, or of
// those of may.approve; /approve is for all of them.
func TestPathFrom(t *testing.T) {
	r := testRules(t, append(storyPolicy(t), "may: {approve: [helpers]}\n"...))
	got := []string{fmt.Sprint(r.May[MayApprove])}
	for _, p := range r.Paths {
		got = append(got, fmt.Sprintf("%s: %s", p.Name, p.From))
	}
	want := []string{
		"[helpers agents security]", "proven: [helpers]", "ordinary: [helpers]", "unverified: [helpers]", "no-project: [helpers]",
		"new-address: [agents security]", "new-address-co-owner: [agents security]",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("whose approvals count (-want +got):\n%s", diff)
	}
}
