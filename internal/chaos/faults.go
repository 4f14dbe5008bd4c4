package main

import (
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// mishap is a fault with its share of all of them.
type mishap struct {
	name  string
	share float64
	fault bottest.Fault
}

// mishaps are the faults that pass. Those that say "you may not" or "there is no such thing"
// are not among them: the bot is right to believe them, and then the history is another one.
// Those that cost a client its time-out, or all of an installation its turn, are rarer.
func mishaps() []mishap {
	return []mishap{
		{"500 instead", 5, bottest.Fault{Kind: bottest.FaultStatus, Status: http.StatusInternalServerError}},
		{"502 instead", 5, bottest.Fault{Kind: bottest.FaultStatus, Status: http.StatusBadGateway}},
		{"500 after", 5, bottest.Fault{Kind: bottest.FaultAfter, Status: http.StatusInternalServerError}},
		{"cut before", 5, bottest.Fault{Kind: bottest.FaultCutBefore}},
		{"cut after", 5, bottest.Fault{Kind: bottest.FaultCut}},
		{"stale", 5, bottest.Fault{Kind: bottest.FaultStale}},
		{"429", 1, bottest.Fault{Kind: bottest.FaultStatus, Status: http.StatusTooManyRequests, RetryAfter: time.Second}},
		{"403 secondary", 1, bottest.Fault{Kind: bottest.FaultStatus, Status: http.StatusForbidden, RetryAfter: time.Second}},
		{"hang", 0.3, bottest.Fault{Kind: bottest.FaultHang}},
	}
}

// goWrong makes the App's calls go wrong at a rate, each by one of the mishaps.
func goWrong(fake *bottest.Fake, rate float64, w *weather) {
	if rate <= 0 {
		return
	}
	all := mishaps()
	total := 0.0
	for _, m := range all {
		total += m.share
	}
	for _, m := range all {
		fault := m.fault
		fault.Times = 1 << 40
		fault.Match = func(c bottest.Call) bool { return w.strikes(m.name, rate*m.share/total, c) }
		fake.Fail(fault)
	}
}

// weather draws which calls go wrong.
type weather struct {
	figures *figures

	mu     sync.Mutex
	random *rand.Rand
}

func (w *weather) strikes(name string, rate float64, c bottest.Call) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if name == "stale" && c.Kind != "GET issue" || w.random.Float64() >= rate {
		return false
	}
	w.figures.count("faults", name)
	return true
}
