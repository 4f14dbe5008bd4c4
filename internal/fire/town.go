package main

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"database/sql"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the database is looked into beside the process that owns it

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/webhook"
)

const (
	patience   = time.Minute
	secret     = "the secret of a measurement"
	repository = 700001
	owner      = "octo-registry"
	label      = "account-recovery"
)

// town is the fake GitHub, and the program that is attacked.
type town struct {
	fake    *bottest.Fake
	repo    *bottest.Repository
	away    *bottest.Repository // not served
	server  *http.Server
	cmd     *exec.Cmd
	db      *sql.DB
	address string // of serve
	guids   int
}

// newTown builds the program, and starts it beside the fake GitHub that the
// policy in .github is about.
func newTown(ctx context.Context, dir string) (*town, error) {
	binary := filepath.Join(dir, "recoverybot")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/recoverybot") //nolint:gosec // a path of our own
	if out, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building recoverybot (at the root of the repository?): %w\n%s", err, out)
	}
	key, err := rsa.GenerateKey(nil, 2048)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})
	for file, text := range map[string][]byte{"key.pem": block, "secret": []byte(secret)} {
		if err := os.WriteFile(filepath.Join(dir, file), text, 0o600); err != nil {
			return nil, fmt.Errorf("writing the App's keys: %w", err)
		}
	}
	t := &town{}
	t.settle(key)
	github, err := listen(ctx)
	if err != nil {
		return nil, err
	}
	t.server = webhook.NewServer("", t.fake)
	go func() { _ = t.server.Serve(github) }() // it ends with Close
	if err := t.serve(ctx, binary, "http://"+github.Addr().String()); err != nil {
		return nil, errors.Join(err, t.server.Close())
	}
	t.fake.SetWebhook("http://" + t.address + "/webhook")
	t.db, err = sql.Open("sqlite", "file:"+filepath.Join(dir, "serve.db")+"?mode=ro&_pragma=busy_timeout(10000)")
	return t, err
}

// settle makes the fake GitHub.
func (t *town) settle(key *rsa.PrivateKey) {
	t.fake = bottest.New(bottest.Options{Clock: time.Now, AppID: 4711, Slug: "recoverybot", PrivateKey: key, WebhookSecret: secret})
	t.fake.AddOrganization(owner, 4001)
	t.fake.AddUser("sue", 1009)
	t.fake.AddTeam(bottest.Team{Org: owner, Slug: "support-agents", ID: 5001})
	t.fake.AddTeam(bottest.Team{Org: owner, Slug: "support-helpers", ID: 5002})
	t.repo = t.fake.AddRepository(bottest.RepositoryOptions{Owner: owner, Name: "support", ID: repository, Labels: []string{label}})
	t.away = t.fake.AddRepository(bottest.RepositoryOptions{Owner: owner, Name: "elsewhere", ID: repository + 8, Labels: []string{label}})
	t.fake.AddRepository(bottest.RepositoryOptions{Owner: owner, Name: "recovery-desk", ID: repository + 1, Private: true})
}

func listen(ctx context.Context) (net.Listener, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening: %w", err)
	}
	return l, nil
}

// serve starts the program, and waits until it is ready.
func (t *town) serve(ctx context.Context, binary, github string) error {
	free, err := listen(ctx)
	if err != nil {
		return err
	}
	t.address = free.Addr().String()
	if err := free.Close(); err != nil {
		return fmt.Errorf("looking for a free port: %w", err)
	}
	dir := filepath.Dir(binary)
	t.cmd = exec.CommandContext(ctx, binary, "serve", "--listen", t.address, "--database", filepath.Join(dir, "serve.db"), //nolint:gosec // paths of our own
		"--policy", ".github/recovery.yml", "--app-id", "4711", "--private-key", filepath.Join(dir, "key.pem"),
		"--webhook-secret-file", filepath.Join(dir, "secret"), "--github-url", github, "--write-interval", "50ms")
	if err := t.cmd.Start(); err != nil {
		return fmt.Errorf("starting recoverybot: %w", err)
	}
	return t.until(ctx, "ready", func() error {
		if got, err := t.get(ctx, "/readyz"); err != nil || got != http.StatusOK {
			return fmt.Errorf("status %d, %w", got, err)
		}
		return nil
	})
}

// get returns the status of an answer.
func (t *town) get(ctx context.Context, path string) (int, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+t.address+path, http.NoBody)
	if err != nil {
		return 0, err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, err
	}
	return res.StatusCode, res.Body.Close()
}

// until asks until there is no error.
func (t *town) until(ctx context.Context, what string, ask func() error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := ask()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("waiting for recoverybot to be %s: %w", what, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

func (t *town) close() error {
	err := t.cmd.Process.Signal(os.Interrupt)
	return errors.Join(err, t.cmd.Wait(), t.db.Close(), t.server.Close())
}

// calm waits until everything that was stored is done.
func (t *town) calm(ctx context.Context) error {
	return t.until(ctx, "calm", func() error {
		left, err := t.count(ctx, "SELECT (SELECT count(*) FROM delivery WHERE done_at = 0) + (SELECT count(*) FROM outbox WHERE done_at = 0)")
		if err == nil && left > 0 {
			err = fmt.Errorf("%d rows are not done", left)
		}
		return err
	})
}

func (t *town) count(ctx context.Context, query string) (n int, err error) {
	if err := t.db.QueryRowContext(ctx, query).Scan(&n); err != nil {
		return 0, fmt.Errorf("counting rows: %w", err)
	}
	return n, nil
}

// rows counts what was stored of what was sent. What a pass of the bot's own finds at that moment is none of it.
func (t *town) rows(ctx context.Context) (int, error) {
	return t.count(ctx, "SELECT count(*) FROM delivery WHERE event <> 'reconcile'")
}

// writes counts what the bot tried to change on GitHub.
func (t *town) writes() int {
	n := 0
	for _, call := range t.fake.Calls() {
		if call.ByApp && call.Write {
			n++
		}
	}
	return n
}

// idle is the memory of the process when it has had nothing to do for some seconds.
func (t *town) idle(ctx context.Context) (int64, error) {
	select {
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-time.After(3 * time.Second):
	}
	return t.memory("VmRSS")
}

// memory reads a line of the process's status, in bytes.
func (t *town) memory(line string) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", t.cmd.Process.Pid))
	if err != nil {
		return 0, fmt.Errorf("reading how much memory the process has: %w", err)
	}
	for l := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(l, line+":"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("the system does not tell %s of a process", line)
}

// suffer makes one attack, and looks what came of it.
func (t *town) suffer(ctx context.Context, a attack) (r result, err error) {
	before, err := t.rows(ctx)
	if err != nil {
		return r, err
	}
	written := t.writes()
	// The peak is that of this attack: 5 resets it (proc(5), clear_refs).
	if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", t.cmd.Process.Pid), []byte("5"), 0o200); err != nil {
		return r, fmt.Errorf("resetting the peak of memory: %w", err)
	}
	began := time.Now()
	if r.answers, err = a.throw(ctx, t); err != nil {
		return r, fmt.Errorf("%s: %w", a.name, err)
	}
	r.took = time.Since(began)
	if err := t.calm(ctx); err != nil {
		return r, fmt.Errorf("%s: %w", a.name, err)
	}
	if r.peak, err = t.memory("VmHWM"); err != nil {
		return r, err
	}
	after, err := t.rows(ctx)
	r.rows, r.writes = after-before, t.writes()-written
	return r, err
}
