package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/parser"
)

// TestEverySubset goes through all sets of classes: no path is open where the
// fixed rule, written here once more, is not kept.
func TestEverySubset(t *testing.T) {
	r := testRules(t, storyPolicy(t))
	found := map[string]int{}
	for set := range 1 << len(Classes()) {
		var have []Class
		for i, c := range Classes() {
			if set>>i&1 == 1 {
				have = append(have, c)
			}
		}
		has := func(some ...Class) bool {
			return slices.ContainsFunc(some, func(c Class) bool { return slices.Contains(have, c) })
		}
		account, code := has(Mailbox, Linked, Session), has(BranchAttested, BranchOwner)
		twoSides := account && (code || has(BranchDeclared, CoOwner)) || code && has(MailboxUnverified, CoOwner)
		for _, traits := range [][]Trait{nil, {TraitFlagged}, {TraitNewAddress}, {TraitNewAddress, TraitFlagged}} {
			noProject := has(NoProject)
			if noProject {
				traits = append(slices.Clone(traits), TraitNoProject)
			}
			p := r.path(have, traits)
			if p == nil {
				continue
			}
			found[p.Name]++
			alone := p.Name == "no-project" && noProject && has(Mailbox) && p.Approvals >= 2 && p.Wait >= 7*24*time.Hour
			if !twoSides && !alone {
				t.Errorf("%v with %v is enough for %s", have, traits, p.Name)
			}
			if slices.Contains(traits, TraitNewAddress) && (p.Wait < 14*24*time.Hour || p.ByRole[Security] != 1 || has(Mailbox) && !has(Linked, Session, CoOwner)) {
				t.Errorf("%v with %v is enough for %s", have, traits, p.Name)
			}
		}
	}
	for _, p := range r.Paths {
		if found[p.Name] == 0 {
			t.Errorf("no evidence leads to %s", p.Name)
		}
	}
}

// approvable is a request with a complete gate, but for approvals.
func approvable(t *testing.T) *move {
	t.Helper()
	w := newWorld(testRules(t, storyPolicy(t)), time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	w.lead(Triage, storyBodies(t), "complete", func(ev Event) { w.hand(ev) })
	q, ev := w.request(Event{Kind: Seen})
	return w.rules.move(q, ev, w.now)
}

// TestBinding changes each part of what an approval is of: each makes another
// digest and another binding. Evidence alone leaves the digest.
func TestBinding(t *testing.T) {
	seen := map[string]string{}
	for name, change := range map[string]func(*move){
		"as it is":           func(*move) {},
		"another account":    func(m *move) { m.read.account = "jbbez" },
		"another registry":   func(m *move) { m.read.registry.Key = "testpypi" },
		"another repository": func(m *move) { m.q.Issue.Repository++ },
		"another issue":      func(m *move) { m.q.Issue.ID++ },
		"another author":     func(m *move) { m.q.Issue.Author.ID++ },
		"another answer":     func(m *move) { m.next.Answers.Base = "x" },
		"a new address":      func(m *move) { m.next.NewAddress = true },
		"a kind about one":   func(m *move) { m.next.Kind = KindTypoEmail },
		"a mark about one":   func(m *move) { m.next.Marks, m.next.NewAddress, m.next.Revoked = []Kind{KindLostEmail}, false, 7 },
		"less evidence":      func(m *move) { m.next.Revoked++ },
		"another key":        func(m *move) { m.q.Facts.Secret = []byte("another") },
		"other paths":        func(m *move) { m.rules.Paths = m.rules.Paths[1:] },
		"other approvers":    func(m *move) { m.rules.May[MayApprove] = []Role{Agents} },
		"other protection":   func(m *move) { m.rules.Protected = append(m.rules.Protected, "pypa") },
	} {
		m := approvable(t)
		change(m)
		digest := m.digest()
		if name == "a kind about one" { // is a new address, whoever says so
			if digest != func() string { n := approvable(t); n.next.NewAddress = true; return n.digest() }() {
				t.Errorf("%s is not taken for a new address", name)
			}
			continue
		}
		if other, ok := seen[digest]; ok || len(digest) != 8 || strings.Trim(digest, "0123456789abcdef") != "" {
			t.Errorf("%s has the digest %q of %q", name, digest, other)
		}
		seen[digest] = name
		if m.bind([]Class{Mailbox}) == m.bind([]Class{Mailbox, BranchDeclared}) {
			t.Errorf("%s: an approval is not bound to its evidence", name)
		}
	}
	m := approvable(t)
	m.read.account = "JBBER"
	if seen[m.digest()] != "as it is" {
		t.Error("upper case makes another account")
	}
}

// TestNothingToBind: without the key of the case, or an account, there is no
// digest, and so nothing to approve.
func TestNothingToBind(t *testing.T) {
	for name, change := range map[string]func(*move){
		"no key":           func(m *move) { m.q.Facts.Secret = nil },
		"no account":       func(m *move) { m.read.account = "" },
		"nothing was read": func(m *move) { m.next.Answers = nil },
	} {
		m := approvable(t)
		change(m)
		if got := m.digest(); got != "" {
			t.Errorf("%s: got the digest %q, want none", name, got)
		}
		m.ev = Event{Kind: Commanded, Actor: whois("ada"), Comment: 950, Command: parser.Command{Name: "approve", Args: []string{"mailbox"}}}
		m.roles = []Role{Agents}
		m.runApprove()
		if len(m.next.Approvals)+len(m.next.Evidence) > 0 {
			t.Errorf("%s: approved by %v with %v", name, m.next.Approvals, m.next.Evidence)
		}
	}
}

// TestApprovers lets every three people approve, in every order. Two whose
// approvals the path counts and who are not the requester are enough, and
// nothing less.
func TestApprovers(t *testing.T) {
	r, bodies := testRules(t, storyPolicy(t)), storyBodies(t)
	allowed := []string{"hal", "ada", "pat"} // eve may approve: where a path asks for security
	names := []string{"ann", "hal", "ada", "pat", "eve", "sam", "robo"}
	for _, a := range names {
		for _, b := range names {
			for _, c := range names {
				w := newWorld(r, time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
				w.lead(Triage, bodies, "complete", func(ev Event) { w.hand(ev) })
				w.hand(w.saysWhereFit(whois("ada"), "/attest mailbox"))
				w.hand(w.saysWhereFit(whois("ada"), "/attest branch-declared"))
				w.hand(w.saysWhereFit(whois("pat"), "/attest branch-declared"))
				w.hand(w.saysWhereFit(whois("ada"), "/notified"))
				people := map[string]bool{}
				for _, name := range []string{a, b, c} {
					w.now = w.now.Add(time.Minute)
					w.hand(w.saysWhereFit(whois(name), "/approve $DIGEST"))
					if slices.Contains(allowed, name) {
						people[name] = true
					}
				}
				want := Triage
				if len(people) >= 2 {
					want = Waiting
				}
				if w.memory.State != want {
					t.Errorf("%s, %s and %s approve: got %s, want %s", a, b, c, w.memory.State, want)
				}
			}
		}
	}
}

// TestPlaces: one person fills one place, whatever roles they have.
func TestPlaces(t *testing.T) {
	places := map[Role]int{Agents: 1, Security: 1}
	for _, c := range []struct {
		roles [][]Role
		want  bool
	}{
		{[][]Role{{Agents}, {Security}}, true},
		{[][]Role{{Agents, Security}, {Agents}}, true},
		{[][]Role{{Security, Agents}, {Agents, Security}}, true},
		{[][]Role{{Agents, Security}, {Helpers}}, false},
		{[][]Role{{Agents, Security}}, false},
		{[][]Role{{Agents}, {Agents}, {Helpers}}, false},
		{[][]Role{{Helpers}, {Security}, {Agents}}, true},
		{nil, false},
	} {
		var approvals []Approval
		for i, roles := range c.roles {
			approvals = append(approvals, Approval{User: int64(i + 1), Roles: roles})
		}
		if got := fills(places, approvals); got != c.want {
			t.Errorf("%v: got %v, want %v", c.roles, got, c.want)
		}
	}
	if !fills(nil, nil) {
		t.Error("a path that keeps no place is not filled by nobody")
	}
}

// TestAnswers compares two readings of a form: what disappears may only be an
// address.
func TestAnswers(t *testing.T) {
	read := func(reason, name string, ticked bool) *Answers {
		return answersOf(&parser.Form{Fields: []parser.Field{
			{Label: "Name", Value: name},
			{Label: "Reason", Value: reason},
			{Label: "Codes", Options: []parser.Choice{{Label: "I have none", Checked: ticked}}},
		}}, []byte("key"))
	}
	for _, c := range []struct {
		before, after string
		want          bool
	}{
		{"I lost it", "I lost it", true},
		{"I lost it", "I  lost\n\nit ", true},
		{"I lost it", "I lost It", false},
		{"I lost it", "it I lost", false},
		{"write to a@x.org please", "write to please", true},
		{"write to (a@x.org), please", "write to (), please", true},
		{"write to <mailto:a@x.org> please", "write to mailto please", true},
		{"a@x.org or b@y.org", "or b@y.org", true},
		{"a@x.org or b@y.org", "or", true},
		{"a@x.org and a@x.org", "a@x.org and", true},
		{"a@x.org and", "a@x.org and a@x.org", false},
		{"write to please", "write to a@x.org please", false},
		{"a@x.org or b@y.org", "or c@z.org", false},
		{"a@x.org or b@y.org", "b@y.org or a@x.org", false},
		{"a@x.org or else", "else or", false},
		{"write to a@x.org please", "write to please now", false},
		{"write to a@x.org please", "write to", false},
	} {
		before, after := read(c.before, "jbber", true), read(c.after, "jbber", true)
		if got := after.follows(before); got != c.want {
			t.Errorf("%q, then %q: the same is %v, want %v", c.before, c.after, got, c.want)
		}
	}
	is := read("a@x.org", "jbber", true)
	for name, other := range map[string]*Answers{
		"a box": read("", "jbber", false), "another question's answer": read("", "jbbez", true), "moved": read("jbber", "", true),
	} {
		if other.follows(is) {
			t.Errorf("%s makes no difference", name)
		}
	}
	many := strings.Repeat("a@x.org ", leakLimit+1)
	if fewer := read(many[8:], "jbber", true); fewer.follows(read(many, "jbber", true)) {
		t.Error("of more addresses than are told apart one disappears")
	}
	text := fmt.Sprintf("%+v", *is)
	if strings.Contains(text, "x.org") || strings.Contains(text, "jbber") {
		t.Errorf("a text is kept: %s", text)
	}
}

// TestClaims: what a stranger may write who owns the account, and what others write.
func TestClaims(t *testing.T) {
	r := testRules(t, storyPolicy(t))
	for text, want := range map[string]bool{
		"This is my account!":                              true,
		"Hello. I'm the real owner of jbber, please stop.": true,
		"I didn’t request this":                            true,
		"somebody wants to steal my account":               true,
		"¡Esta es mi cuenta!":                              true,
		"Soy el dueño de esta cuenta":                      true,
		"no pedí esto":                                     true,
		"I lost mine too, any update?":                     false,
		"My account has the same problem.":                 false,
		"+1":                                               false,
		"Is this your account?":                            false,
		"":                                                 false,
		"mismo problema con mi cuenta":                     false,
	} {
		if got := r.Claims(text); got != want {
			t.Errorf("%q: got %v, want %v", text, got, want)
		}
	}
	for _, p := range claims() {
		if folded := phrase(p); folded != p {
			t.Errorf("%q is never found: folded it is %q", p, folded)
		}
	}
}

// small lets one agent approve on the strongest path.
func small(t *testing.T, veto Role) *world {
	t.Helper()
	r := testRules(t, storyPolicy(t))
	r.Paths = slices.Clone(r.Paths)
	r.Paths[0].Approvals, r.Paths[0].Veto, r.Paths[0].Wait = 1, veto, 72*time.Hour
	if veto == "" {
		r.Paths[0].Wait = 7 * 24 * time.Hour
	}
	w := newWorld(r, time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	w.lead(Triage, storyBodies(t), "complete", func(ev Event) { w.hand(ev) })
	return w
}

// TestSmallTeam: one approval is enough with a veto group, not before a day
// after it, and seven days without one.
func TestSmallTeam(t *testing.T) {
	day := 24 * time.Hour
	for name, c := range map[string]struct {
		veto   Role
		people []int64 // of security
		after  time.Duration
		flag   string
		want   time.Duration // from the notice to ready; 0: one is not enough
	}{
		"a veto group":              {veto: Security, people: []int64{eveID}, want: 3 * day},
		"approved late":             {veto: Security, people: []int64{eveID}, after: 10 * day, want: 11 * day},
		"no veto group":             {want: 7 * day},
		"the approver alone in it":  {veto: Security, people: []int64{adaID}, want: 7 * day},
		"the requester alone in it": {veto: Security, people: []int64{annID}, flag: "staff", want: 0},
		"somebody objects":          {veto: Security, people: []int64{eveID}, flag: "objection", want: 0},
		"another address":           {veto: Security, people: []int64{eveID}, flag: "address", want: 0},
		"a takeover":                {veto: Security, people: []int64{eveID}, flag: "takeover", want: 0},
		"a protected account":       {veto: Security, people: []int64{eveID}, flag: "protected", want: 0},
	} {
		w := small(t, c.veto)
		w.rules.People[Security] = Group{Users: c.people}
		switch c.flag {
		case "objection":
			w.hand(w.saysWhereFit(whois("sam"), "/object"))
		case "address":
			w.hand(w.saysWhereFit(whois("hal"), "/notified new-address"))
		case "takeover":
			w.hand(w.saysWhereFit(whois("hal"), "/kind compromised"))
		case "protected":
			w.rules.Protected = []string{"Jbber"}
		}
		w.hand(w.saysWhereFit(whois("ada"), "/attest branch-attested"))
		w.hand(w.saysWhereFit(whois("hal"), "/attest branch-attested"))
		notified := w.hand(w.saysWhereFit(whois("ada"), "/notified"))
		from := w.now
		w.now = w.now.Add(c.after)
		approved := w.hand(w.saysWhereFit(whois("ada"), "/approve mailbox $DIGEST"))
		if c.want == 0 {
			if w.memory.State != Triage {
				t.Errorf("%s: got %s, want triage", name, w.memory.State)
			}
			continue
		}
		if w.memory.State != Waiting || !w.memory.WakeAt.Equal(from.Add(c.want)) {
			t.Errorf("%s: got %s until %s, want waiting until %s", name, w.memory.State, w.memory.WakeAt, from.Add(c.want))
		}
		if got := strings.Join(texts(approved.Reasons), " "); !strings.Contains(got, "one-approver") {
			t.Errorf("%s: the audit log does not say that one approved: %s", name, got)
		}
		for _, d := range []Decision{notified, approved} {
			told := strings.Contains(strings.Join(texts(d.Reasons), " "), "alert(veto")
			if told != (c.veto != "") {
				t.Errorf("%s: the veto group is told: %v, because %v", name, told, d.Reasons)
			}
		}
	}
}

func texts(reasons []Reason) []string {
	var all []string
	for _, r := range reasons {
		all = append(all, r.String())
	}
	return all
}

// TestLooserNoVeto: an approval that does not count on the path is nobody who
// could stop the one that does.
func TestLooserNoVeto(t *testing.T) {
	w := small(t, Security)
	w.rules.People[Security] = Group{Users: []int64{adaID}}
	w.rules.Paths[0].From = []Role{Agents}
	for _, line := range []string{"ada /attest branch-attested", "hal /attest branch-attested", "ada /approve mailbox notified $DIGEST", "hal /approve $DIGEST"} {
		who, text, _ := strings.Cut(line, " ")
		w.hand(w.saysWhereFit(whois(who), text))
	}
	if m := w.memory; m.State != Waiting || !m.WakeAt.Equal(w.now.Add(aloneTime)) {
		t.Errorf("got %s until %s, want waiting until %s", m.State, m.WakeAt, w.now.Add(aloneTime))
	}
}

// TestUnknownOpensNothing leaves out each thing that the gate must know: the
// request is not ready, and nothing is void.
func TestUnknownOpensNothing(t *testing.T) {
	for name, change := range map[string]func(*Request){
		"nothing":       func(*Request) {},
		"a team":        func(q *Request) { delete(q.Facts.Members, "octo-registry/helpers") },
		"a comment":     func(q *Request) { delete(q.Facts.Comments, q.Memory.standing()[0]) },
		"the key":       func(q *Request) { q.Facts.Secret = nil },
		"a fresh issue": func(q *Request) { q.Facts.Stale = true },
		"the time":      func(q *Request) { q.Memory.Notice = &Notice{At: q.Memory.Notice.At.Add(time.Hour)} },
	} {
		w := newWorld(testRules(t, storyPolicy(t)), time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
		w.lead(Waiting, storyBodies(t), "complete", func(ev Event) { w.hand(ev) })
		w.now = w.memory.WakeAt
		q, ev := w.request(Event{Kind: Tick})
		change(&q)
		want := Waiting
		if name == "nothing" {
			want = Ready
		}
		d := w.rules.Decide(q, ev, w.now)
		if d.Memory.State != want || len(d.Memory.Approvals) != 2 {
			t.Errorf("without %s: got %s with %d approvals, want %s with 2", name, d.Memory.State, len(d.Memory.Approvals), want)
		}
	}
}

// TestLookAheadOpensNothing: a look ahead foresees that the time ends, and
// nothing but time: whatever people would do, without the issue it does not
// bring a request through the gate.
func TestLookAheadOpensNothing(t *testing.T) {
	w := led(t, Waiting)
	w.now = w.memory.WakeAt
	if d := w.rules.Ahead(w.memory, w.issue, w.now); d.Memory.State != Ready {
		t.Errorf("a look ahead at the end of the time: got %s, want ready", d.Memory.State)
	}
	for _, line := range []string{"/complete", "/notified", "/approve $DIGEST", "/attest linked"} {
		q, ev := w.request(w.saysWhereFit(whois("ada"), line))
		q.Facts.Unseen = true
		if d := w.rules.Decide(q, ev, w.now); d.Memory.State == Ready || d.Memory.State == Completed {
			t.Errorf("%s without the issue: got %s because %v", line, d.Memory.State, d.Reasons)
		}
	}
	ready := led(t, Ready)
	q, ev := ready.request(ready.closes(whois("ada")))
	q.Facts.Unseen = true
	if d := ready.rules.Decide(q, ev, ready.now); d.Memory.State == Completed {
		t.Errorf("closed without the issue: got %s because %v", d.Memory.State, d.Reasons)
	}
}

// TestReadyStaysChecked: what changes while it is ready takes it back, and
// /complete looks again.
func TestReadyStaysChecked(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*world)
		line   string
		want   State
	}{
		"nothing":                {func(*world) {}, "/complete", Completed},
		"an answer":              {func(w *world) { w.issue.Body = strings.Replace(w.issue.Body, "broke", "fell", 1) }, "/complete", Review},
		"the author":             {func(w *world) { w.issue.Author.ID = samID }, "/complete", Review},
		"an approver":            {func(w *world) { w.members["octo-registry/helpers"] = nil }, "/complete", Review},
		"a comment is gone":      {func(w *world) { w.fates[w.last[halID]] = CommentGone }, "/complete", Review},
		"a comment is edited":    {func(w *world) { w.fates[w.last[halID]] = CommentEdited }, "/complete", Review},
		"the policy":             {func(w *world) { w.rules.May[MayAttest] = []Role{Agents, Security} }, "/complete", Review},
		"the kind":               {func(*world) {}, "/kind lost-email", Review},
		"an objection by mail":   {func(*world) {}, "/hold objection", Held},
		"outside, after an edit": {func(w *world) { w.issue.Body += " x" }, "/complete outside", Completed},
	} {
		w := newWorld(testRules(t, storyPolicy(t)), time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
		w.lead(Ready, storyBodies(t), "complete", func(ev Event) { w.hand(ev) })
		if w.memory.State != Ready {
			t.Fatalf("got %s, want ready", w.memory.State)
		}
		c.change(w)
		w.now = w.now.Add(time.Minute)
		if d := w.hand(w.saysWhereFit(whois("ada"), c.line)); d.Memory.State != c.want {
			t.Errorf("%s: got %s, want %s, because %v", name, d.Memory.State, c.want, d.Reasons)
		}
	}
}

// TestLacks says what is missing, step by step.
func TestLacks(t *testing.T) {
	w := newWorld(testRules(t, storyPolicy(t)), time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC))
	w.lead(Triage, storyBodies(t), "complete", func(ev Event) { w.hand(ev) })
	for _, c := range []struct {
		line string
		want []string
	}{
		{"sam nothing", []string{LackEvidence, LackApprovals, LackNotice, LackTime}},
		{"ada /attest mailbox", []string{LackEvidence, LackApprovals, LackNotice, LackTime}},
		{"ada /attest branch-declared", []string{LackEvidence, LackApprovals, LackNotice, LackTime}},
		{"hal /attest branch-declared", []string{LackApprovals, LackNotice, LackTime}},
		{"ada /approve $DIGEST", []string{LackApprovals, LackNotice, LackTime}},
		{"hal /approve $DIGEST", []string{LackNotice, LackTime}},
		{"hal /notified", []string{LackTime}},
		{"sam this is my account", []string{LackTime, LackClaim}},
		{"sam /object", []string{LackTime, LackObjection, LackClaim, LackHold}},
	} {
		who, text, _ := strings.Cut(c.line, " ")
		w.now = w.now.Add(time.Minute)
		w.hand(w.saysWhereFit(whois(who), text))
		q, ev := w.request(Event{Kind: Seen})
		if diff := cmp.Diff(c.want, w.rules.move(q, ev, w.now).lacks()); diff != "" {
			t.Errorf("after %q (-want +got):\n%s", c.line, diff)
		}
	}
}
