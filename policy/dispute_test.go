package policy

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// town is several requests, each of which is told of the others as the loop
// does it.
type town struct {
	*testing.T
	rules  *Rules
	now    time.Time
	cases  []*world
	alerts []string
	busy   bool      // who is to be looked at again waits in later
	later  []IssueAt // see busy
}

func newTown(t *testing.T) *town {
	t.Helper()
	return &town{T: t, rules: testRules(t, storyPolicy(t)), now: time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)}
}

// opens files a request for an account.
func (c *town) opens(author int64, account string) *world {
	c.Helper()
	c.now = c.now.Add(time.Minute)
	w := newWorld(c.rules, c.now)
	w.id = int64(len(c.cases) + 1)
	who := Actor{ID: author, Login: fmt.Sprintf("user-%d", author)}
	w.open(who, strings.ReplaceAll(storyBodies(c)["complete"], "jbber", account), c.rules.Requests.Label)
	c.cases = append(c.cases, w)
	c.hand(w, w.touch(who, Opened))
	return w
}

// say hands a comment over, a minute later.
func (c *town) say(w *world, who, text string) Decision {
	c.Helper()
	c.now = c.now.Add(time.Minute)
	w.now = c.now
	by, known := person(who)
	if !known {
		by = w.issue.Author
	}
	return c.hand(w, w.says(by, text))
}

func (c *town) hand(w *world, ev Event) Decision {
	c.Helper()
	w.now = c.now
	q, ev := w.request(ev)
	q.Facts.Others = c.others(w, q.Facts.Same)
	d := c.rules.Decide(q, ev, c.now)
	for of := SameOf(q.Issue, d.Memory); of != q.Facts.Same; of = SameOf(q.Issue, d.Memory) {
		q.Facts.Same, q.Facts.Others = of, c.others(w, of)
		d = c.rules.Decide(q, ev, c.now)
	}
	w.accept(d)
	for _, r := range d.Reasons {
		if r.Code == "alert" {
			c.alerts = append(c.alerts, fmt.Sprintf("#%d %s", w.id, r.Args[0]))
		}
	}
	c.later = append(c.later, d.Rouse...)
	for !c.busy && len(c.later) > 0 {
		x := c.cases[c.later[0].Issue-1]
		c.later = c.later[1:]
		c.hand(x, Event{Kind: Seen, At: c.now})
	}
	return d
}

func (c *town) others(w *world, of Same) []Other {
	var all []Other
	for _, x := range c.cases {
		if x != w && x.memory.State != None && (SameOf(x.issue, x.memory).About(of) || x.issue.Author.ID == of.Author) {
			all = append(all, OtherOf(x.issue, x.memory))
		}
	}
	return all
}

// is checks a state and which of three flags a request has.
func (c *town) is(w *world, want State, flags ...Flag) {
	c.Helper()
	got := slices.DeleteFunc(slices.Clone(w.memory.Flags), func(f Flag) bool { return f != FlagCollision && f != FlagDenied && f != FlagAgain })
	slices.Sort(flags)
	if w.memory.State != want || !slices.Equal(got, flags) {
		c.Errorf("request %d is %s with %q, want %s with %q", w.id, w.memory.State, got, want, flags)
	}
}

const (
	bob     = 501
	mallory = 666
)

// TestDuplicate: one open request of one author for one account. The older one
// keeps its place, and what staff have worked on is never closed.
func TestDuplicate(t *testing.T) {
	c := newTown(t)
	first := c.opens(bob, "jbber")
	queued := first.memory.Queued
	second := c.opens(bob, "JBber") // names differ in case alone
	c.is(first, Triage)
	c.is(second, Duplicate)
	if second.memory.Duplicate != 1 || second.issue.Open || !first.memory.Queued.Equal(queued) {
		t.Errorf("it repeats %d, is open: %v; the first waits since %s, want %s", second.memory.Duplicate, second.issue.Open, first.memory.Queued, queued)
	}
	c.hand(second, second.reopens(whois("hal")))
	c.is(second, Triage) // staff want it open: nobody closes it again
	third := c.opens(bob, "elsewhere")
	c.is(third, Triage)
	c.say(third, "hal", "/snooze 2d")
	c.say(third, "hal", "/username jbber")
	c.is(third, Triage)

	other := newTown(t)
	done := other.opens(bob, "jbber")
	other.say(done, "", "/withdraw")
	other.is(other.opens(bob, "jbber"), Triage) // the older one has ended
}

// TestDuplicateOfARenamed: a request becomes one about an account for which its
// author has an older one.
func TestDuplicateOfARenamed(t *testing.T) {
	c := newTown(t)
	first, second := c.opens(bob, "typo"), c.opens(bob, "jbber")
	c.is(second, Triage)
	c.say(first, "", "/username jbber")
	c.is(first, Triage)
	c.is(second, Duplicate)
}

// TestCollision: the later one is held, the earlier one marked, one alert.
func TestCollision(t *testing.T) {
	c := newTown(t)
	first, second := c.opens(bob, "jbber"), c.opens(mallory, "Jbber")
	c.is(first, Triage, FlagCollision)
	c.is(second, Held, FlagCollision)
	if want := []string{"#2 collision"}; !slices.Equal(c.alerts, want) || second.memory.Hold.Why != HoldCollision {
		t.Errorf("alerts %q for %+v, want %q", c.alerts, second.memory.Hold, want)
	}
	c.say(second, "ada", "/deny abuse")
	c.is(first, Triage, FlagCollision) // the end of the other one lifts nothing
}

// TestCollisionBarsTheGate: the earlier one goes through the gate after two
// people have resumed it, and is then not stopped by the same person again.
func TestCollisionBarsTheGate(t *testing.T) {
	c := newTown(t)
	first, _ := c.opens(bob, "jbber"), c.opens(mallory, "jbber")
	c.say(first, "ada", "/approve 1 7 notified $DIGEST")
	c.say(first, "hal", "/approve 7 $DIGEST")
	c.is(first, Held, FlagCollision)
	c.say(first, "ada", "/resume")
	c.is(first, Held, FlagCollision)
	c.say(first, "eve", "/resume")
	c.is(first, Review)
	c.say(first, "hal", "/approve 7 $DIGEST")
	c.is(first, Waiting)
	c.say(c.cases[1], "", "/withdraw")
	again := c.opens(mallory, "jbber")
	c.is(again, Held, FlagCollision)
	c.is(first, Waiting)
	c.is(c.opens(mallory+1, "jbber"), Held, FlagCollision) // somebody new is a new question
	c.is(first, Held, FlagCollision)
}

// TestCollisionInReady: who comes late stops what was ready, and two people let
// it go on. Nobody completes it before.
func TestCollisionInReady(t *testing.T) {
	c := newTown(t)
	first := c.opens(bob, "jbber")
	c.say(first, "ada", "/approve 1 7 notified $DIGEST")
	c.say(first, "hal", "/approve 7 $DIGEST")
	c.now = first.memory.WakeAt
	c.hand(first, Event{Kind: Tick})
	c.is(first, Ready)
	w := newWorld(c.rules, c.now)
	w.id = 2
	w.open(Actor{ID: mallory, Login: "mallory"}, storyBodies(t)["complete"], c.rules.Requests.Label)
	w.memory = Memory{State: Triage, Registry: "pypi", Account: "jbber", Claimed: c.now} // the first was not told yet
	c.cases = append(c.cases, w)
	if d := c.say(first, "ada", "/complete"); d.Memory.State == Completed {
		t.Error("completed, although somebody else asks for the account")
	}
	c.is(first, Held, FlagCollision)
}

// TestCollisionOfTheEarlier: the owner comes second, and is not shut out.
func TestCollisionOfTheEarlier(t *testing.T) {
	c := newTown(t)
	_, owner := c.opens(mallory, "jbber"), c.opens(bob, "jbber")
	c.is(owner, Held, FlagCollision)
	c.say(owner, "eve", "/resume")
	c.say(owner, "ada", "/resume")
	c.is(owner, Review)
	c.is(c.cases[0], Triage, FlagCollision)
}

// TestRepeatedInACollision: who gives the account of their own later request to
// their earlier one has one request, also where somebody else asks for it.
func TestRepeatedInACollision(t *testing.T) {
	c := newTown(t)
	earlier, later, rival := c.opens(bob, "other"), c.opens(bob, "jbber"), c.opens(mallory, "jbber")
	c.is(later, Triage, FlagCollision)
	c.say(earlier, "", "/username jbber")
	c.is(later, Duplicate, FlagCollision)
	c.is(rival, Held, FlagCollision)
	c.is(earlier, Held, FlagCollision)
}

// TestThreeAtOnce (security requirement 27): a third one that comes before the
// first one was looked at again is in the collision that staff were told of.
// Once it was resumed, somebody new is told of.
func TestThreeAtOnce(t *testing.T) {
	c := newTown(t)
	c.busy = true
	first, second, third := c.opens(bob, "jbber"), c.opens(mallory, "jbber"), c.opens(mallory+1, "jbber")
	c.busy = false
	c.hand(third, Event{Kind: Tick})
	c.is(first, Triage, FlagCollision)
	c.is(second, Held, FlagCollision)
	c.is(third, Held, FlagCollision)
	if want := []string{"#2 collision"}; !slices.Equal(c.alerts, want) {
		t.Errorf("alerts %q, want %q", c.alerts, want)
	}
	c.say(first, "ada", "/approve 1 7 notified $DIGEST")
	c.say(first, "hal", "/approve 7 $DIGEST")
	c.say(first, "ada", "/resume")
	c.say(first, "eve", "/resume")
	c.is(first, Review)
	c.alerts = nil
	c.opens(mallory+2, "jbber")
	if want := []string{"#4 collision"}; !slices.Equal(c.alerts, want) {
		t.Errorf("after the first one was resumed: alerts %q, want %q", c.alerts, want)
	}
	c.is(first, Review, FlagCollision)
}

// TestFiftyRequests: who files many requests for somebody's account gets one
// mark and one alert out of it.
func TestFiftyRequests(t *testing.T) {
	c := newTown(t)
	first := c.opens(bob, "jbber")
	for i := range 25 {
		c.opens(mallory+int64(i), "jbber")
		c.opens(mallory+int64(i), "jbber")
	}
	c.is(first, Triage, FlagCollision)
	if want := []string{"#2 collision"}; !slices.Equal(c.alerts, want) {
		t.Errorf("alerts %q, want %q", c.alerts, want)
	}
	held, duplicates := 0, 0
	for _, w := range c.cases[1:] {
		switch w.memory.State {
		case Held:
			held++
		case Duplicate:
			duplicates++
		}
	}
	if held != 25 || duplicates != 25 {
		t.Errorf("%d held and %d duplicates, want 25 of each", held, duplicates)
	}
}

// TestOldIssueComesLater: who turns an older issue into a request for an account
// comes after those who ask for it already, and so does who takes one up again.
func TestOldIssueComesLater(t *testing.T) {
	c := newTown(t)
	old := c.opens(mallory, "mine")
	owner := c.opens(bob, "jbber")
	c.say(old, "", "/username jbber")
	c.is(owner, Triage, FlagCollision)
	c.is(old, Held, FlagCollision)

	c = newTown(t)
	old = c.opens(mallory, "jbber")
	c.say(old, "", "/withdraw")
	owner = c.opens(bob, "jbber")
	c.is(owner, Triage)
	c.say(old, "", "/reopen")
	c.is(owner, Triage, FlagCollision)
	c.is(old, Held, FlagCollision)
}

// TestEndedDoNotCollide: denied, withdrawn and expired requests ask for nothing.
func TestEndedDoNotCollide(t *testing.T) {
	for _, end := range []string{"ada /deny abuse", " /withdraw", "hal /redirect bug", "ada /complete outside"} {
		c := newTown(t)
		who, line, _ := strings.Cut(end, " ")
		c.say(c.opens(mallory, "jbber"), who, line)
		c.is(c.opens(bob, "jbber"), Triage)
	}
}

// TestOneTwoThree: after a denial the next request is linked, the one after it
// waits for staff.
func TestOneTwoThree(t *testing.T) {
	c := newTown(t)
	first := c.opens(bob, "jbber")
	c.say(first, "ada", "/deny unprovable")
	second := c.opens(bob, "jbber")
	c.is(second, Triage, FlagDenied)
	if second.memory.Earlier != 1 {
		t.Errorf("it links #%d, want #1", second.memory.Earlier)
	}
	c.say(second, "", "/proof somelib")
	if second.memory.Steps == nil {
		t.Error("the second request cannot offer proof")
	}
	c.say(second, "", "/withdraw")
	third := c.opens(bob, "jbber")
	c.is(third, Triage, FlagDenied, FlagAgain)
	c.say(third, "", "/proof somelib")
	if third.memory.Steps != nil {
		t.Error("the third request offers proof before staff have looked")
	}
	c.say(third, "hal", "/kind lost-2fa")
	c.say(third, "", "/proof somelib")
	if third.memory.Steps == nil {
		t.Error("the third request cannot offer proof after staff have looked")
	}
	c.now = c.now.AddDate(0, 0, 91)
	c.say(third, "ada", "/redirect bug")
	c.is(c.opens(bob, "jbber"), Triage)
}

// TestAnotherAccount: the same author's requests for other accounts are shown to
// staff, and nothing else comes of it.
func TestAnotherAccount(t *testing.T) {
	c := newTown(t)
	c.opens(bob, "jbber")
	second := c.opens(bob, "other")
	c.is(second, Triage)
	q, _ := second.request(Event{Kind: Seen})
	q.Facts.Others = c.others(second, q.Facts.Same)
	got := c.rules.Summary(q, c.now).Desk.Related
	want := []Related{{Issue: "octo-registry/support#1", State: Triage, SameAuthor: true, Older: true}}
	if !slices.Equal(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
}

// TestRivalDecidesNothing: staff who ask for an account themselves decide on no
// other request for it.
func TestRivalDecidesNothing(t *testing.T) {
	c := newTown(t)
	first := c.opens(bob, "jbber")
	c.opens(patID, "jbber")
	for _, line := range []string{"/approve $DIGEST", "/attest 1", "/notified"} {
		d := c.say(first, "pat", line)
		if len(d.Memory.Approvals)+len(d.Memory.Evidence) > 0 || d.Memory.Notice != nil {
			t.Errorf("%s by a rival counts: %v", line, d.Reasons)
		}
	}
	c.say(first, "ada", "/hold")
	if d := c.say(first, "pat", "/resume"); len(d.Memory.Hold.Resumes) > 0 {
		t.Errorf("/resume by a rival counts: %v", d.Reasons)
	}
}

// TestPublicTextsTellNoOther: nothing that everybody reads tells of a collision.
func TestPublicTextsTellNoOther(t *testing.T) {
	status := func(held bool) Text {
		c := newTown(t)
		if held {
			c.opens(bob, "jbber")
		} else {
			c.opens(bob, "unrelated")
		}
		w := c.opens(mallory, "jbber")
		if !held {
			c.say(w, "ada", "/hold")
		}
		q, _ := w.request(Event{Kind: Seen})
		text := c.rules.move(q, Event{Kind: Seen}, c.now).text(TextStatus)
		text.Paused, text.Created, text.Queued = "", time.Time{}, time.Time{}
		return text
	}
	a, err := newTown(t).rules.Render(status(true))
	if err != nil {
		t.Fatal(err)
	}
	if b, _ := newTown(t).rules.Render(status(false)); a != b {
		t.Errorf("a collision reads\n%s\nand another hold\n%s", a, b)
	}
}

// TestPausedInCollision: whatever paused it, two people resume a request for
// whose account somebody else asks, and it says so.
func TestPausedInCollision(t *testing.T) {
	c := newTown(t)
	first, _ := c.opens(bob, "jbber"), c.opens(mallory, "jbber")
	c.say(first, "ada", "/hold")
	if why := first.memory.Hold.Why; why != HoldCollision {
		t.Errorf("staff read that it is paused because of %q, want %q", why, HoldCollision)
	}
	c.say(first, "eve", "/resume")
	c.is(first, Held, FlagCollision)
}

// TestProtectedAlerts: security hear of a request for a protected account when
// it comes in, and of no other.
func TestProtectedAlerts(t *testing.T) {
	c := newTown(t)
	c.rules.Protected = []string{"JBber"}
	c.opens(bob, "other")
	c.opens(mallory, "jbber")
	if want := []string{"#2 protected"}; !slices.Equal(c.alerts, want) {
		t.Errorf("alerts %q, want %q", c.alerts, want)
	}
}
