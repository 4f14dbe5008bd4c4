package storetest

import (
	"time"

	"github.com/recoverybot/recoverybot/bot"
)

// hookTests are about the webhooks that GitHub could not deliver.
func hookTests() map[string]func(*world) {
	return map[string]func(*world){
		"how far the passes over failed deliveries came": marksHooks,
		"failed deliveries are noted":                    notesFailures,
		"a failed delivery that came":                    knowsDelivery,
		"a failed delivery that ended":                   endsRedelivery,
		"old failures are forgotten":                     forgetsFailures,
	}
}

func failure(guid string, attempt int64, at int) bot.Redelivery {
	return bot.Redelivery{GUID: guid, Attempt: attempt, FailedAt: minute(at)}
}

// redeliveries are those that have not ended.
func (w *world) redeliveries() []bot.Redelivery {
	w.Helper()
	all, err := w.Redeliveries(w.ctx)
	w.must(err)
	return all
}

func marksHooks(w *world) {
	m, err := w.HookMark(w.ctx)
	w.must(err)
	w.same("before", m, bot.HookMark{})
	for _, want := range []bot.HookMark{{Seen: minute(1), Next: minute(2)}, {Seen: minute(3), Next: minute(63)}} {
		w.must(w.SaveHookMark(w.ctx, want))
		m, err = w.HookMark(w.ctx)
		w.must(err)
		w.same("after", m, want)
	}
}

// notesFailures keeps the newest attempt of each, and what was done.
func notesFailures(w *world) {
	w.must(w.NoteFailed(w.ctx, nil))
	w.must(w.NoteFailed(w.ctx, []bot.Redelivery{failure("b", 12, 2), failure("a", 11, 1), failure("c", 13, 1)}))
	w.same("oldest first", w.redeliveries(), []bot.Redelivery{failure("a", 11, 1), failure("c", 13, 1), failure("b", 12, 2)})
	asked := bot.Redelivery{GUID: "a", Attempt: 11, FailedAt: minute(1), Asked: 1, AskedAt: minute(5), AskedFor: 11}
	w.must(w.SaveRedelivery(w.ctx, asked))
	w.must(w.NoteFailed(w.ctx, []bot.Redelivery{failure("a", 21, 5), failure("b", 3, 1), failure("c", 9, 1)}))
	asked.Attempt, asked.FailedAt = 21, minute(5)
	w.same("only what is newer", w.redeliveries(), []bot.Redelivery{failure("c", 13, 1), failure("b", 12, 2), asked})
	w.fails(w.SaveRedelivery(w.ctx, failure("d", 1, 1)), bot.ErrNotFound)
}

func knowsDelivery(w *world) {
	d := opened(501)
	w.add(bot.Added, d)
	w.must(w.NoteFailed(w.ctx, []bot.Redelivery{failure(d.GUID, 11, 1), failure("other", 12, 2)}))
	known := failure(d.GUID, 11, 1)
	known.Known = true
	w.same("one is in the inbox", w.redeliveries(), []bot.Redelivery{known, failure("other", 12, 2)})
}

// endsRedelivery opens one again that failed anew, unless it was given up.
func endsRedelivery(w *world) {
	w.must(w.NoteFailed(w.ctx, []bot.Redelivery{failure("a", 11, 1), failure("b", 12, 2)}))
	a := bot.Redelivery{GUID: "a", Attempt: 11, Asked: 1, AskedAt: minute(5), AskedFor: 11, Ended: true}
	b := bot.Redelivery{GUID: "b", Attempt: 12, Asked: bot.AskLimit, AskedAt: minute(5), AskedFor: 12, Ended: true}
	w.must(w.SaveRedelivery(w.ctx, a))
	w.must(w.SaveRedelivery(w.ctx, b))
	w.same("both have ended", w.redeliveries(), []bot.Redelivery{})
	w.must(w.NoteFailed(w.ctx, []bot.Redelivery{failure("a", 11, 1), failure("b", 12, 2)}))
	w.same("seen again", w.redeliveries(), []bot.Redelivery{})
	w.must(w.NoteFailed(w.ctx, []bot.Redelivery{failure("a", 21, 6), failure("b", 22, 6)}))
	a.Attempt, a.FailedAt, a.Ended = 21, minute(6), false
	w.same("failed anew", w.redeliveries(), []bot.Redelivery{a})
}

func forgetsFailures(w *world) {
	w.must(w.NoteFailed(w.ctx, []bot.Redelivery{failure("a", 11, 1), failure("b", 12, 2)}))
	w.must(w.SaveHookMark(w.ctx, bot.HookMark{Seen: minute(9), Next: minute(9), Forget: minute(1).Add(time.Microsecond)}))
	w.same("the newer one", w.redeliveries(), []bot.Redelivery{failure("b", 12, 2)})
}
