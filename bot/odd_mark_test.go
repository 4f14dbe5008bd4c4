package bot_test

import (
	"context"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// slowLists lets an hour go by with each list of issues.
type slowLists struct {
	*oddGitHub
	now *time.Time
}

func (g slowLists) IssuesSince(context.Context, bot.Ref, bot.Window) ([]policy.Issue, bot.Window, error) {
	*g.now = g.now.Add(time.Hour)
	return nil, bot.Window{}, nil
}

type markStore struct {
	*oddStore
	marks []time.Time
}

func (s *markStore) EndPass(_ context.Context, p bot.Pass) error {
	s.marks = append(s.marks, p.Mark)
	return nil
}

// TestMarkIsTheBeginning reads a repository for an hour: what happens in that
// hour is for the next pass, so the mark is where this one began.
func TestMarkIsTheBeginning(t *testing.T) {
	s := &markStore{oddStore: &oddStore{}}
	now := oddNow()
	o := oddBot(t, s.oddStore, nil).Options
	o.Store, o.GitHub, o.Clock = s, slowLists{&oddGitHub{}, &now}, func() time.Time { return now }
	if err := bot.New(o).Reconcile(t.Context()); err != nil {
		t.Fatal(err)
	}
	if len(s.marks) != 1 || !s.marks[0].Equal(oddNow()) {
		t.Errorf("got marks %v, want one, %v", s.marks, oddNow())
	}
}
