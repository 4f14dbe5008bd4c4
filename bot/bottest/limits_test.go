package bottest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/bottest/contract"
)

// limited is a world whose GitHub has these limits.
func limited(t *testing.T, limits bottest.Limits) *world {
	return worldWith(t, bottest.Options{Limits: limits})
}

// worldWith is a world whose GitHub has these options, besides those of every world.
func worldWith(t *testing.T, o bottest.Options) *world {
	t.Helper()
	c := &clock{now: time.Date(2026, 12, 3, 10, 12, 0, 0, time.UTC)}
	o.Clock, o.AppID, o.Slug, o.PrivateKey, o.WebhookSecret, o.Seed = c.Now, appID, "recoverybot", key(), secret, "test"
	fake := bottest.New(o)
	server := httptest.NewServer(contract.Handler(t, fake))
	t.Cleanup(server.Close)
	w := &world{t: t, clock: c, fake: fake, url: server.URL}
	w.repo = fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "support"})
	w.repo.AddCollaborator("helper", "triage")
	w.repo.AddCollaborator("boss", "admin")
	return w
}

func TestPrimaryLimit(t *testing.T) {
	w := limited(t, bottest.Limits{Primary: 3})
	w.open()
	token := w.token("")
	a := w.as(token).call(200, "GET /repos/pypi/support/issues", "")
	if got := a.header.Get("X-RateLimit-Remaining"); got != "2" {
		t.Errorf("%s calls remain, want 2", got)
	}
	for range 5 {
		w.conditionalAs(token, a.header.Get("ETag"))
	}
	w.as(token).call(200, "GET "+issueOne, "")
	w.as(token).call(200, "GET "+issueOne, "")
	refused := w.as(token).call(403, "GET "+issueOne, "")
	reset := w.clock.Now().Add(time.Hour).Unix()
	if got := refused.header; got.Get("X-RateLimit-Remaining") != "0" || got.Get("X-RateLimit-Reset") != strconv.FormatInt(reset, 10) {
		t.Errorf("headers %v", got)
	}
	w.as(token).call(429, "GET "+issueOne, "")
	w.as(person("author")).call(200, "GET "+issueOne, "")
	if diff := cmp.Diff(bottest.Violations{Primary: 2}, w.fake.Violations()); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
	w.clock.pass(time.Hour)
	w.as(w.token("")).call(200, "GET "+issueOne, "")
}

// conditionalAs lists the issues with If-None-Match, and wants a 304.
func (w *world) conditionalAs(auth, tag string) {
	w.t.Helper()
	req := httptest.NewRequestWithContext(w.t.Context(), "GET", "/repos/pypi/support/issues", nil)
	req.Header.Set("Authorization", auth)
	req.Header.Set("If-None-Match", tag)
	seen := httptest.NewRecorder()
	w.fake.ServeHTTP(seen, req)
	if seen.Code != 304 {
		w.t.Errorf("conditional: %d", seen.Code)
	}
}

func TestWritesPerMinute(t *testing.T) {
	w := limited(t, bottest.Limits{WritesPerMinute: 2, WritesPerHour: 3, RetryAfter: 30 * time.Second})
	w.open()
	token := w.token("")
	write := func(want int) answer {
		t.Helper()
		return w.as(token).call(want, "POST "+comments, `{"body":"x"}`)
	}
	write(201)
	write(201)
	if got := write(403).header.Get("Retry-After"); got != "30" {
		t.Errorf("Retry-After %q, want 30", got)
	}
	w.clock.pass(20 * time.Second)
	w.as(token).call(429, "GET "+issueOne, "") // whoever goes on is silent for longer
	w.clock.pass(20 * time.Second)
	write(403)
	w.clock.pass(30 * time.Second)
	write(201)
	w.clock.pass(time.Minute)
	write(429)
	want := bottest.Violations{WritesPerMinute: 1, During: 2, WritesPerHour: 1}
	if got := w.fake.Violations(); got != want || got.Total() != 4 {
		t.Errorf("violations %+v, want %+v", got, want)
	}
	if got := len(w.issue(1).Comments); got != 3 {
		t.Errorf("%d comments, want 3", got)
	}
}

func TestPoints(t *testing.T) {
	w := limited(t, bottest.Limits{PointsPerMinute: 7})
	other := w.fake.AddRepository(bottest.RepositoryOptions{Owner: "psf", Name: "support", Installation: 7})
	w.open()
	token := w.token("")
	w.as(token).call(201, "POST "+comments, `{"body":"x"}`)
	w.as(token).call(200, "GET "+issueOne, "")
	w.as(token).call(200, "GET "+issueOne, "")
	w.as(token).call(403, "GET "+issueOne, "")
	theirs := "token " + w.as(w.app()).call(201, "POST /app/installations/7/access_tokens", "").object()["token"].(string)
	w.as(theirs).call(200, "GET /repos/"+other.Name(), "")
	if got := w.fake.Violations(); got != (bottest.Violations{Points: 1}) {
		t.Errorf("violations %+v", got)
	}
}

func TestConcurrentLimit(t *testing.T) {
	w := limited(t, bottest.Limits{Concurrent: 1})
	w.open()
	token := w.token("")
	w.fake.Fail(bottest.Fault{On: "GET issue", Kind: bottest.FaultHang})
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan int)
	go func() { first <- w.direct(ctx, "GET "+issueOne, token) }()
	for w.fake.CountSince(0, "GET issue") == 0 { // until the call has arrived
		runtime.Gosched()
	}
	w.as(token).call(403, "GET "+issueOne, "")
	cancel()
	if got := <-first; got != 0 {
		t.Errorf("a hanging call was answered with %d", got)
	}
	w.clock.pass(time.Minute)
	w.as(token).call(200, "GET "+issueOne, "")
	if got := w.fake.Violations(); got != (bottest.Violations{Concurrent: 1}) {
		t.Errorf("violations %+v", got)
	}
}

// direct does one call without a network, whose client would repeat what was cut; 0 where there is no answer.
func (w *world) direct(ctx context.Context, what, auth string) (status int) {
	defer func() {
		if err := recover(); err != nil && err != http.ErrAbortHandler { //nolint:errorlint // it is that very value
			panic(err)
		}
	}()
	method, path, _ := strings.Cut(what, " ")
	req := httptest.NewRequestWithContext(ctx, method, path, strings.NewReader(`{"body":"x"}`))
	req.Header.Set("Authorization", auth)
	seen := httptest.NewRecorder()
	w.fake.ServeHTTP(seen, req)
	return seen.Code
}

func TestTally(t *testing.T) {
	w := worldWith(t, bottest.Options{Lean: true})
	w.open()
	token := w.token("")
	tag := w.as(token).call(200, "GET /repos/pypi/support/issues", "").header.Get("ETag")
	w.conditionalAs(token, tag)
	w.as(token).call(404, "GET /repos/pypi/support/issues/9", "")
	w.as(person("author")).call(200, "GET "+issueOne, "")
	want := map[string]int{"token": 1, "GET issues": 1, "GET issues 304": 1, "GET issue": 1}
	if diff := cmp.Diff(want, w.fake.Tally()); diff != "" {
		t.Errorf("tally (-want +got):\n%s", diff)
	}
	if n := len(w.fake.Calls()); n != 0 {
		t.Errorf("%d calls are kept", n)
	}
	w.fake.ResetCalls()
	if n := len(w.fake.Tally()); n != 0 {
		t.Errorf("%d kinds after the reset", n)
	}
}

func TestGitHubLimits(t *testing.T) {
	l := bottest.GitHubLimits()
	w := limited(t, l)
	w.open()
	token := w.token("")
	for range l.WritesPerMinute {
		w.as(token).call(201, "POST "+comments, `{"body":"x"}`)
	}
	w.as(token).call(403, "POST "+comments, `{"body":"x"}`)
	if got := w.fake.Violations(); got != (bottest.Violations{WritesPerMinute: 1}) {
		t.Errorf("violations %+v", got)
	}
}
