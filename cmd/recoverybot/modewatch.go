package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/bot"
)

// How often the mode is looked at, and how often the log warns of one that is
// not run.
const (
	modeEvery  = time.Second
	modeWarned = time.Hour
)

// signalled passes the signals on that set the mode; done ends that. It is
// called before anything else: the system's own answer to them is to kill.
func signalled() (signals chan os.Signal, done func()) {
	signals = make(chan os.Signal, 8)
	for s := range modeSignals() {
		signal.Notify(signals, s)
	}
	return signals, func() { signal.Stop(signals) }
}

// watcher follows the mode while serve runs.
type watcher struct {
	app     *app
	now     bot.Clock
	signals <-chan os.Signal
	last    bot.Standing
	warned  time.Time
	failed  bool
}

// watch follows the mode until the returned function is called.
func (c *serveCmd) watch(ctx context.Context, e *env, a *app) func() {
	ctx, cancel := context.WithCancel(ctx)
	w := &watcher{app: a, now: e.now, signals: a.signals, last: bot.Standing{Opinion: bot.Opinion{Mode: bot.ModeRun}}}
	w.look(ctx)
	fmt.Fprintf(e.err, "  %s\n", describeMode(w.last))
	var done sync.WaitGroup
	done.Go(func() { w.follow(ctx) })
	return func() {
		cancel()
		done.Wait()
	}
}

func (w *watcher) follow(ctx context.Context) {
	tick := time.NewTicker(modeEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case s := <-w.signals:
			w.app.opinions.hold(modeSignals()[s]) // in force at once
		case <-tick.C:
			w.app.opinions.looked()
		}
		w.look(ctx)
	}
}

// look stores what a signal said, and tells what has changed.
func (w *watcher) look(ctx context.Context) {
	err := w.keep(ctx)
	holds, heedErr := w.app.store.Heed(ctx, w.now())
	if err = errors.Join(err, heedErr); ctx.Err() != nil {
		return
	}
	if err != nil {
		if !w.failed {
			w.app.bot.Log.Warn("the mode could not be read or stored; nothing is written while the database is away", "error", err)
		}
		w.failed = true
		return
	}
	w.failed = false
	w.tell(holds)
}

// keep stores what a signal said.
func (w *watcher) keep(ctx context.Context) error {
	m := w.app.opinions.holding()
	if m == "" {
		return nil
	}
	err := w.app.store.SetMode(ctx, bot.ModeChange{
		Opinion: bot.Opinion{Mode: m, Setter: bot.SetBySignal}, Now: w.now(), AtLeast: true,
	})
	if err == nil {
		w.app.opinions.stored(m)
	}
	return err
}

// tell warns of each change, and once an hour of a mode that is not run.
func (w *watcher) tell(holds bot.Standing) {
	log, now := w.app.bot.Log, w.now()
	if holds.Opinion != w.last.Opinion {
		log.Warn("the mode is another one now", "mode", string(holds.Mode), "was", string(w.last.Mode), "by", string(holds.Setter))
		if holds.Problem != "" {
			log.Error("the mode is not understood, and so the bot stops; write run, shadow, read-only or stop", "problem", holds.Problem)
		}
		w.last, w.warned = holds, now
	}
	if holds.Mode != bot.ModeRun && now.Sub(w.warned) >= modeWarned {
		log.Warn("the bot does not run as usual; `recoverybot mode` tells more", "mode", string(holds.Mode), "by", string(holds.Setter))
		w.warned = now
	}
}
