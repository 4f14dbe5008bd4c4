package bot_test

import (
	"context"
	"testing"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

type suspended struct{ *oddGitHub }

func (suspended) Issue(context.Context, bot.Ref) (policy.Issue, error) {
	return policy.Issue{}, &bot.Error{Op: "POST access token", Class: bot.Forbidden, Status: 403}
}

// TestSuspensionKeepsDeliveries takes the App's rights away for a while: what
// people write meanwhile waits, for nothing would bring it again.
func TestSuspensionKeepsDeliveries(t *testing.T) {
	s := &oddStore{work: bot.Work{
		Case:     bot.Case{Ref: oddRef(), Memory: policy.Memory{State: policy.Asked, Turn: policy.Requester}},
		Delivery: &bot.Delivery{ID: 1, Event: "issue_comment", Action: "created", ObjectID: 800, SenderID: 11, Tries: 4},
	}}
	b := oddBot(t, s, &oddGitHub{})
	b.GitHub = suspended{&oddGitHub{}}
	if _, err := b.StepCase(t.Context(), oddRef().CaseKey); err != nil {
		t.Fatal(err)
	}
	if len(s.pauses) != 1 || s.pauses[0].Counted {
		t.Errorf("got pauses %+v, want one that does not count", s.pauses)
	}
}
