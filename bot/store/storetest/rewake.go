package storetest

import (
	"context"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// rewakes lets a new policy say when each open request wakes: of another's
// decision, once, and nothing else changes.
func rewakes(w *world) {
	for i, m := range []policy.Memory{
		{State: policy.Triage, Turn: policy.Staff, Policy: "old", WakeAt: minute(10), Account: "jbber"},
		{State: policy.Asked, Turn: policy.Requester, Policy: "new", WakeAt: minute(10)},
		{State: policy.Expired, Policy: "old"},
		{State: policy.Review, Turn: policy.Staff, Policy: "old", WakeAt: minute(30)},
		{State: policy.Asked, Turn: policy.Requester, Policy: "old", WakeAt: minute(10)},
	} {
		issue := int64(501 + i)
		w.add(bot.Added, opened(issue))
		w.must(w.Commit(w.ctx, decide(w.begin(issue, start()), m, labels("a"))))
	}
	before := map[int64]bot.Case{}
	for issue := int64(501); issue <= 505; issue++ {
		before[issue] = w.find(issue)
	}
	var asked []int64
	wake := func(c bot.Case) time.Time {
		asked = append(asked, c.Ref.Issue)
		w.same("case to wake", c, before[c.Ref.Issue])
		if c.Ref.Issue == 505 {
			return time.Time{}
		}
		return minute(30)
	}
	w.rewaken("new", wake, 2)
	w.same("asked", asked, []int64{501, 504, 505})
	for issue, old := range before {
		got := w.find(issue)
		want := old
		switch issue {
		case 501:
			want.Memory.WakeAt = minute(30)
		case 505:
			want.Memory.WakeAt = time.Time{}
		}
		if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(bot.Case{}, "Version")); diff != "" {
			w.Errorf("case %d: (-want +got)\n%s", issue, diff)
		}
	}
	w.idle(501, minute(29), minute(30))
	w.idle(505, minute(29), time.Time{})
	w.same("a tick", w.begin(501, minute(30)).Delivery == nil, true)

	asked = nil
	w.rewaken("new", wake, 0)
	w.same("asked again", len(asked), 0)
	before[501], before[505] = w.find(501), w.find(505)
	w.rewaken("third", wake, 1)
	w.same("asked by a third policy", asked, []int64{501, 502, 504, 505})
}

func (w *world) rewaken(version string, wake func(bot.Case) time.Time, want int) {
	w.Helper()
	changed, err := w.Rewake(w.ctx, version, wake)
	w.must(err)
	w.same("changed by policy "+version, changed, want)
}

// rewakesOn kills the pass at each case of it: the next one ends where one
// without a fault does.
func rewakesOn(w *world) {
	const all = 450 // more than two pages
	for i := range all {
		issue := int64(501 + i)
		w.add(bot.Added, opened(issue))
		w.must(w.Commit(w.ctx, decide(w.begin(issue, start()), policy.Memory{State: policy.Triage, Turn: policy.Staff, Policy: "old"})))
	}
	asked := map[int64]int{}
	total := 0
	for runs := 1; ; runs++ {
		ctx, die := context.WithCancel(w.ctx)
		seen := 0
		changed, err := w.Rewake(ctx, "new", func(c bot.Case) time.Time {
			if seen++; seen == runs*80 {
				die()
			}
			asked[c.Ref.Issue]++
			return minute(30)
		})
		die()
		total += changed
		if err == nil {
			break
		}
		if runs > 10 {
			w.Fatalf("the pass gets nowhere: %v", err)
		}
	}
	w.same("changed", total, all)
	w.same("cases asked", len(asked), all)
	for i := range all {
		w.idle(int64(501+i), start(), minute(30))
	}
	w.rewaken("new", func(bot.Case) time.Time { return minute(99) }, 0)
}

// decidedMeanwhile stores a decision that was begun before the pass: it is
// taken anew.
func decidedMeanwhile(w *world) {
	w.add(bot.Added, opened(501), commented(501, 7001, 1))
	w.must(w.Commit(w.ctx, decide(w.begin(501, start()), policy.Memory{State: policy.Triage, Policy: "old"})))
	stale := w.begin(501, minute(1))
	w.rewaken("new", func(bot.Case) time.Time { return minute(30) }, 1)
	w.fails(w.Commit(w.ctx, decide(stale, policy.Memory{State: policy.Asked, Policy: "old"})), bot.ErrConflict)
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(1)), policy.Memory{State: policy.Asked, Policy: "new"})))
}
