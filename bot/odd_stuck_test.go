package bot_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// stuckList never answers for one repository.
type stuckList struct {
	*oddGitHub
	stuck int64
}

func (g stuckList) IssuesSince(ctx context.Context, r bot.Ref, w bot.Window) ([]policy.Issue, bot.Window, error) {
	if r.Repository != g.stuck {
		return g.oddGitHub.IssuesSince(ctx, r, w)
	}
	<-ctx.Done()
	return nil, bot.Window{}, &bot.Error{Op: "GET issues", Class: bot.Transient}
}

// dueStore has passes that are due, the oldest first.
type dueStore struct {
	*oddStore
	due   []int64
	ended []int64
}

func (s *dueStore) DuePasses(context.Context, time.Time) ([]int64, error) { return s.due, nil }

func (s *dueStore) EndPass(ctx context.Context, p bot.Pass) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	s.ended = append(s.ended, p.Repository)
	return nil
}

// TestPassThatDoesNotEnd has a repository whose pass takes longer than the job
// has for all: it is put off, and the next one is read. The pass that is due
// for longest comes first, whatever the policy's order.
func TestPassThatDoesNotEnd(t *testing.T) {
	for _, due := range [][]int64{{700001, 700002}, {700002, 700001}} {
		synctest.Test(t, func(t *testing.T) {
			s := &dueStore{oddStore: &oddStore{}, due: due}
			o := oddBot(t, s.oddStore, nil).Options
			second := o.Rules.Repositories[0]
			second.ID = 700002
			o.Rules.Repositories = append(slices.Clone(o.Rules.Repositories), second)
			o.Store, o.GitHub = s, stuckList{&oddGitHub{}, 700001}
			job, done := context.WithTimeout(t.Context(), 10*time.Minute)
			defer done()
			if err := bot.New(o).Passes(job); err == nil {
				t.Error("nobody hears of the pass that did not end")
			}
			if diff := cmp.Diff(due, s.ended); diff != "" {
				t.Errorf("passes that ended (-want +got):\n%s", diff)
			}
		})
	}
}
