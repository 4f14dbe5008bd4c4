package github

import (
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/bottest/proxytest"
)

func proxyAt(u string) func(*http.Request) (*url.URL, error) {
	return func(*http.Request) (*url.URL, error) { return url.Parse(u) }
}

// enterprise is a GitHub Enterprise Server in a company: TLS by a certificate
// for git.example.com that the company's own CA signed.
type enterprise struct {
	fake  *bottest.Fake
	repo  *bottest.Repository
	https *httptest.Server
	ca    string // file
}

func newEnterprise(t *testing.T) *enterprise {
	t.Helper()
	block, _ := pem.Decode(testKey())
	key, err := x509.ParsePKCS1PrivateKey(block.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	e := &enterprise{fake: bottest.New(bottest.Options{Clock: testNow, AuthClock: time.Now, AppID: 9, Slug: "recovery", PrivateKey: key})}
	e.repo = e.fake.AddRepository(bottest.RepositoryOptions{Owner: "octo", Name: "help", ID: 7})
	e.https = httptest.NewTLSServer(e.fake)
	t.Cleanup(e.https.Close)
	e.ca = filepath.Join(t.TempDir(), "ca.pem")
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: e.https.Certificate().Raw})
	if err := os.WriteFile(e.ca, cert, 0o600); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e *enterprise) client(t *testing.T, change func(*Options)) *Client {
	t.Helper()
	o := Options{AppID: 9, PrivateKey: testKey(), Repositories: []int64{7}, Version: "test", Clock: testNow}
	if e.ca != "" {
		roots, err := ReadCA(e.ca)
		if err != nil {
			t.Fatal(err)
		}
		o.RootCAs = roots
	}
	change(&o)
	c, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// use makes calls of every kind: with a JWT and with tokens, reads over pages
// and redirects, and a write.
func (e *enterprise) use(t *testing.T, c *Client) {
	t.Helper()
	ctx := t.Context()
	for range 101 {
		if _, err := e.repo.OpenIssue("ann", bottest.Draft{Title: "T", Body: "B"}); err != nil {
			t.Fatal(err)
		}
	}
	found, err := c.FindRepository(ctx, "octo", "help")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Self(ctx); err != nil {
		t.Fatal(err)
	}
	if err := e.repo.Rename("octo", "renamed"); err != nil {
		t.Fatal(err)
	}
	ref := bot.Ref{CaseKey: bot.CaseKey{Repository: 7}, Installation: found.Installation, Owner: "octo", Name: "help"}
	all, err := c.OpenIssues(ctx, ref, "")
	if err != nil || len(all) != 101 {
		t.Errorf("%d issues, %v; want 101, on two pages, under the old name", len(all), err)
	}
	ref.Number = 1
	if _, err := c.PostComment(ctx, ref, "x"); err != nil {
		t.Error(err)
	}
	if is, _ := e.repo.Issue(1); len(is.Comments) != 1 {
		t.Errorf("%d comments, want 1", len(is.Comments))
	}
}

func TestEnterpriseServerWithAPrivateCA(t *testing.T) {
	e := newEnterprise(t)
	e.use(t, e.client(t, func(o *Options) { o.BaseURL = e.https.URL + "/api/v3/" }))

	e.ca = ""
	_, err := e.client(t, func(o *Options) { o.BaseURL = e.https.URL }).Self(t.Context())
	wantError(t, err, bot.Error{Op: "GET app", Class: bot.Transient, Cause: "its certificate is not trusted"})
}

// All goes by the proxy, to the one host, and the proxy reads no token.
func TestEnterpriseServerBehindAProxy(t *testing.T) {
	e := newEnterprise(t)
	var mu sync.Mutex
	var tokens []string
	watched := e.https.Config.Handler
	e.https.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
		mu.Lock()
		tokens = append(tokens, token)
		mu.Unlock()
		watched.ServeHTTP(w, r)
	})
	proxy := proxytest.New(t, e.https.Listener.Addr().String())
	proxy.URL.User = url.UserPassword("bot", "its-own-password")
	e.use(t, e.client(t, func(o *Options) {
		o.BaseURL, o.Proxy = "https://git.example.com", http.ProxyURL(proxy.URL)
	}))
	asked := proxy.Asked()
	if got, want := slices.Compact(asked), []string{"CONNECT git.example.com:443"}; !slices.Equal(got, want) {
		t.Errorf("asked of the proxy: %q, want only %q", got, want)
	}
	seen := proxy.Seen()
	if len(seen) < 10_000 || !strings.Contains(seen, "Proxy-Authorization: Basic ") {
		t.Errorf("the proxy saw %d bytes, and should see all of them, and who asks", len(seen))
	}
	mu.Lock()
	defer mu.Unlock()
	slices.Sort(tokens)
	tokens = slices.DeleteFunc(slices.Compact(tokens), func(s string) bool { return s == "" })
	if len(tokens) < 3 {
		t.Errorf("%d tokens at GitHub, want a JWT and two tokens at least", len(tokens))
	}
	for _, secret := range append(tokens, "access_token", "octo/help", "recoverybot/test") {
		if strings.Contains(seen, secret) {
			t.Errorf("the proxy can read %q", secret)
		}
	}
}

// What goes wrong with a proxy is told as that.
func TestProxyThatFails(t *testing.T) {
	e := newEnterprise(t)
	proxy := proxytest.New(t, e.https.Listener.Addr().String())
	ask := func(at *url.URL) error {
		_, err := e.client(t, func(o *Options) { o.BaseURL, o.Proxy = "https://git.example.com", http.ProxyURL(at) }).Self(t.Context())
		return err
	}
	proxy.Refuse(http.StatusProxyAuthRequired)
	wantError(t, ask(proxy.URL), bot.Error{Op: "GET app", Class: bot.Transient, Cause: "the proxy does not let it through"})
	wantError(t, ask(&url.URL{Scheme: "http", Host: "127.0.0.1:1"}), bot.Error{Op: "GET app", Class: bot.Transient, Cause: "the proxy does not answer"})
	if n := len(e.fake.Calls()); n != 0 {
		t.Errorf("%d calls came through, want none", n)
	}
}

// Plain http, to this machine, never goes by a proxy.
func TestNoProxyInClear(t *testing.T) {
	s := newServer(t)
	s.answer("GET /app", 200, `{"slug":"recovery"}`)
	proxy := proxytest.New(t, s.Listener.Addr().String())
	c := s.client(func(o *Options) { o.Proxy = http.ProxyURL(proxy.URL) })
	_, err := c.Self(t.Context())
	if got := proxy.Asked(); len(got) > 0 || len(s.calls()) == 0 {
		t.Errorf("asked of the proxy %q, of GitHub %q (%v)", got, s.calls(), err)
	}
}

// The rules of who may be called hold for every kind of address.
func TestEnterpriseServerThatRedirects(t *testing.T) {
	e := newEnterprise(t)
	elsewhere := newServer(t)
	c := e.client(t, func(o *Options) { o.BaseURL = e.https.URL + "/api/v3" })
	e.fake.Fail(bottest.Fault{Kind: bottest.FaultRedirect, On: "installation", Location: elsewhere.URL + "/api/v3/app"})
	_, err := c.FindRepository(t.Context(), "octo", "help")
	if bot.ClassOf(err) != bot.Broken || len(elsewhere.calls()) > 0 {
		t.Errorf("got %v and calls %q elsewhere, want broken and none", err, elsewhere.calls())
	}
}

func TestCauseOfAnAddress(t *testing.T) {
	if got := cause(errors.Join(errAddress)); got != "the address is not a public one" {
		t.Errorf("got %q", got)
	}
}

func TestReadCA(t *testing.T) {
	e := newEnterprise(t)
	good, err := os.ReadFile(e.ca)
	if err != nil {
		t.Fatal(err)
	}
	bad := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("canary")})
	for name, c := range map[string]struct {
		content []byte
		want    string
	}{
		"one":       {good, ""},
		"two":       {slices.Concat([]byte("subject=Our CA\n"), good, good), ""},
		"no PEM":    {[]byte("canary"), "has no certificate: it needs PEM blocks"},
		"empty":     {nil, "has no certificate"},
		"a key":     {slices.Concat(good, testKey()), "PEM block 2 of"},
		"is broken": {slices.Concat(good, bad), "PEM block 2 of"},
		"too long":  {make([]byte, maxCA+1), "longer than"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "ca.pem")
			if err := os.WriteFile(path, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := ReadCA(path)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "canary")) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
	if _, err := ReadCA(filepath.Join(t.TempDir(), "nowhere")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
	system, err := x509.SystemCertPool()
	if err != nil {
		t.Fatal(err)
	}
	system.AddCert(e.https.Certificate())
	got, err := ReadCA(e.ca)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(system) {
		t.Error("the roots are not the system's with ours")
	}
}
