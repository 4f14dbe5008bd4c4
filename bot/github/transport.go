package github

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"syscall"
	"time"
)

const (
	maxAnswer  = 8 << 20
	maxDrain   = 64 << 10
	apiVersion = "2022-11-28"
)

var (
	errTooLarge  = errors.New("the answer is too large")
	errElsewhere = errors.New("redirected to another host")
	errAddress   = errors.New("the address is not a public one")
	errProxy     = errors.New("the proxy does not let it through")
)

// transport names us in each request, those for tokens included, and caps
// each answer. It lies above the unpacking of gzip.
type transport struct {
	next  http.RoundTripper
	agent string
}

// RoundTrip implements http.RoundTripper.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	req = req.Clone(req.Context())
	req.Header.Set("User-Agent", t.agent)
	req.Header.Set("X-GitHub-Api-Version", apiVersion)
	resp, err := t.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	resp.Body = &cappedBody{body: resp.Body, left: maxAnswer}
	return resp, nil
}

// cappedBody gives errTooLarge after so many bytes. Close reads a short rest,
// so that the connection can be used again.
type cappedBody struct {
	body io.ReadCloser
	left int64
}

func (b *cappedBody) Read(p []byte) (int, error) {
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1]
	}
	n, err := b.body.Read(p)
	if int64(n) > b.left {
		return int(b.left), errTooLarge
	}
	b.left -= int64(n)
	return n, err
}

func (b *cappedBody) Close() error {
	_, _ = io.CopyN(io.Discard, b.body, maxDrain) // only to spare a connection
	return b.body.Close()
}

// route is how to reach GitHub.
type route struct {
	exempt string         // the host that may have a private address; "": none
	proxy  *url.URL       // nil: none
	roots  *x509.CertPool // nil: the system's
}

// newTransport returns a transport that connects to public addresses only,
// judged when it dials, so that no name can be rebound. The exempt host and
// the proxy's may be anywhere: they are the operator's word. Where there is a
// proxy it alone is dialled, and carries TLS that it can't read.
func newTransport(way route) *http.Transport {
	free := &net.Dialer{Timeout: 5 * time.Second}
	guarded := &net.Dialer{Timeout: 5 * time.Second, Control: publicOnly}
	exempt := way.exempt
	if way.proxy != nil {
		exempt = way.proxy.Hostname()
	}
	return &http.Transport{
		Proxy: http.ProxyURL(way.proxy),
		DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			host, _, err := net.SplitHostPort(addr)
			if err == nil && exempt != "" && strings.EqualFold(host, exempt) {
				return free.DialContext(ctx, network, addr)
			}
			return guarded.DialContext(ctx, network, addr)
		},
		OnProxyConnectResponse: tunnelled,
		TLSClientConfig:        &tls.Config{RootCAs: way.roots, MinVersion: tls.VersionTLS12},
		ForceAttemptHTTP2:      true,
		MaxIdleConnsPerHost:    8,
		IdleConnTimeout:        60 * time.Second,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxResponseHeaderBytes: 64 << 10,
	}
}

// tunnelled names a proxy's refusal, which would be any error else.
func tunnelled(_ context.Context, _ *url.URL, _ *http.Request, resp *http.Response) error {
	if resp.StatusCode != http.StatusOK {
		return errProxy
	}
	return nil
}

func publicOnly(_, address string, _ syscall.RawConn) error {
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return fmt.Errorf("dialling: %w", errAddress)
	}
	if !public(ap.Addr().Unmap()) {
		return errAddress
	}
	return nil
}

// public reports whether an address can belong to a host of the internet. The
// prefixes are those of RFC 6890 that netip has no method for.
func public(ip netip.Addr) bool {
	if !ip.IsGlobalUnicast() || ip.IsPrivate() {
		return false
	}
	for _, p := range []string{"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "198.18.0.0/15", "240.0.0.0/4", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16"} {
		if netip.MustParsePrefix(p).Contains(ip) {
			return false
		}
	}
	return true
}
