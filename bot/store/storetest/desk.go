package storetest

import (
	"errors"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// The desk has its own installation.
const (
	deskRepository   = 72
	deskInstallation = 19
	deskIssue        = 900
)

func desk() bot.Repository {
	return bot.Repository{
		ID: deskRepository, Owner: "pypi", Name: "desk", Installation: deskInstallation, Private: true, State: "active", Started: start(),
	}
}

func deskRef() bot.Ref {
	return bot.Ref{CaseKey: bot.CaseKey{Repository: deskRepository}, Installation: deskInstallation, Owner: "pypi", Name: "desk"}
}

func deskIssueRef() bot.Ref {
	r := deskRef()
	r.Issue, r.Number = deskIssue, 4
	return r
}

// furnish makes both repositories known, the one as the other's desk.
func (w *world) furnish() {
	w.Helper()
	served := held()
	served.Held, served.Desk = false, deskRepository
	w.must(w.SaveRepository(w.ctx, served))
	w.must(w.SaveRepository(w.ctx, desk()))
}

// atDesk is the delivery of a comment at the desk, made at that minute.
func atDesk(comment int64, at int) bot.Delivery {
	d := commented(501, comment, at)
	d.Ref, d.Desk, d.AuthorID, d.Private = deskIssueRef(), true, 4711, true
	return d
}

// summary is the effect that writes the issue at the desk.
func summary() policy.Effect {
	return policy.Desk{Text: policy.Text{Name: policy.TextDesk}, Open: true}
}

func (w *world) deskCall(now time.Time) bot.Call {
	w.Helper()
	c, _, err := w.NextCall(w.ctx, deskInstallation, now)
	w.must(err)
	return c
}

// seat gives a new case its issue at the desk.
func (w *world) seat(issue int64, effects ...policy.Effect) {
	w.Helper()
	w.furnish()
	w.triage(issue, append(effects, summary())...)
	w.made(w.deskCall(start()), bot.Made{Last: true, Desk: deskIssueRef(), Now: minute(3)})
}

func seatsCase(w *world) {
	w.furnish()
	w.triage(501, summary())
	w.same("before", w.find(501).Desk, deskRef())
	c := w.deskCall(start())
	w.same("call", c.Desk, deskRef())
	w.made(c, bot.Made{Last: true, Desk: deskIssueRef(), Now: minute(3)})
	got := w.find(501)
	w.same("after", got.Desk, deskIssueRef())
	w.same("the issue's last write", got.LastWrite, time.Time{})
	if len(got.Secret) == 0 {
		w.Error("the case has no key")
	}
}

func hearsDesk(w *world) {
	w.add(bot.Foreign, atDesk(8001, 5))
	w.seat(501)
	before := w.find(501)
	w.add(bot.Added, atDesk(8001, 5))
	w.add(bot.Seen, atDesk(8001, 5))
	after := w.find(501)
	w.same("case", after, before)
	newest, err := w.NewestSeen(w.ctx, key(501))
	w.must(err)
	w.same("newest seen", newest, start())
	work := w.begin(501, minute(5))
	w.same("at the desk", work.Delivery.Desk, true)
	w.same("reference", work.Delivery.Ref, ref(501))

	other := atDesk(8002, 6)
	other.Ref.Issue++
	w.add(bot.Foreign, other)
	cases, err := w.Cases(w.ctx)
	w.must(err)
	w.same("cases", len(cases), 1)
}

// ordersDesk: a command at the desk waits for what was said before on the
// issue, and not for what is said later.
func ordersDesk(w *world) {
	w.seat(501)
	w.add(bot.Added, commented(501, 7002, 7), atDesk(8001, 5), commented(501, 7001, 3))
	var order []int64
	for range 3 {
		work := w.begin(501, minute(9))
		order = append(order, work.Delivery.ObjectID)
		w.must(w.Commit(w.ctx, decide(work, policy.Memory{State: policy.Triage})))
	}
	w.same("order", order, []int64{7001, 8001, 7002})
}

// separatesDesk: what fails at the desk holds up nothing on the issue, and its
// own effects keep their order.
func separatesDesk(w *world) {
	w.furnish()
	reply := policy.Comment{Name: "desk:1", Text: policy.Text{Name: policy.TextWhy}, Desk: true}
	w.triage(501, summary(), labels("a"), reply)
	c := w.deskCall(start())
	w.same("first", c.Effect.Key(), "desk")
	w.must(w.CallFailed(w.ctx, c.ID, bot.Pause{Until: minute(5), Class: "transient", Now: start()}))
	w.same("on the issue", w.drain(start()), []string{"501 labels"})
	_, at, err := w.NextCall(w.ctx, deskInstallation, minute(4))
	if !errors.Is(err, bot.ErrNothing) || !at.Equal(minute(5)) {
		w.Errorf("got %v at %v, want nothing before minute 5", err, at)
	}
	c = w.deskCall(minute(5))
	w.made(c, bot.Made{Last: true, Desk: deskIssueRef()})
	c = w.deskCall(minute(5))
	w.same("second", []any{c.Effect.Key(), c.Desk}, []any{"desk:1", deskIssueRef()})
	w.made(c, bot.Made{Last: true, Comment: 8100})
	w.same("comments", w.find(501).Comments, map[string]int64{"desk:1": 8100})
}

// movesDesk: what is open for the desk follows it, and not the issue.
func movesDesk(w *world) {
	w.furnish()
	w.triage(501, summary())
	d := commented(501, 7001, 1)
	d.Ref.Installation = 10
	w.add(bot.Added, d)
	moved := desk()
	moved.Installation, moved.Name, moved.Private = 20, "table", false
	w.must(w.SaveRepository(w.ctx, moved))
	c, _, err := w.NextCall(w.ctx, 20, minute(4))
	w.must(err)
	w.same("call", []any{c.Desk.Name, c.Desk.Installation, c.Shown}, []any{"table", int64(20), true})
}

// reseatsCase: another desk is another place, and the issue that the case had
// is none there.
func reseatsCase(w *world) {
	w.seat(501)
	w.react(7001, summary())
	again := deskIssueRef()
	again.Issue, again.Number = deskIssue+1, 5
	w.made(w.deskCall(minute(4)), bot.Made{Last: true, Desk: again, Reposted: true})
	w.same("made anew", w.find(501).Desk, again)
	w.react(7002, summary())
	w.same("reposts", w.deskCall(minute(4)).Reposts, 1)

	other := desk()
	other.ID, other.Name = 73, "new-desk"
	w.must(w.SaveRepository(w.ctx, other))
	served := held()
	served.Held, served.Desk = false, 73
	w.must(w.SaveRepository(w.ctx, served))
	got := w.find(501).Desk
	w.same("at another desk", []any{got.Repository, got.Issue, got.Number}, []any{int64(73), int64(0), 0})
}

// forgetsDesk: an issue at the desk that could not be written is written by
// the next decision.
func forgetsDesk(w *world) {
	w.furnish()
	w.add(bot.Added, opened(501))
	m := policy.Memory{State: policy.Triage, Digests: map[string]string{"desk": "d1", "status": "d2"}}
	w.must(w.Commit(w.ctx, decide(w.begin(501, start()), m, summary())))
	c := w.deskCall(start())
	w.must(w.CallFailed(w.ctx, c.ID, bot.Pause{Class: "invalid", Counted: true, Now: start()}))
	w.same("digests", w.find(501).Memory.Digests, map[string]string{"status": "d2"})
}
