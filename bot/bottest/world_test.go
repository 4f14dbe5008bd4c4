package bottest_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/bottest/contract"
)

const (
	appID  = 4711
	secret = "a webhook secret of some length"
	form   = "### PyPI Username\n\njbber"
)

var key = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

// clock is a time that a test moves by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// world is a fake GitHub behind a server that checks every exchange against GitHub's description.
type world struct {
	t     *testing.T
	clock *clock
	fake  *bottest.Fake
	repo  *bottest.Repository
	url   string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	c := &clock{now: time.Date(2026, 12, 3, 10, 12, 0, 500, time.UTC)}
	fake := bottest.New(bottest.Options{
		Clock: c.Now, AppID: appID, Slug: "recoverybot", PrivateKey: key(), WebhookSecret: secret, Seed: "test",
	})
	fake.AddOrganization("pypi", 2964877)
	fake.AddUser("author", 77)
	fake.AddTeam(bottest.Team{Org: "pypi", Slug: "support-admins", ID: 4410021, Members: []string{"agent", "other"}})
	repo := fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "support", ID: 233912345, Labels: []string{"account-recovery"}})
	repo.AddCollaborator("helper", "triage")
	repo.AddCollaborator("writer", "write")
	repo.AddCollaborator("boss", "admin")
	server := httptest.NewServer(contract.Handler(t, fake))
	t.Cleanup(server.Close)
	return &world{t: t, clock: c, fake: fake, repo: repo, url: server.URL}
}

// open opens an issue by the author.
func (w *world) open(labels ...string) int {
	w.t.Helper()
	n, err := w.repo.OpenIssue("author", bottest.Draft{Title: "Account recovery", Body: form, Labels: labels})
	w.check(err)
	return n
}

func (w *world) check(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) issue(n int) bottest.Issue {
	w.t.Helper()
	is, ok := w.repo.Issue(n)
	if !ok {
		w.t.Fatalf("issue %d is gone", n)
	}
	return is
}

// answer is what came back over HTTP.
type answer struct {
	status int
	header http.Header
	raw    []byte
}

func (a answer) object() map[string]any {
	var o map[string]any
	_ = json.Unmarshal(a.raw, &o) // a list leaves it empty, and the test says what it misses
	return o
}

func (a answer) list() []map[string]any {
	var l []map[string]any
	_ = json.Unmarshal(a.raw, &l)
	return l
}

// caller is somebody who calls the fake over HTTP.
type caller struct {
	*world
	auth string
}

// as returns a caller with that Authorization header.
func (w *world) as(auth string) caller { return caller{w, auth} }

// try does one call, "METHOD /path", and returns the transport's error.
func (c caller) try(what, body string) (answer, error) {
	c.t.Helper()
	method, path, _ := strings.Cut(what, " ")
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.url+path, bytes.NewBufferString(body))
	c.check(err)
	if c.auth != "" {
		req.Header.Set("Authorization", c.auth)
	}
	if body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(req)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	return answer{status: res.StatusCode, header: res.Header, raw: raw}, err
}

// call does one call and wants that status.
func (c caller) call(want int, what, body string) answer {
	c.t.Helper()
	a, err := c.try(what, body)
	c.check(err)
	if a.status != want {
		c.t.Fatalf("%s: status %d, want %d: %s", what, a.status, want, a.raw)
	}
	return a
}

func person(login string) string { return "Bearer user:" + login }

// jwt signs a token for the App that runs out after life.
func (w *world) jwt(issuer any, life time.Duration) string {
	w.t.Helper()
	return sign(w.t, w.clock.Now(), claims{issuer, life})
}

type claims struct {
	issuer any
	life   time.Duration
}

func sign(t testing.TB, now time.Time, c claims) string {
	t.Helper()
	encode := func(v any) string {
		raw, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(raw)
	}
	text := encode(map[string]any{"alg": "RS256", "typ": "JWT"}) + "." +
		encode(map[string]any{"iss": c.issuer, "iat": now.Unix(), "exp": now.Add(c.life).Unix()})
	digest := sha256.Sum256([]byte(text))
	signature, err := rsa.SignPKCS1v15(rand.Reader, key(), crypto.SHA256, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return "Bearer " + text + "." + base64.RawURLEncoding.EncodeToString(signature)
}

func (w *world) app() string { return w.jwt(strconv.Itoa(appID), 9*time.Minute) }

// token mints an installation token with the given request body.
func (w *world) token(body string) string {
	w.t.Helper()
	a := w.as(w.app()).call(201, "POST /app/installations/1001/access_tokens", body)
	return fmt.Sprint("token ", a.object()["token"])
}

// conditional lists the issues with If-None-Match and returns the status.
func (w *world) conditional(tag string) int {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodGet, w.url+"/repos/pypi/support/issues", nil)
	w.check(err)
	req.Header.Set("If-None-Match", tag)
	res, err := http.DefaultClient.Do(req)
	w.check(err)
	w.check(res.Body.Close())
	return res.StatusCode
}
