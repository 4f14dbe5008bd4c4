package storetest

import (
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// react decides anew on case 501, by a comment.
func (w *world) react(comment int64, effects ...policy.Effect) {
	w.Helper()
	w.add(bot.Added, commented(501, comment, 1))
	work := w.begin(501, minute(1))
	w.must(w.Commit(w.ctx, decide(work, work.Case.Memory, effects...)))
}

func supersedes(w *world) {
	w.triage(501, status(policy.KindOther), labels("a"), notice(1, policy.TextDenied))
	w.triage(502, status(policy.KindOther))
	w.react(7001, status(policy.KindLost2FA), notice(1, policy.TextDenied))
	w.same("pending", w.find(501).Pending, []policy.Effect{
		labels("a"), notice(1, policy.TextDenied), status(policy.KindLost2FA), notice(1, policy.TextDenied),
	})
	w.same("another case", w.find(502).Pending, []policy.Effect{status(policy.KindOther)})

	begun := w.call(start())
	w.same("begun", begun.Effect, labels("a"))
	w.react(7002, labels("b"))
	w.made(begun, bot.Made{})
	w.react(7003, labels("c"))
	w.same("pending", w.find(501).Pending, []policy.Effect{
		labels("a"), notice(1, policy.TextDenied), status(policy.KindLost2FA), notice(1, policy.TextDenied), labels("c"),
	})
}

func ordersEffects(w *world) {
	w.triage(501, status(policy.KindOther), labels("a"), policy.React{Comment: 1, Content: "eyes"})
	w.react(7001, notice(1, policy.TextDenied), policy.Close{Reason: "completed"})
	w.same("calls", w.drain(start()), []string{"501 status", "501 labels", "501 react:1:eyes", "501 notify:1", "501 close"})
	w.quiet(start(), time.Time{})
}

func steps(w *world) {
	w.triage(501, policy.Labels{Add: []string{"a"}, Remove: []string{"b"}})
	c := w.call(minute(1))
	w.same("first", c, bot.Call{
		ID: c.ID, Ref: ref(501), Effect: policy.Labels{Add: []string{"a"}, Remove: []string{"b"}}, At: start(),
	})
	want := c
	want.Begun = true
	c = w.call(minute(1))
	w.same("again", c, want)
	w.made(c, bot.Made{})
	w.fails(w.CallMade(w.ctx, c, bot.Made{Now: start()}), bot.ErrConflict)
	want.Step, want.Begun = 1, false
	c = w.call(minute(1))
	w.same("second step", c, want)
	w.made(c, bot.Made{Last: true})
	w.fails(w.CallMade(w.ctx, c, bot.Made{Last: true, Now: start()}), bot.ErrConflict)
	w.quiet(minute(1), time.Time{})
}

func failsCalls(w *world) {
	w.triage(501, status(policy.KindOther), labels("a"))
	w.triage(502, status(policy.KindOther))
	c := w.call(start())
	w.same("first", c.Ref.Issue, int64(501))
	w.must(w.CallFailed(w.ctx, c.ID, bot.Pause{Until: minute(5), Class: "transient", Now: start()}))
	w.same("the other case", w.drain(start()), []string{"502 status"})
	w.quiet(start(), minute(5))

	c = w.call(minute(5))
	w.same("begun, tries", []any{c.Begun, c.Tries}, []any{true, 0})
	w.must(w.CallFailed(w.ctx, c.ID, bot.Pause{Until: minute(6), Class: "invalid", Counted: true, Now: minute(5)}))
	c = w.call(minute(6))
	w.same("tries", c.Tries, 1)
	w.must(w.CallFailed(w.ctx, c.ID, bot.Pause{Class: "invalid", Counted: true, Now: minute(6)}))
	w.fails(w.CallFailed(w.ctx, c.ID, bot.Pause{Class: "invalid", Now: minute(6)}), bot.ErrNotFound)
	w.same("after the dead one", w.drain(minute(6)), []string{"501 labels"})
}

func keepsComments(w *world) {
	w.triage(501, status(policy.KindOther))
	c := w.call(start())
	w.same("comment", []any{c.Comment, c.Reposts}, []any{int64(0), 0})
	w.made(c, bot.Made{Last: true, Comment: 41, Now: minute(3)})
	got := w.find(501)
	w.same("ids", got.Comments, map[string]int64{"status": 41})
	w.same("last write", got.LastWrite, minute(3))

	w.react(7001, status(policy.KindLost2FA))
	c = w.call(start())
	w.same("comment", []any{c.Comment, c.Reposts}, []any{int64(41), 0})
	w.made(c, bot.Made{Last: true, Comment: 42, Reposted: true, Now: minute(2)})
	got = w.find(501)
	w.same("ids", got.Comments, map[string]int64{"status": 42})
	w.same("last write", got.LastWrite, minute(3))

	w.react(7002, status(policy.KindOther), notice(1, policy.TextDenied))
	c = w.call(start())
	w.same("comment", []any{c.Comment, c.Reposts}, []any{int64(42), 1})
	w.made(c, bot.Made{Last: true})
	w.made(w.call(start()), bot.Made{Last: true, Comment: 43})
	w.same("ids", w.find(501).Comments, map[string]int64{"status": 42, "notify:1": 43})
}

func holdsWrites(w *world) {
	w.triage(501, status(policy.KindOther))
	other := opened(502)
	other.Ref.Installation = 10
	w.add(bot.Added, other)
	w.must(w.Commit(w.ctx, decide(w.begin(502, start()), policy.Memory{State: policy.Triage}, labels("a"))))
	w.must(w.HoldWrites(w.ctx, installation, minute(5)))
	w.quiet(minute(4), minute(5))
	c, _, err := w.NextCall(w.ctx, 10, minute(4))
	w.must(err)
	w.same("another installation", c.Ref.Issue, int64(502))
	w.same("after the hold", w.drain(minute(5)), []string{"501 status"})
}

func moves(w *world) {
	w.triage(501, labels("a"), status(policy.KindOther))
	d := commented(501, 7001, 1)
	d.Ref.Installation = 10
	w.add(bot.Added, d)
	w.quiet(start(), time.Time{})
	c, _, err := w.NextCall(w.ctx, 10, minute(4))
	w.must(err)
	w.same("installation", c.Ref.Installation, int64(10))
}
