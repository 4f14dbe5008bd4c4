package github

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
)

// Each request counts, whatever becomes of it, and GitHub's own count is told.
func TestTold(t *testing.T) {
	s := newServer(t)
	s.on("GET "+issuePath, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-RateLimit-Remaining", "41")
		w.Header().Set("X-RateLimit-Limit", "5000")
		w.Header().Set("X-RateLimit-Reset", "1800000000")
		_, _ = w.Write([]byte(issueAnswer))
	})
	s.answer("POST "+issuePath+"/comments", 401, "")
	s.on("GET "+issuePath+"/comments", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/repositories/7/issues/3/comments", http.StatusMovedPermanently)
	})
	s.answer("GET /repositories/7/issues/3/comments", 200, "[]")
	var got []bot.Answer
	ctx := bot.WithAnswers(t.Context(), func(a bot.Answer) {
		a.Err = nil
		got = append(got, a)
	})
	cl := s.client()
	_, _ = cl.Issue(ctx, testRef())
	_, _ = cl.PostComment(ctx, testRef(), "x")
	_, _ = cl.Comments(ctx, testRef(), time.Time{})
	gone, cancel := context.WithCancel(ctx)
	cancel()
	_, _ = cl.Issue(gone, testRef()) // nobody waits for the answer
	want := []bot.Answer{
		{Installation: 5, Cost: bot.Cost{Points: 1}, Left: 41, Of: 5000, Reset: time.Unix(1_800_000_000, 0)},
		{Installation: 5, Cost: bot.Cost{Writes: 2, Points: 10}}, // a second time with a new token
		{Installation: 5, Cost: bot.Cost{Points: 2}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
