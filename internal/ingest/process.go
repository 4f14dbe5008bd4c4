package main

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/webhook"
)

const (
	floodSize  = 50_000 // bad signatures
	coldStarts = 20
	patience   = 30 * time.Second
	appID      = 4711
)

// town is the fake GitHub, and what `recoverybot serve` needs to work with it.
type town struct {
	binary string
	dir    string
	github string
	server *http.Server
}

// process measures a real `recoverybot serve` on SQLite: how soon it listens,
// and how much memory it takes, idle and under a flood of bad signatures.
func (b *bench) process(ctx context.Context) (err error) {
	t, err := newTown(ctx, b.dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.server.Close()) }()
	var took []time.Duration
	for range coldStarts {
		p, d, err := t.serve(ctx)
		if err != nil {
			return err
		}
		took = append(took, d)
		if err := p.stop(); err != nil {
			return err
		}
	}
	fmt.Fprintf(b.out, "cold start to listening, on a database that is there: %s (median of %d, slowest %s)\n",
		short(median(took, func(d time.Duration) time.Duration { return d })), coldStarts, short(slices.Max(took)))
	p, _, err := t.serve(ctx)
	if err != nil {
		return err
	}
	return errors.Join(b.memory(ctx, p), p.stop())
}

// memory measures a process when it has been idle for some seconds, and then
// under a flood.
func (b *bench) memory(ctx context.Context, p *serving) error {
	if err := p.until(ctx, "/readyz"); err != nil {
		return err
	}
	<-time.After(5 * time.Second)
	idle, err := memory(p.cmd.Process.Pid, "VmRSS")
	if err != nil {
		return err
	}
	began := time.Now()
	if err := b.flood(ctx, p.address); err != nil {
		return err
	}
	took := time.Since(began)
	peak, err := memory(p.cmd.Process.Pid, "VmHWM")
	if err != nil {
		return err
	}
	fmt.Fprintf(b.out, "idle RSS: %s\npeak RSS under %d bad signatures from 32 senders, in %s: %s\n", mib(idle), floodSize, short(took), mib(peak))
	return nil
}

// flood sends bad signatures, and wants each refused.
func (b *bench) flood(ctx context.Context, address string) error {
	const senders = 32
	errs := make([]error, senders)
	var wg sync.WaitGroup
	for i := range senders {
		wg.Go(func() {
			s, err := dial(ctx, address)
			if err != nil {
				errs[i] = err
				return
			}
			defer func() { _ = s.conn.Close() }()
			for n := i; n < floodSize && errs[i] == nil; n += senders {
				// The signature of another delivery is none of this one.
				wrong := *b.load
				wrong.macs = wrong.macs[1:]
				status, err := s.send(&wrong, n%(len(wrong.macs)-1))
				if errs[i] = err; err == nil && status != http.StatusUnauthorized {
					errs[i] = fmt.Errorf("a bad signature was answered by %d", status)
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(errs...)
}

// newTown builds the program, and starts the fake GitHub that the policy in
// .github is about.
func newTown(ctx context.Context, dir string) (*town, error) {
	t := &town{binary: filepath.Join(dir, "recoverybot"), dir: dir}
	build := exec.CommandContext(ctx, "go", "build", "-o", t.binary, "./cmd/recoverybot") //nolint:gosec // a path of our own
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
	f := bottest.New(bottest.Options{Clock: time.Now, AppID: appID, Slug: "recoverybot", PrivateKey: key, WebhookSecret: secret})
	f.AddOrganization(owner, 4001)
	f.AddUser("sue", 1009)
	f.AddTeam(bottest.Team{Org: owner, Slug: "support-agents", ID: 5001})
	f.AddTeam(bottest.Team{Org: owner, Slug: "support-helpers", ID: 5002})
	f.AddRepository(bottest.RepositoryOptions{Owner: owner, Name: name, ID: repository, Labels: []string{label}})
	f.AddRepository(bottest.RepositoryOptions{Owner: owner, Name: "recovery-desk", ID: repository + 1, Private: true})
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listening for the fake GitHub: %w", err)
	}
	t.github, t.server = "http://"+listener.Addr().String(), webhook.NewServer("", f)
	go func() { _ = t.server.Serve(listener) }() // it ends with Close
	return t, nil
}

// serving is a `recoverybot serve` that runs.
type serving struct {
	cmd     *exec.Cmd
	address string
}

// serve starts the program, and returns how long it took until it listened.
func (t *town) serve(ctx context.Context) (*serving, time.Duration, error) {
	free, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, 0, fmt.Errorf("looking for a free port: %w", err)
	}
	p := &serving{address: free.Addr().String()}
	if err := free.Close(); err != nil {
		return nil, 0, fmt.Errorf("looking for a free port: %w", err)
	}
	p.cmd = exec.CommandContext(ctx, t.binary, "serve", "--listen", p.address, "--database", filepath.Join(t.dir, "serve.db"), //nolint:gosec // paths of our own
		"--policy", ".github/recovery.yml", "--app-id", fmt.Sprint(appID), "--private-key", filepath.Join(t.dir, "key.pem"),
		"--webhook-secret-file", filepath.Join(t.dir, "secret"), "--github-url", t.github)
	began := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, 0, fmt.Errorf("starting recoverybot: %w", err)
	}
	if err := p.until(ctx, "/healthz"); err != nil {
		return nil, 0, errors.Join(err, p.stop())
	}
	return p, time.Since(began), nil
}

// until waits until a path is answered by 200.
func (p *serving) until(ctx context.Context, path string) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.address+path, http.NoBody)
		if err != nil {
			return fmt.Errorf("asking recoverybot: %w", err)
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			err = res.Body.Close()
		}
		if err == nil && res.StatusCode == http.StatusOK {
			return nil
		}
		if ctx.Err() != nil {
			return fmt.Errorf("recoverybot does not answer %s within %s", path, patience)
		}
		<-time.After(200 * time.Microsecond)
	}
}

// stop asks the program to end, and waits for it.
func (p *serving) stop() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		return fmt.Errorf("stopping recoverybot: %w", err)
	}
	return p.cmd.Wait()
}
