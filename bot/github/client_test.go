package github

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/bot"
)

func TestNew(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Options)
		want   string // "": it works
		base   string
	}{
		"default":           {func(*Options) {}, "", "https://api.github.com/"},
		"GHES":              {func(o *Options) { o.BaseURL = "https://git.example/api/v3/" }, "", "https://git.example/api/v3/"},
		"this machine":      {func(o *Options) { o.BaseURL = "http://127.0.0.1:99" }, "", "http://127.0.0.1:99/"},
		"this machine by 6": {func(o *Options) { o.BaseURL = "http://[::1]:99" }, "", "http://[::1]:99/"},
		"GHES, its pages":   {func(o *Options) { o.BaseURL = "https://git.example" }, "", "https://git.example/api/v3/"},
		"no TLS":            {func(o *Options) { o.BaseURL = "http://git.example" }, "tokens go over https", ""},
		"a bad proxy":       {func(o *Options) { o.Proxy = proxyAt("http:canary") }, "proxy (HTTPS_PROXY) is not like", ""},
		"no proxy's URL": {func(o *Options) {
			o.Proxy = func(*http.Request) (*url.URL, error) { return nil, errors.New("canary") }
		}, "proxy (HTTPS_PROXY) is not like", ""},
		"no App":   {func(o *Options) { o.AppID = 0 }, "App's id", ""},
		"no clock": {func(o *Options) { o.Clock = nil }, "clock", ""},
		"no key":   {func(o *Options) { o.PrivateKey = []byte("canary") }, "RSA key in PEM form", ""},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{AppID: 9, PrivateKey: testKey(), Clock: testNow}
			c.change(&o)
			got, err := New(o)
			if c.want == "" {
				if err != nil || got.base.String() != c.base || got.timeout != DefaultTimeout {
					t.Errorf("got %+v, %v; want base %s", got, err, c.base)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "canary") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestGHESPaths(t *testing.T) {
	s := newServer(t)
	s.answer("POST /api/v3/app/installations/5/access_tokens", 201, `{"token":"t","expires_at":"2126-01-01T00:00:00Z"}`)
	s.answer("GET /api/v3"+issuePath, 200, issueAnswer)
	_, err := s.client(func(o *Options) { o.BaseURL = s.URL + "/api/v3" }).Issue(t.Context(), testRef())
	if err != nil {
		t.Error(err, s.calls())
	}
}

func TestReadKey(t *testing.T) {
	for name, c := range map[string]struct {
		content []byte
		mode    os.FileMode
		want    string
	}{
		"owner's":           {testKey(), 0o600, ""},
		"owner's, to read":  {testKey(), 0o400, ""},
		"the group's too":   {testKey(), 0o660, "run chmod 600"},
		"everybody's":       {testKey(), 0o644, "run chmod 600"},
		"no key":            {[]byte("canary"), 0o600, "not an RSA key"},
		"far too long":      {append(testKey(), make([]byte, maxKey)...), 0o600, "longer than"},
		"not there":         {nil, 0, "no such file"},
		"a folder, by name": {nil, os.ModeDir, "is not a file"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "key.pem")
			switch {
			case c.mode.IsDir():
				path = t.TempDir()
			case c.content != nil:
				if err := os.WriteFile(path, c.content, 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(path, c.mode); err != nil {
					t.Fatal(err)
				}
			}
			got, err := ReadKey(path)
			if c.want == "" {
				if err != nil || !bytes.Equal(got, c.content) {
					t.Errorf("got %d bytes, %v", len(got), err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "canary") {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

func TestPublic(t *testing.T) {
	for ip, want := range map[string]bool{
		"140.82.112.5": true, "2606:50c0:8000::153": true,
		"127.0.0.1": false, "10.1.2.3": false, "172.16.0.1": false, "192.168.1.1": false, "169.254.169.254": false,
		"100.64.0.1": false, "0.0.0.0": false, "0.1.2.3": false, "224.0.0.1": false, "255.255.255.255": false, "240.0.0.1": false,
		"::1": false, "::": false, "fe80::1": false, "fd00::1": false, "ff02::1": false, "64:ff9b::7f00:1": false,
		"::ffff:127.0.0.1": false, "::ffff:169.254.169.254": false,
	} {
		if got := public(netip.MustParseAddr(ip).Unmap()); got != want {
			t.Errorf("%s: public is %v, want %v", ip, got, want)
		}
	}
}

// A name of the internet that leads to this machine is not dialled, unless it
// is the operator's own host.
func TestDialling(t *testing.T) {
	s := newServer(t)
	s.answer("GET /", 200, "{}")
	get := func(exempt, url string) error {
		tr := newTransport(route{exempt: exempt})
		defer tr.CloseIdleConnections()
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := tr.RoundTrip(req)
		if err == nil {
			_ = resp.Body.Close()
		}
		return err
	}
	_, port, _ := strings.Cut(s.Listener.Addr().String(), ":")
	if err := get("127.0.0.1", s.URL); err != nil {
		t.Errorf("the operator's host: %v", err)
	}
	for _, url := range []string{s.URL, "http://localhost:" + port} {
		if err := get("git.example", url); err == nil || !strings.Contains(err.Error(), errAddress.Error()) {
			t.Errorf("%s: got %v, want %v", url, err, errAddress)
		}
	}
	if n := len(s.log); n != 1 {
		t.Errorf("%d requests came through, want 1", n)
	}
	if publicOnly("tcp", "no address", nil) == nil {
		t.Error("what is no address was dialled")
	}
}

// A small answer may unpack to a large one.
func TestGzipBomb(t *testing.T) {
	s := newServer(t)
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := io.WriteString(z, `{"body":"`+strings.Repeat(" ", maxAnswer)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{200, 500} {
		s.on("GET "+issuePath, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			w.WriteHeader(status)
			_, _ = w.Write(packed.Bytes())
		})
		_, err := s.client().Issue(t.Context(), testRef())
		want := map[int]bot.Class{200: bot.Broken, 500: bot.Transient}[status]
		wantError(t, err, bot.Error{Class: want, Status: status})
	}
}

func TestCappedBody(t *testing.T) {
	for size, want := range map[int]error{9: nil, 10: nil, 11: errTooLarge, 1000: errTooLarge} {
		b := &cappedBody{body: io.NopCloser(strings.NewReader(strings.Repeat("x", size))), left: 10}
		got, err := io.ReadAll(b)
		if err != want || len(got) > 10 { //nolint:errorlint // the very error
			t.Errorf("%d bytes: read %d, %v; want %v", size, len(got), err, want)
		}
	}
}
