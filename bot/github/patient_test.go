package github

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
)

// A page of a pass that gets lost is asked for again: in a list of many one of
// them does.
func TestLostPages(t *testing.T) {
	for name, c := range map[string]struct {
		lost   int
		header http.Header
		status int
		list   string // its path; "": that of a pass
		calls  int
		class  bot.Class
	}{
		"once":              {lost: 1, status: http.StatusBadGateway, calls: 3},
		"twice":             {lost: 2, status: http.StatusServiceUnavailable, calls: 4},
		"always":            {lost: 9, status: http.StatusBadGateway, calls: 4, class: bot.Transient},
		"GitHub says when":  {lost: 1, status: http.StatusServiceUnavailable, header: http.Header{"Retry-After": {"1"}}, calls: 2, class: bot.Transient},
		"a rate limit":      {lost: 1, status: http.StatusTooManyRequests, calls: 2, class: bot.Transient},
		"not to be seen":    {lost: 1, status: http.StatusNotFound, calls: 2, class: bot.Missing},
		"of a decision":     {lost: 1, status: http.StatusBadGateway, list: issuePath + "/comments", calls: 2, class: bot.Transient},
		"failed deliveries": {lost: 2, status: http.StatusBadGateway, list: "/app/hook/deliveries", calls: 4},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			path := c.list
			if path == "" {
				path = "/repos/octo/help/issues"
			}
			lost := 0
			s.on("GET "+path, func(w http.ResponseWriter, r *http.Request) {
				switch {
				case r.URL.Query().Get("page") == "":
					w.Header().Set("Link", fmt.Sprintf(`<%s%s?page=2>; rel="next"`, s.URL, path))
				case lost < c.lost:
					lost++
					for key, values := range c.header {
						w.Header()[key] = values
					}
					w.WriteHeader(c.status)
				}
				_, _ = fmt.Fprint(w, "[]")
			})
			var err error
			switch c.list {
			case "":
				_, _, err = s.client().IssuesSince(t.Context(), testRef(), bot.Window{})
			case issuePath + "/comments":
				_, err = s.client().Comments(t.Context(), testRef(), time.Time{})
			default:
				_, err = s.client().FailedDeliveries(t.Context(), time.Time{})
			}
			if got := bot.ClassOf(err); got != c.class {
				t.Errorf("class %q (%v), want %q", got, err, c.class)
			}
			if got := len(s.calls()); got != c.calls {
				t.Errorf("%d calls, want %d:\n%q", got, c.calls, s.calls())
			}
		})
	}
}
