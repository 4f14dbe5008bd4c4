package bot_test

import (
	"context"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// noTeams is a GitHub whose teams are behind a rate limit.
type noTeams struct {
	*oddGitHub
	issue policy.Issue
}

func (g noTeams) Issue(context.Context, bot.Ref) (policy.Issue, error) { return g.issue, nil }

func (g noTeams) Members(context.Context, int64, policy.Team) ([]int64, error) {
	return nil, &bot.Error{Op: "GET team", Class: bot.Transient, Status: 429, RetryAfter: 20 * time.Minute}
}

// TestAdoptionWaits hands over an old request while nobody can say who staff
// are: it is not forgotten after an hour, and GitHub is asked when it said.
func TestAdoptionWaits(t *testing.T) {
	s := &oddStore{work: bot.Work{
		Case:     bot.Case{Ref: oddRef()},
		Delivery: &bot.Delivery{ID: 1, Event: "adopt", Action: "adopt", ReceivedAt: oddNow().Add(-2 * time.Hour), ObjectUpdatedAt: oddNow()},
	}}
	b := oddBot(t, s, &oddGitHub{})
	b.GitHub = noTeams{&oddGitHub{}, policy.Issue{
		ID: 501, Number: 7, Open: true, Author: policy.Actor{ID: 11}, Labels: []string{b.Rules.Requests.Label},
		CreatedAt: b.Rules.Start.From.Add(-time.Hour), UpdatedAt: oddNow(),
	}}
	if _, err := b.StepCase(t.Context(), oddRef().CaseKey); err != nil {
		t.Fatal(err)
	}
	if len(s.results) != 0 || len(s.pauses) != 1 || !s.pauses[0].Until.Equal(oddNow().Add(20*time.Minute)) {
		t.Errorf("stored %d decisions and the pauses %+v, want a pause of 20 minutes", len(s.results), s.pauses)
	}
}
