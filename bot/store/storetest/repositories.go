package storetest

import (
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

func held() bot.Repository {
	return bot.Repository{
		ID: repository, Owner: "pypi", Name: "support", Installation: installation, State: "active",
		Started: start(), Held: true,
	}
}

func holdsRepository(w *world) {
	w.triage(501, labels("a"))
	w.must(w.SaveRepository(w.ctx, held()))
	w.add(bot.Added, commented(501, 7001, 1))
	w.idle(501, minute(2), time.Time{})
	w.quiet(minute(2), time.Time{})
	_, err := w.Ready(w.ctx, minute(2))
	w.fails(err, bot.ErrNothing)
	due, stuck, err := w.Sweep(w.ctx, minute(2))
	w.must(err)
	w.same("due and stuck", []int{due, len(stuck)}, []int{0, 0})

	r := held()
	r.Held = false
	w.must(w.SaveRepository(w.ctx, r))
	w.same("repository", w.begin(501, minute(2)).Repository, r)
	w.same("calls", w.drain(minute(2)), []string{"501 labels"})
}

func adopts(w *world) {
	w.must(w.SaveRepository(w.ctx, held()))
	w.add(bot.Added, opened(501))
	w.must(w.Adopt(w.ctx, repository, policy.Adoption{Choice: "oldest", PerDay: 5}, minute(1)))
	want := held()
	want.Held, want.Adoption = false, policy.Adoption{Choice: "oldest", PerDay: 5}
	w.same("adopted", w.begin(501, start()).Repository, want)

	stale := held()
	stale.Mark = minute(9)
	w.must(w.SaveRepository(w.ctx, stale))
	want.Mark = minute(9)
	got, err := w.Repository(w.ctx, repository)
	w.must(err)
	w.same("saved by one who had not read the choice", got, want)

	w.must(w.Adopt(w.ctx, repository, policy.Adoption{Choice: "all"}, minute(2)))
	got, err = w.Repository(w.ctx, repository)
	w.must(err)
	w.same("another choice", got.Adoption, policy.Adoption{Choice: "all"})
}

func createsLabels(w *world) {
	w.must(w.LabelCreated(w.ctx, repository, "recovery: triage"))
	w.must(w.LabelCreated(w.ctx, repository, "recovery: asked"))
	w.must(w.LabelCreated(w.ctx, repository, "recovery: triage"))
	w.must(w.LabelCreated(w.ctx, 72, "other"))
	w.must(w.SaveRepository(w.ctx, bot.Repository{ID: repository}))
	want := []string{"recovery: asked", "recovery: triage"}
	got, err := w.Repository(w.ctx, repository)
	w.must(err)
	w.same("labels", got.Labels, want)
	w.triage(501, labels("recovery: triage"))
	w.same("labels of a call", w.call(start()).Labels, want)
}

func savesRepository(w *world) {
	want := bot.Repository{
		ID: repository, Owner: "pypi", Name: "support", Installation: installation, Private: true,
		State: "active", Mark: minute(3), Started: start(), Adoption: policy.Adoption{Choice: "new"},
	}
	w.must(w.SaveRepository(w.ctx, want))
	check := func() {
		w.Helper()
		got, err := w.Repository(w.ctx, repository)
		w.must(err)
		w.same("repository", got, want)
	}
	check()
	want.Owner, want.Name, want.Installation, want.Private = "python", "help", 10, false
	want.State, want.Mark, want.Started = "archived", minute(9), minute(1)
	w.must(w.SaveRepository(w.ctx, want))
	check()
}

func sweeps(w *world) {
	for i, wake := range []time.Time{minute(10), minute(20), {}} {
		issue := int64(501 + i)
		w.add(bot.Added, opened(issue))
		m := policy.Memory{State: policy.Triage, WakeAt: wake}
		w.must(w.Commit(w.ctx, decide(w.begin(issue, start()), m)))
	}
	sweep := func(now time.Time, wantDue int, wantStuck ...bot.CaseKey) {
		w.Helper()
		due, stuck, err := w.Sweep(w.ctx, now)
		w.must(err)
		w.same("due", due, wantDue)
		w.same("stuck", stuck, wantStuck)
	}
	sweep(minute(9), 0)
	sweep(minute(10), 1)
	sweep(minute(11), 1)
	sweep(minute(20), 2, key(501))
	sweep(minute(21), 2, key(501))

	r := decide(w.begin(501, minute(21)), policy.Memory{State: policy.Triage, WakeAt: minute(40)})
	r.Now = minute(21)
	w.must(w.Commit(w.ctx, r))
	sweep(minute(22), 1, key(502))
	sweep(minute(40), 2, key(502))
}
