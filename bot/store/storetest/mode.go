package storetest

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// modeTests are about what the bot may do.
func modeTests() map[string]func(*world) {
	return map[string]func(*world){
		"the mode at first, and after":          setsMode,
		"a mode that is not loosened":           keepsStricter,
		"a stop takes in, and no more":          stops,
		"read-only decides, and time does not":  decidesOnly,
		"a decision from before the stop":       refusesDecisions,
		"no call begins after the stop":         stopsCalls,
		"shadow leaves nothing to be made":      pretends,
		"a request from before the shadow":      restores,
		"a request that began in shadow":        adoptsAnew,
		"the time is given back":                givesBack,
		"the digest waits":                      waitsWithDigest,
		"a decision from shadow is not for run": refusesShadow,
	}
}

func (w *world) mode(m bot.Mode, at int) {
	w.Helper()
	w.must(w.SetMode(w.ctx, bot.ModeChange{Opinion: bot.Opinion{Mode: m, Setter: bot.SetByCommand}, Now: minute(at)}))
}

func (w *world) standing() bot.Standing {
	w.Helper()
	s, err := w.Standing(w.ctx)
	w.must(err)
	return s
}

func setsMode(w *world) {
	w.same("at first", w.standing(), bot.Standing{Opinion: bot.Opinion{Mode: bot.ModeRun}, Stored: bot.ModeRun})
	w.mode(bot.ModeStop, 5)
	stop := bot.Standing{
		Opinion: bot.Opinion{Mode: bot.ModeStop, Setter: bot.SetByCommand}, Since: minute(5), Stored: bot.ModeStop,
	}
	w.same("after", w.standing(), stop)
	w.mode(bot.ModeStop, 7)
	w.same("set again", w.standing(), stop)
	w.mode(bot.ModeRun, 9)
	w.same("back", w.standing(), bot.Standing{
		Opinion: bot.Opinion{Mode: bot.ModeRun, Setter: bot.SetByCommand}, Since: minute(9), Stored: bot.ModeRun,
	})
}

func keepsStricter(w *world) {
	for _, have := range bot.Modes() {
		for _, want := range []bot.Mode{bot.ModeReadOnly, bot.ModeStop} {
			w.mode(have, 1)
			w.must(w.SetMode(w.ctx, bot.ModeChange{
				Opinion: bot.Opinion{Mode: want, Setter: bot.SetBySignal}, Now: minute(2), AtLeast: true,
			}))
			w.same(string(have+" and "+want), w.standing().Mode, have.Stricter(want))
		}
	}
}

func stops(w *world) {
	w.triage(501, status(policy.KindOther))
	w.mode(bot.ModeStop, 1)
	w.add(bot.Added, opened(502))
	w.nothing(502, 2)
	w.nothingReady(2)
	w.quiet(minute(2), zero())
	due, _, err := w.Sweep(w.ctx, minute(2))
	w.must(err)
	w.same("due", due, 0)
	w.mode(bot.ModeRun, 3)
	w.begin(502, minute(3))
	w.same("made after it", w.drain(minute(3)), []string{"501 status"})
}

func zero() time.Time { return time.Time{} }

// nothing checks that there is nothing to decide, and that none is foreseen.
func (w *world) nothing(issue int64, at int) {
	w.Helper()
	w.idle(issue, minute(at), zero())
}

func (w *world) nothingReady(at int) {
	w.Helper()
	u, err := w.Ready(w.ctx, minute(at))
	if err == nil {
		w.Fatalf("got %+v, want nothing", u)
	}
	w.fails(err, bot.ErrNothing)
}

func decidesOnly(w *world) {
	due := policy.Memory{State: policy.Asked, Turn: policy.Requester, WakeAt: minute(10)}
	w.add(bot.Added, opened(501))
	w.must(w.Commit(w.ctx, decide(w.begin(501, start()), due)))
	w.mode(bot.ModeReadOnly, 1)
	w.nothing(501, 20)
	w.add(bot.Added, opened(502))
	w.must(w.Commit(w.ctx, decide(w.begin(502, minute(20)), policy.Memory{State: policy.Triage}, status(policy.KindOther), labels("a"))))
	w.nothingReady(20)
	w.quiet(minute(20), zero())
	w.mode(bot.ModeRun, 30)
	w.same("made after it", w.drain(minute(30)), []string{"502 status", "502 labels"})
	if work := w.begin(501, minute(30)); work.Delivery != nil {
		w.Errorf("got delivery %s, want the tick", work.Delivery.GUID)
	}
}

// refusesDecisions throws the switch between a decision's beginning and its end.
func refusesDecisions(w *world) {
	w.add(bot.Added, opened(501))
	r := decide(w.begin(501, start()), policy.Memory{State: policy.Triage}, status(policy.KindOther))
	w.mode(bot.ModeStop, 1)
	w.fails(w.Commit(w.ctx, r), bot.ErrConflict)
	w.mode(bot.ModeRun, 2)
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(2)), policy.Memory{State: policy.Triage}, status(policy.KindOther))))
	w.same("effects", w.drain(minute(2)), []string{"501 status"})
}

// stopsCalls lets others take calls while the switch is thrown.
func stopsCalls(w *world) {
	for i := range int64(40) {
		w.triage(501+i, status(policy.KindOther))
	}
	var thrown atomic.Bool
	var late, before atomic.Int64
	begun := make(chan struct{})
	var once sync.Once
	var takers sync.WaitGroup
	for range 3 {
		takers.Go(func() {
			for {
				was := thrown.Load()
				c, _, err := w.NextCall(w.ctx, installation, minute(1))
				if err == nil && was {
					late.Add(1)
				}
				if err == nil && w.CallMade(w.ctx, c, bot.Made{Last: true, Now: minute(1)}) == nil {
					before.Add(1) // two of one process may have the same call
				}
				once.Do(func() { close(begun) })
				if was || err != nil {
					return
				}
			}
		})
	}
	<-begun
	w.mode(bot.ModeStop, 1)
	thrown.Store(true)
	takers.Wait()
	w.same("calls that were begun after the switch", late.Load(), int64(0))
	w.quiet(minute(1), zero())
	w.mode(bot.ModeRun, 2)
	w.same("all calls", int(before.Load())+len(w.drain(minute(2))), 40)
}

func pretends(w *world) {
	w.mode(bot.ModeShadow, 1)
	w.add(bot.Added, opened(501), commented(501, 7001, 1))
	work := w.begin(501, minute(2))
	w.same("shadow", work.Shadow, true)
	asked := policy.Memory{State: policy.Asked, Turn: policy.Requester, WakeAt: minute(5)}
	r := decide(work, asked, status(policy.KindOther), policy.Close{Reason: "completed"})
	w.must(w.Commit(w.ctx, r))
	r = decide(w.begin(501, minute(2)), asked, notice(1, policy.TextReminder))
	r.Command = 7001
	w.must(w.Commit(w.ctx, r))
	w.same("the memory", w.find(501).Memory, asked)
	w.same("nothing waits", len(w.find(501).Pending), 0)
	rows, err := w.Timeline(w.ctx, key(501))
	w.must(err)
	w.same("the audit log", len(rows), 0)
	w.quiet(minute(3), zero())
	if tick := w.begin(501, minute(6)); tick.Delivery != nil {
		w.Errorf("got delivery %s, want the tick", tick.Delivery.GUID)
	}
	w.mode(bot.ModeRun, 10)
	w.quiet(minute(11), zero())
	if again := w.begin(501, minute(11)); again.Ran {
		w.Error("what was a command in shadow has run, want that it has not")
	}
}

// restores takes a request that was decided on before into the shadow.
func restores(w *world) {
	from := policy.Memory{State: policy.Triage, Turn: policy.Staff, WakeAt: minute(900)}
	w.add(bot.Added, opened(501))
	w.must(w.Commit(w.ctx, decide(w.begin(501, start()), from, status(policy.KindOther))))
	w.mode(bot.ModeShadow, 1)
	w.add(bot.Added, commented(501, 7001, 1), commented(501, 7002, 2))
	for range 2 {
		w.must(w.Commit(w.ctx, decide(w.begin(501, minute(3)), policy.Memory{State: policy.Denied, Ended: minute(3)}, labels("b"))))
	}
	w.mode(bot.ModeRun, 10)
	w.same("the memory", w.find(501).Memory, from)
	for _, guid := range []string{"comment-7001", "comment-7002"} {
		work := w.begin(501, minute(11))
		if work.Delivery == nil || work.Delivery.GUID != guid {
			w.Fatalf("got %+v, want the delivery %s, which is still to be decided", work.Delivery, guid)
		}
		w.must(w.Commit(w.ctx, decide(work, from)))
	}
	w.idle(501, minute(12), minute(900))
	w.same("made", w.drain(minute(12)), []string{"501 status"})
}

func adoptsAnew(w *world) {
	w.mode(bot.ModeShadow, 1)
	w.add(bot.Added, opened(501), opened(502))
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(2)), policy.Memory{State: policy.Triage, Turn: policy.Staff}, labels("a"))))
	w.must(w.Commit(w.ctx, decide(w.begin(502, minute(2)), policy.Memory{})))
	w.mode(bot.ModeReadOnly, 9) // a request is adopted as soon as it may be
	w.add(bot.Added, commented(501, 7001, 9))
	w.mode(bot.ModeRun, 10)
	work := w.begin(501, minute(11))
	if work.Delivery == nil || work.Delivery.Action != "adopt" || work.Case.Memory.State != policy.None || work.Shadow {
		w.Fatalf("got %+v, want that it is adopted before anything else", work.Delivery)
	}
	w.must(w.Commit(w.ctx, decide(work, policy.Memory{State: policy.Triage, Turn: policy.Staff})))
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(11)), policy.Memory{State: policy.Triage, Turn: policy.Staff})))
	w.nothing(501, 12)
	w.nothing(502, 12)
}

func givesBack(w *world) {
	w.must(w.SaveRepository(w.ctx, bot.Repository{
		ID: repository, Owner: "pypi", Name: "support", Installation: installation, State: bot.StateActive, Started: start(), Mark: start(),
	}))
	w.must(w.EndPass(w.ctx, bot.Pass{Repository: repository, Mark: start(), Now: start(), Passes: bot.Passes{Due: minute(9000)}}))
	w.add(bot.Added, opened(501))
	w.must(w.Commit(w.ctx, decide(w.begin(501, start()), policy.Memory{State: policy.Asked, WakeAt: minute(30)})))
	w.mode(bot.ModeReadOnly, 10)
	w.mode(bot.ModeStop, 20) // one time away, from the first to the last
	w.mode(bot.ModeRun, 40)
	r, err := w.Repository(w.ctx, repository)
	w.must(err)
	w.same("behind", r.Passes.Behind, true)
	w.nothing(501, 41)
	w.must(w.EndPass(w.ctx, bot.Pass{
		Repository: repository, Mark: minute(41), Now: minute(41), Was: r.Passes.Due, Passes: bot.Passes{Due: minute(9000)},
	}))
	w.same("away", w.begin(501, minute(41)).Away, []policy.Span{{From: minute(10), Until: minute(40)}})
}

func waitsWithDigest(w *world) {
	told := bot.Told{At: minute(2), Until: minute(2)}
	for _, m := range []bot.Mode{bot.ModeShadow, bot.ModeReadOnly, bot.ModeStop} {
		w.mode(m, 1)
		w.fails(w.Tell(w.ctx, told, nil), bot.ErrConflict)
	}
	w.mode(bot.ModeRun, 3)
	w.must(w.Tell(w.ctx, told, nil))
}

// refusesShadow lets the mode change while a decision is made.
func refusesShadow(w *world) {
	w.mode(bot.ModeShadow, 1)
	w.add(bot.Added, opened(501))
	w.must(w.Commit(w.ctx, decide(w.begin(501, minute(2)), policy.Memory{State: policy.Asked, WakeAt: minute(3)})))
	r := decide(w.begin(501, minute(4)), policy.Memory{State: policy.Expired}, policy.Close{Reason: "not_planned"})
	w.mode(bot.ModeRun, 5)
	w.fails(w.Commit(w.ctx, r), bot.ErrConflict)
	w.quiet(minute(5), zero())
}
