package github

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
)

func TestClasses(t *testing.T) {
	reset := strconv.FormatInt(testNow().Add(90*time.Second).Unix(), 10)
	secondary := `{"message":"canary","documentation_url":"https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`
	for name, c := range map[string]struct {
		status int
		header map[string]string
		body   string
		want   bot.Class
		wait   time.Duration
		limit  bot.Limit
	}{
		"202":                     {202, nil, `{}`, bot.Broken, 0, ""},
		"400":                     {400, nil, ``, bot.Invalid, 0, ""},
		"401":                     {401, nil, ``, bot.Forbidden, 0, ""},
		"401 asks for a code":     {401, map[string]string{"X-GitHub-OTP": "required; app"}, ``, bot.Forbidden, 0, ""},
		"403":                     {403, nil, `{"message":"canary"}`, bot.Forbidden, 0, ""},
		"403 with calls left":     {403, map[string]string{"X-RateLimit-Remaining": "9", "X-RateLimit-Reset": reset}, ``, bot.Forbidden, 0, ""},
		"403 retry after":         {403, map[string]string{"Retry-After": "30"}, ``, bot.Transient, 30 * time.Second, bot.LimitSecondary},
		"403 retry at once":       {403, map[string]string{"Retry-After": "0"}, ``, bot.Transient, time.Second, bot.LimitSecondary},
		"403 retry after a date":  {403, map[string]string{"Retry-After": testNow().Add(time.Minute).Format(http.TimeFormat)}, ``, bot.Transient, time.Minute, bot.LimitSecondary},
		"403 retry after nothing": {403, map[string]string{"Retry-After": "soon"}, ``, bot.Transient, time.Minute, bot.LimitSecondary},
		"403 retry after a year":  {403, map[string]string{"Retry-After": "31536000"}, ``, bot.Transient, time.Hour, bot.LimitSecondary},
		"403 retry after ages":    {403, map[string]string{"Retry-After": "9223372036854775807"}, ``, bot.Transient, time.Hour, bot.LimitSecondary},
		"403 none left":           {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, ``, bot.Transient, 90 * time.Second, bot.LimitPrimary},
		"403 none left, reset":    {403, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": "1"}, ``, bot.Transient, time.Second, bot.LimitPrimary},
		"403 none left, no reset": {403, map[string]string{"X-RateLimit-Remaining": "0"}, ``, bot.Transient, time.Minute, bot.LimitUnsaid},
		"403 secondary, silent":   {403, nil, secondary, bot.Transient, time.Minute, bot.LimitUnsaid},
		"403 secondary, by words": {403, nil, `{"message":"You have exceeded a secondary rate limit. canary"}`, bot.Transient, time.Minute, bot.LimitUnsaid},
		"404":                     {404, nil, `{"message":"canary"}`, bot.Missing, 0, ""},
		"408":                     {408, nil, ``, bot.Transient, 0, ""},
		"409":                     {409, nil, ``, bot.Invalid, 0, ""},
		"410":                     {410, nil, ``, bot.GoneAway, 0, ""},
		"422":                     {422, nil, `{"message":"canary"}`, bot.Invalid, 0, ""},
		"429":                     {429, nil, ``, bot.Transient, time.Minute, bot.LimitUnsaid},
		"429 retry after":         {429, map[string]string{"Retry-After": "7"}, ``, bot.Transient, 7 * time.Second, bot.LimitSecondary},
		"429 none left":           {429, map[string]string{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": reset}, ``, bot.Transient, 90 * time.Second, bot.LimitPrimary},
		"451":                     {451, nil, ``, bot.Invalid, 0, ""},
		"500":                     {500, nil, `<html>canary`, bot.Transient, 0, ""},
		"502":                     {502, nil, ``, bot.Transient, 0, ""},
		"503 retry after":         {503, map[string]string{"Retry-After": "5"}, ``, bot.Transient, 5 * time.Second, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			refuse := func(w http.ResponseWriter, _ *http.Request) {
				for k, v := range c.header {
					w.Header().Set(k, v)
				}
				w.WriteHeader(c.status)
				_, _ = fmt.Fprint(w, c.body)
			}
			s.on("POST "+issuePath+"/comments", refuse)
			cl := s.client()
			for range 2 { // the second shows that nothing is remembered
				_, err := cl.PostComment(t.Context(), testRef(), "x")
				wantError(t, err, bot.Error{Op: "POST comment", Class: c.want, Status: c.status, RetryAfter: c.wait, Limit: c.limit})
			}
			calls := 2
			if c.status == 401 {
				calls = 4
			}
			if got := len(s.calls()); got != calls {
				t.Errorf("%d calls, want %d", got, calls)
			}
		})
	}
}

// A token that a rate limit refuses is no missing permission.
func TestTokensThatMustWait(t *testing.T) {
	s := newServer(t)
	s.answer("POST /app/installations/5/access_tokens", 403, `{"message":"You have exceeded a secondary rate limit. canary"}`)
	_, err := s.client().Issue(t.Context(), testRef())
	wantError(t, err, bot.Error{
		Op: "POST access token", Class: bot.Transient, Status: 403, RetryAfter: time.Minute, Limit: bot.LimitUnsaid,
	})
}

func TestTokensThatAreRefused(t *testing.T) {
	for status, want := range map[int]bot.Class{
		301: bot.Forbidden, 401: bot.Forbidden, 403: bot.Forbidden, 404: bot.Forbidden, 410: bot.Forbidden,
		422: bot.Forbidden, 429: bot.Transient, 500: bot.Transient, 503: bot.Transient,
	} {
		s := newServer(t)
		s.answer("POST /app/installations/5/access_tokens", status, `{"message":"canary"}`)
		e := bot.Error{Op: "POST access token", Class: want, Status: status}
		if status == 429 {
			e.RetryAfter, e.Limit = time.Minute, bot.LimitUnsaid
		}
		_, err := s.client().Issue(t.Context(), testRef())
		wantError(t, err, e)
		if got := s.calls(); len(got) != 0 {
			t.Errorf("%d: calls without a token: %q", status, got)
		}
	}
}

// ghinstallation keeps a token that was revoked: it is dropped, once.
func TestTokenThatWasRevoked(t *testing.T) {
	s := newServer(t)
	s.on("POST "+issuePath+"/comments", func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "token t1" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprint(w, `{"id":8}`)
	})
	c := s.client()
	for range 2 {
		if id, err := c.PostComment(t.Context(), testRef(), "x"); err != nil || id != 8 {
			t.Fatalf("got %d, %v", id, err)
		}
	}
	if got := s.last(); s.minted != 2 || got.Body != `{"body":"x"}` || len(s.calls()) != 3 {
		t.Errorf("%d tokens, body %s, calls %q", s.minted, got.Body, s.calls())
	}
}

// Each token is as narrow as its use, and is made once.
func TestTokens(t *testing.T) {
	s := newServer(t)
	s.answer("GET "+issuePath, 200, issueAnswer)
	c := s.client()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			if _, err := c.Issue(t.Context(), testRef()); err != nil {
				t.Error(err)
			}
			_, err := c.Members(t.Context(), 5, testTeam())
			wantError(t, err, bot.Error{Op: "GET team", Class: bot.Missing, Status: 404})
		})
	}
	wg.Wait()
	other := testRef()
	other.Repository = 8
	_, err := c.Issue(t.Context(), other)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for _, e := range s.log {
		if e.Header.Get("User-Agent") != "recoverybot/test" || e.Header.Get("X-Github-Api-Version") != apiVersion {
			t.Errorf("%s: headers %v", e.What, e.Header)
		}
		if strings.HasSuffix(e.What, "/access_tokens") {
			got[e.Body]++
		}
	}
	want := map[string]int{
		`{"repository_ids":[7],"permissions":{"issues":"write","metadata":"read"}}`: 1,
		`{"repository_ids":[8],"permissions":{"issues":"write","metadata":"read"}}`: 1,
		`{"permissions":{"members":"read"}}`:                                        1,
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("tokens (-want +got):\n%s", d)
	}
}

func TestReadsThatAreRedirected(t *testing.T) {
	for name, c := range map[string]struct {
		to   string
		want bot.Class
	}{
		"renamed":             {"/repositories/7/issues/3", ""},
		"transferred":         {"/repositories/8/issues/1", bot.GoneAway},
		"by another name":     {"/repos/other/help/issues/3", bot.GoneAway},
		"another host":        {"http://evil.example/repositories/7/issues/3", bot.Broken},
		"the metadata server": {"http://169.254.169.254/latest/meta-data", bot.Broken},
		"in a circle":         {issuePath, bot.Broken},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.on("GET "+issuePath, func(w http.ResponseWriter, r *http.Request) {
				http.Redirect(w, r, c.to, http.StatusMovedPermanently)
			})
			s.answer("GET /repositories/7/issues/3", 200, issueAnswer)
			s.answer("GET /repositories/8/issues/1", 200, issueAnswer)
			s.answer("GET /repos/other/help/issues/3", 200, issueAnswer)
			_, err := s.client().Issue(t.Context(), testRef())
			if got := bot.ClassOf(err); got != c.want {
				t.Errorf("class %q (%v), want %q", got, err, c.want)
			}
		})
	}
}

func TestNoAnswer(t *testing.T) {
	cut := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
	never := func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }
	for name, h := range map[string]http.HandlerFunc{"cut": cut, "time-out": never} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			s.on("POST "+issuePath+"/comments", h)
			_, err := s.client(func(o *Options) { o.Timeout = 300 * time.Millisecond }).PostComment(t.Context(), testRef(), "x")
			wantError(t, err, bot.Error{Op: "POST comment", Class: bot.Transient})
			if got := len(s.calls()); got != 1 {
				t.Errorf("%d calls, want 1: a write is sent once", got)
			}
		})
	}
	t.Run("cancelled", func(t *testing.T) {
		s := newServer(t)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err := s.client().Issue(ctx, testRef())
		wantError(t, err, bot.Error{Class: bot.Transient})
	})
}

func TestRefusedUnasked(t *testing.T) {
	ref := func(change func(*bot.Ref)) bot.Ref {
		r := testRef()
		change(&r)
		return r
	}
	for name, c := range map[string]struct {
		ref  bot.Ref
		want bot.Class
	}{
		"foreign repository": {ref(func(r *bot.Ref) { r.Repository = 8 }), bot.Forbidden},
		"no installation":    {ref(func(r *bot.Ref) { r.Installation = 0 }), bot.Forbidden},
		"no repository":      {ref(func(r *bot.Ref) { r.Repository = 0 }), bot.Invalid},
		"no owner":           {ref(func(r *bot.Ref) { r.Owner = "" }), bot.Invalid},
		"a name that climbs": {ref(func(r *bot.Ref) { r.Name = ".." }), bot.Invalid},
	} {
		t.Run(name, func(t *testing.T) {
			s := newServer(t)
			_, err := s.client(func(o *Options) { o.Repositories = []int64{7} }).Issue(t.Context(), c.ref)
			wantError(t, err, bot.Error{Op: "GET issue", Class: c.want})
			if len(s.log) != 0 {
				t.Errorf("it was asked: %v", s.log)
			}
		})
	}
}
