package webhook

import (
	"net/http"
	"testing"
)

// GitHub Enterprise Server signs and sends as GitHub does, with headers of its
// own: https://docs.github.com/en/enterprise-server@latest/webhooks/webhook-events-and-payloads#delivery-headers
func TestEnterpriseHeaders(t *testing.T) {
	h, in := newHandler(t)
	r := request(issuesEvent, opened(t))
	r.Header.Set("X-GitHub-Enterprise-Version", "3.19.1")
	r.Header.Set("X-GitHub-Enterprise-Host", "git.example.com")
	r.Header.Set("User-Agent", "GitHub-Hookshot/044aadd")
	if status, text := send(h, r); status != 202 || len(in.got) != 1 {
		t.Errorf("got %d %s and %d deliveries, want 202 and one", status, text, len(in.got))
	}
	r = request(issuesEvent, append(opened(t), ' '))
	r.Header.Set("X-GitHub-Enterprise-Host", "git.example.com")
	r.Header.Set("X-Hub-Signature-256", sign("another secret of theirs", opened(t)))
	if status, text := send(h, r); status != 401 {
		t.Errorf("a wrong signature: got %d %s, want 401", status, text)
	}
}

// Accept is ServeHTTP behind the signature.
func TestAccept(t *testing.T) {
	h, in := newHandler(t)
	head := request(issuesEvent, nil).Header
	head.Del("X-Hub-Signature-256")
	if got := h.Accept(t.Context(), head, opened(t)); got != Added || len(in.got) != 1 {
		t.Errorf("got %s and %d deliveries, want added and one", got, len(in.got))
	}
	if got := h.Accept(t.Context(), head, []byte("{")); got != NoJSON {
		t.Errorf("got %s, want %s", got, NoJSON)
	}
	if got := h.Accept(t.Context(), http.Header{}, opened(t)); got != NoJSON {
		t.Errorf("without headers: got %s, want %s", got, NoJSON)
	}
}
