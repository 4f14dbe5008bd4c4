// Command growth measures how many events a second several replicas handle on
// one PostgreSQL, where GitHub answers in 200 ms. Run it in the root of the
// repository:
//
//	go run ./internal/growth
//
// It starts real processes, a throw-away server and a GitHub of its own.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/recoverybot/recoverybot/bot/store/pgtest"
)

// plan is what is measured.
type plan struct {
	replicas      []int
	installations int
	issues        int // per installation
	latency       time.Duration
	workers       int
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "growth:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) (err error) {
	var p plan
	list := flag.String("replicas", "1,2,4", "how many processes, one number after the other")
	flag.IntVar(&p.installations, "installations", 50, "how many installations, with a repository each")
	flag.IntVar(&p.issues, "issues", 8, "new requests in each repository")
	flag.DurationVar(&p.latency, "latency", 200*time.Millisecond, "how long GitHub takes to answer")
	flag.IntVar(&p.workers, "workers", 8, "serve --workers")
	flag.Parse()
	for _, n := range strings.Split(*list, ",") {
		count, err := strconv.Atoi(n)
		if err != nil {
			return fmt.Errorf("reading --replicas: %w", err)
		}
		p.replicas = append(p.replicas, count)
	}
	dir, err := os.MkdirTemp("", "growth")
	if err != nil {
		return fmt.Errorf("making a folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary := filepath.Join(dir, "recoverybot")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/recoverybot") //nolint:gosec // our own
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("building the program: %w", err)
	}
	server, err := pgtest.Start(ctx, "")
	if err != nil {
		return err
	}
	defer func() { _ = server.Stop() }()
	fmt.Printf("%d installations, %d requests each, GitHub answers in %v, --workers %d\n\n", p.installations, p.issues, p.latency, p.workers)
	fmt.Println("replicas  events  seconds  events/s  ratio  calls  calls/s  CPU s of replicas")
	var first float64
	for _, n := range p.replicas {
		address, err := server.Database(ctx)
		if err != nil {
			return err
		}
		m, err := measure(ctx, p, place{dir: dir, binary: binary, database: address, replicas: n})
		if err != nil {
			return err
		}
		if first == 0 {
			first = m.rate()
		}
		fmt.Printf("%8d  %6d  %7.1f  %8.1f  %5.2f  %5d  %7.1f  %17.1f\n", n, m.events, m.took.Seconds(), m.rate(), m.rate()/first,
			m.calls, float64(m.calls)/m.took.Seconds(), m.cpu.Seconds())
	}
	return nil
}

// place is where one measurement runs.
type place struct {
	dir, binary, database string
	replicas              int
}

// measured is one line of the table.
type measured struct {
	events, calls int
	took, cpu     time.Duration
}

func (m measured) rate() float64 { return float64(m.events) / m.took.Seconds() }

// measure starts the replicas, opens all requests at once and waits until
// everything is done.
func measure(ctx context.Context, p plan, at place) (m measured, err error) {
	t, err := newTown(ctx, p, at.dir)
	if err != nil {
		return m, err
	}
	defer t.close()
	all, err := t.start(ctx, p, at)
	defer func() {
		for _, c := range all {
			_ = c.Process.Signal(os.Interrupt)
		}
		for _, c := range all {
			_ = c.Wait()
			m.cpu += c.ProcessState.UserTime() + c.ProcessState.SystemTime()
		}
	}()
	if err != nil {
		return m, err
	}
	conn, err := pgx.Connect(ctx, at.database)
	if err != nil {
		return m, fmt.Errorf("connecting: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	before := t.fake.Mark()
	began := time.Now()
	if err := t.open(ctx, p); err != nil {
		return m, err
	}
	m.events, err = done(ctx, conn, p.installations*p.issues)
	m.took, m.calls = time.Since(began), t.fake.CountSince(before)
	return m, err
}

// done waits until all deliveries are decided and all effects made, and returns
// how many deliveries there were.
func done(ctx context.Context, conn *pgx.Conn, least int) (events int, err error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	for {
		var open int
		err := conn.QueryRow(ctx, `SELECT (SELECT count(*) FROM delivery),
			(SELECT count(*) FROM delivery WHERE done_at = 0) + (SELECT count(*) FROM outbox WHERE done_at = 0)`).Scan(&events, &open)
		if err != nil {
			return 0, fmt.Errorf("looking what is left: %w", err)
		}
		if events >= least && open == 0 {
			return events, nil
		}
		select {
		case <-ctx.Done():
			return 0, fmt.Errorf("waiting for the end of %d events: %w", events, ctx.Err())
		case <-time.After(100 * time.Millisecond):
		}
	}
}
