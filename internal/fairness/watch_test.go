package main

import (
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
)

func TestFigures(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	w := &watch{seen: map[bot.CaseKey]*times{}}
	for i := range 200 {
		ms := time.Duration(i+1) * time.Millisecond
		w.seen[bot.CaseKey{Issue: int64(i)}] = &times{received: at, decided: at.Add(ms), made: at.Add(2 * ms)}
	}
	got := w.figures()
	want := figures{
		requests: 200, decided50: 100 * time.Millisecond, decided99: 198 * time.Millisecond,
		made50: 200 * time.Millisecond, made99: 396 * time.Millisecond,
	}
	if got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if n := w.pending(); n != 0 {
		t.Errorf("%d cases are pending, want none", n)
	}
	w.seen[bot.CaseKey{Issue: 1}].made = time.Time{}
	if n := w.pending(); n != 1 {
		t.Errorf("%d cases are pending, want 1", n)
	}
}
