package bot_test

import (
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// TestMailIsNobodys decides on the news of a mail: who sent it nobody checked,
// so nobody did it, and it happened when the news came.
func TestMailIsNobodys(t *testing.T) {
	s := &oddStore{work: bot.Work{
		Case: bot.Case{Ref: oddRef(), AuthorID: 11, Memory: policy.Memory{State: policy.Asked, Turn: policy.Requester, Since: oddNow()}},
		Delivery: &bot.Delivery{
			ID: 1, Event: "mail", Action: "received", SenderID: 1001, ObjectID: 501,
			ObjectUpdatedAt: oddNow().Add(-time.Hour), ReceivedAt: oddNow().Add(-time.Minute),
		},
	}}
	g := oneIssue{&oddGitHub{}, policy.Issue{
		ID: 501, Number: 7, Open: true, Author: policy.Actor{ID: 11, Login: "ann"}, CreatedAt: oddNow(), UpdatedAt: oddNow(),
	}}
	b := oddBot(t, s, g.oddGitHub)
	b.GitHub = g
	if _, err := b.StepCase(t.Context(), oddRef().CaseKey); err != nil {
		t.Fatal(err)
	}
	if len(s.results) != 1 {
		t.Fatalf("got %d decisions and pauses %v, want one decision", len(s.results), s.pauses)
	}
	want := policy.Event{Kind: policy.Mailed, At: oddNow().Add(-time.Minute)}
	if got := s.results[0].Event; got.Kind != want.Kind || got.Actor != want.Actor || !got.At.Equal(want.At) {
		t.Errorf("got event %+v, want %+v", got, want)
	}
}
