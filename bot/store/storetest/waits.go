package storetest

import (
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// measures ends turns of staff, each in another way, and reads what was
// measured.
func measures(w *world) {
	waiting := policy.Memory{
		State: policy.Review, Turn: policy.Staff, Kind: policy.KindLost2FA, Queued: minute(10), Since: minute(10),
	}
	asked := policy.Memory{State: policy.Asked, Turn: policy.Requester, Kind: policy.KindLost2FA}
	ended := func(s policy.State) policy.Memory { return policy.Memory{State: s, Kind: policy.KindLost2FA} }
	again := waiting
	again.Since = minute(40)
	early := waiting
	early.Queued = time.Time{}
	for i, test := range []struct {
		name          string
		kind          policy.EventKind
		by            policy.Actor
		before, after policy.Memory
		want          int // minutes; -1: none
	}{
		{"asked", policy.Commanded, policy.Actor{ID: agent}, waiting, asked, 60},
		{"asked in prose", policy.Commented, policy.Actor{ID: agent}, waiting, asked, 60},
		{"approved", policy.Commanded, policy.Actor{ID: agent}, waiting, policy.Memory{State: policy.Waiting, Turn: policy.OnClock}, 60},
		{"denied", policy.Commanded, policy.Actor{ID: agent}, waiting, ended(policy.Denied), 60},
		{"closed by hand", policy.ClosedHand, policy.Actor{ID: agent}, waiting, ended(policy.Completed), 60},
		{"taken up again since", policy.Commanded, policy.Actor{ID: agent}, again, asked, 30},
		{"no request at all", policy.Commanded, policy.Actor{ID: agent}, waiting, ended(policy.Ignored), -1},
		{"withdrawn", policy.Commanded, policy.Actor{ID: author}, waiting, ended(policy.Withdrawn), -1},
		{"a bot", policy.Commented, policy.Actor{ID: agent, Bot: true}, waiting, asked, -1},
		{"the clock", policy.Tick, policy.Actor{}, waiting, asked, -1},
		{"a mail", policy.Mailed, policy.Actor{}, waiting, asked, -1},
		{"still staff's turn", policy.Commanded, policy.Actor{ID: agent}, waiting, waiting, -1},
		{"an objection", policy.Commanded, policy.Actor{ID: 3003}, waiting, policy.Memory{State: policy.Held, Turn: policy.OnSecurity}, -1},
		{"the requester's turn before", policy.Commanded, policy.Actor{ID: agent}, asked, ended(policy.Denied), -1},
		{"nobody knows since when", policy.Commanded, policy.Actor{ID: agent}, early, asked, -1},
	} {
		issue := int64(501 + i)
		w.add(bot.Added, opened(issue), commented(issue, 7000+issue, 1))
		w.must(w.Commit(w.ctx, decide(w.begin(issue, start()), test.before)))
		r := decide(w.begin(issue, minute(2)), test.after)
		r.Event, r.Now = policy.Event{Kind: test.kind, Actor: test.by}, minute(70).Add(time.Duration(i)*time.Hour)
		if test.want >= 0 {
			r.Now = minute(70)
		}
		before, err := w.Waits(w.ctx, time.Time{})
		w.must(err)
		w.must(w.Commit(w.ctx, r))
		after, err := w.Waits(w.ctx, time.Time{})
		w.must(err)
		if test.want >= 0 {
			kind := test.before.Kind
			before[kind] = append(before[kind], time.Duration(test.want)*time.Minute)
			slices.Sort(before[kind])
		}
		w.same(test.name, after, before)
	}
}

// forgetsWaits reads a part of the waits, and lets sweeps forget them.
func forgetsWaits(w *world) {
	for i, at := range []int{60, 90} {
		issue := int64(501 + i)
		w.add(bot.Added, opened(issue), commented(issue, 7000+issue, 1))
		m := policy.Memory{State: policy.Triage, Turn: policy.Staff, Queued: start(), Since: start()}
		w.must(w.Commit(w.ctx, decide(w.begin(issue, start()), m)))
		r := decide(w.begin(issue, minute(2)), policy.Memory{State: policy.Asked, Turn: policy.Requester})
		r.Event, r.Now = policy.Event{Kind: policy.Commanded, Actor: policy.Actor{ID: agent}}, minute(at)
		w.must(w.Commit(w.ctx, r))
	}
	waits := func(since time.Time) []time.Duration {
		all, err := w.Waits(w.ctx, since)
		w.must(err)
		return all[""]
	}
	w.same("all", waits(time.Time{}), []time.Duration{time.Hour, 90 * time.Minute})
	w.same("since the second", waits(minute(90)), []time.Duration{90 * time.Minute})
	_, _, err := w.Sweep(w.ctx, minute(61).AddDate(0, 0, 180))
	w.must(err)
	w.same("after 180 days", waits(time.Time{}), []time.Duration{90 * time.Minute})
}
