package storetest

import (
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// fail lets the next effect fail at a time: for good, if until is zero.
func (w *world) fail(now, until time.Time) bot.Call {
	w.Helper()
	c := w.call(now)
	w.must(w.CallFailed(w.ctx, c.ID, bot.Pause{Until: until, Class: "POST comment: invalid: status 422", Counted: true, Now: now}))
	return c
}

// bury lets the next delivery of a case die.
func (w *world) bury(issue int64, now time.Time) *bot.Delivery {
	w.Helper()
	d := w.begin(issue, now).Delivery
	w.must(w.Bury(w.ctx, d.ID, "deciding panicked", now))
	return d
}

// jobs returns the names and states of all that is open or dead.
func (w *world) jobs() []string {
	w.Helper()
	all, err := w.Jobs(w.ctx)
	w.must(err)
	var names []string
	for _, j := range all {
		names = append(names, j.What+" "+string(j.State))
	}
	return names
}

// retry wants a verdict on the only job of that name.
func (w *world) retry(name string, want bot.Verdict) {
	w.Helper()
	got, err := w.Retry(w.ctx, name, minute(90))
	w.must(err)
	if got != want {
		w.Errorf("retrying %s: got %q, want %q", name, got, want)
	}
}

// named returns the name of the job with that key or event.
func (w *world) named(what string) string {
	w.Helper()
	all, err := w.Jobs(w.ctx)
	w.must(err)
	for _, j := range all {
		if j.What == what {
			return j.Name
		}
	}
	w.Fatalf("no %s among %v", what, w.jobs())
	return ""
}

func listsJobs(w *world) {
	w.same("at first", w.jobs(), []string(nil))
	w.triage(501, status(policy.KindOther), labels("a"))
	w.add(bot.Added, commented(501, 7001, 4), commented(502, 7002, 5))
	d := w.bury(501, minute(6))
	w.must(w.PutOff(w.ctx, w.begin(502, minute(6)).Delivery.ID, bot.Pause{Until: minute(9), Class: "transient", Now: minute(6)}))
	w.fail(minute(6), time.Time{})
	w.must(w.HoldWrites(w.ctx, installation, minute(8)))
	got, err := w.Jobs(w.ctx)
	w.must(err)
	want := []bot.Job{
		{
			Kind: bot.JobWrite, Ref: ref(501), What: "status", State: bot.JobDead, At: start(), Tries: 1,
			Begun: minute(6), Ended: minute(6), Class: "POST comment: invalid: status 422",
		},
		{Kind: bot.JobWrite, Ref: ref(501), What: "labels", State: bot.JobOpen, At: start(), Next: minute(8)},
		{
			Kind: bot.JobDelivery, Name: d.GUID, Ref: ref(501), What: "issue_comment.created", State: bot.JobDead,
			Object: 7001, Sender: author, At: minute(4), Tries: 1, Ended: minute(6), Class: "deciding panicked",
		},
		{
			Kind: bot.JobDelivery, Name: "comment-7002", Ref: ref(502), What: "issue_comment.created", State: bot.JobOpen,
			Object: 7002, Sender: author, At: minute(5), Waits: 1, Next: minute(9), Class: "transient",
		},
	}
	byName := cmpopts.IgnoreFields(bot.Job{}, "Name") // of the writes: the store's own numbers
	if diff := cmp.Diff(want, got, byName); diff != "" {
		w.Errorf("jobs (-want +got):\n%s", diff)
	}
	for _, j := range got {
		one, err := w.Job(w.ctx, j.Name)
		w.must(err)
		w.same("one by its name", one, j)
	}
	w.same("number", got[0].Name == got[1].Name, false)
	_, err = w.Job(w.ctx, "nobody's")
	w.fails(err, bot.ErrNotFound)
	_, err = w.Job(w.ctx, "99999")
	w.fails(err, bot.ErrNotFound)
}

func retriesDelivery(w *world) {
	w.triage(501)
	w.add(bot.Added, commented(501, 7001, 4))
	d := w.bury(501, minute(6))
	w.idle(501, minute(7), time.Time{})
	before, err := w.Timeline(w.ctx, key(501))
	w.must(err)
	w.retry(d.GUID, bot.VerdictRetried)
	got := w.begin(501, minute(7)).Delivery
	w.same("delivery, tries, waits", []int64{got.ID, int64(got.Tries), int64(got.Waits)}, []int64{d.ID, 0, 0})
	after, err := w.Timeline(w.ctx, key(501))
	w.must(err)
	if len(after) != len(before)+1 {
		w.Fatalf("got %d audit rows, want one more than %d", len(after), len(before))
	}
	row := after[len(before)]
	want := bot.AuditRow{
		Seq: row.Seq, At: minute(90), Action: "retried: triage -> triage", Prev: row.Prev, Hash: row.Hash,
		Reasons: []policy.Reason{{Code: "retried-by-operator", Args: []string{"delivery", d.GUID}}},
	}
	w.same("audit row", row, want)
}

func retriesEffect(w *world) {
	w.triage(501, status(policy.KindOther), labels("a"))
	c := w.fail(start(), time.Time{})
	w.same("the rest", w.drain(start()), []string{"501 labels"})
	w.retry(w.named("status"), bot.VerdictRetried)
	again := w.call(start())
	w.same("call, tries, begun", []any{again.ID, again.Tries, again.Begun}, []any{c.ID, 0, true})
	w.same("calls", w.drain(start()), []string{"501 status"})
}

func hurries(w *world) {
	w.triage(501, status(policy.KindOther))
	w.add(bot.Added, commented(501, 7001, 4))
	d := w.begin(501, minute(5)).Delivery
	w.must(w.PutOff(w.ctx, d.ID, bot.Pause{Until: minute(60), Counted: true, Now: minute(5)}))
	w.fail(minute(5), minute(60))
	w.idle(501, minute(6), minute(60))
	w.quiet(minute(6), minute(60))
	w.retry(d.GUID, bot.VerdictRetried)
	w.retry(w.named("status"), bot.VerdictRetried)
	w.same("tries", []int{w.begin(501, minute(6)).Delivery.Tries, w.call(minute(6)).Tries}, []int{0, 0})
}

func refusesRetries(w *world) {
	w.triage(501, status(policy.KindOther), labels("a"), policy.Close{Reason: "completed"}, policy.Reopen{})
	w.retry("opened-501", bot.VerdictDone)
	w.fail(start(), time.Time{})
	dead := w.named("status")
	w.same("labels", w.call(start()).Effect.Key(), "labels")
	w.react(7001, status(policy.KindLost2FA), labels("b"))
	w.retry(dead, bot.VerdictNewer)
	j, err := w.Job(w.ctx, dead)
	w.must(err)
	newer, err := w.Job(w.ctx, j.Newer)
	w.must(err)
	w.same("newer", []string{newer.What, string(newer.State)}, []string{"status", "open"})

	w.made(w.call(start()), bot.Made{Last: true})
	w.same("close", w.call(start()).Effect.Key(), "close")
	closing := w.named("close")
	w.fail(start(), time.Time{})
	w.retry(closing, bot.VerdictNewer)
	w.same("reopen", w.call(start()).Effect.Key(), "reopen")
	reopening := w.named("reopen")
	w.fail(start(), time.Time{})
	w.retry(reopening, bot.VerdictRetried)
	w.fail(start(), time.Time{})
	w.react(7002)
	work := w.find(501)
	w.same("state", work.Memory.State, policy.Triage)
	w.add(bot.Added, commented(501, 7003, 2))
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(2)), policy.Memory{State: policy.Denied})))
	w.retry(reopening, bot.VerdictOvertaken)

	_, err = w.Retry(w.ctx, "nobody's", start())
	w.fails(err, bot.ErrNotFound)
	w.drain(start())
	w.triage(502, policy.React{Comment: 7009, Content: "eyes"})
	c := w.call(start())
	w.must(w.CallFailed(w.ctx, c.ID, bot.Pause{Class: "POST reaction: gone: status 410", Now: start()}))
	w.retry(w.named("react:7009:eyes"), bot.VerdictGone)
	before := w.jobs()
	w.retry(dead, bot.VerdictNewer)
	w.same("jobs", w.jobs(), before)
}

// forgets: only the comment that died is written anew, and only by the next
// decision.
func forgets(w *world) {
	m := policy.Memory{State: policy.Triage, Digests: map[string]string{"status": "one", "help": "two"}}
	w.add(bot.Added, opened(501))
	w.must(w.Commit(w.ctx, decide(w.begin(501, start()), m, status(policy.KindOther), labels("a"))))
	w.add(bot.Added, commented(501, 7001, 1))
	late := decide(w.begin(501, minute(1)), m)
	w.fail(start(), time.Time{})
	w.same("digests", w.find(501).Memory.Digests, map[string]string{"help": "two"})
	w.fails(w.Commit(w.ctx, late), bot.ErrConflict)
	w.same("calls", w.drain(minute(2)), []string{"501 labels"})

	// What was written before is there still, with an older text.
	m.Digests = map[string]string{"status": "three"}
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(1)), m, status(policy.KindLost2FA))))
	w.made(w.call(minute(3)), bot.Made{Last: true, Comment: 800})
	w.add(bot.Added, commented(501, 7002, 4), commented(501, 7003, 5))
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(5)), m, status(policy.KindOther))))
	c := w.call(minute(5))
	w.must(w.CallFailed(w.ctx, c.ID, bot.Pause{Class: "invalid", Now: minute(5)}))
	if got := w.find(501).Memory.Digests["status"]; got == "" || got == "three" {
		w.Errorf("digest %q of a comment that was not written", got)
	}

	// A newer text is on its way already: its own end counts.
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(6)), m, status(policy.KindOther))))
	begun := w.call(minute(6))
	w.add(bot.Added, commented(501, 7004, 6))
	m.Digests = map[string]string{"status": "four"}
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(6)), m, status(policy.KindLost2FA))))
	w.must(w.CallFailed(w.ctx, begun.ID, bot.Pause{Class: "invalid", Now: minute(6)}))
	w.same("digests", w.find(501).Memory.Digests, m.Digests)
}
