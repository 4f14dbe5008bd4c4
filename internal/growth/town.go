package main

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

const (
	appID  = 4711
	secret = "the secret of a webhook that nobody else has"
	demo   = "cmd/recoverybot/demo"
)

// town is a GitHub whose answers take their time, and the files that serve
// needs.
type town struct {
	dir, url string
	fake     *bottest.Fake
	repos    []*bottest.Repository
	server   *http.Server
}

func newTown(ctx context.Context, p plan, dir string) (*town, error) {
	t := &town{dir: dir}
	// A key that anybody can make again is enough for a GitHub that lives as long as this run.
	key, err := rsa.GenerateKey(rand.NewChaCha8([32]byte{}), 2048)
	if err != nil {
		return nil, fmt.Errorf("making a private key: %w", err)
	}
	t.fake = bottest.New(bottest.Options{Clock: time.Now, AppID: appID, Slug: "recoverybot", PrivateKey: key, WebhookSecret: secret})
	t.fake.AddOrganization("octo-registry", 4001)
	for i, login := range []string{"ada", "hal"} {
		slug := []string{"support-agents", "support-helpers"}[i]
		t.fake.AddUser(login, int64(1001+i))
		t.fake.AddTeam(bottest.Team{Org: "octo-registry", Slug: slug, ID: int64(5001 + i), Members: []string{login}})
	}
	t.fake.AddUser("sue", 1009)
	t.fake.AddUser("dev", 2001)
	var served []string
	for i := range p.installations {
		r := bottest.RepositoryOptions{
			Owner: "octo-registry", Name: fmt.Sprint("support-", i), ID: int64(700001 + i), Installation: int64(9001 + i), Labels: []string{"account-recovery"},
		}
		t.repos = append(t.repos, t.fake.AddRepository(r))
		served = append(served, fmt.Sprintf("  - {id: %d, name: %s/%s}", r.ID, r.Owner, r.Name))
	}
	if err := t.write(key, strings.Join(served, "\n")); err != nil {
		return nil, err
	}
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening as GitHub: %w", err)
	}
	t.url = "http://" + l.Addr().String()
	slow := func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-time.After(p.latency):
		case <-r.Context().Done():
		}
		t.fake.ServeHTTP(w, r)
	}
	t.server = &http.Server{Handler: http.HandlerFunc(slow), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = t.server.Serve(l) }() // it ends with close
	return t, nil
}

func (t *town) close() { _ = t.server.Close() }

// write lays the demo's policy, with these repositories, and the secrets down.
func (t *town) write(key *rsa.PrivateKey, served string) error {
	policy, err := os.ReadFile(demo + "/recovery.yml")
	if err != nil {
		return fmt.Errorf("reading the policy; run this in the root of the repository: %w", err)
	}
	form, err := os.ReadFile(demo + "/ISSUE_TEMPLATE/account-recovery.yml")
	if err != nil {
		return fmt.Errorf("reading the form: %w", err)
	}
	lines := strings.Split(string(policy), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "  - {id: 700001") {
			lines[i] = served
		}
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	err = os.MkdirAll(filepath.Join(t.dir, "ISSUE_TEMPLATE"), 0o700)
	for name, text := range map[string]string{
		"recovery.yml": strings.Join(lines, "\n"), "ISSUE_TEMPLATE/account-recovery.yml": string(form),
		"key.pem": string(pem.EncodeToMemory(block)), "secret": secret,
	} {
		err = errors.Join(err, os.WriteFile(filepath.Join(t.dir, name), []byte(text), 0o600))
	}
	if err != nil {
		return fmt.Errorf("writing what serve reads: %w", err)
	}
	return nil
}

// start starts the replicas, and waits until each is ready. Those that it
// started it returns with an error, too.
func (t *town) start(ctx context.Context, p plan, at place) (all []*exec.Cmd, err error) {
	in := func(name string) string { return filepath.Join(t.dir, name) }
	log, err := os.Create(in("replicas.log"))
	if err != nil {
		return nil, fmt.Errorf("making the log: %w", err)
	}
	for i := range at.replicas {
		l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
		if err != nil {
			return all, fmt.Errorf("looking for a free port: %w", err)
		}
		listen := l.Addr().String()
		_ = l.Close()
		c := exec.Command(at.binary, "serve", "--listen", listen, "--database", at.database, "--policy", in("recovery.yml"), //nolint:gosec,noctx // it is stopped in order
			"--app-id", fmt.Sprint(appID), "--private-key", in("key.pem"), "--webhook-secret-file", in("secret"),
			"--github-url", t.url, "--write-interval", "0s", "--workers", fmt.Sprint(p.workers))
		c.Stdout, c.Stderr = log, log
		if err := c.Start(); err != nil {
			return all, fmt.Errorf("starting a replica: %w", err)
		}
		all = append(all, c)
		if i == 0 {
			t.fake.SetWebhook("http://" + listen + "/webhook")
		}
		if err := ready(ctx, listen); err != nil {
			text, _ := os.ReadFile(log.Name())
			return all, fmt.Errorf("%w\n%s", err, text)
		}
	}
	return all, nil
}

// ready waits until a replica works.
func ready(ctx context.Context, listen string) error {
	ctx, cancel := context.WithTimeout(ctx, 3*time.Minute)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+listen+"/readyz", nil)
		if err != nil {
			return fmt.Errorf("asking a replica: %w", err)
		}
		if res, err := http.DefaultClient.Do(req); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				return nil
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("a replica is not ready after three minutes: %w", ctx.Err())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// open files all requests, and delivers GitHub's webhooks of them.
func (t *town) open(ctx context.Context, p plan) error {
	for i := range p.issues {
		for _, r := range t.repos {
			d := bottest.Draft{Title: "Account recovery", Body: body(fmt.Sprint("dev-", i)), Labels: []string{"account-recovery"}}
			if _, err := r.OpenIssue("dev", d); err != nil {
				return fmt.Errorf("filing a request: %w", err)
			}
		}
	}
	if _, err := t.fake.Deliver(ctx); err != nil {
		return fmt.Errorf("delivering: %w", err)
	}
	return nil
}

// body is a request in which nothing is missing.
func body(account string) string {
	return strings.Join([]string{
		"### PyPI Username", "`" + account + "`", "### Reason for request", "I lost my phone.",
		"### Recovery Codes", "- [x] I never had recovery codes for this account, or I have lost them",
		"### Code of Conduct", "- [x] I agree to follow the Code of Conduct of this project",
		"### Acknowledgement", "- [x] I understand that this may take a significant amount of time",
	}, "\n\n")
}
