package storetest

import (
	"fmt"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

const day = 24 * time.Hour

// keep is how long these tests keep.
func keep() bot.Retention { return bot.Retention{Cases: 90 * day, Deliveries: 30 * day} }

func retentionTests() map[string]func(*world) {
	return map[string]func(*world){
		"a request is kept for its time":            keepsCases,
		"what stays of a request":                   leavesFacts,
		"a request that ended twice":                keepsAnew,
		"what happened before does nothing":         forgetsCommands,
		"a request with something to do":            keepsBusy,
		"a closed repository keeps nothing":         forgetsClosed,
		"the past comes first":                      keepsUnread,
		"an issue that staff ignore":                keepsIgnored,
		"an issue that is no request":               forgetsStrangers,
		"deliveries and effects for their time":     keepsRows,
		"what is to be heard after the shadow":      outlastsShadow,
		"an old request is adopted once":            keepsAdoptions,
		"an issue that is opened again in shadow":   adoptsForgotten,
		"a pass of retention is cut off":            forgetsOn,
		"two replicas forget at the same time":      forgetsTogether,
		"numbers are right after requests are gone": keepsNumbers,
	}
}

// end lets a request end by a command of staff at a time.
func (w *world) end(issue int64, state policy.State, at time.Time) {
	w.Helper()
	d := commented(issue, 9000+issue, 0)
	d.GUID += at.String()
	d.Digest += at.String()
	d.ObjectID += at.Unix()
	d.ObjectUpdatedAt, d.ReceivedAt = at, at
	w.add(bot.Added, d)
	work := w.begin(issue, at)
	r := decide(work, policy.Memory{
		State: state, Ended: at, Kind: policy.KindLost2FA, Account: "canary-account", Registry: "pypi", Queued: start(),
		Said: &policy.Said{Name: "canary-account"}, Objections: []policy.Objection{{By: 3003, At: at, Comment: 7001}},
	}, status(policy.KindOther))
	r.Event, r.Now, r.Command = policy.Event{Kind: policy.Commanded, Actor: policy.Actor{ID: agent}, Comment: d.ObjectID}, at, d.ObjectID
	w.must(w.Commit(w.ctx, r))
	for {
		c, _, err := w.NextCall(w.ctx, installation, at)
		if err != nil {
			w.fails(err, bot.ErrNothing)
			return
		}
		w.made(c, bot.Made{Last: true, Comment: 31, Now: at})
	}
}

// ended is a request that ended at a minute.
func (w *world) ended(issue int64, state policy.State, at time.Time) {
	w.Helper()
	w.triage(issue)
	w.end(issue, state, at)
}

func (w *world) forget(now time.Time) bot.Forgot {
	w.Helper()
	f, err := w.Forget(w.ctx, keep(), now)
	w.must(err)
	return f
}

// known is what is known of an issue.
func (w *world) known(issue int64) bot.Work {
	w.Helper()
	d := commented(issue, 8000+issue, 0)
	d.ObjectUpdatedAt = start().AddDate(5, 0, 0) // a look, years later
	d.GUID, d.Digest = fmt.Sprint("look", issue), fmt.Sprint("look", issue)
	w.add(bot.Added, d)
	return w.begin(issue, d.ObjectUpdatedAt)
}

// gone checks that nothing is known of a request but that there is an issue.
func (w *world) gone(issue int64, state policy.State) {
	w.Helper()
	c := w.known(issue).Case
	w.same("memory in its place", c.Memory, policy.Memory{State: state})
	w.same("comments", c.Comments, map[string]int64(nil))
	rows, err := w.Timeline(w.ctx, key(issue))
	w.must(err)
	w.same("rows that name it", len(rows), 0)
}

func keepsCases(w *world) {
	w.ended(501, policy.Completed, minute(10))
	before := w.find(501)
	w.same("an hour before", w.forget(minute(10).Add(90*day-time.Hour)).Cases, 0)
	after := w.find(501)
	w.same("the request", after, before)
	w.same("after 90 days", w.forget(minute(10).Add(90*day)).Cases, 1)
	_, err := w.FindCase(w.ctx, "pypi", "support", 1)
	w.fails(err, bot.ErrNotFound)
	w.same("again", w.forget(minute(10).Add(91*day)), bot.Forgot{})
	w.gone(501, policy.None)
}

func leavesFacts(w *world) {
	w.ended(501, policy.Denied, minute(10))
	secret := string(w.find(501).Secret)
	w.forget(minute(10).Add(90 * day))
	all, err := w.Ended(w.ctx, time.Time{})
	w.must(err)
	if len(all) != 1 {
		w.Fatalf("%d requests ended, want 1", len(all))
	}
	c := all[0]
	w.same("memory", c.Memory, policy.Memory{State: policy.Denied, Kind: policy.KindLost2FA, Queued: start(), Ended: minute(10)})
	w.same("author, number and key", []any{c.AuthorID, c.Ref.Number, len(c.Secret)}, []any{int64(0), 0, 0})
	if c.Ref.Issue >= 0 {
		w.Errorf("it still names issue %d", c.Ref.Issue)
	}
	rows, err := w.Timeline(w.ctx, c.Ref.CaseKey)
	w.must(err)
	last := rows[len(rows)-1]
	w.same("the log", []any{len(rows), last.Action, last.Actor}, []any{3, "forgotten: denied -> denied", int64(0)})
	if next := w.known(501).Case.Secret; string(next) == secret || len(next) == 0 {
		w.Error("the issue has the key of the request that was forgotten")
	}
}

// keepsAnew ends a request, opens it again and ends it again: the second end
// counts.
func keepsAnew(w *world) {
	w.ended(501, policy.Expired, minute(10))
	again := minute(10).Add(60 * day)
	d := commented(501, 7005, 0)
	d.ObjectUpdatedAt, d.ReceivedAt = again, again
	w.add(bot.Added, d)
	r := decide(w.begin(501, again), policy.Memory{State: policy.Triage, Turn: policy.Staff, Ended: minute(10)})
	r.Now = again
	w.must(w.Commit(w.ctx, r))
	w.same("while it is open", w.forget(again.Add(900*day)).Cases, 0)
	w.end(501, policy.Completed, again.Add(time.Hour))
	w.same("after the first end", w.forget(again.Add(89*day)).Cases, 0)
	w.same("after the second", w.forget(again.Add(90*day+time.Hour)).Cases, 1)
}

// forgetsCommands delivers again what a request heard, by old and by new
// GUIDs: the issue is as one that nobody knows, and hears nothing of it.
func forgetsCommands(w *world) {
	w.triage(501)
	command := commented(501, 7001, 5)
	w.add(bot.Added, command)
	r := decide(w.begin(501, minute(5)), policy.Memory{State: policy.Triage, Turn: policy.Staff})
	r.Command = 7001
	w.must(w.Commit(w.ctx, r))
	w.end(501, policy.Completed, minute(10))
	now := minute(10).Add(90 * day)
	w.forget(now)
	prose := commented(501, 7002, 6)
	prose.Command = false
	found := command
	found.GUID, found.Digest = "issue_comment:created:7001", "found"
	never := commented(501, 7003, 7) // it never came before
	first := opened(501)
	for _, d := range []bot.Delivery{first, command, prose, never} {
		d.ReceivedAt = now
		w.add(bot.Added, d)
		work := w.begin(501, now)
		if !work.Ran || work.Case.Memory.State != policy.None {
			w.Errorf("%s: ran %v in state %q, want one that ran before, in none", d.GUID, work.Ran, work.Case.Memory.State)
		}
		w.must(w.Commit(w.ctx, decide(work, work.Case.Memory)))
	}
	w.add(bot.Seen, found)
	later := commented(501, 7009, 0)
	later.ObjectUpdatedAt = now.Add(time.Minute)
	w.add(bot.Added, later)
	if work := w.begin(501, now.Add(time.Minute)); work.Ran {
		w.Error("a new command was taken for one of before")
	}
}

func keepsBusy(w *world) {
	w.ended(501, policy.Completed, minute(10))
	w.add(bot.Added, commented(501, 7001, 20))
	w.ended(502, policy.Completed, minute(10))
	w.add(bot.Added, commented(502, 7002, 20))
	w.must(w.Commit(w.ctx, decide(w.begin(502, minute(20)), w.find(502).Memory, labels("a"))))
	w.same("cases", w.forget(minute(10).Add(100*day)).Cases, 0)
	if w.find(501).AuthorID != author || w.find(502).AuthorID != author {
		w.Error("a request with something to do was forgotten")
	}
}

func forgetsClosed(w *world) {
	w.must(w.SaveRepository(w.ctx, bot.Repository{ID: repository, Owner: "pypi", Name: "support", State: bot.StateActive}))
	w.ended(501, policy.Completed, minute(10))
	w.add(bot.Added, commented(501, 7001, 20))
	w.must(w.SaveRepository(w.ctx, bot.Repository{ID: repository, Owner: "pypi", Name: "support", State: bot.StateRemoved}))
	w.same("cases", w.forget(minute(10).Add(90*day)).Cases, 1)
}

// keepsUnread lets a repository fall behind: what a pass may still bring
// could open a request again.
func keepsUnread(w *world) {
	w.must(w.SaveRepository(w.ctx, bot.Repository{ID: repository, Owner: "pypi", Name: "support", State: bot.StateActive}))
	w.ended(501, policy.Expired, minute(10))
	w.must(w.FallBehind(w.ctx, repository))
	now := minute(10).Add(90 * day)
	w.same("before the pass", w.forget(now), bot.Forgot{})
	known, err := w.Repository(w.ctx, repository)
	w.must(err)
	w.must(w.EndPass(w.ctx, bot.Pass{
		Repository: repository, Mark: now, Was: known.Passes.Due, Now: now, Passes: bot.Passes{Due: now.Add(time.Hour), Every: time.Hour},
	}))
	w.same("after it", w.forget(now).Cases, 1)
}

func keepsIgnored(w *world) {
	w.ended(501, policy.Ignored, minute(10))
	w.same("cases", w.forget(minute(10).Add(90*day)).Cases, 1)
	w.gone(501, policy.Ignored)
	w.same("again", w.forget(minute(10).Add(91*day)).Total(), 0)
}

func forgetsStrangers(w *world) {
	w.add(bot.Added, opened(501))
	w.must(w.Commit(w.ctx, decide(w.begin(501, start()), policy.Memory{})))
	w.same("too early", w.forget(start().Add(90*day-time.Hour)).Strangers, 0)
	w.same("issues", w.forget(start().Add(90*day)).Strangers, 1)
	w.same("again", w.forget(start().Add(91*day)), bot.Forgot{})
}

func keepsRows(w *world) {
	w.triage(501, labels("a"), status(policy.KindOther))
	w.made(w.call(start()), bot.Made{Last: true, Now: minute(10)})
	w.must(w.CallFailed(w.ctx, w.call(start()).ID, bot.Pause{Class: "invalid", Now: minute(5)})) // before the one that it came after
	early, late := start().Add(29*day), minute(5).Add(30*day)
	w.same("after 29 days", w.forget(early), bot.Forgot{})
	w.add(bot.Seen, opened(501))
	w.same("what a later one needs stays", w.forget(late), bot.Forgot{Deliveries: 1})
	w.same("after 30 days", w.forget(minute(10).Add(30*day)), bot.Forgot{Effects: 2})
	w.same("its state", w.find(501).Memory.State, policy.Triage)
	w.add(bot.Added, commented(501, 7001, 20))
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(20)), policy.Memory{State: policy.Review}, labels("b"))))
	w.same("effects go on", w.drain(minute(20)), []string{"501 labels"})
}

// forgetsOn dies a little later each time: each request is there as it was, or
// gone.
func forgetsOn(w *world) {
	const requests = 25
	for i := range int64(requests) {
		w.ended(501+i, policy.Completed, minute(int(i)))
	}
	now := minute(requests).Add(90 * day)
	for n := 0; ; n += 1 + n/2 {
		_, err := w.Forget(dieAfter(w.ctx, n), keep(), now)
		if w.ctx.Err() != nil {
			w.Fatal("it takes for ever")
		}
		all, readErr := w.Ended(w.ctx, time.Time{})
		w.must(readErr)
		if len(all) != requests {
			w.Fatalf("%d requests, want %d", len(all), requests)
		}
		left := 0
		for _, c := range all {
			whole := c.AuthorID == author && c.Memory.Account != "" && len(c.Secret) > 0 && c.Ref.Issue > 0
			half := c.AuthorID != 0 || c.Memory.Account != "" || len(c.Secret) > 0 || c.Ref.Issue > 0
			if whole != half {
				w.Fatalf("a request is half forgotten: %+v", c)
			}
			if whole {
				left++
			}
		}
		if err == nil {
			w.same("left", left, 0)
			return
		}
	}
}

func forgetsTogether(w *world) {
	const requests = 25
	for i := range int64(requests) {
		w.ended(501+i, policy.Completed, minute(int(i)))
	}
	var all sync.WaitGroup
	var each [3]int
	for i := range each {
		all.Go(func() {
			f, err := w.Forget(w.ctx, keep(), minute(requests).Add(90*day))
			if err != nil {
				w.Error(err)
			}
			each[i] = f.Cases
		})
	}
	for i := range int64(requests) {
		d := commented(501+i, 7500+i, 0)
		d.ObjectUpdatedAt = minute(requests).Add(91 * day)
		w.add(bot.Added, d)
	}
	all.Wait()
	sum := each[0] + each[1] + each[2]
	again := 0
	for _, c := range func() []bot.Case { c, err := w.Ended(w.ctx, time.Time{}); w.must(err); return c }() {
		if c.Ref.Issue > 0 {
			again++ // its new delivery came first: it has something to do
		}
	}
	w.same("each once", sum+again, requests)
}

func keepsNumbers(w *world) {
	w.ended(501, policy.Completed, minute(60))
	waits := func() int {
		all, err := w.Waits(w.ctx, time.Time{})
		w.must(err)
		n := 0
		for _, k := range all {
			n += len(k)
		}
		return n
	}
	before := waits()
	w.ended(502, policy.Denied, minute(61).Add(80*day))
	w.forget(minute(61).Add(90 * day))
	w.same("waits", waits(), before+0)
	ended, err := w.Ended(w.ctx, minute(61))
	w.must(err)
	w.same("ended since", len(ended), 1)
	open, err := w.Cases(w.ctx)
	w.must(err)
	w.same("open", len(open), 0)
}

// outlastsShadow lets the shadow last longer than anything is kept: what was from
// before is there after it, and what was said meanwhile is decided on.
func outlastsShadow(w *world) {
	from := policy.Memory{State: policy.Triage, Turn: policy.Staff, Registry: "pypi", Account: "jbber"}
	w.add(bot.Added, opened(501))
	w.must(w.Commit(w.ctx, decide(w.begin(501, start()), from)))
	w.mode(bot.ModeShadow, 1)
	w.add(bot.Added, commented(501, 7001, 1))
	over := from
	over.State, over.Ended, over.Account = policy.Denied, minute(3), "other"
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(3)), over)))
	now := minute(3).Add(200 * day)
	w.forget(now)
	w.must(w.SetMode(w.ctx, bot.ModeChange{Opinion: bot.Opinion{Mode: bot.ModeRun, Setter: bot.SetByCommand}, Now: now}))
	w.same("the memory", w.find(501).Memory, from)
	if work := w.begin(501, now); work.Delivery == nil || work.Delivery.GUID != "comment-7001" {
		w.Errorf("got %+v, want what was said in shadow", work.Delivery)
	}
	w.same("the account that it names", issues(w.others(599, 9, "jbber")), []int64{501})
	w.same("what it named in shadow", issues(w.others(599, 9, "other")), []int64(nil))
}

// keepsAdoptions hands the same old request over for months: the sweep counts
// only new ones, of a few a day.
func keepsAdoptions(w *world) {
	old := opened(501)
	old.GUID, old.Digest, old.Event, old.Action = "adopt:adopt:501", "adopt-501", "adopt", "adopt"
	w.add(bot.Added, old)
	w.must(w.Commit(w.ctx, decide(w.begin(501, start()), policy.Memory{State: policy.Triage, Turn: policy.Staff})))
	w.forget(start().Add(40 * day))
	w.add(bot.Seen, old)
}

// adoptsForgotten opens an issue again, in shadow, whose request was forgotten.
func adoptsForgotten(w *world) {
	w.ended(501, policy.Completed, minute(10))
	now := minute(10).Add(90 * day)
	w.forget(now)
	shadow := bot.ModeChange{Opinion: bot.Opinion{Mode: bot.ModeShadow, Setter: bot.SetByCommand}, Now: now.Add(time.Hour)}
	w.must(w.SetMode(w.ctx, shadow))
	again := commented(501, 7009, 0)
	again.ObjectUpdatedAt, again.ReceivedAt = now.Add(2*time.Hour), now.Add(2*time.Hour)
	w.add(bot.Added, again)
	w.must(w.Commit(w.ctx, decide(w.begin(501, again.ReceivedAt), names("jbber"))))
	later := now.Add(3 * time.Hour)
	w.must(w.SetMode(w.ctx, bot.ModeChange{Opinion: bot.Opinion{Mode: bot.ModeRun, Setter: bot.SetByCommand}, Now: later}))
	if work := w.begin(501, later); work.Delivery == nil || work.Delivery.Event != "adopt" || work.Ran {
		w.Errorf("got %+v, ran %v; want that it is adopted", work.Delivery, work.Ran)
	}
}
