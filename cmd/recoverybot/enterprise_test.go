package main

import (
	"encoding/pem"
	"fmt"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/recoverybot/recoverybot/bot/bottest/proxytest"
)

// TestEnterpriseServer serves for a GitHub Enterprise Server whose certificate
// the company's own CA signed, and which only the company's proxy can reach.
// Not t.Parallel: the environment is the process's.
func TestEnterpriseServer(t *testing.T) {
	c := newTown(t)
	server := httptest.NewTLSServer(c.fake)
	t.Cleanup(server.Close)
	cert := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if err := os.WriteFile(c.path("ca.pem"), cert, 0o600); err != nil {
		t.Fatal(err)
	}
	proxy := proxytest.New(t, server.Listener.Addr().String())
	t.Setenv("HTTPS_PROXY", proxy.URL.String())
	t.Setenv("RECOVERYBOT_CA_FILE", c.path("ca.pem"))
	c.github = []string{"--github-url", "https://git.example.com"}
	p := c.serve()
	n := c.file("ann")
	c.deliver()
	c.welcomed(n)
	if want := "serves as App 4711 on https://git.example.com/api/v3"; !strings.Contains(p.out.String(), want) {
		t.Errorf("no %q in:\n%s", want, p.out.String())
	}
	if got, want := slices.Compact(proxy.Asked()), []string{"CONNECT git.example.com:443"}; !slices.Equal(got, want) {
		t.Errorf("asked of the proxy: %q, want only %q", got, want)
	}
	p.stop(syscall.SIGTERM)

	// What people read, there and here, never leads to github.com.
	is, _ := c.repo.Issue(n)
	_, queue, _ := run1(t.Context(), "queue", "--database", c.path("bot.db"))
	_, explained, _ := run1(t.Context(), "explain", "--database", c.path("bot.db"), fmt.Sprint(n))
	for _, text := range []string{is.Comments[0].Body, queue, explained, p.out.String()} {
		if len(text) < 100 || strings.Contains(text, "github.com") {
			t.Errorf("it leads to github.com, or says nothing:\n%s", text)
		}
	}

	check := []string{"check", "--github", c.path("recovery.yml"), "--app-id", fmt.Sprint(demoApp), "--private-key", c.path("key.pem")}
	out, err := exec.CommandContext(t.Context(), "recoverybot", append(check, c.github...)...).CombinedOutput()
	if err != nil || !strings.Contains(string(out), "repository octo-registry/support: id 700001, as in the policy") {
		t.Errorf("check --github: %v\n%s", err, out)
	}
	t.Setenv("RECOVERYBOT_CA_FILE", "")
	out, err = exec.CommandContext(t.Context(), "recoverybot", append(check, c.github...)...).CombinedOutput()
	if err == nil || !strings.Contains(string(out), "no answer: its certificate is not trusted") {
		t.Errorf("check --github without the CA: %v\n%s", err, out)
	}
	t.Setenv("NO_PROXY", "git.example.com")
	before := len(proxy.Asked())
	out, err = exec.CommandContext(t.Context(), "recoverybot", append(check, c.github...)...).CombinedOutput()
	if err == nil || len(proxy.Asked()) != before {
		t.Errorf("NO_PROXY: %v, %d calls by the proxy\n%s", err, len(proxy.Asked())-before, out)
	}
}
