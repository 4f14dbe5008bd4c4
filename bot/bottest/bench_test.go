package bottest_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// busy is a fake with a tracker of a thousand issues, and a token for it.
func busy(b *testing.B) (*bottest.Fake, *bottest.Repository, string) {
	b.Helper()
	now := time.Date(2026, 12, 3, 10, 12, 0, 0, time.UTC)
	fake := bottest.New(bottest.Options{
		Clock: func() time.Time { return now }, AppID: appID, Slug: "recoverybot", PrivateKey: key(), Lean: true, Limits: bottest.Limits{Concurrent: 100},
	})
	r := fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "support", Labels: []string{"account-recovery"}})
	for i := range 1000 {
		if _, err := r.OpenIssue(fmt.Sprintf("author%d", i), bottest.Draft{Title: "Help", Body: form, Labels: []string{"account-recovery"}}); err != nil {
			b.Fatal(err)
		}
	}
	req := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/app/installations/1001/access_tokens", http.NoBody)
	req.Header.Set("Authorization", sign(b, now, claims{strconv.Itoa(appID), time.Minute}))
	seen := httptest.NewRecorder()
	fake.ServeHTTP(seen, req)
	token, _, _ := strings.Cut(seen.Body.String()[strings.Index(seen.Body.String(), "ghs_"):], `"`)
	return fake, r, "token " + token
}

// BenchmarkCall: how many calls one core of the fake answers.
func BenchmarkCall(b *testing.B) {
	fake, _, token := busy(b)
	for _, what := range []string{
		"GET /repos/pypi/support/issues/500", "GET /repos/pypi/support/issues?state=all&sort=updated", "GET /repos/pypi/support/issues/500/comments",
		"PATCH /repos/pypi/support/issues/500", "GET /repos/pypi/support/issues/comments?sort=updated",
	} {
		method, path, _ := strings.Cut(what, " ")
		b.Run(what, func(b *testing.B) {
			for b.Loop() {
				req := httptest.NewRequestWithContext(b.Context(), method, path, strings.NewReader(`{"body":"x"}`))
				req.Header.Set("Authorization", token)
				seen := httptest.NewRecorder()
				fake.ServeHTTP(seen, req)
				if seen.Code != http.StatusOK {
					b.Fatalf("status %d: %s", seen.Code, seen.Body)
				}
			}
		})
	}
}

// BenchmarkWebhook: how many comments a second people write, each with its webhook.
func BenchmarkWebhook(b *testing.B) {
	_, r, _ := busy(b)
	for i := 0; b.Loop(); i++ {
		if _, err := r.Comment(1+i%1000, "author", "x"); err != nil {
			b.Fatal(err)
		}
	}
}
