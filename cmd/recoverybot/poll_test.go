package main

import (
	"fmt"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// TestStoriesByPolling plays the demo's stories without a single webhook: each
// ends as it does with them.
func TestStoriesByPolling(t *testing.T) {
	t.Parallel()
	stories := every(t, played())
	e, at := testEnv(), checked(t)
	at.poll = time.Minute
	w, err := newWorld(t.Context(), e, at)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.close(); err != nil {
			t.Error(err)
		}
	})
	for _, s := range stories {
		t.Run(s.Name, func(t *testing.T) {
			got, err := w.play(t.Context(), s, &screen{e: e, quiet: true})
			if err != nil {
				t.Fatal(err)
			}
			if s.Why != "" {
				w.never(t, got.issue.Number)
			}
			if where, written, seen := got.differs(s); where != "" {
				t.Errorf("%sthe end (-written +seen):\n%s", where, cmp.Diff(written, seen))
			}
		})
	}
	if got := len(w.fake.Deliveries()); got != 0 {
		t.Errorf("%d webhooks were delivered, want none", got)
	}
}

// launchPolling starts a bot that knows no webhook secret.
func (c *town) launchPolling(flags ...string) *process {
	c.tb.Helper()
	return launch(c.tb, append(append([]string{
		"serve", "--poll", "10s", "--database", c.path(c.database), "--policy", c.path(c.policy),
		"--app-id", fmt.Sprint(demoApp), "--private-key", c.path("key.pem"), "--write-interval", "50ms",
	}, c.github...), flags...)...)
}

// Without a webhook, a secret and a port the bot finds what was filed before
// it came, and what is filed after.
func TestServeByPolling(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	p := c.launchPolling()
	p.line("recoverybot: ready")
	c.welcomed(c.file("ann-builds"))
	p.stop(syscall.SIGTERM)
	if out := p.out.String(); !strings.Contains(out, "  listens nowhere\n") || strings.Contains(out, "http://"+defaultListen) || !strings.Contains(out, "stopped") {
		t.Errorf("it wrote:\n%s", out)
	}
}

// Who wants to ask for its health says where; there is no hook there.
func TestPollingAndListening(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	p := c.launchPolling("--listen", c.listen)
	eventually(t, "ready", get("http://"+c.listen+"/readyz"))
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+c.listen+"/webhook", strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	if _ = res.Body.Close(); res.StatusCode != http.StatusNotFound {
		t.Errorf("/webhook answers %d, want 404", res.StatusCode)
	}
	p.stop(syscall.SIGTERM)
}
