package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/bot/webhook"
	"github.com/recoverybot/recoverybot/policy"
)

// drainTime is how long requests that are under way may take when serve stops.
const drainTime = 10 * time.Second

// Webhooks come here where nobody says another address.
const defaultListen = "127.0.0.1:8080"

// Passes that come more often would be all that the bot does, and those that
// come less often would be later than what webhooks are checked by.
const (
	shortestPoll = 10 * time.Second
	longestPoll  = 4 * time.Hour
)

type serveCmd struct {
	Listen            string        `help:"Address for GitHub's webhooks (path /webhook) and for the health of the process. Put a TLS proxy before it. Default: 127.0.0.1:8080; with --poll and no secret, none." placeholder:"ADDR"`
	Poll              time.Duration `help:"Ask GitHub for what has changed so often, from 10s to 4h, so that the bot works without webhooks. With --webhook-secret-file, too, it does both." placeholder:"TIME"`
	Policy            string        `default:"recovery.yml" help:"The policy. Keep it out of the repository that is served. Default: ${default}" placeholder:"FILE"`
	WebhookSecretFile string        `help:"File with the secret of the App's webhook. While you change the secret: two lines, old and new." placeholder:"FILE"`
	MailSecretFile    string        `help:"File with the secret of the mail hook (path /hooks/mail), 32 bytes at least. Nobody else may read it. Without it there is no mail hook." placeholder:"FILE"`
	WriteInterval     time.Duration `default:"1s" help:"Shortest time between two writes to GitHub. GitHub asks for a second. Default: ${default}" placeholder:"TIME"`
	WritesPerMinute   int           `default:"80" help:"Most writes to GitHub in a minute, for each installation of the App. 0: no limit, as on a GitHub Enterprise Server without rate limits. Default: ${default}" placeholder:"N"`
	WritesPerHour     int           `default:"500" help:"The same for an hour. Default: ${default}" placeholder:"N"`
	PointsPerMinute   int           `default:"900" help:"Most points in a minute, for each installation: a read is one, a write five. 0: no limit. Default: ${default}" placeholder:"N"`
	Workers           int           `default:"8" help:"How many requests this process works on at the same time; as many again where one repository has a burst, and it writes to twice as many installations. More than 16 need a larger pool_max_conns in a PostgreSQL address. Default: ${default}" placeholder:"N"`
	ModeFile          string        `help:"File whose first word is run, shadow, read-only or stop. It is looked at every second and before each write; where it is not there it says nothing." placeholder:"FILE"`
	ReadOnly          bool          `help:"Write nothing to GitHub as long as this process runs: what is decided waits."`
	Shadow            bool          `help:"Decide, and only record what would be done: recoverybot shadow report prints it."`
	Verbose           bool          `short:"v" help:"Log every delivery, too."`
	pseudonymFlags
	databaseFlags
	appFlags
}

// Help is the long part of --help.
func (serveCmd) Help() string {
	return `Needed: --app-id, --private-key, --webhook-secret-file or --poll, and a policy. Every flag can come from the environment instead, by the name in brackets.

Nothing is installed or changed before the policy, the key and the secret were read and found good. On a first start with old requests open, the bot writes nothing, and prints the command by which you choose.

The signal SIGUSR1 makes it read-only, and SIGUSR2 stops all but the taking in of deliveries; both survive a restart. Back: recoverybot mode run.

GitHub is reached by the proxy that HTTPS_PROXY names, unless NO_PROXY names its host.

Stop it with Ctrl-C or SIGTERM. What is not done yet goes on at the next start.`
}

// Run serves until it is told to stop.
func (c *serveCmd) Run(ctx context.Context, e *env) error {
	if err := c.complete(); err != nil {
		return err
	}
	p, err := c.read(e)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	signals, deaf := signalled()
	defer deaf()
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	lock, err := lockDatabase(p.database)
	if err != nil {
		return err
	}
	a, err := c.open(ctx, p)
	if err != nil || a == nil {
		return errors.Join(stopped(e, err), lock.Close())
	}
	a.github, a.signals = c.api(), signals
	c.announce(e, p.rules)
	unwatch := c.watch(ctx, e, a)
	err = c.serve(ctx, e, a)
	unwatch()
	return errors.Join(err, a.store.Close(), lock.Close())
}

// complete says which flags are missing, or out of their bounds.
func (c *serveCmd) complete() error {
	missing := c.missing()
	if c.WebhookSecretFile == "" && c.Poll == 0 {
		missing = append(missing, "--webhook-secret-file (a file with the secret of the App's webhook), or --poll 1m (to do without webhooks)")
	}
	if err := need(missing); err != nil {
		return err
	}
	switch {
	case c.WriteInterval < 0:
		return usageError{text: "--write-interval must not be below 0"}
	case c.Poll != 0 && (c.Poll < shortestPoll || c.Poll > longestPoll):
		return usageError{text: fmt.Sprintf("--poll must be from %s to %s", shortestPoll, longestPoll)}
	case min(c.WritesPerMinute, c.WritesPerHour, c.PointsPerMinute) < 0:
		return usageError{text: "--writes-per-minute, --writes-per-hour and --points-per-minute must not be below 0 (0: no limit)"}
	case c.Workers < 1:
		return usageError{text: "--workers must be 1 or more"}
	}
	if _, _, err := net.SplitHostPort(c.listensAt()); err != nil && c.listensAt() != "" {
		return usageError{text: fmt.Sprintf("--listen %q is no address: write HOST:PORT, like %s", c.Listen, defaultListen)}
	}
	return nil
}

// read reads what the flags name. It changes nothing, and asks nobody.
func (c *serveCmd) read(e *env) (parts, error) {
	level, storeLevel := slog.LevelInfo, slog.LevelWarn // the job engine counts its jobs aloud
	if c.Verbose {
		level, storeLevel = slog.LevelDebug, slog.LevelInfo
	}
	p := parts{
		interval: c.WriteInterval, poll: c.Poll, limits: c.limits(),
		clock: e.now, log: newLog(e, level), storeLog: newLog(e, storeLevel),
		opinions: &opinions{file: c.ModeFile, flag: c.mode()},
	}
	var err error
	if p.rules, err = readPinned(c.Policy); err != nil {
		return parts{}, err
	}
	if c.WebhookSecretFile != "" {
		if p.secrets, err = readSecrets(c.WebhookSecretFile); err != nil {
			return parts{}, err
		}
	}
	if p.mail, err = readMailSecrets(c.MailSecretFile); err != nil {
		return parts{}, err
	}
	if p.pseudonyms, err = c.key(); err != nil {
		return parts{}, err
	}
	if p.database, err = c.address(); err != nil {
		return parts{}, err
	}
	if p.github, err = c.client(e, ids(p.rules)); err != nil {
		return parts{}, err
	}
	return p, nil
}

// longestAway is the longest wait for the server of the database. It is short:
// until it is there, nobody takes webhooks in.
const longestAway = 15 * time.Second

// patiently does something again as long as the server of the database does not
// answer.
func (c *serveCmd) patiently(ctx context.Context, log *slog.Logger, do func() error) error {
	for wait := time.Second; ; wait = min(2*wait, longestAway) {
		err := do()
		if err == nil || ctx.Err() != nil || !store.Passing(err) {
			return err
		}
		log.Warn("the server of the database does not answer; trying again. Does it run, and is the address right?",
			"in", wait.String(), "database", c.shown())
		select {
		case <-ctx.Done():
			return err
		case <-time.After(wait):
		}
	}
}

// open returns no app where it was told to stop before the database was there.
func (c *serveCmd) open(ctx context.Context, p parts) (a *app, err error) {
	err = c.patiently(ctx, p.log, func() (err error) {
		a, err = newApp(ctx, p)
		return err
	})
	if ctx.Err() != nil && err != nil {
		return nil, nil //nolint:nilnil,nilerr // no failure
	}
	return a, err
}

// mode is what the flags say.
func (c *serveCmd) mode() bot.Mode {
	switch {
	case c.ReadOnly:
		return bot.ModeReadOnly
	case c.Shadow:
		return bot.ModeShadow
	}
	return bot.ModeRun
}

func (c *serveCmd) limits() bot.Limits {
	return bot.Limits{WritesPerMinute: c.WritesPerMinute, WritesPerHour: c.WritesPerHour, PointsPerMinute: c.PointsPerMinute}
}

// listensAt is where to listen, "" for nowhere: who only asks GitHub opens no
// port that nobody asked for.
func (c *serveCmd) listensAt() string {
	if c.Listen == "" && (c.WebhookSecretFile != "" || c.MailSecretFile != "") {
		return defaultListen
	}
	return c.Listen
}

// announce says what is about to happen, with no secret in it.
func (c *serveCmd) announce(e *env, rules *policy.Rules) {
	fmt.Fprintf(e.err, "recoverybot %s serves as App %d on %s\n", version(), c.AppID, c.api())
	for _, r := range rules.Repositories {
		fmt.Fprintf(e.err, "  repository %s/%s (id %d)\n", r.Owner, r.Name, r.ID)
		if r.Desk != nil {
			fmt.Fprintf(e.err, "    desk %s (id %d)\n", r.Desk, r.Desk.ID)
		}
	}
	fmt.Fprintf(e.err, "  policy %s, version %s\n  database %s\n", c.Policy, rules.Version, c.shown())
	if c.WebhookSecretFile != "" {
		fmt.Fprintf(e.err, "  webhooks at http://%s/webhook\n", c.listensAt())
	}
	if c.Poll > 0 {
		fmt.Fprintf(e.err, "  asks GitHub every %s what has changed\n", c.Poll)
	}
	if c.MailSecretFile != "" {
		fmt.Fprintf(e.err, "  news of mails at http://%s/hooks/mail\n", c.listensAt())
	}
	if c.listensAt() == "" {
		fmt.Fprintln(e.err, "  listens nowhere")
	}
	fmt.Fprintf(e.err, "  keeps closed requests for %s and deliveries for %s; %s\n", days(max(rules.Retention.Cases, rules.Clocks.Reopen)),
		days(rules.Retention.Deliveries), c.pseudonymsSaid())
	fmt.Fprintf(e.err, "  at most one write to GitHub in %s\n", c.WriteInterval)
	fmt.Fprintf(e.err, "  limits of each installation: %s, %s, %s\n", most(c.WritesPerMinute, "writes a minute"),
		most(c.WritesPerHour, "writes an hour"), most(c.PointsPerMinute, "points a minute"))
	for _, w := range rules.Warnings() {
		fmt.Fprintf(e.err, "  warning: %s\n", w)
	}
}

func most(n int, of string) string {
	if n == 0 {
		return "any number of " + of
	}
	return fmt.Sprintf("%d %s", n, of)
}

// serve receives first, so that nothing is missed while GitHub is asked who we
// are, and works as soon as that is known.
func (c *serveCmd) serve(ctx context.Context, e *env, a *app) error {
	if c.listensAt() == "" {
		return stopped(e, c.work(ctx, e, a))
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", c.listensAt())
	if errors.Is(err, syscall.EADDRINUSE) {
		err = fmt.Errorf("%w\nAnother program listens there, perhaps a second `recoverybot serve`. Stop it, or choose another address with --listen", err)
	}
	if err != nil && !strings.Contains(err.Error(), "\n") {
		err = fmt.Errorf("%w\nName an address of this machine, and a port that this user may take, with --listen HOST:PORT", err)
	}
	if err != nil {
		return fmt.Errorf("listening for webhooks: %w", err)
	}
	server := webhook.NewServer(c.listensAt(), a.handler)
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
	return stopped(e, err)
}

func stopped(e *env, err error) error {
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
	if err := c.patiently(ctx, a.bot.Log, func() error { return c.tellHeld(ctx, e, a) }); err != nil {
		if ctx.Err() != nil {
			return nil //nolint:nilerr // told to stop while the database was away: no failure
		}
		return err
	}
	a.bot.ReadTeams(ctx)
	fmt.Fprintln(e.err, "recoverybot: ready")
	w := c.workers(e, a)
	return c.patiently(ctx, a.bot.Log, func() error { return a.store.Run(ctx, w) })
}

func (c *serveCmd) workers(e *env, a *app) store.Workers {
	return store.Workers{
		Case:          a.bot.StepCase,
		Drain:         a.bot.Drain,
		Sweep:         func(ctx context.Context) error { return a.bot.Sweep(ctx, e.now()) },
		Passes:        a.bot.Passes,
		Redeliver:     a.bot.Redeliver,
		Digest:        func(ctx context.Context) error { return a.bot.Digest(ctx, e.now()) },
		PassEvery:     min(c.Poll, time.Minute),
		SweepSchedule: a.bot.Rules.SweepSchedule(),
		Cases:         c.Workers,
		Drains:        2 * c.Workers,

		DigestSchedule: a.bot.Rules.DigestSchedule(),
	}
}

// tellHeld prints the command by which the operator chooses what becomes of
// old requests, for each repository that waits for the choice.
func (c *serveCmd) tellHeld(ctx context.Context, e *env, a *app) error {
	for _, r := range a.bot.Rules.Repositories {
		known, err := a.store.Repository(ctx, r.ID)
		if err != nil {
			return err
		}
		if !known.Held {
			continue
		}
		files := fmt.Sprintf("%s --policy %s", c.flag(), quoted(c.Policy))
		fmt.Fprintf(e.err, `
%s/%s has open requests that are older than the bot. Nothing is written to GitHub before you choose.
New deliveries are stored meanwhile. In another terminal run:

  recoverybot adopt new %s

"new" leaves the old requests alone; "all" takes them over at the next sweep, "oldest 5" five a day.
To see the numbers first:

  recoverybot adopt --plan %s %s

`, r.Owner, r.Name, files, files, c.flags())
	}
	return nil
}

// start asks GitHub until it answers; an answer that will not change by itself
// ends the program, with what to do.
func start(ctx context.Context, a *app) error {
	for wait := time.Second; ; wait = max(time.Second, min(2*wait, time.Minute)) { // or as long as GitHub says
		err := a.bot.Start(ctx)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil {
			return nil //nolint:nilerr // told to stop while GitHub did not answer: no failure
		}
		if errors.Is(err, bot.ErrStopped) {
			a.ready.Store(true) // to take deliveries in, which is all that it shall do
			select {
			case <-ctx.Done():
				return nil
			case <-time.After(modeEvery):
			}
			wait = 0
			continue
		}
		if bot.ClassOf(err) != bot.Transient || lasting(err) {
			return fmt.Errorf("%w\n%s", err, hint(err))
		}
		if e, ok := errors.AsType[*bot.Error](err); ok {
			wait = max(wait, e.RetryAfter)
		}
		a.bot.Log.Warn("cannot start yet; trying again", "in", wait.String(), "github", a.github, "error", err)
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(wait):
		}
	}
}

// lasting reports whether an error is the operator's to mend, although no
// answer of GitHub says so.
func lasting(err error) bool {
	return errors.Is(err, bot.ErrOther) || errors.Is(err, bot.ErrPublicDesk) || errors.Is(err, bot.ErrServedDesk)
}

func hint(err error) string {
	switch {
	case errors.Is(err, bot.ErrPublicDesk):
		return "Everybody could read there what the bot writes for staff. Make the repository private (its Settings, Danger Zone), or name another as the desk."
	case errors.Is(err, bot.ErrServedDesk):
		return "Whoever asks for help could read there what the bot writes for staff. Name a private repository of its own as the desk."
	}
	switch bot.ClassOf(err) {
	case bot.Forbidden:
		return "GitHub does not accept the App's key: is --app-id the App's id, and --private-key its newest key? Does the App have the permissions Issues: write, Metadata: read, Members: read?"
	case bot.Missing:
		return "GitHub does not show it to the App: is the App installed there, and is the name in the policy right?"
	case bot.Transient:
		if !errors.Is(err, bot.ErrOther) {
			return "GitHub did not answer: is --github-url right, and is there a way to it (a proxy: HTTPS_PROXY)? Then try again."
		}
	case bot.GoneAway, bot.Invalid, bot.Broken:
	}
	return "Run `recoverybot check --github` to compare the policy with GitHub."
}
