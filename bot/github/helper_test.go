package github

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
)

// testKey makes one key for all tests: that takes a while.
var testKey = sync.OnceValue(func() []byte {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
})

func testNow() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

func testRef() bot.Ref {
	return bot.Ref{CaseKey: bot.CaseKey{Repository: 7, Issue: 100}, Installation: 5, Owner: "octo", Name: "help", Number: 3}
}

// exchange is a request that the server saw.
type exchange struct {
	What   string // method and path with query
	Token  string
	Body   string
	Header http.Header
}

// server is a GitHub with canned answers: a route is a method and an escaped
// path. It hands out tokens t1, t2, … and remembers everything.
type server struct {
	*httptest.Server
	t      *testing.T
	mu     sync.Mutex
	log    []exchange
	minted int
	routes map[string]http.HandlerFunc
}

func newServer(t *testing.T) *server {
	t.Helper()
	s := &server{t: t, routes: map[string]http.HandlerFunc{}}
	s.Server = httptest.NewServer(s)
	t.Cleanup(s.Close)
	s.on("POST /app/installations/5/access_tokens", func(w http.ResponseWriter, _ *http.Request) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.minted++
		w.WriteHeader(http.StatusCreated)
		// Far away: ghinstallation reads the machine's clock.
		_, _ = fmt.Fprintf(w, `{"token":"t%d","expires_at":"2126-01-01T00:00:00Z"}`, s.minted)
	})
	return s
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	route := r.Method + " " + r.URL.EscapedPath()
	what := route
	if r.URL.RawQuery != "" {
		what += "?" + r.URL.RawQuery
	}
	s.mu.Lock()
	s.log = append(s.log, exchange{
		What: what, Token: strings.TrimPrefix(r.Header.Get("Authorization"), "token "),
		Body: strings.TrimSpace(string(body)), Header: r.Header.Clone(),
	})
	h := s.routes[route]
	s.mu.Unlock()
	if h == nil {
		http.Error(w, `{"message":"canary: no such route"}`, http.StatusNotFound)
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	h(w, r)
}

func (s *server) on(route string, h http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.routes[route] = h
}

// answer lets a route answer with a status and a body.
func (s *server) answer(route string, status int, body string) {
	s.on(route, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
}

// calls returns what was asked, tokens aside.
func (s *server) calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var whats []string
	for _, e := range s.log {
		if !strings.HasSuffix(e.What, "/access_tokens") {
			whats = append(whats, e.What)
		}
	}
	return whats
}

// last returns the latest exchange.
func (s *server) last() exchange {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.log[len(s.log)-1]
}

func (s *server) client(change ...func(*Options)) *Client {
	s.t.Helper()
	o := Options{BaseURL: s.URL, AppID: 9, PrivateKey: testKey(), Version: "test", Clock: testNow}
	for _, f := range change {
		f(&o)
	}
	c, err := New(o)
	if err != nil {
		s.t.Fatal(err)
	}
	return c
}

// wantError checks class, status and wait, and that the error is silent about
// the answer's body.
func wantError(t *testing.T, err error, want bot.Error) {
	t.Helper()
	got, ok := err.(*bot.Error) //nolint:errorlint // it must be one itself
	if !ok {
		t.Fatalf("got %T %v, want a *bot.Error", err, err)
	}
	if want.Op == "" {
		want.Op = got.Op
	}
	if *got != want {
		t.Errorf("got %+v, want %+v", *got, want)
	}
	text, err := json.Marshal(got)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(got.Error()+string(text), "canary") {
		t.Errorf("the error repeats the answer: %v", got)
	}
}

const (
	issuePath   = "/repos/octo/help/issues/3"
	issueAnswer = `{"id":100,"number":3,"title":"T","body":"B","state":"closed","locked":true,"user":{"id":1,"login":"ann","type":"User"},
		"closed_by":{"id":2,"login":"bob","type":"User"},"labels":[{"name":"l1"}],"assignees":[{"login":"bob"}],
		"created_at":"2026-11-01T00:00:00Z","updated_at":"2026-11-02T00:00:00Z"}`
)
