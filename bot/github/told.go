package github

import (
	"net/http"
	"strconv"

	"github.com/recoverybot/recoverybot/bot"
)

// told is what a call tells of GitHub's limits besides its result. A redirect
// that was followed is a request, too.
func told(k call, a answer, err error) bot.Answer {
	t := bot.Answer{Installation: k.scope.installation, Err: err}
	requests := a.sent
	if a.status() != 0 && a.resp.Request != nil {
		for r := a.resp.Request.Response; r != nil && r.Request != nil; r = r.Request.Response {
			requests++
		}
	}
	for range requests {
		if k.method == http.MethodGet || k.method == http.MethodHead {
			t.Cost.Points += bot.OneRead().Points
			continue
		}
		t.Cost.Writes += bot.OneWrite().Writes
		t.Cost.Points += bot.OneWrite().Points
	}
	if a.status() == 0 {
		return t
	}
	h := a.resp.Header
	left, missing := strconv.Atoi(h.Get("X-Ratelimit-Remaining"))
	of, unknown := strconv.Atoi(h.Get("X-Ratelimit-Limit"))
	if missing == nil && unknown == nil {
		t.Left, t.Of, t.Reset = left, of, resetOf(h)
	}
	return t
}
