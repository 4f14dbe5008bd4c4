package bot_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

func t0() time.Time { return time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC) }

// How many writes each priority gets at once, and how long the next one waits.
func TestBurst(t *testing.T) {
	tests := []struct {
		name     string
		limits   bot.Limits
		priority policy.Priority
		want     int
		wait     time.Duration
	}{
		{"leak, hour", bot.Limits{WritesPerHour: 500}, policy.LeakAdvice, 200, 12 * time.Second},
		{"answers, hour", bot.Limits{WritesPerHour: 500}, policy.CommandAnswer, 180, 12 * time.Second},
		{"requests, hour", bot.Limits{WritesPerHour: 500}, policy.NewRequest, 140, 12 * time.Second},
		{"reminders, hour", bot.Limits{WritesPerHour: 500}, policy.Reminding, 80, 12 * time.Second},
		{"digest, hour", bot.Limits{WritesPerHour: 500}, policy.DigestNews, 40, 12 * time.Second},
		{"leak, minute", bot.Limits{WritesPerMinute: 80}, policy.LeakAdvice, 20, time.Second},
		{"digest, minute", bot.Limits{WritesPerMinute: 80}, policy.DigestNews, 4, time.Second},
		{"all of GitHub's", bot.GitHubLimits(), policy.LeakAdvice, 20, time.Second},
		{"one a minute", bot.Limits{WritesPerMinute: 1}, policy.DigestNews, 1, time.Minute},
		{"two a minute", bot.Limits{WritesPerMinute: 2}, policy.LeakAdvice, 1, time.Minute},
		{"fewer points than a write", bot.Limits{PointsPerMinute: 3}, policy.DigestNews, 1, 5 * time.Minute},
		{"no limit", bot.Limits{}, policy.DigestNews, 1000, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var b bot.Budget
			var wait time.Duration
			got := 0
			for got < 1000 && wait == 0 {
				if b, wait = tt.limits.Take(b, bot.Wish{Now: t0(), Cost: bot.OneWrite(), Priority: tt.priority}); wait == 0 {
					got++
				}
			}
			if got != tt.want || wait.Round(time.Second) != tt.wait {
				t.Errorf("got %d at once, then a wait of %v; want %d, %v", got, wait, tt.want, tt.wait)
			}
		})
	}
}

// What lower priorities have used of GitHub's budget leaves room for an answer
// at once, and for many.
func TestReserve(t *testing.T) {
	l := bot.GitHubLimits()
	l.WritesPerMinute = 0 // between two writes lies a second
	var b bot.Budget
	now, taken := t0(), 0
	for now.Before(t0().Add(2 * time.Hour)) {
		var wait time.Duration
		b, wait = l.Take(b, bot.Wish{Now: now, Cost: bot.OneWrite(), Priority: policy.Reminding})
		if wait == 0 {
			taken, wait = taken+1, time.Second
		}
		now = now.Add(wait)
	}
	if taken < 600 {
		t.Errorf("%d reminders in two hours, want 600 at least", taken)
	}
	for i := range 99 {
		var wait time.Duration
		b, wait = l.Take(b, bot.Wish{Now: now, Cost: bot.OneWrite(), Priority: policy.CommandAnswer})
		if wait > 0 {
			t.Fatalf("answer %d waits %v behind reminders", i, wait)
		}
		now = now.Add(time.Second)
	}
}

// used is when what was used.
type used struct {
	at   time.Time
	cost bot.Cost
}

// most is the most that a span has seen.
func most(all []used, span time.Duration) bot.Cost {
	var top bot.Cost
	for i := range all {
		var sum bot.Cost
		for _, u := range all[i:] {
			if u.at.Sub(all[i].at) >= span {
				break
			}
			sum.Writes += u.cost.Writes
			sum.Points += u.cost.Points
		}
		top.Writes, top.Points = max(top.Writes, sum.Writes), max(top.Points, sum.Points)
	}
	return top
}

func drawLimits(t *rapid.T) bot.Limits {
	return bot.Limits{
		WritesPerMinute: rapid.IntRange(1, 100).Draw(t, "minute"),
		WritesPerHour:   rapid.IntRange(1, 600).Draw(t, "hour"),
		PointsPerMinute: rapid.IntRange(20, 1000).Draw(t, "points"),
	}
}

// No span sees more than the limit, however the wishes come, whoever waits as
// told and whoever does not; and a budget that refuses is as it was.
func TestNeverMoreThanTheLimit(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLimits(t)
		var b bot.Budget
		var all []used
		now := t0()
		for range rapid.IntRange(1, 1500).Draw(t, "wishes") {
			w := bot.Wish{Now: now, Cost: bot.OneWrite(), Priority: rapid.SampledFrom(policy.Priorities()).Draw(t, "priority")}
			if rapid.Bool().Draw(t, "read") {
				w.Cost = bot.Cost{Points: rapid.IntRange(1, 5).Draw(t, "points")}
			}
			next, wait := l.Take(b, w)
			if wait > 0 && next != b {
				t.Fatal("a wish that waits has used something") // the clock never went back
			}
			if b = next; wait == 0 {
				all = append(all, used{at: now, cost: w.Cost})
			} else if rapid.Bool().Draw(t, "patient") {
				now = now.Add(wait)
			}
			now = now.Add(time.Duration(rapid.SampledFrom([]int{0, 0, 0, 1, 700, 9000}).Draw(t, "ms")) * time.Millisecond)
		}
		minute, hour := most(all, time.Minute), most(all, time.Hour)
		if minute.Writes > l.WritesPerMinute || hour.Writes > l.WritesPerHour || minute.Points > l.PointsPerMinute {
			t.Errorf("%+v: a minute saw %+v, an hour %+v", l, minute, hour)
		}
	})
}

// GitHub's own numbers, with a replica that always wants more.
func TestNeverMoreThanGitHubAllows(t *testing.T) {
	for _, p := range policy.Priorities() {
		var b bot.Budget
		var all []used
		for now := t0(); now.Before(t0().Add(3 * time.Hour)); {
			next, wait := bot.GitHubLimits().Take(b, bot.Wish{Now: now, Cost: bot.OneWrite(), Priority: p})
			if b = next; wait == 0 {
				all = append(all, used{at: now, cost: bot.OneWrite()})
			}
			now = now.Add(wait)
		}
		minute, hour := most(all, time.Minute+time.Nanosecond), most(all, time.Hour+time.Nanosecond)
		if minute.Writes > 80 || hour.Writes > 500 || minute.Points > 900 {
			t.Errorf("priority %d: a minute saw %+v, an hour %+v", p, minute, hour)
		}
		if len(all) < 900 {
			t.Errorf("priority %d: only %d writes in three hours", p, len(all))
		}
	}
}

// Who is more urgent waits no longer, who waits as told gets it, and nobody
// waits for longer than it takes until all is free: not even after the clock
// went back.
func TestOrderOfPriorities(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLimits(t)
		var b bot.Budget
		now := t0()
		for range rapid.IntRange(0, 300).Draw(t, "taken") {
			b, _ = l.Take(b, bot.Wish{Now: now, Cost: bot.OneWrite(), Priority: policy.LeakAdvice})
			now = now.Add(time.Duration(rapid.IntRange(0, 2000).Draw(t, "ms")) * time.Millisecond)
		}
		now = now.Add(-time.Duration(rapid.SampledFrom([]int{0, 0, 1, 100}).Draw(t, "back")) * time.Hour)
		before := time.Duration(0)
		for _, p := range policy.Priorities() {
			w := bot.Wish{Now: now, Cost: bot.OneWrite(), Priority: p}
			waiting, wait := l.Take(b, w)
			if wait < before {
				t.Errorf("priority %d waits %v, one before it %v", p, wait, before)
			}
			before = wait
			if wait > 2*time.Hour {
				t.Errorf("priority %d waits %v", p, wait)
			}
			w.Now = now.Add(wait)
			if _, again := l.Take(waiting, w); wait > 0 && again > 0 {
				t.Errorf("priority %d waited %v as told, and waits %v more", p, wait, again)
			}
		}
	})
}

// What was used without asking is missing afterwards.
func TestCharge(t *testing.T) {
	l := bot.Limits{WritesPerHour: 500}
	b := l.Charge(bot.Budget{}, t0(), bot.Cost{Writes: 199})
	b, wait := l.Take(b, bot.Wish{Now: t0(), Cost: bot.OneWrite()})
	if wait != 0 {
		t.Errorf("the last of 200 waits %v", wait)
	}
	if _, wait = l.Take(b, bot.Wish{Now: t0(), Cost: bot.OneWrite()}); wait != 12*time.Second {
		t.Errorf("the 201st waits %v, want 12 s", wait)
	}
}

// Refusals one after the other, each at a time after the start: until when
// nothing is asked.
func TestRefused(t *testing.T) {
	type refusal struct {
		at, wait time.Duration
		unsaid   bool
		want     time.Duration
	}
	s, m := time.Second, time.Minute
	tests := map[string][]refusal{
		"a time is said":           {{0, 30 * s, false, 30 * s}, {40 * s, 30 * s, false, 70 * s}},
		"a shorter one comes late": {{0, 50 * s, false, 50 * s}, {s, 2 * s, false, 50 * s}},
		"at most an hour":          {{0, 300 * m, false, 60 * m}},
		"no time is said":          {{0, m, true, m}, {m, m, true, 3 * m}, {3*m + s, m, true, 7*m + s}, {7*m + s, m, true, 15*m + s}},
		"at the same time":         {{0, m, true, m}, {s, m, true, m}, {2 * s, m, true, m}, {m, m, true, 3 * m}},
		"a quiet time between":     {{0, m, true, m}, {m, m, true, 3 * m}, {6 * m, m, true, 7 * m}},
		"an hour is enough": {
			{0, m, true, m},
			{m, m, true, 3 * m},
			{3 * m, m, true, 7 * m},
			{7 * m, m, true, 15 * m},
			{15 * m, m, true, 31 * m},
			{31 * m, m, true, 63 * m},
			{63 * m, m, true, 123 * m},
			{123 * m, m, true, 183 * m},
		},
	}
	for name, all := range tests {
		t.Run(name, func(t *testing.T) {
			var b bot.Budget
			for i, r := range all {
				b = b.Refused(bot.Refusal{Now: t0().Add(r.at), For: r.wait, Unsaid: r.unsaid})
				if diff := cmp.Diff(t0().Add(r.want), b.Limited); diff != "" {
					t.Errorf("refusal %d (-want +got):\n%s", i+1, diff)
				}
				_, wait := bot.Limits{}.Take(b, bot.Wish{Now: t0().Add(r.at)})
				if want := r.want - r.at; wait != want {
					t.Errorf("refusal %d: a leak's advice waits %v, want %v", i+1, wait, want)
				}
			}
		})
	}
}

// Where little is left by GitHub's own count, only what can wait waits.
func TestLow(t *testing.T) {
	b := bot.Budget{Low: t0().Add(20 * time.Minute)}
	for p, want := range map[policy.Priority]time.Duration{
		policy.LeakAdvice: 0, policy.CommandAnswer: 0, policy.NewRequest: 0,
		policy.Reminding: 20 * time.Minute, policy.DigestNews: 20 * time.Minute,
	} {
		if _, got := (bot.Limits{}).Take(b, bot.Wish{Now: t0(), Priority: p}); got != want {
			t.Errorf("priority %d waits %v, want %v", p, got, want)
		}
	}
}
