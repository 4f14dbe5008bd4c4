package bot_test

import (
	"testing"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// TestRepostAfterACrash dies after a deleted status comment was posted anew:
// the next process adopts it.
func TestRepostAfterACrash(t *testing.T) {
	status := policy.Comment{Name: "status", Text: policy.Text{Name: policy.TextStatus, State: policy.Triage, Turn: policy.Staff}}
	s := &oddStore{call: bot.Call{ID: 1, Ref: oddRef(), Effect: status, Comment: 800, At: oddNow()}}
	g := &oddGitHub{missing: map[string]bool{"comment": true}}
	b := oddBot(t, s, g)
	if err := b.Start(t.Context()); err == nil {
		t.Fatal("a repository of another id was served")
	}
	g.found.ID = 700001
	if err := b.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Drain(t.Context(), 5); err != nil {
		t.Fatal(err)
	}
	g.comments = []bot.IssueComment{{ID: 900, Author: policy.Actor{ID: 99, Bot: true}, Body: g.posted[0]}}
	s.made, s.call.Begun = nil, true
	if _, err := b.Drain(t.Context(), 5); err != nil {
		t.Fatal(err)
	}
	if len(g.posted) != 1 || len(s.made) != 1 || s.made[0].Comment != 900 || !s.made[0].Reposted {
		t.Errorf("posted %d times, recorded %+v; want once, and comment 900 as posted anew", len(g.posted), s.made)
	}
}
