package bot_test

import (
	"testing"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// TestMarkerOfStrangers looks for a comment that a process that died may have
// posted, where strangers wrote the hidden line, too: only our own counts.
func TestMarkerOfStrangers(t *testing.T) {
	const marked = "Your account was deleted.\n\n<!-- recoverybot: status -->"
	for name, c := range map[string]struct {
		ours []bot.IssueComment
		want int64 // the comment that is ours in the end
		post int
	}{
		"not posted yet": {nil, 900, 1},
		"posted":         {[]bot.IssueComment{{ID: 820, Author: policy.Actor{ID: 99, Bot: true}, Body: marked}}, 820, 0},
	} {
		status := policy.Comment{Name: "status", Text: policy.Text{Name: policy.TextStatus, State: policy.Triage, Turn: policy.Staff}}
		s := &oddStore{call: bot.Call{ID: 1, Ref: oddRef(), Effect: status, Begun: true, At: oddNow()}}
		g := &oddGitHub{found: bot.Repository{ID: 700001}, comments: append([]bot.IssueComment{
			{ID: 810, Author: policy.Actor{ID: 12, Login: "sam"}, Body: marked},
			{ID: 811, Author: policy.Actor{ID: 13, Login: "robo[bot]", Bot: true}, Body: marked},
		}, c.ours...)}
		b := oddBot(t, s, g)
		if err := b.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		if _, err := b.Drain(t.Context(), 5); err != nil {
			t.Fatal(err)
		}
		if len(s.made) != 1 || s.made[0].Comment != c.want || len(g.posted) != c.post {
			t.Errorf("%s: posted %d times, recorded %+v; want %d times, and comment %d", name, len(g.posted), s.made, c.post, c.want)
		}
	}
}
