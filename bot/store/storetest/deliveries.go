package storetest

import (
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/parser/leak"
	"github.com/recoverybot/recoverybot/policy"
)

func keeps(w *world) {
	d := commented(501, 7001, 3)
	d.Private, d.SenderBot, d.Offer = true, true, true
	d.Leaks = []policy.Leaked{{Class: leak.Token, In: policy.InComment, Comment: 7001}, {Class: leak.Email, In: policy.InHistory, Comment: 7001}}
	w.add(bot.Added, d)
	got := w.begin(501, minute(3))
	if got.Delivery == nil || got.Delivery.ID == 0 {
		w.Fatalf("got delivery %+v, want one with an id", got.Delivery)
	}
	d.ID = got.Delivery.ID
	w.same("delivery", got.Delivery, &d)
	w.same("case", got.Case, bot.Case{
		Ref: ref(501), AuthorID: author, Private: true, Version: got.Case.Version, NewestSeen: minute(3),
		Secret: got.Case.Secret, // random
	})
	w.same("repository", got.Repository, bot.Repository{ID: repository})
}

// keepsLeaks: what was found in a delivery is kept whatever statement stores
// it, and that nothing was found, too.
func keepsLeaks(w *world) {
	found := []policy.Leaked{{Class: leak.Password, In: policy.InBody}, {Class: leak.Password, In: policy.InHistory}}
	for i, leaks := range [][]policy.Leaked{found, nil} {
		issue := int64(501 + i)
		d := opened(issue)
		d.Leaks = leaks
		w.add(bot.Added, d)
		w.same("leaks", w.begin(issue, start()).Delivery.Leaks, leaks)
		d.GUID, d.Digest, d.Event, d.Action, d.Ref.Owner = "", "", "reconcile", "", "" // it tells not all: it is stored alone
		d.Ref.Issue, d.ObjectID = issue+10, issue+10
		w.add(bot.Added, d)
		w.same("leaks of one that comes alone", w.begin(issue+10, start()).Delivery.Leaks, leaks)
	}
}

func seesAgain(w *world) {
	d := opened(501)
	w.add(bot.Added, d)
	for range 10 {
		w.add(bot.Seen, d)
	}
	d.GUID = "replayed"
	d.Action = "edited"
	w.add(bot.Seen, d)
	d = opened(501)
	d.Digest, d.Action = "another body", "edited"
	w.add(bot.Seen, d)
	w.must(w.Commit(w.ctx, decide(w.begin(501, start()), policy.Memory{})))
	w.idle(501, start(), time.Time{})
	w.add(bot.Seen, opened(501))
	w.idle(501, start(), time.Time{})
}

func createsOnce(w *world) {
	for _, d := range []bot.Delivery{opened(501), commented(501, 7001, 1)} {
		w.add(bot.Added, d)
		d.GUID, d.Digest = "found-"+d.GUID, "another-"+d.Digest
		w.add(bot.Seen, d)
		d.Action = "edited"
		w.add(bot.Added, d)
		d.GUID, d.Digest = "again-"+d.GUID, "again-"+d.Digest
		w.add(bot.Added, d)
	}
	w.add(bot.Added, commented(501, 7002, 1))
}

func nameless(w *world) {
	for range 2 {
		d := opened(501)
		d.GUID, d.Digest, d.Event, d.Action = "", "", "reconcile", ""
		w.add(bot.Added, d)
	}
}

func rearms(w *world) {
	w.add(bot.Added, opened(501), commented(501, 7001, 1))
	first := w.begin(501, start()).Delivery
	w.must(w.PutOff(w.ctx, first.ID, bot.Pause{Until: minute(5), Class: "invalid", Counted: true, Now: start()}))
	w.must(w.Bury(w.ctx, first.ID, "invalid", minute(5)))
	if got := w.begin(501, minute(5)).Delivery; got.Event != "issue_comment" {
		w.Fatalf("got %s, want the delivery after the buried one", got.Event)
	}
	w.add(bot.Seen, commented(501, 7001, 1))
	again := opened(501)
	again.GUID = "delivered again"
	w.add(bot.Rearmed, again)
	got := w.begin(501, minute(1)).Delivery
	w.same("re-armed", got, first)
	w.add(bot.Seen, again)
	w.must(w.Bury(w.ctx, first.ID, "", minute(5)))
	w.add(bot.Rearmed, opened(501))
}

func ordersDeliveries(w *world) {
	late, early, equal := commented(501, 7002, 8), commented(501, 7001, 4), commented(501, 7003, 4)
	w.add(bot.Added, late, early, equal)
	var got []int64
	for range 3 {
		work := w.begin(501, minute(9))
		got = append(got, work.Delivery.ObjectID)
		w.must(w.Commit(w.ctx, decide(work, policy.Memory{})))
	}
	w.same("order", got, []int64{7001, 7003, 7002})
}

func putsOff(w *world) {
	w.add(bot.Added, commented(501, 7001, 1), commented(501, 7002, 2), commented(502, 7003, 3))
	d := w.begin(501, minute(3)).Delivery
	w.must(w.PutOff(w.ctx, d.ID, bot.Pause{Until: minute(9), Class: "transient", Now: minute(3)}))
	w.idle(501, minute(8), minute(9))
	if got := w.begin(502, minute(3)).Delivery.ObjectID; got != 7003 {
		w.Errorf("got comment %d for the other case, want 7003", got)
	}
	got := w.begin(501, minute(9)).Delivery
	w.same("comment, tries, waits", []int64{got.ObjectID, int64(got.Tries), int64(got.Waits)}, []int64{7001, 0, 1})
	w.must(w.PutOff(w.ctx, d.ID, bot.Pause{Until: minute(10), Class: "invalid", Counted: true, Now: minute(9)}))
	got = w.begin(501, minute(10)).Delivery
	w.same("tries and waits", []int{got.Tries, got.Waits}, []int{1, 1})
}

func renews(w *world) {
	w.add(bot.Added, commented(501, 7001, 5))
	d := commented(501, 7002, 6)
	d.Ref.Owner, d.Ref.Name, d.Ref.Number, d.Ref.Installation = "python", "help", 12, 10
	d.Private = true
	w.add(bot.Added, d)
	want := d.Ref
	old := commented(501, 7003, 4)
	w.add(bot.Added, old)
	got := w.begin(501, minute(9)).Case
	w.same("ref", got.Ref, want)
	if !got.Private {
		w.Error("got a public case, want what the newest delivery says")
	}
}

func newest(w *world) {
	w.add(bot.Added, commented(501, 7001, 5), commented(501, 7002, 2))
	check := func(want time.Time) {
		w.Helper()
		got, err := w.NewestSeen(w.ctx, key(501))
		w.must(err)
		w.same("newest", got, want)
	}
	check(minute(5))
	r := decide(w.begin(501, minute(9)), policy.Memory{})
	r.Case.NewestSeen = minute(3)
	w.must(w.Commit(w.ctx, r))
	check(minute(5))
	r = decide(w.begin(501, minute(9)), policy.Memory{})
	r.Case.NewestSeen = minute(8)
	w.must(w.Commit(w.ctx, r))
	check(minute(8))
}

func ticks(w *world) {
	w.add(bot.Added, opened(501))
	m := policy.Memory{State: policy.Triage, WakeAt: minute(30)}
	w.must(w.Commit(w.ctx, decide(w.begin(501, start()), m)))
	w.idle(501, minute(29), minute(30))
	got := w.begin(501, minute(30))
	if got.Delivery != nil {
		w.Fatalf("got delivery %+v, want a tick", got.Delivery)
	}
	w.same("memory", got.Case.Memory, m)
	d := commented(501, 7001, 31)
	w.add(bot.Added, d)
	if w.begin(501, minute(31)).Delivery == nil {
		w.Error("got a tick, want the open delivery before it")
	}
	got = w.begin(501, minute(31))
	w.must(w.PutOff(w.ctx, got.Delivery.ID, bot.Pause{Until: minute(40), Now: minute(31)}))
	w.idle(501, minute(35), minute(40))
}

func findsReady(w *world) {
	_, err := w.Ready(w.ctx, start())
	w.fails(err, bot.ErrNothing)
	w.add(bot.Added, commented(501, 7001, 1), commented(501, 7002, 2), commented(502, 7003, 1))
	ready := func(want bot.Unit) {
		w.Helper()
		got, err := w.Ready(w.ctx, minute(3))
		w.must(err)
		w.same("ready", got, want)
	}
	ready(bot.Unit{Case: key(501)})
	d := w.begin(501, minute(3)).Delivery
	w.must(w.PutOff(w.ctx, d.ID, bot.Pause{Until: minute(9), Now: minute(3)}))
	ready(bot.Unit{Case: key(502)})
	m := policy.Memory{State: policy.Triage, WakeAt: minute(2)}
	w.must(w.Commit(w.ctx, decide(w.begin(502, minute(3)), m, labels("a"))))
	ready(bot.Unit{Case: key(502)})
	m.WakeAt = minute(60)
	w.must(w.Commit(w.ctx, decide(w.begin(502, minute(3)), m)))
	ready(bot.Unit{Installation: installation})
	w.must(w.HoldWrites(w.ctx, installation, minute(4)))
	_, err = w.Ready(w.ctx, minute(3))
	w.fails(err, bot.ErrNothing)
}
