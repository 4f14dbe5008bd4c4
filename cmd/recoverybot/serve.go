package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"syscall"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/bot/webhook"
	"github.com/recoverybot/recoverybot/policy"
)

// drainTime is how long requests that are under way may take when serve stops.
const drainTime = 10 * time.Second

type serveCmd struct {
	Listen            string        `default:"127.0.0.1:8080" help:"Address for GitHub's webhooks; put a TLS proxy before it." placeholder:"ADDR"`
	Database          string        `default:"recoverybot.db" help:"The SQLite file; it is made if it is not there." placeholder:"FILE"`
	Policy            string        `default:"recovery.yml" help:"The policy. Keep it out of the repository that is served." placeholder:"FILE"`
	WebhookSecretFile string        `help:"File with the webhook's secret; two lines while you change it." placeholder:"FILE"`
	WriteInterval     time.Duration `default:"1s" help:"Time between two writes to GitHub."`
	Verbose           bool          `short:"v" help:"Log every delivery."`
	appFlags
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(ctx context.Context, e *env) error {
	rules, err := readPolicy(c.Policy)
	if err != nil {
		return err
	}
	if c.WebhookSecretFile == "" {
		return usageError{"--webhook-secret-file is missing: a file with the secret of the App's webhook"}
	}
	secrets, err := readSecrets(c.WebhookSecretFile)
	if err != nil {
		return err
	}
	gh, err := c.client(e, ids(rules))
	if err != nil {
		return err
	}
	if c.WriteInterval < 0 {
		return usageError{"--write-interval must not be below 0"}
	}
	level := slog.LevelInfo
	if c.Verbose {
		level = slog.LevelDebug
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	a, err := newApp(ctx, parts{
		rules: rules, github: gh, database: c.Database, secrets: secrets, interval: c.WriteInterval,
		clock: e.now, log: newLog(e, level),
	})
	if err != nil {
		return err
	}
	c.announce(e, rules)
	return errors.Join(c.serve(ctx, e, a), a.store.Close())
}

// announce says what is about to happen, with no secret in it.
func (c *serveCmd) announce(e *env, rules *policy.Rules) {
	fmt.Fprintf(e.err, "recoverybot %s serves as App %d on %s\n", version(), c.AppID, c.GithubURL)
	for _, r := range rules.Repositories {
		fmt.Fprintf(e.err, "  repository %s/%s (id %d)\n", r.Owner, r.Name, r.ID)
	}
	fmt.Fprintf(e.err, "  policy %s, version %s\n  database %s\n  webhooks at http://%s/webhook, one write in %s\n",
		c.Policy, rules.Version, c.Database, c.Listen, c.WriteInterval)
	for _, w := range rules.Warnings() {
		fmt.Fprintf(e.err, "  warning: %s\n", w)
	}
}

// serve receives first, so that nothing is missed while GitHub is asked who we
// are, and works as soon as that is known.
func (c *serveCmd) serve(ctx context.Context, e *env, a *app) error {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("listening for webhooks: %w", err)
	}
	server := webhook.NewServer(c.Listen, a.handler)
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	served := make(chan struct{})
	go func() {
		defer close(served)
		if err := server.Serve(listener); err != nil && !errors.Is(err, http.ErrServerClosed) {
			cancel(fmt.Errorf("receiving webhooks: %w", err))
		}
	}()
	err = c.work(ctx, e, a)
	down, done := context.WithTimeout(context.WithoutCancel(ctx), drainTime)
	defer done()
	err = errors.Join(err, server.Shutdown(down))
	<-served
	if cause := context.Cause(ctx); err == nil && cause != nil && !errors.Is(cause, context.Canceled) {
		err = cause
	}
	if err == nil {
		fmt.Fprintln(e.err, "recoverybot: stopped; nothing is lost, what was not done goes on at the next start")
	}
	return err
}

// work starts the bot and runs its jobs until ctx is done.
func (c *serveCmd) work(ctx context.Context, e *env, a *app) error {
	if err := start(ctx, a); err != nil || ctx.Err() != nil {
		return err
	}
	a.ready.Store(true)
	fmt.Fprintln(e.err, "recoverybot: ready")
	return a.store.Run(ctx, store.Workers{
		Case:          a.bot.StepCase,
		Drain:         a.bot.Drain,
		Sweep:         func(ctx context.Context) error { return a.bot.Sweep(ctx, e.now()) },
		Hourly:        a.bot.Reconcile,
		SweepSchedule: a.bot.Rules.Clocks.Sweep,
	})
}

// start asks GitHub until it answers; an answer that will not change by itself
// ends the program, with what to do.
func start(ctx context.Context, a *app) error {
	for wait := time.Second; ; wait = min(2*wait, time.Minute) {
		err := a.bot.Start(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return nil //nolint:nilerr // told to stop while GitHub did not answer: no failure
		}
		if bot.ClassOf(err) != bot.Transient {
			return fmt.Errorf("%w\n%s", err, hint(err))
		}
		a.bot.Log.Warn("GitHub does not answer; trying again", "in", wait.String(), "class", bot.ClassOf(err))
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

func hint(err error) string {
	switch bot.ClassOf(err) {
	case bot.Forbidden:
		return "GitHub does not accept the App's key: is --app-id the App's id, and --private-key its newest key? Does the App have the permissions Issues: write, Metadata: read, Members: read?"
	case bot.Missing:
		return "GitHub does not show it to the App: is the App installed there, and is the name in the policy right?"
	case bot.Transient, bot.GoneAway, bot.Invalid, bot.Broken:
	}
	return "Run `recoverybot check --github` to compare the policy with GitHub."
}
