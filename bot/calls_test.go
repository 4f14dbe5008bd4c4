package bot_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// aside are the calls that are not counted: tokens, labels that are created
// once in a repository, and teams.
func aside() []string { return []string{"token", "POST label", "team", "team members"} }

// spent are the App's calls that something takes, those of aside left out.
func (w *world) spent(act func()) []bottest.Call {
	w.Helper()
	mark := w.fake.Mark()
	act()
	return slices.DeleteFunc(w.fake.CallsSince(mark), func(c bottest.Call) bool {
		return !c.ByApp || slices.Contains(aside(), c.Kind)
	})
}

// bill is a row of the table of calls: what people do to an issue, and what
// it may cost.
type bill struct {
	what string
	from func(*world) int // the issue before; nil: none yet
	act  func(*world, int)
	most int
	want int
}

func says(who, text string) func(*world, int) {
	return func(w *world, n int) { w.say(n, who, text) }
}

func bills() []bill {
	return []bill{
		{"a new complete request", nil, func(w *world, _ int) { w.triage() }, 3, 3},
		{"a new incomplete request", nil, func(w *world, _ int) { w.incomplete() }, 3, 3},
		{"an edit without effect", (*world).triage, func(w *world, n int) {
			w.must(w.repo.EditIssue(n, "ann", body("ann-builds", "I have a new phone, sorry.")))
			w.settle()
		}, 1, 1},
		{"a bump", (*world).triage, says("ann", "Hello?"), 2, 2},
		{"the author's prose that moves the state", (*world).asked, says("ann", "It is ann-tools."), 5, 5},
		{"the author's command that does not close", (*world).incomplete, says("ann", "/username ann-builds"), 6, 6},
		{"a staff command that does not close", (*world).triage, says("hal", "/ask project"), 6, 6},
		{"/status", (*world).triage, says("ann", "/status"), 6, 4},
		{"an unknown command", (*world).triage, says("ann", "/frobnicate"), 6, 4},
		{"a stranger's command", (*world).triage, says("mallory", "/complete"), 6, 2},
		{"a stranger's prose", (*world).triage, says("mallory", "me too"), 2, 1},
		{"closed by hand", (*world).triage, func(w *world, n int) {
			w.must(w.repo.Close(n, "ada"))
			w.settle()
		}, 4, 3},
		{"closed by the author", (*world).triage, func(w *world, n int) {
			w.must(w.repo.Close(n, "ann"))
			w.settle()
		}, 4, 4},
		{"closing by the clock", (*world).fading, func(w *world, _ int) { w.pass(15 * 24 * time.Hour) }, 6, 6},
		{"closing by a staff command", (*world).triage, says("ada", "/complete outside"), 8, 8},
		{"closing by the author's command", (*world).triage, says("ann", "/withdraw"), 8, 7},
		{"not a request", nil, func(w *world, _ int) {
			_, err := w.repo.OpenIssue("ann", bottest.Draft{Title: "A bug", Body: "It crashes."})
			w.must(err)
			w.settle()
		}, 1, 1},
		{"a sweep with nothing due", (*world).triage, func(w *world, _ int) { w.sweep() }, 0, 0},
		{"a pull request", nil, func(w *world, _ int) {
			n, err := w.repo.OpenIssue("ann", bottest.Draft{Title: "A fix", Body: "See.", PullRequest: true})
			w.must(err)
			w.say(n, "ann", "/status")
		}, 0, 0},
	}
}

// asked is a request about which staff have asked something.
func (w *world) asked() int {
	w.Helper()
	n := w.triage()
	w.say(n, "hal", "/ask project")
	w.later(time.Minute)
	return n
}

// fading is a request that gets no answer, a fortnight before its end.
func (w *world) fading() int {
	w.Helper()
	n := w.incomplete()
	w.pass(46 * 24 * time.Hour)
	return n
}

func TestCalls(t *testing.T) {
	for _, b := range bills() {
		t.Run(b.what, func(t *testing.T) {
			w := newWorld(t, setup{})
			n := 0
			if b.from != nil {
				n = b.from(w)
			}
			calls := w.spent(func() { b.act(w, n) })
			var kinds []string
			for _, c := range calls {
				kinds = append(kinds, c.Kind)
			}
			t.Logf("%d calls of at most %d: %q", len(calls), b.most, kinds)
			if len(calls) != b.want || len(calls) > b.most {
				t.Errorf("%d calls, want %d, at most %d: %q", len(calls), b.want, b.most, kinds)
			}
		})
	}
}

// A team costs two calls for each page of its members, and is asked again
// after a minute.
func TestCallsOfTeams(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.triage()
	looked := func(act func()) int {
		mark := w.fake.Mark()
		act()
		return w.fake.CountSince(mark, "team", "team members")
	}
	steps := []struct {
		what string
		do   func()
		want int
	}{
		{"the first command", func() { w.say(n, "mallory", "/complete") }, 4},
		{"another one soon", func() { w.say(n, "mallory", "/deny unprovable") }, 0},
		{"another one after 59 seconds", func() { w.later(59 * time.Second); w.say(n, "mallory", "/ask") }, 0},
		{"another one after a minute", func() { w.later(time.Second); w.say(n, "mallory", "/ignore") }, 4},
		{"the author's own", func() { w.later(time.Hour); w.say(n, "ann", "/status") }, 0},
	}
	for _, s := range steps {
		if got := looked(s.do); got != s.want {
			t.Errorf("%s: %d look-ups, want %d", s.what, got, s.want)
		}
	}
}

// The bot's own writes come back as webhooks; they cost nothing, a thousand
// times over, and whatever id the delivery has.
func TestOwnEventsBack(t *testing.T) {
	w := newWorld(t, setup{})
	n := w.asked()
	w.say(n, "ann", "It is ann-tools.")
	w.say(n, "ada", "/complete outside")
	var own []bottest.Delivery
	for _, d := range w.fake.Deliveries() {
		if bySelf(d) {
			own = append(own, d)
		}
	}
	if len(own) < 8 {
		t.Fatalf("only %d of the deliveries are of our own writes", len(own))
	}
	calls := w.spent(func() {
		for i := range 1000 {
			d := own[i%len(own)]
			if i%2 == 0 {
				w.fake.Redeliver(d.GUID)
			} else {
				w.fake.Replay(d.GUID)
			}
		}
		w.settle()
	})
	if len(calls) != 0 {
		t.Errorf("a thousand events of our own cost %d calls, want 0", len(calls))
	}
	if got := w.hook.Counts()["own"]; got < 1000 {
		t.Errorf("%d deliveries were known as our own, want 1000 at least", got)
	}
}

// bySelf reports whether a delivery tells of the App's own doing.
func bySelf(d bottest.Delivery) bool {
	var p struct {
		Sender struct{ Type string }
	}
	return json.Unmarshal(d.Payload, &p) == nil && p.Sender.Type == "Bot"
}
