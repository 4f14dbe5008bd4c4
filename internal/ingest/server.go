package main

import (
	"bufio"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/pprof"
	"strings"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/bot/webhook"
)

// The kinds of server.
const (
	baseline   = "baseline"
	onSQLite   = "sqlite"
	onPostgres = "postgres"
)

// verifyOnly is the baseline: it reads the body, verifies its signature, and
// drops it.
func verifyOnly(w http.ResponseWriter, r *http.Request) {
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, webhook.DefaultMaxBody))
	if err != nil {
		http.Error(w, "cut", http.StatusBadRequest)
		return
	}
	claimed, err := hex.DecodeString(strings.TrimPrefix(r.Header.Get("X-Hub-Signature-256"), "sha256="))
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write(raw)
	if err != nil || !hmac.Equal(mac.Sum(nil), claimed) {
		http.Error(w, "bad signature", http.StatusUnauthorized)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// service is what a server does, beside serving HTTP.
type service struct {
	handler http.Handler
	settle  func(context.Context) error // makes what deliveries left to be done later
	close   func() error
}

func newService(ctx context.Context, o options) (service, error) {
	if o.role == baseline {
		return service{http.HandlerFunc(verifyOnly), func(context.Context) error { return nil }, func() error { return nil }}, nil
	}
	st, err := store.Open(ctx, store.Options{Database: o.database, Clock: time.Now})
	if err != nil {
		return service{}, err
	}
	hook, err := newHook(st, time.Now)
	if err != nil {
		return service{}, errors.Join(err, st.Close())
	}
	ctx, cancel := context.WithCancel(ctx)
	var dispatcher sync.WaitGroup
	dispatcher.Go(func() { dispatch(ctx, st) })
	return service{hook, func(ctx context.Context) error { return settle(ctx, st) }, func() error {
		cancel()
		dispatcher.Wait()
		return st.Close()
	}}, nil
}

// newHook is the real webhook, for the repository of the deliveries.
func newHook(st *store.Store, clock func() time.Time) (*webhook.Handler, error) {
	return webhook.New(webhook.Options{
		Secrets: [][]byte{[]byte(secret)}, Intake: st, Clock: clock,
		Repositories: func(id int64) (webhook.Repository, bool) {
			return webhook.Repository{IntakeLabel: label}, id == repository
		},
		Self: func() int64 { return 1 },
	})
}

// dispatch wakes the cases as often as the real process does; but nobody works
// on them: that is not intake.
func dispatch(ctx context.Context, st *store.Store) {
	for ctx.Err() == nil {
		if _, err := st.Dispatch(ctx); err != nil && ctx.Err() == nil {
			fmt.Fprintln(os.Stderr, "ingest:", err)
		}
		<-time.After(100 * time.Millisecond)
	}
}

// settle inserts all jobs that are left to be inserted.
func settle(ctx context.Context, st *store.Store) error {
	for {
		n, err := st.Dispatch(ctx)
		if n == 0 || err != nil {
			return err
		}
	}
}

// serve is the server's process. It writes its address, then answers each
// line of its input with what it used so far, and ends at the end of input.
func serve(ctx context.Context, o options) (err error) {
	s, err := newService(ctx, o)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.close()) }()
	if o.profile != "" {
		end, err := profile(o.profile + "-" + o.role + ".pprof")
		if err != nil {
			return err
		}
		defer end()
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return fmt.Errorf("listening: %w", err)
	}
	server := webhook.NewServer("", webhook.NewMux(s.handler, func(context.Context) error { return nil }))
	defer func() { _ = server.Close() }()
	go func() { _ = server.Serve(listener) }() // it ends with Close
	fmt.Println(listener.Addr())
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		if err := s.settle(ctx); err != nil {
			return err
		}
		u, err := used()
		if err != nil {
			return err
		}
		fmt.Println(u.cpu.Microseconds(), u.peak)
	}
	return nil
}

func profile(path string) (end func(), err error) {
	f, err := os.Create(path) //nolint:gosec // the operator's word
	if err != nil {
		return nil, fmt.Errorf("making a profile: %w", err)
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close() // a measurement is not worth an error
	}, nil
}
