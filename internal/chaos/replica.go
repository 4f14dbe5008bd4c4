package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// replicas are the processes of the bot. One that ends is started again at once.
type replicas struct {
	binary   string
	flags    []string
	town     *town
	database *database
	figures  *figures
	log      *os.File

	mu     sync.Mutex
	random *rand.Rand
	all    []*replica
	group  sync.WaitGroup
	odd    []string // processes that ended by themselves
}

// replica is one place where a process runs.
type replica struct {
	listen string

	mu     sync.Mutex
	cmd    *exec.Cmd
	killed bool
	ready  time.Time // zero: not yet
}

// freePort is an address on which nobody listens now.
func freePort(ctx context.Context) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("looking for a free port: %w", err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String(), nil
}

// start starts n processes, and returns when one of them is ready.
func (rs *replicas) start(ctx context.Context, n int) error {
	for range n {
		listen, err := freePort(ctx)
		if err != nil {
			return err
		}
		r := &replica{listen: listen}
		rs.all = append(rs.all, r)
		rs.group.Go(func() { rs.keep(ctx, r) })
	}
	wait, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for !rs.anyReady() {
		select {
		case <-wait.Done():
			return fmt.Errorf("no replica is ready after a minute: read %s", rs.log.Name())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return nil
}

func (rs *replicas) anyReady() bool {
	for _, r := range rs.all {
		if !r.readyAt().IsZero() {
			return true
		}
	}
	return false
}

func (r *replica) readyAt() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ready
}

// keep runs a process, and the next one when it has ended, until ctx is done; then it
// asks the last one to stop.
func (rs *replicas) keep(ctx context.Context, r *replica) {
	for ctx.Err() == nil {
		cmd := rs.command(r)
		r.mu.Lock()
		err := cmd.Start()
		r.cmd, r.killed, r.ready = cmd, false, time.Time{}
		r.mu.Unlock()
		if err != nil {
			rs.note(fmt.Sprintf("a replica could not be started: %v", err))
			return
		}
		watching, stop := context.WithCancel(ctx)
		go rs.awaitReady(watching, r)
		unstop := context.AfterFunc(ctx, func() { _ = cmd.Process.Signal(syscall.SIGTERM) })
		err = cmd.Wait()
		unstop()
		stop()
		r.mu.Lock()
		killed := r.killed
		r.mu.Unlock()
		if !killed && (err != nil || ctx.Err() == nil) {
			rs.figures.count("replicas", "ended by themselves")
			rs.note(fmt.Sprintf("a replica ended by itself (%v): read %s", err, rs.log.Name()))
			select {
			case <-ctx.Done():
			case <-time.After(200 * time.Millisecond): // as a supervisor would
			}
		}
	}
}

func (rs *replicas) note(text string) {
	rs.mu.Lock()
	defer rs.mu.Unlock()
	rs.odd = append(rs.odd, text)
}

func (rs *replicas) command(r *replica) *exec.Cmd {
	in := func(name string) string { return filepath.Join(rs.town.dir, name) }
	cmd := exec.Command(rs.binary, "serve", "--listen", r.listen, "--database", rs.database.address, "--policy", in("recovery.yml"), //nolint:gosec,noctx // what was built just now; it outlives ctx to stop in order
		"--app-id", fmt.Sprint(appID), "--private-key", in("key.pem"), "--webhook-secret-file", in("secret"),
		"--github-url", rs.town.url, "--write-interval", "0s")
	cmd.Args = append(cmd.Args, rs.flags...)
	cmd.Stdout, cmd.Stderr = rs.log, rs.log
	return cmd
}

// unhurried are the flags, of those that this serve knows, for a GitHub that has no rate limits and
// is asked often what the webhooks did not bring.
func unhurried(ctx context.Context, binary string) ([]string, error) {
	help, err := exec.CommandContext(ctx, binary, "serve", "--help").Output()
	if err != nil {
		return nil, fmt.Errorf("asking serve for its flags: %w", err)
	}
	var flags []string
	for _, f := range [][2]string{{"--poll", "10s"}, {"--writes-per-minute", "0"}, {"--writes-per-hour", "0"}, {"--points-per-minute", "0"}} {
		if bytes.Contains(help, []byte(f[0]+"=")) {
			flags = append(flags, f[0], f[1])
		}
	}
	return flags, nil
}

// awaitReady asks a process until it is ready.
func (rs *replicas) awaitReady(ctx context.Context, r *replica) {
	for ctx.Err() == nil {
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+r.listen+"/readyz", nil)
		if err != nil {
			return
		}
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				r.mu.Lock()
				r.ready = time.Now()
				r.mu.Unlock()
				rs.figures.count("replicas", "ready")
				return
			}
		}
		select {
		case <-ctx.Done():
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// address is where a replica listens: one by chance, of those that are ready if there are any.
func (rs *replicas) address() string {
	var ready []*replica
	for _, r := range rs.all {
		if !r.readyAt().IsZero() {
			ready = append(ready, r)
		}
	}
	if len(ready) == 0 {
		ready = rs.all
	}
	rs.mu.Lock()
	defer rs.mu.Unlock()
	return "http://" + ready[rs.random.IntN(len(ready))].listen
}

// kill kills one by chance, by kill -9.
func (rs *replicas) kill() {
	rs.mu.Lock()
	r := rs.all[rs.random.IntN(len(rs.all))]
	rs.mu.Unlock()
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.cmd == nil || r.killed {
		return
	}
	r.killed = true
	_ = r.cmd.Process.Kill() // it may have ended by itself just now
	kind := "killed"
	if r.ready.IsZero() {
		kind = "killed before they were ready"
	}
	r.ready = time.Time{}
	rs.figures.count("replicas", kind)
}

// killing kills until ctx is done, one about every so often.
func (rs *replicas) killing(ctx context.Context, every time.Duration) {
	for every > 0 {
		rs.mu.Lock()
		wait := every/2 + time.Duration(rs.random.Int64N(int64(every)))
		rs.mu.Unlock()
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
			rs.kill()
		}
	}
}
