package proxytest

import (
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
)

func get(t *testing.T, p *Proxy, url string) (int, string) {
	t.Helper()
	c := &http.Client{Transport: &http.Transport{
		Proxy:           http.ProxyURL(p.URL),
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}}
	defer c.CloseIdleConnections()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Do(req)
	if err != nil {
		return 0, err.Error()
	}
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode, string(body)
}

func TestProxy(t *testing.T) {
	server := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, "hello")
	}))
	t.Cleanup(server.Close)
	p := New(t, server.Listener.Addr().String())
	if status, body := get(t, p, "https://nobody.example/"); status != 200 || body != "hello" {
		t.Errorf("got %d %q, want 200 and hello", status, body)
	}
	if strings.Contains(p.Seen(), "hello") || len(p.Seen()) < 1000 {
		t.Errorf("the proxy saw %d bytes, and must see them all, and read none", len(p.Seen()))
	}
	if status, _ := get(t, p, "http://nobody.example/"); status != http.StatusForbidden {
		t.Errorf("in clear: got %d, want 403", status)
	}
	p.Refuse(http.StatusBadGateway)
	if status, text := get(t, p, "https://nobody.example/"); status != 0 || !strings.Contains(text, "Bad Gateway") {
		t.Errorf("refused: got %d %s", status, text)
	}
	want := []string{"CONNECT nobody.example:443", "GET nobody.example", "CONNECT nobody.example:443"}
	if got := p.Asked(); !slices.Equal(got, want) {
		t.Errorf("asked %q, want %q", got, want)
	}
}
