package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/github"
	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/bot/webhook"
	"github.com/recoverybot/recoverybot/policy"
)

// appFlags say as which App the bot speaks to which GitHub.
type appFlags struct {
	AppID      int64  `name:"app-id" help:"The GitHub App's id: the number on the App's settings page." placeholder:"N"`
	PrivateKey string `help:"File with the App's private key (PEM). Nobody else may read it: chmod 600 FILE." placeholder:"FILE"`
	GithubURL  string `name:"github-url" default:"https://api.github.com" help:"GitHub's address. For GitHub Enterprise Server https://HOST or https://HOST/api/v3, with data residency https://SUBDOMAIN.ghe.com. Default: ${default}" placeholder:"URL"`
	CAFile     string `name:"ca-file" help:"File with certificates (PEM) that GitHub's may be signed by, too: those of your company's own CA." placeholder:"FILE"`
}

// missing lists the flags that are needed and not given.
func (f *appFlags) missing() []string {
	var all []string
	if f.AppID <= 0 {
		all = append(all, "--app-id (the number on the App's settings page)")
	}
	if f.PrivateKey == "" {
		all = append(all, "--private-key (the file with the App's private key)")
	}
	return all
}

// need refuses a command that lacks flags, and names all of them.
func need(missing []string) error {
	if len(missing) == 0 {
		return nil
	}
	return usageError{text: "this needs " + strings.Join(missing, ", ")}
}

// client connects to GitHub for these repositories; nil: for all that the
// App can reach.
func (f *appFlags) client(e *env, repositories []int64) (*github.Client, error) {
	if err := need(f.missing()); err != nil {
		return nil, err
	}
	if _, err := github.ParseAddress(f.GithubURL); err != nil {
		return nil, usageError{text: "--github-url: " + err.Error()}
	}
	key, err := github.ReadKey(f.PrivateKey)
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w\nThe App's settings page makes one: Generate a private key", err)
	}
	if err != nil {
		return nil, err
	}
	o := github.Options{
		BaseURL: f.GithubURL, AppID: f.AppID, PrivateKey: key, Repositories: repositories, Version: version(), Clock: e.now,
		Proxy: http.ProxyFromEnvironment,
	}
	if f.CAFile != "" {
		if o.RootCAs, err = github.ReadCA(f.CAFile); err != nil {
			return nil, err
		}
	}
	return github.New(o)
}

// api is the address of GitHub's API that the flags lead to.
func (f *appFlags) api() string {
	a, err := github.ParseAddress(f.GithubURL)
	if err != nil {
		return f.GithubURL // client says what is wrong with it
	}
	return a.API
}

// flags are the flags as they were given, for a command to paste.
func (f *appFlags) flags() string {
	s := fmt.Sprintf("--app-id %d --private-key %s --github-url %s", f.AppID, quoted(f.PrivateKey), quoted(f.GithubURL))
	if f.CAFile != "" {
		s += " --ca-file " + quoted(f.CAFile)
	}
	return s
}

// app is the bot with everything around it.
type app struct {
	bot     *bot.Bot
	store   *store.Store
	handler http.Handler
	github  string // the address of its API
	ready   atomic.Bool

	opinions *opinions // beside the database's; nil: none
	signals  <-chan os.Signal
}

// parts are what an app is made of.
type parts struct {
	rules      *policy.Rules
	github     bot.GitHub
	database   string
	secrets    [][]byte
	pseudonyms []byte   // key of them; nil: there are none
	mail       [][]byte // secrets of the mail hook; none: there is no such hook
	interval   time.Duration
	limits     bot.Limits // of each installation
	clock      bot.Clock
	log        *slog.Logger
	storeLog   *slog.Logger  // nil: silent
	poll       time.Duration // 0: webhooks tell what happens
	opinions   *opinions     // about the mode; nil: none
}

// newApp opens the database and wires the bot. Close its store after use.
func newApp(ctx context.Context, p parts) (*app, error) {
	o := store.Options{Database: p.database, Clock: p.clock, Logger: p.storeLog, Limits: p.limits, PseudonymKey: p.pseudonyms}
	if p.opinions != nil {
		o.Outside = p.opinions.now
	}
	st, err := store.Open(ctx, o)
	if err != nil {
		return nil, withAdvice(err)
	}
	a := &app{store: st, opinions: p.opinions}
	a.bot = bot.New(bot.Options{
		Rules: p.rules, Store: st, GitHub: p.github, Clock: p.clock, Log: p.log, WriteInterval: p.interval, Poll: p.poll,
	})
	hook, err := a.hook(p)
	if err != nil {
		_ = st.Close() // the first error is the one to tell
		return nil, err
	}
	mux := webhook.NewMux(hook, a.isReady)
	a.handler = mux
	if len(p.mail) == 0 {
		return a, nil
	}
	served := ids(p.rules)
	mail, err := webhook.NewMail(webhook.MailOptions{
		Secrets: p.mail, Intake: st, Clock: p.clock, Logger: p.log,
		Served: func(id int64) bool { return slices.Contains(served, id) },
	})
	if err != nil {
		_ = st.Close() // the first error is the one to tell
		return nil, err
	}
	mux.Handle("/hooks/mail", mail)
	return a, nil
}

// hook is where webhooks come in; nil where the bot does without them.
func (a *app) hook(p parts) (http.Handler, error) {
	if len(p.secrets) == 0 && p.poll > 0 {
		return nil, nil //nolint:nilnil // there is none
	}
	return webhook.New(webhook.Options{
		Secrets: p.secrets, Intake: a.store, Clock: p.clock, Logger: p.log,
		Repositories: served(a.bot),
		Self:         func() int64 { return a.bot.Self().ID },
		OnTeams:      a.bot.Forget,
		OnRepository: a.bot.Told,
		Ignored:      p.rules.Ignores, Offers: p.rules.Offers, Public: p.rules.Public(),

		OnInstallation: a.bot.Changed, Installed: a.bot.Installed,
	})
}

func (a *app) isReady(context.Context) error {
	if !a.ready.Load() {
		return errors.New("GitHub was not reached yet")
	}
	return nil
}

// served is the allow-list as the webhook needs it.
func served(b *bot.Bot) func(int64) (webhook.Repository, bool) {
	rules := b.Rules
	r := webhook.Repository{IntakeLabel: rules.Requests.Label}
	for _, s := range policy.States() {
		if name := rules.Labels[s].Name; name != "" {
			r.Labels = append(r.Labels, name)
		}
	}
	allowed, desks := map[int64]bool{}, map[int64]bool{}
	for _, repo := range rules.Repositories {
		allowed[repo.ID] = repo.ID != 0
		if repo.Desk != nil {
			allowed[repo.Desk.ID], desks[repo.Desk.ID] = repo.Desk.ID != 0, true
		}
	}
	return func(id int64) (webhook.Repository, bool) {
		found := r
		found.Installation, found.Desk = b.Installation(id), desks[id]
		return found, allowed[id]
	}
}

// ids are the repositories that the policy names, and their desks.
func ids(rules *policy.Rules) []int64 {
	var all []int64
	for _, r := range rules.Repositories {
		all = append(all, r.ID)
		if r.Desk != nil && !slices.Contains(all, r.Desk.ID) {
			all = append(all, r.Desk.ID)
		}
	}
	return all
}

func newLog(e *env, level slog.Level) *slog.Logger {
	return slog.New(slog.NewTextHandler(e.err, &slog.HandlerOptions{Level: level}))
}
