package bot_test

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/internal/sample"
	"github.com/recoverybot/recoverybot/policy"
)

// digestPolicy has a digest on workdays at nine.
func digestPolicy(t testing.TB) string {
	t.Helper()
	return strings.Replace(examplePolicy(t), "clocks:\n", "clocks:\n  digest: \"0 9 * * mon-fri\"\n", 1)
}

// nine is nine o'clock on a day of December; the stories begin on the third,
// a Thursday.
func nine(day int) time.Time { return time.Date(2026, 12, day, 9, 0, 0, 0, time.UTC) }

// digest does at a time what the schedule calls for, and lets the bot work.
func (w *world) digest(at time.Time) {
	w.Helper()
	w.clock.set(at)
	w.alive(func() error { return w.bot.Digest(w.Context(), w.clock.Now()) })
	w.settle()
}

// newDigest is a world in which the bot has begun to wait for the digest.
func newDigest(t testing.TB, s setup) *world {
	t.Helper()
	if s.policy == "" {
		s.policy = digestPolicy(t)
	}
	w := newWorld(t, s)
	w.digest(w.clock.Now())
	return w
}

// digests are the issues of the digest at the desk.
func (w *world) digests() []bottest.Issue {
	var all []bottest.Issue
	for _, is := range w.desk.Issues() {
		if is.Title == "Recovery digest" {
			all = append(all, is)
		}
	}
	return all
}

// told is what stands in the digest's issues.
func (w *world) toldDigests() string {
	var b strings.Builder
	for _, is := range w.digests() {
		fmt.Fprintf(&b, "%s, %s, by %s\n\n%s\n", is.Title, is.State, is.Author, is.Body)
		for _, c := range is.Comments {
			fmt.Fprintf(&b, "\n---- a comment by %s\n\n%s\n", c.Author, c.Body)
		}
	}
	return b.String()
}

// put sets what is remembered of a request.
func (w *world) put(n int, m policy.Memory) {
	w.Helper()
	c := w.deskCase(n)
	c.Memory = m
	w.must(w.store.Commit(w.Context(), bot.Result{Case: c, Decision: policy.Decision{Memory: m}, Now: w.clock.Now()}))
}

// everyState has a request in each state, the first ones since long ago.
func (w *world) everyState() {
	w.Helper()
	began := w.clock.Now()
	for i, state := range policy.States() {
		n := w.file(body(fmt.Sprintf("ann-builds-%d", i), "I have a new phone."))
		w.settle()
		m := w.memory(n)
		m.State, m.Turn, m.Kind = state, policy.Staff, policy.KindLost2FA
		m.Since = began.AddDate(0, 0, i-10)
		m.Queued = m.Since
		switch {
		case state == policy.Incomplete || state == policy.Asked:
			m.Turn = policy.Requester
		case state == policy.Waiting:
			m.Turn = policy.OnClock
		case state == policy.Held:
			m.Turn, m.Late = policy.OnSecurity, true
		case !state.Open():
			m.Turn, m.Ended = policy.Nobody, began.Add(time.Hour)
		}
		m.WakeAt = time.Time{}
		w.put(n, m)
	}
}

// TestDigest: a day with requests in every state, and what the desk hears of
// it in the morning: once, whoever asks again, and the requester never.
func TestDigest(t *testing.T) {
	const golden = "testdata/digest.md"
	w := newDigest(t, setup{desk: true})
	w.everyState()
	heard := w.fake.Notifications("ann")
	w.digest(nine(4))
	got := w.toldDigests()
	w.digest(nine(4))
	w.digest(nine(4).Add(time.Minute))
	w.restart()
	w.digest(nine(4).Add(time.Hour))
	if diff := cmp.Diff(got, w.toldDigests()); diff != "" {
		t.Errorf("it was told again (-once +more):\n%s", diff)
	}
	if *update {
		w.must(os.WriteFile(golden, []byte(got), 0o600))
	}
	want, err := os.ReadFile(golden)
	w.must(err)
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the digest (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(heard, w.fake.Notifications("ann")); diff != "" {
		t.Errorf("the requester was notified (-before +after):\n%s", diff)
	}
	for _, secret := range []string{"ann", "@", "https://"} {
		if strings.Contains(got, secret) {
			t.Errorf("the digest has %q:\n%s", secret, got)
		}
	}
}

// What ended is told once, and where nothing is left to say nobody hears
// anything.
func TestDigestOfNothing(t *testing.T) {
	w := newDigest(t, setup{desk: true})
	w.digest(nine(4))
	if got := w.desk.Issues(); len(got) != 0 {
		t.Fatalf("nothing to say, and the desk has %d issues", len(got))
	}
	n := w.triage()
	w.digest(nine(4).Add(time.Hour)) // the time is over, although it was silent
	w.say(n, "ada", "/complete outside")
	w.digest(nine(7))
	w.digest(nine(8))
	is := w.digests()
	if len(is) != 1 || len(is[0].Comments) != 1 || !strings.Contains(is[0].Comments[0].Body, "completed 1") {
		t.Errorf("want one digest, with the end:\n%s", w.toldDigests())
	}
}

// What was missed is told once, unless it is a day old.
func TestDigestMissed(t *testing.T) {
	w := newDigest(t, setup{desk: true})
	w.triage()
	w.digest(nine(11).Add(20 * time.Hour)) // a Saturday
	if is := w.digests(); len(is) != 1 || len(is[0].Comments) != 1 || !strings.Contains(is[0].Comments[0].Body, "digest:2026-12-11T09:00:00Z") {
		t.Errorf("want that of Friday alone:\n%s", w.toldDigests())
	}
	w.digest(nine(19)) // that of Friday is a day old
	if is := w.digests(); len(is[0].Comments) != 1 {
		t.Errorf("what is old was told:\n%s", w.toldDigests())
	}
}

// TestDigestCrash: killed at any call, the process leaves each digest once.
func TestDigestCrash(t *testing.T) {
	run := func(t *testing.T, at int, s side) (told string, calls [][]string) {
		t.Helper()
		k := &killer{}
		w := newDigest(t, setup{desk: true, killer: k})
		w.triage()
		for day := 7; day <= 9; day++ {
			k.arm(at, s)
			w.digest(nine(day))
			calls = append(calls, k.arm(0, s))
		}
		return w.toldDigests(), calls
	}
	calm, calls := run(t, 0, before)
	if got := strings.Count(calm, "a comment by"); got != 3 || len(calls[0]) < 5 {
		t.Fatalf("three days, %d digests and %d calls:\n%s", got, len(calls[0]), calm)
	}
	points := kills{distance: sample.Sizes{Plain: 6, Race: 20, All: 1}}
	for _, side := range []side{before, after} {
		for _, at := range points.of(t, calls) {
			t.Run(fmt.Sprintf("%s-%d", side, at), func(t *testing.T) {
				t.Parallel()
				got, _ := run(t, at, side)
				if diff := cmp.Diff(calm, got); diff != "" {
					t.Errorf("(-calm +killed):\n%s", diff)
				}
			})
		}
	}
}

// The digest's issue is opened anew where it was deleted, once.
func TestDigestIssueDeleted(t *testing.T) {
	w := newDigest(t, setup{desk: true})
	w.triage()
	for _, day := range []int{4, 7, 8} {
		w.digest(nine(day))
		w.soon()
		if is := w.digests(); len(is) > 0 {
			if len(is) != 1 || len(is[0].Comments) != 1 {
				t.Fatalf("on the %dth:\n%s", day, w.toldDigests())
			}
			w.must(w.desk.DeleteIssue(is[0].Number, "sue"))
			w.settle()
		} else if day != 8 {
			t.Fatalf("on the %dth there is none", day)
		}
	}
	if got := len(w.digests()); got != 0 || !strings.Contains(w.log.String(), "twice") {
		t.Errorf("deleted twice, and there are %d", got)
	}
}

// On the digest's issue nothing is a command, and nobody's act does anything.
func TestDigestIsNoRequest(t *testing.T) {
	w := newDigest(t, setup{desk: true})
	n := w.triage()
	w.digest(nine(4))
	at := w.digests()[0].Number
	_, err := w.desk.Comment(at, "ada", "/complete outside")
	w.must(err)
	w.must(w.desk.EditTitle(at, "sue", "Recovery digest"))
	w.must(w.desk.Close(at, "sue"))
	w.settle()
	w.later(time.Minute)
	w.must(w.bot.Reconcile(w.Context()))
	w.settle()
	w.state(n, policy.Triage)
	if cases, err := w.store.Cases(w.Context()); err != nil || len(cases) != 1 {
		t.Errorf("got %d cases, error %v", len(cases), err)
	}
	if is := w.digests()[0]; is.State != "closed" || len(is.Comments) != 2 {
		t.Errorf("before the next digest:\n%s", w.toldDigests())
	}
	w.digest(nine(7))
	if is := w.digests(); len(is) != 1 || is[0].State != "open" || len(is[0].Comments) != 3 {
		t.Errorf("after the next digest:\n%s", w.toldDigests())
	}
}

// Two repositories with one desk have one digest.
func TestDigestOfTwo(t *testing.T) {
	var other *bottest.Repository
	w := newDigest(t, setup{desk: true, before: func(w *world) { other = w.second(w.rules.Repositories[0].Desk) }})
	w.triage()
	_, err := other.OpenIssue("bea", bottest.Draft{Title: "Locked out", Body: body("bea-builds", "Lost."), Labels: []string{w.rules.Requests.Label}})
	w.must(err)
	w.settle()
	w.digest(nine(4))
	got := w.toldDigests()
	for _, want := range []string{"2 for us", "`octo-registry/support#1`", "`octo-registry/help#1`"} {
		if !strings.Contains(got, want) {
			t.Errorf("the digest has no %s:\n%s", want, got)
		}
	}
	all, err := w.bot.NextDigests(w.Context(), time.Time{})
	w.must(err)
	if len(all) != 1 || !strings.Contains(all[0].Text, "2 for us") || !all[0].At.Equal(nine(7)) {
		t.Errorf("the next digests: %+v", all)
	}
	if got := len(w.digests()[0].Comments); got != 1 {
		t.Errorf("two repositories, and %d digests", got)
	}
}

// second makes a second repository that is served, with that desk.
func (w *world) second(desk *policy.Repository) *bottest.Repository {
	first := w.rules.Repositories[0]
	w.rules.Repositories = append(w.rules.Repositories, policy.Repository{ID: 700003, Owner: first.Owner, Name: "help", Desk: desk})
	r := w.fake.AddRepository(bottest.RepositoryOptions{Owner: first.Owner, Name: "help", ID: 700003, Labels: []string{w.rules.Requests.Label}})
	w.stop()
	w.boot()
	return r
}

// Before the operator has chosen about old requests nobody hears anything, and
// what was missed until then is not made good.
func TestDigestHeld(t *testing.T) {
	src := strings.Replace(digestPolicy(t), "start: {from: 2024-07-09, old-requests: new}", "", 1)
	w := newDigest(t, setup{desk: true, policy: src, before: func(w *world) {
		w.file(body("ann-builds", "Lost."))
		w.drop()
		w.clock.set(w.clock.Now().Add(time.Hour))
	}})
	w.triage()
	w.digest(nine(4))
	if got := w.wrote(0); len(got) != 0 {
		t.Fatalf("writes before the choice: %v", got)
	}
	w.choose(policy.Adoption{Choice: "new"})
	w.digest(nine(4).Add(time.Hour))
	if got := len(w.digests()); got != 0 {
		t.Errorf("after the choice there are %d digests", got)
	}
	w.digest(nine(7))
	if got := len(w.digests()); got != 1 {
		t.Errorf("at its next time there are %d digests", got)
	}
}

// The digest forecasts what staff's times tell.
func TestDigestForecast(t *testing.T) {
	w := newDigest(t, setup{desk: true})
	n := w.triage()
	kept := w.memory(n)
	for range 20 {
		m := kept
		m.Turn, m.Queued, m.Since = policy.Staff, w.clock.Now().Add(-5*time.Hour), w.clock.Now().Add(-5*time.Hour)
		w.put(n, m)
		c := w.deskCase(n)
		m.Turn = policy.Requester
		c.Memory = m
		by := policy.Event{Kind: policy.Commanded, Actor: policy.Actor{ID: 1001}}
		w.must(w.store.Commit(w.Context(), bot.Result{Case: c, Event: by, Decision: policy.Decision{Memory: m}, Now: w.clock.Now()}))
	}
	w.put(n, kept)
	w.digest(nine(4))
	if got := w.toldDigests(); !strings.Contains(got, "- lost-2fa: nine of ten within 5 hours") {
		t.Errorf("the digest has no forecast:\n%s", got)
	}
}

// A desk that everybody can read hears nothing, until it is private again.
func TestDigestOfPublicDesk(t *testing.T) {
	w := newDigest(t, setup{desk: true})
	w.triage()
	w.must(w.desk.Publicize("sue"))
	w.settle()
	for _, day := range []int{4, 7, 8} {
		w.digest(nine(day))
	}
	if got := len(w.digests()); got != 0 {
		t.Fatalf("a public desk has %d digests", got)
	}
	w.must(w.desk.Privatize("sue"))
	w.settle()
	w.must(w.bot.Passes(w.Context())) // a webhook may be old: GitHub is asked
	w.later(10 * time.Minute)
	is := w.digests()
	if len(is) != 1 || len(is[0].Comments) != 1 || !strings.Contains(is[0].Comments[0].Body, "digest:2026-12-08") {
		t.Errorf("want the newest digest alone:\n%s", w.toldDigests())
	}
}

// Without a desk the log has the numbers, once.
func TestDigestWithoutDesk(t *testing.T) {
	w := newDigest(t, setup{})
	w.triage()
	mark := w.fake.Mark()
	w.digest(nine(4))
	w.digest(nine(4))
	const line = `msg="digest of the requests without a desk" in_time=1 over=0`
	if got := strings.Count(w.log.String(), line); got != 1 {
		t.Errorf("the log has the line %d times", got)
	}
	if got := w.wrote(mark); len(got) != 0 {
		t.Errorf("it wrote %v", got)
	}
}

// Without a schedule there is no digest.
func TestNoDigest(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	w.triage()
	w.digest(nine(4))
	w.digest(nine(7))
	if got := w.digests(); len(got) != 0 {
		t.Errorf("there is a digest:\n%s", w.toldDigests())
	}
}
