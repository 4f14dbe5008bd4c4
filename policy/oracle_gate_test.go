package policy

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// way is a row of DOMAIN.md's table of paths.
type way struct {
	name      string
	evidence  [][]Class
	notFor    []Trait
	only      Trait
	approvals int
	security  bool // one of them security, and one an agent
	wait      time.Duration
}

// ways is that table, as the tests' policies have it.
func (o *oracle) ways() []way {
	account := []Class{Mailbox, Linked, Session}
	attested := []Class{BranchAttested, BranchOwner}
	day := 24 * time.Hour
	return []way{
		{"proven", [][]Class{account, attested}, []Trait{TraitNewAddress, TraitFlagged, TraitProtected}, "", o.w.rules.Paths[0].Approvals, false, 3 * day},
		{
			"ordinary",
			[][]Class{account, {BranchAttested, BranchOwner, BranchDeclared}},
			[]Trait{TraitNewAddress},
			"", 2, false,
			o.w.rules.Paths[1].Wait,
		},
		{"unverified", [][]Class{{MailboxUnverified}, attested}, []Trait{TraitNewAddress}, "", 2, false, 7 * day},
		{"no project", [][]Class{{Mailbox}}, []Trait{TraitNewAddress}, TraitNoProject, 2, false, 7 * day},
		{"new address", [][]Class{{Linked, Session}, attested}, nil, TraitNewAddress, 2, true, 14 * day},
		{"co-owner", [][]Class{{BranchOwner}, {CoOwner}}, nil, TraitNewAddress, 2, true, 14 * day},
	}
}

// passed: what came through the gate came by one of the ways.
func (o *oracle) passed(q Request, ev Event, m Memory, what string) {
	if q.Facts.Stale || o.w.unknown || ev.Kind == Unverified {
		o.t.Fatalf("%s on a %s, of which not all was known", what, ev.Kind)
	}
	if m.Account == "" || len(o.objecting) > 0 || o.claimed {
		o.t.Fatalf("%s for %q, objections of %v, claimed: %v", what, m.Account, o.objecting, o.claimed)
	}
	have, people := o.evidence(m)
	approvers := o.approvers(q, m)
	for _, id := range approvers {
		people[id] = true
	}
	if len(people) < 2 {
		o.t.Fatalf("%s by one person alone: %v", what, people)
	}
	var why []string
	for _, way := range o.ways() {
		lacks := o.lacks(way, m, have, approvers)
		if lacks == "" {
			return
		}
		why = append(why, way.name+" lacks "+lacks)
	}
	o.t.Fatalf("%s on %s %s at %s with %v, approved by %v, notice %+v: %s", what, ev.Kind, ev.Command.Name, o.w.now, have, approvers, m.Notice,
		strings.Join(why, "; "))
}

// stillBound: what is ready stays so only while each approval is of the
// request as a fresh snapshot shows it.
func (o *oracle) stillBound(q Request, ev Event, m Memory) {
	if q.Facts.Stale || ev.Kind == Gone || len(q.Facts.Secret) == 0 {
		return
	}
	for _, a := range m.Approvals {
		if !o.bound(q, m, a) {
			o.t.Fatalf("ready after %s, and the approval of %d is of something else", ev.Kind, a.User)
		}
	}
	if len(o.objecting) > 0 || o.claimed || m.Account == "" {
		o.t.Fatalf("ready after %s for %q, objections of %v, claimed: %v", ev.Kind, m.Account, o.objecting, o.claimed)
	}
}

func (o *oracle) kept(comment int64) bool {
	return o.w.fates[comment] == "" || o.w.fates[comment] == CommentKept
}

// bound reports whether an approval was written by who is named, of the
// request as it is.
func (o *oracle) bound(q Request, m Memory, a Approval) bool {
	s, ok := o.said[a.Comment]
	return ok && s.who.ID == a.User && s.line.Name == "approve" && strings.EqualFold(s.account, m.Account) && s.registry == m.Registry &&
		sameAnswers(s.body, q.Issue.Body) && s.newAddress == o.newAddress(m) && s.protected == strings.Join(o.w.rules.Protected, " ") &&
		s.approvals == o.w.rules.Paths[0].Approvals && s.ordinaryHours == int(o.w.rules.Paths[1].Wait/time.Hour)
}

// approvers are those whose approval counts now.
func (o *oracle) approvers(q Request, m Memory) []int64 {
	var ids []int64
	for _, a := range m.Approvals {
		if o.bound(q, m, a) && o.kept(a.Comment) && o.staff(a.User) && a.User != q.Issue.Author.ID && !slices.Contains(ids, a.User) {
			ids = append(ids, a.User)
		}
	}
	return ids
}

// names reports whether a command names a class, by its word or its number.
func names(args []string, c Class) bool {
	words := []Class{
		"mailbox", "mailbox-unverified", "linked", "session", "branch-attested", "branch-owner", "branch-declared", "co-owner", "branch-seen", "none",
	}
	number := strconv.Itoa(slices.Index(words, c) + 1)
	return slices.ContainsFunc(args, func(a string) bool { return strings.EqualFold(a, string(c)) || a == number })
}

// evidence returns the classes for which enough people stand, and who they are.
func (o *oracle) evidence(m Memory) ([]Class, map[int64]bool) {
	var have []Class
	people := map[int64]bool{}
	for _, e := range m.Evidence {
		who, byAgent := map[int64]bool{}, false
		for _, a := range e.By {
			s, ok := o.said[a.Comment]
			if !ok || s.who.ID != a.User || !names(s.line.Args, e.Class) || !o.kept(a.Comment) || !o.staff(a.User) || a.User == annID ||
				!strings.EqualFold(s.account, m.Account) || s.registry != m.Registry {
				continue
			}
			who[a.User], byAgent = true, byAgent || o.agent(a.User)
		}
		second := slices.Contains([]Class{BranchAttested, BranchOwner, BranchDeclared, BranchSeen, NoProject}, e.Class)
		if byAgent && (len(who) > 1 || !second) {
			have = append(have, e.Class)
			for id := range who {
				people[id] = true
			}
		}
	}
	return have, people
}

// traits are what the request is like.
func (o *oracle) traits(m Memory, have []Class) []Trait {
	var traits []Trait
	if o.newAddress(m) {
		traits = append(traits, TraitNewAddress)
	}
	if m.GoesTo != "" {
		traits = append(traits, TraitFlagged)
	}
	if slices.ContainsFunc(o.w.rules.Protected, func(p string) bool { return strings.EqualFold(p, m.Account) }) {
		traits = append(traits, TraitProtected)
	}
	if o.staff(annID) {
		traits = append(traits, TraitStaffOwn)
	}
	if slices.Contains(have, NoProject) {
		traits = append(traits, TraitNoProject)
	}
	return traits
}

// lacks says what a way asks for and is not there; "" if it is open.
func (o *oracle) lacks(way way, m Memory, have []Class, approvers []int64) string {
	traits := o.traits(m, have)
	for _, list := range way.evidence {
		if !slices.ContainsFunc(list, func(c Class) bool { return slices.Contains(have, c) }) {
			return "evidence"
		}
	}
	for _, t := range traits {
		if slices.Contains(way.notFor, t) || way.approvals == 1 && t != TraitNoProject {
			return "a request that is not " + string(t)
		}
	}
	if way.only != "" && !slices.Contains(traits, way.only) {
		return string(way.only)
	}
	counting := slices.DeleteFunc(slices.Clone(approvers), func(id int64) bool {
		return !way.security && id == eveID && !o.agent(id)
	})
	if len(counting) < way.approvals || way.security && !(slices.Contains(counting, eveID) && slices.ContainsFunc(counting, o.agent)) {
		return "approvals"
	}
	s, ok := spoken{}, m.Notice != nil
	if ok {
		s, ok = o.said[m.Notice.Comment]
	}
	told := ok && (s.line.Name == "notified" || slices.ContainsFunc(s.line.Args, func(a string) bool { return strings.EqualFold(a, "notified") }))
	if !told || !strings.EqualFold(s.account, m.Account) || s.registry != m.Registry || s.newAddress != o.newAddress(m) {
		return "a notice of it"
	}
	if o.w.now.Sub(s.at) < way.wait {
		return "time"
	}
	if len(counting) == 1 && !slices.ContainsFunc(m.Approvals, func(a Approval) bool {
		return a.User == counting[0] && o.w.now.Sub(o.said[a.Comment].at) >= 24*time.Hour
	}) {
		return "a day for the veto group"
	}
	return ""
}
