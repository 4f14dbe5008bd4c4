package storetest

import (
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

func commits(w *world) {
	w.add(bot.Added, opened(501))
	work := w.begin(501, start())
	m := policy.Memory{
		State: policy.Asked, Turn: policy.Requester, Since: minute(1), Queued: minute(2), WakeAt: minute(90),
		Registry: "pypi", Account: "jbber", Said: &policy.Said{Against: "d"}, Kind: policy.KindLost2FA,
		Flags: []policy.Flag{policy.FlagNameUnknown}, Recent: []time.Time{minute(1)},
		Held: []policy.Text{{Name: policy.TextReminder}}, Digests: map[string]string{"status": "x"}, Policy: "0123456789ab",
	}
	r := decide(work, m, status(policy.KindLost2FA), labels("recovery: asked"))
	r.Case.Ref.Number, r.Case.AuthorID, r.Case.Private, r.Case.NewestSeen = 77, 1002, true, minute(4)
	w.must(w.Commit(w.ctx, r))
	want := r.Case
	want.Version = work.Case.Version + 1
	want.Pending = []policy.Effect{status(policy.KindLost2FA), labels("recovery: asked")}
	w.same("case", w.find(77), want)
	w.idle(501, start(), minute(90))
}

func conflicts(w *world) {
	w.add(bot.Added, opened(501), commented(501, 7001, 1))
	stale := w.begin(501, start())
	w.must(w.Commit(w.ctx, decide(stale, policy.Memory{State: policy.Triage}, labels("a"))))
	before := w.find(501)
	r := decide(stale, policy.Memory{State: policy.Denied}, labels("b"))
	r.Command = 7001
	w.fails(w.Commit(w.ctx, r), bot.ErrConflict)
	w.same("case", w.find(501), before)
	got := w.begin(501, minute(2))
	if got.Ran || got.Delivery.ObjectID != 7001 {
		w.Errorf("got comment %d, ran %v; want 7001, not run", got.Delivery.ObjectID, got.Ran)
	}
	rows, err := w.Timeline(w.ctx, key(501))
	w.must(err)
	w.same("rows", len(rows), 1)
	w.same("calls", w.drain(start()), []string{"501 labels"})
}

// overtaken decides twice on one version of a case, the second time by a tick,
// which has no delivery that could be ended already.
func overtaken(w *world) {
	w.add(bot.Added, opened(501))
	stale := w.begin(501, start())
	w.must(w.Commit(w.ctx, decide(stale, policy.Memory{State: policy.Triage})))
	before := w.find(501)
	tick := decide(stale, policy.Memory{State: policy.Expired}, labels("b"))
	tick.Delivery = 0
	w.fails(w.Commit(w.ctx, tick), bot.ErrConflict)
	w.same("case", w.find(501), before)
	w.quiet(start(), time.Time{})
}

func runsOnce(w *world) {
	w.add(bot.Added, commented(501, 7001, 1))
	work := w.begin(501, minute(1))
	if work.Ran {
		w.Fatal("got ran, want a new command")
	}
	r := decide(work, policy.Memory{State: policy.Triage})
	r.Command = 7001
	w.must(w.Commit(w.ctx, r))
	edited := commented(501, 7001, 2)
	edited.GUID, edited.Digest, edited.Action = "edited", "edited", "edited"
	w.add(bot.Added, edited)
	work = w.begin(501, minute(2))
	if !work.Ran {
		w.Error("got a new command, want ran")
	}
	r = decide(work, policy.Memory{State: policy.Denied}, labels("x"))
	r.Command = 7001
	w.fails(w.Commit(w.ctx, r), bot.ErrConflict)
	w.same("state", w.find(501).Memory.State, policy.Triage)
	w.quiet(minute(2), time.Time{})
}

func endsOnce(w *world) {
	w.add(bot.Added, opened(501))
	work := w.begin(501, start())
	w.must(w.Bury(w.ctx, work.Delivery.ID, "invalid", start()))
	w.fails(w.Commit(w.ctx, decide(work, policy.Memory{State: policy.Triage})), bot.ErrConflict)
	w.fails(w.Bury(w.ctx, work.Delivery.ID, "invalid", start()), bot.ErrNotFound)
	w.fails(w.PutOff(w.ctx, work.Delivery.ID, bot.Pause{Until: minute(1)}), bot.ErrNotFound)
}

func separates(w *world) {
	w.add(bot.Added, opened(501), opened(502))
	one, two := w.begin(501, start()), w.begin(502, start())
	w.must(w.Commit(w.ctx, decide(one, policy.Memory{State: policy.Triage})))
	w.must(w.Commit(w.ctx, decide(two, policy.Memory{State: policy.Asked})))
	w.add(bot.Added, commented(501, 7001, 1), commented(502, 7002, 1))
	crossed := decide(w.begin(501, minute(1)), policy.Memory{})
	crossed.Delivery = w.begin(502, minute(1)).Delivery.ID
	w.fails(w.Commit(w.ctx, crossed), bot.ErrConflict)
}

func listsCases(w *world) {
	memories := []policy.Memory{
		{State: policy.Incomplete},
		{},
		{State: policy.Completed},
		{State: policy.Denied, Flags: []policy.Flag{policy.FlagRepliedAfterEnd}},
		{State: policy.Review},
	}
	for i, m := range memories {
		issue := int64(501 + i)
		w.add(bot.Added, opened(issue))
		w.must(w.Commit(w.ctx, decide(w.begin(issue, start()), m, notice(i, policy.TextStatus))))
	}
	w.made(w.call(start()), bot.Made{Last: true, Comment: 31, Now: minute(7)})
	cases, err := w.Cases(w.ctx)
	w.must(err)
	var issues []int64
	for _, c := range cases {
		issues = append(issues, c.Ref.Issue)
	}
	w.same("cases", issues, []int64{501, 504, 505})
	w.same("comments", cases[0].Comments, map[string]int64{"notify:0": 31})
	w.same("last write", cases[0].LastWrite, minute(7))
	w.same("made", len(cases[0].Pending), 0)
	w.same("pending", cases[1].Pending, []policy.Effect{notice(3, policy.TextStatus)})
}

func findsCase(w *world) {
	_, err := w.FindCase(w.ctx, "pypi", "support", 1)
	w.fails(err, bot.ErrNotFound)
	w.add(bot.Added, opened(101))
	again := opened(201)
	w.add(bot.Added, again)
	got, err := w.FindCase(w.ctx, "", "", 1)
	w.must(err)
	w.same("by the number alone", got.Ref, ref(201))
	other := opened(301)
	other.Ref.Repository, other.Ref.Name = 72, "other"
	w.add(bot.Added, other)
	_, err = w.FindCase(w.ctx, "", "", 1)
	w.fails(err, bot.ErrSeveral)
	got, err = w.FindCase(w.ctx, "PyPI", "Support", 1)
	w.must(err)
	w.same("newest", got.Ref, ref(201))
	w.must(w.SaveRepository(w.ctx, bot.Repository{ID: repository, Owner: "python", Name: "help"}))
	got, err = w.FindCase(w.ctx, "python", "help", 1)
	w.must(err)
	w.same("by the new name", got.Ref.Issue, int64(201))
}

func tells(w *world) {
	w.add(bot.Added, opened(501), commented(501, 7001, 1))
	m := policy.Memory{State: policy.Triage, Registry: "pypi", Account: "jbber", Policy: "0123456789ab"}
	r := decide(w.begin(501, start()), m)
	r.Decision.Reasons = []policy.Reason{{Code: "complete", Args: []string{"JBBER", "pypi"}}}
	w.must(w.Commit(w.ctx, r))
	w.triage(502)
	r = decide(w.begin(501, minute(1)), m)
	r.Event = policy.Event{Kind: policy.Commanded, Actor: policy.Actor{ID: agent, Login: "bob"}, Comment: 7001}
	r.Command, r.Now, r.Decision.ByStaff = 7001, minute(1), true
	w.must(w.Commit(w.ctx, r))

	rows, err := w.Timeline(w.ctx, key(501))
	w.must(err)
	if len(rows) != 2 {
		w.Fatalf("got %d rows, want 2", len(rows))
	}
	other, err := w.Timeline(w.ctx, key(502))
	w.must(err)
	w.same("chain", []string{rows[0].Prev, other[0].Prev, rows[1].Prev}, []string{"", rows[0].Hash, other[0].Hash})
	hidden := rows[0].Reasons[0].Args[0]
	if strings.Contains(strings.ToLower(hidden), "jbber") || !strings.HasPrefix(hidden, "hmac:") {
		w.Errorf("got account %q, want a keyed hash", hidden)
	}
	rows[0].Prev, rows[0].Hash, rows[1].Prev, rows[1].Hash = "", "", "", ""
	w.same("timeline", rows, []bot.AuditRow{{
		Seq: 1, At: start(), Actor: author, Action: "opened: none -> triage", Policy: "0123456789ab",
		Reasons: []policy.Reason{{Code: "complete", Args: []string{hidden, "pypi"}}},
	}, {
		Seq: 3, At: minute(1), Actor: agent, Action: "commanded: triage -> triage", Policy: "0123456789ab",
		Reasons: []policy.Reason{{Code: "because"}},
	}})
}

func tellsNothing(w *world) {
	w.triage(501)
	w.add(bot.Added, commented(501, 7001, 1))
	work := w.begin(501, minute(1))
	w.must(w.Commit(w.ctx, decide(work, work.Case.Memory)))
	rows, err := w.Timeline(w.ctx, key(501))
	w.must(err)
	w.same("rows", len(rows), 1)
}

func unknown(w *world) {
	w.idle(599, start(), time.Time{})
	w.quiet(start(), time.Time{})
	got, err := w.NewestSeen(w.ctx, key(599))
	w.must(err)
	w.same("newest", got, time.Time{})
	rows, err := w.Timeline(w.ctx, key(599))
	w.must(err)
	w.same("rows", len(rows), 0)
	w.fails(w.Commit(w.ctx, bot.Result{Case: bot.Case{Ref: ref(599)}}), bot.ErrNotFound)
	w.fails(w.PutOff(w.ctx, 1, bot.Pause{}), bot.ErrNotFound)
	w.fails(w.Bury(w.ctx, 1, "x", start()), bot.ErrNotFound)
	w.fails(w.CallFailed(w.ctx, 1, bot.Pause{Until: minute(1)}), bot.ErrNotFound)
	w.fails(w.CallMade(w.ctx, bot.Call{ID: 1}, bot.Made{Last: true}), bot.ErrConflict)
	w.fails(w.Adopt(w.ctx, repository, policy.Adoption{Choice: "new"}, start()), bot.ErrNotFound)
	_, err = w.Repository(w.ctx, repository)
	w.fails(err, bot.ErrNotFound)
}
