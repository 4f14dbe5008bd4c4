package bot_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

const day = 24 * time.Hour

// passes makes the passes that are due, and lets the bot work.
func (w *world) passes() {
	w.Helper()
	w.must(w.bot.Passes(w.Context()))
	w.settle()
}

// comment is what ann says while the bot does not listen.
func (w *world) comment(n int, text string) {
	w.Helper()
	_, err := w.repo.Comment(n, "ann", text)
	w.must(err)
}

// down loses the webhooks of what happens while the bot is not there.
func (w *world) down(d time.Duration, happens func()) {
	w.Helper()
	w.stop()
	happens()
	w.drop()
	w.clock.set(w.clock.Now().Add(d))
	w.boot()
	w.start()
}

// While the bot was down, the requester answered. It ends no request before it
// has read that, whichever job comes first.
func TestAnsweredWhileDown(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.asked()
	w.passes()
	w.days(15) // a reminder is out
	if m := w.memory(n); m.Stage == 0 {
		t.Fatalf("no reminder was sent: %+v", m)
	}
	w.down(20*day, func() {
		w.clock.set(w.clock.Now().Add(3 * day))
		w.comment(n, "It is ann-tools, and here is its address.")
	})
	w.sweep()
	w.state(n, policy.Asked)
	w.passes()
	w.state(n, policy.Review)
	w.sweep()
	w.state(n, policy.Review)
}

// Who did not answer is told so once the past was read.
func TestSilentWhileDown(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.asked()
	w.passes()
	w.days(45)
	w.down(20*day, func() {})
	w.sweep()
	w.state(n, policy.Asked)
	w.passes() // and that is enough to wake it
	w.state(n, policy.Expired)
}

// A calm day costs few passes, and each of them is one call that GitHub does
// not count.
func TestPassesOfACalmDay(t *testing.T) {
	w := newWorld(t, setup{desk: true})
	n := w.asked()
	w.passes()
	w.days(2) // the intervals grow
	id, mark := w.rules.Repositories[0].ID, w.fake.Mark()
	before, err := w.store.Repository(t.Context(), id)
	w.must(err)
	for range 24 * 60 {
		w.clock.set(w.clock.Now().Add(time.Minute))
		w.must(w.bot.Passes(t.Context()))
	}
	if got := w.fake.CountSince(mark, "GET issues", "GET repository comments"); got > 12 {
		t.Errorf("%d calls of a calm day, want 12 at most: one a pass", got)
	}
	after, err := w.store.Repository(t.Context(), id)
	w.must(err)
	if before.Passes.Window != after.Passes.Window || after.Passes.Window.ETag == "" || w.clock.Now().Sub(after.Mark) > 4*time.Hour {
		t.Errorf("asked %+v, then %+v: want the same question, and a mark that moves (%v)", before.Passes.Window, after.Passes.Window, after.Mark)
	}
	w.state(n, policy.Asked)
}

// days lets days go by, with the passes and a sweep each day, for a few
// days every few hours.
func (w *world) days(n int) {
	w.Helper()
	step := day
	if n <= 2 {
		step = 4 * time.Hour
	}
	for end := w.clock.Now().Add(time.Duration(n) * day); w.clock.Now().Before(end); {
		w.clock.set(w.clock.Now().Add(step))
		w.passes()
		w.sweep()
	}
}

// A webhook that breaks is noticed, the operator is told, and the next passes
// are close.
func TestBrokenWebhookIsNoticed(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.asked()
	w.passes()
	w.comment(n, "It is ann-tools.")
	w.drop()
	w.later(14 * time.Minute)
	w.passes()
	w.state(n, policy.Review)
	if !strings.Contains(w.log.String(), "a pass found what no webhook had brought") {
		t.Error("the operator was not told")
	}
	r, err := w.store.Repository(t.Context(), w.rules.Repositories[0].ID)
	w.must(err)
	if r.Passes.Every != 5*time.Minute {
		t.Errorf("the next pass is %v away, want 5 minutes", r.Passes.Every)
	}
}

// The webhook of a moment ago may be on its way: nothing is said of it.
func TestPassBesideWebhook(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.asked()
	w.passes()
	w.later(5 * time.Minute)
	w.comment(n, "It is ann-tools.")
	w.passes() // settle delivers
	w.state(n, policy.Review)
	if strings.Contains(w.log.String(), "a pass found what no webhook had brought") {
		t.Error("the operator was told of a webhook that came")
	}
}

// After a long time down every open request is looked at, and new ones are
// taken.
func TestFullPass(t *testing.T) {
	w := newWorld(t, setup{})
	gone, moved, kept := w.asked(), w.asked(), w.asked()
	w.passes()
	to := w.fake.AddRepository(bottest.RepositoryOptions{Owner: "octo-registry", Name: "elsewhere", ID: 7})
	to.AddCollaborator("boss", "admin")
	var filed int
	w.down(3*day, func() {
		w.must(w.repo.DeleteIssue(gone, "boss"))
		_, err := w.repo.Transfer(moved, "boss", to)
		w.must(err)
		filed = w.file(body("new-one", "Lost."))
	})
	w.passes()
	w.state(gone, policy.Closed)
	w.state(moved, policy.Closed)
	w.state(kept, policy.Asked)
	w.state(filed, policy.Triage)
	mark := w.fake.Mark()
	w.later(5 * time.Minute)
	w.passes()
	calls := kinds(w.fake.CallsSince(mark))
	if slices.Contains(calls, "GET issue") {
		t.Errorf("the next pass looks again: %v", calls)
	}
}

func kinds(calls []bottest.Call) []string {
	var all []string
	for _, c := range calls {
		all = append(all, c.Kind)
	}
	return all
}

// A short time down needs no full list.
func TestShortlyDown(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.asked()
	w.passes()
	mark := w.fake.Mark()
	w.down(day, func() { w.comment(n, "It is ann-tools.") })
	w.passes()
	w.state(n, policy.Review)
	lists := slices.DeleteFunc(kinds(w.fake.CallsSince(mark)), func(k string) bool { return k != "GET issues" })
	if diff := cmp.Diff([]string{"GET issues"}, lists); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
}
