// Package proxytest is an HTTP proxy for tests: it lets TLS through, as
// companies' proxies do, and remembers all that it could read.
package proxytest

import (
	"bytes"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"testing"
)

// Proxy is a proxy on a port of this machine. It may be used by many
// goroutines.
type Proxy struct {
	URL *url.URL

	target string
	refuse int
	mu     sync.Mutex
	asked  []string
	seen   bytes.Buffer
}

// New starts a proxy until the test ends. Every host that it is asked for
// leads to target, HOST:PORT, so that a test may use names which nobody has.
func New(tb testing.TB, target string) *Proxy {
	tb.Helper()
	p := &Proxy{target: target}
	server := httptest.NewServer(p)
	tb.Cleanup(server.Close)
	u, err := url.Parse(server.URL)
	if err != nil {
		tb.Fatal(err)
	}
	p.URL = u
	return p
}

// Refuse lets nothing through from now on, and answers with a status.
func (p *Proxy) Refuse(status int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refuse = status
}

// Asked returns what was asked of the proxy, by method and host, in order.
func (p *Proxy) Asked() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]string{}, p.asked...)
}

// Seen is all that went through and all headers, both ways: what the proxy's
// owner can read.
func (p *Proxy) Seen() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen.String()
}

// Write remembers what went through.
func (p *Proxy) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.seen.Write(b)
}

// ServeHTTP opens a tunnel for CONNECT; it forwards nothing in clear.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	p.asked = append(p.asked, r.Method+" "+r.Host)
	_ = r.Header.Write(&p.seen) // a buffer takes all
	refuse := p.refuse
	p.mu.Unlock()
	switch {
	case refuse != 0:
		w.WriteHeader(refuse)
	case r.Method != http.MethodConnect:
		w.WriteHeader(http.StatusForbidden)
	default:
		p.tunnel(w, r)
	}
}

func (p *Proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	far, err := new(net.Dialer).DialContext(r.Context(), "tcp", p.target)
	if err != nil {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	near, early, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = far.Close() // there is nobody to tell
		return
	}
	_, _ = io.WriteString(near, "HTTP/1.1 200 OK\r\n\r\n") // an error shows when the copying begins
	var both sync.WaitGroup
	for _, way := range []struct {
		to   io.Writer
		from io.Reader
	}{{near, far}, {far, early}} { // early has what came behind the CONNECT
		both.Go(func() {
			_, _ = io.Copy(way.to, io.TeeReader(way.from, p)) // it ends when either side does
			_, _ = near.Close(), far.Close()
		})
	}
	both.Wait()
}
