package storetest

import (
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// on decides on a new comment, as on an event of that kind.
func (w *world) on(d bot.Delivery, kind policy.EventKind, effects ...policy.Effect) {
	w.Helper()
	w.add(bot.Added, d)
	r := decide(w.begin(d.Ref.Issue, d.ReceivedAt), policy.Memory{State: policy.Triage}, effects...)
	r.Event.Kind = kind
	w.must(w.Commit(w.ctx, r))
}

func prefersEffects(w *world) {
	w.on(opened(501), policy.Tick, notice(1, policy.TextReminder), labels("a"))
	w.on(opened(502), policy.Opened, status(policy.KindOther))
	w.on(opened(503), policy.Commanded, labels("a"))
	w.on(opened(504), policy.Commanded, labels("a"))
	w.on(opened(505), policy.Tick, policy.Comment{Name: "status", Text: policy.Text{Paused: policy.HoldLeak}})
	w.same("calls", w.drain(start()), []string{
		"505 status", "503 labels", "504 labels", "502 status", "501 notify:1", "501 labels",
	})
}

// What is urgent hastens what its own case has still to write before it.
func hastensEffects(w *world) {
	w.on(commented(501, 7001, 1), policy.Commented, labels("a"))
	w.on(commented(502, 7002, 1), policy.Tick, notice(1, policy.TextReminder), labels("b"))
	w.on(commented(502, 7003, 1), policy.Commanded, notice(2, policy.TextDenied))
	w.on(commented(503, 7004, 1), policy.Tick, notice(1, policy.TextReminder))
	w.same("calls", w.drain(minute(2)), []string{
		"502 notify:1", "502 labels", "502 notify:2", "501 labels", "503 notify:1",
	})
}

// lease asks for points, and checks how long to wait for them.
func (w *world) lease(now time.Time, p policy.Priority, want time.Duration) {
	w.Helper()
	got, err := w.Lease(w.ctx, installation, bot.Wish{Now: now, Cost: bot.Cost{Points: 1}, Priority: p})
	w.must(err)
	if got != want {
		w.Errorf("priority %d waits %v for a read, want %v", p, got, want)
	}
}

// What GitHub refused holds reads and writes, for as long as it says, and the
// hold of a write's interval changes nothing of that.
func refuses(w *world) {
	w.triage(501, status(policy.KindOther))
	w.must(w.Settle(w.ctx, installation, bot.Bill{Now: start(), Refused: 3 * time.Minute}))
	w.must(w.HoldWrites(w.ctx, installation, start().Add(time.Second)))
	w.quiet(minute(1), minute(3))
	w.lease(minute(1), policy.LeakAdvice, 2*time.Minute)
	jobs, err := w.Jobs(w.ctx)
	w.must(err)
	w.same("when it is tried", jobs[0].Next, minute(3))
	_, err = w.Ready(w.ctx, minute(1))
	w.fails(err, bot.ErrNothing)

	w.must(w.Settle(w.ctx, installation, bot.Bill{Now: minute(1), Refused: time.Second}))
	w.quiet(minute(2), minute(3))
	w.lease(minute(3), policy.DigestNews, 0)
	w.same("then", w.drain(minute(3)), []string{"501 status"})
}

// A tick that a limit makes wait is not overdue.
func refusesTicks(w *world) {
	w.add(bot.Added, opened(501))
	w.must(w.Commit(w.ctx, decide(w.begin(501, start()), policy.Memory{State: policy.Triage, WakeAt: minute(1)})))
	w.must(w.Settle(w.ctx, installation, bot.Bill{Now: start(), Refused: 50 * time.Minute}))
	for n := range 5 {
		due, stuck, err := w.Sweep(w.ctx, minute(1+n))
		w.must(err)
		w.same("due, stuck", []int{due, len(stuck)}, []int{0, 0})
	}
	_, err := w.Ready(w.ctx, minute(5))
	w.fails(err, bot.ErrNothing)
	due, _, err := w.Sweep(w.ctx, minute(50))
	w.must(err)
	w.same("due then", due, 1)
}

// Refusals that say no time: a minute, and the next time twice as long.
func refusesUnsaid(w *world) {
	for _, at := range []int{0, 0, 1} {
		w.must(w.Settle(w.ctx, installation, bot.Bill{Now: minute(at), Refused: time.Minute, Unsaid: true}))
	}
	w.lease(minute(1), policy.LeakAdvice, 2*time.Minute)
}

// Where little is left, what can wait waits, and all else goes on.
func sparesLast(w *world) {
	w.on(opened(501), policy.Tick, notice(1, policy.TextReminder))
	w.on(opened(502), policy.Opened, status(policy.KindOther))
	w.must(w.Settle(w.ctx, installation, bot.Bill{Now: start(), Low: minute(20)}))
	w.lease(minute(1), policy.NewRequest, 0)
	w.lease(minute(1), policy.Reminding, 19*time.Minute)
	w.same("calls", w.drain(minute(1)), []string{"502 status"})
	w.quiet(minute(1), minute(20))
	_, err := w.Ready(w.ctx, minute(1))
	w.fails(err, bot.ErrNothing)
	jobs, err := w.Jobs(w.ctx)
	w.must(err)
	w.same("when it is tried", jobs[0].Next, minute(20))
	w.same("calls", w.drain(minute(20)), []string{"501 notify:1"})
}
