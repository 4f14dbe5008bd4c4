package bot_test

import (
	"errors"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// TestForecastIsKept measures staff's times once an hour, however much there is
// to decide. Where they can't be read nothing is decided.
func TestForecastIsKept(t *testing.T) {
	now := oddNow()
	s := &oddStore{work: bot.Work{
		Case:     bot.Case{Ref: oddRef(), Memory: policy.Memory{State: policy.Triage, Turn: policy.Staff, Since: now}},
		Delivery: &bot.Delivery{ID: 1, Event: "reconcile", Action: "seen", ObjectID: 501, ObjectUpdatedAt: now, ReceivedAt: now},
	}}
	g := oneIssue{&oddGitHub{}, policy.Issue{ID: 501, Number: 7, Open: true, CreatedAt: now, UpdatedAt: now}}
	o := oddBot(t, s, g.oddGitHub).Options
	o.GitHub, o.Clock = g, func() time.Time { return now }
	b := bot.New(o)
	for i, c := range []struct {
		later    time.Duration
		err      error
		measured int
		pauses   int
	}{
		{0, nil, 1, 0},
		{59 * time.Minute, nil, 1, 0},
		{time.Minute, errors.New("disk"), 2, 1},
		{0, nil, 3, 0},
	} {
		now = now.Add(c.later)
		s.unmeasured, s.results, s.pauses = c.err, nil, nil
		if _, err := b.StepCase(t.Context(), oddRef().CaseKey); err != nil {
			t.Fatal(err)
		}
		if s.measured != c.measured || len(s.pauses) != c.pauses || len(s.results) != 1-c.pauses {
			t.Errorf("step %d: measured %d times, %d decisions, pauses %v; want %d times, %d pauses", i, s.measured, len(s.results), s.pauses, c.measured, c.pauses)
		}
	}
}

// TestStartRewakes asks the rules anew when each request wakes, at the start.
func TestStartRewakes(t *testing.T) {
	sleeper := &bot.Case{Ref: oddRef(), AuthorID: 11, Memory: policy.Memory{State: policy.Triage, WakeAt: oddNow().Add(time.Hour)}}
	s := &oddStore{sleeper: sleeper}
	b := oddBot(t, s, &oddGitHub{found: bot.Repository{ID: 700001, Owner: "o", Name: "n", Installation: 5}})
	if err := b.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if s.version != b.Rules.Version {
		t.Errorf("woken by version %q, want %q", s.version, b.Rules.Version)
	}
	s.unwoken = errors.New("disk")
	if err := b.Start(t.Context()); !errors.Is(err, s.unwoken) {
		t.Errorf("got error %v, want %v", err, s.unwoken)
	}
	if b.Self().ID == 0 {
		t.Error("the start before is forgotten")
	}
}
