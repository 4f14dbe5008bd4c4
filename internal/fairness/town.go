package main

import (
	"context"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/riverqueue/river"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/github"
	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/bot/webhook"
	"github.com/recoverybot/recoverybot/policy"
)

const (
	appID   = 4711
	secret  = "the secret of a measurement"
	flooded = int64(700001) // the repository with the flood
	senders = 32            // webhooks that GitHub sends at a time
	queued  = 64            // webhooks that wait at GitHub at most, so that calm ones do not wait there
)

// town is GitHub, and the bot with all its jobs.
type town struct {
	fake  *bottest.Fake
	repos []*bottest.Repository // the first one gets the flood
	store *store.Store
	bot   *bot.Bot
	watch *watch
	ends  []func() error
}

// newTown builds everything on an empty database.
func newTown(ctx context.Context, o options, database string) (*town, error) {
	// A key that anybody can make again is enough for a GitHub that lives as long as this run.
	key, err := rsa.GenerateKey(rand.NewChaCha8([32]byte{}), 2048)
	if err != nil {
		return nil, fmt.Errorf("making a private key: %w", err)
	}
	rules, err := rules(o.calm + 1)
	if err != nil {
		return nil, err
	}
	t := &town{}
	t.people(o, rules, key)
	address, err := t.listen(ctx, t.fake)
	if err != nil {
		return nil, err
	}
	gh, err := github.New(github.Options{
		BaseURL: address, AppID: appID, Repositories: ids(rules), Version: "fairness", Clock: time.Now,
		PrivateKey: pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}),
	})
	if err != nil {
		return nil, fmt.Errorf("preparing to call the fake: %w", err)
	}
	if t.store, err = store.Open(ctx, store.Options{Database: database, Clock: time.Now}); err != nil {
		return nil, err
	}
	t.watch = &watch{Store: t.store, seen: map[bot.CaseKey]*times{}}
	t.bot = bot.New(bot.Options{Rules: rules, Store: t.watch, GitHub: gh, Clock: time.Now, Log: slog.New(slog.DiscardHandler)})
	hook, err := webhook.New(webhook.Options{
		Secrets: [][]byte{[]byte(secret)}, Intake: t.watch, Clock: time.Now,
		Repositories: func(id int64) (webhook.Repository, bool) {
			return webhook.Repository{IntakeLabel: rules.Requests.Label, Installation: t.bot.Installation(id)}, t.bot.Installation(id) != 0
		},
		Self: func() int64 { return t.bot.Self().ID },
	})
	if err != nil {
		return nil, fmt.Errorf("preparing to receive: %w", err)
	}
	if address, err = t.listen(ctx, hook); err != nil {
		return nil, err
	}
	t.fake.SetWebhook(address)
	return t, t.bot.Start(ctx)
}

// rules are the example policy for so many repositories, without a desk.
func rules(repositories int) (*policy.Rules, error) {
	text, err := os.ReadFile(".github/recovery.yml")
	if err != nil {
		return nil, fmt.Errorf("reading the example policy: %w", err)
	}
	var list []string
	for i := range repositories {
		list = append(list, fmt.Sprintf("  - {id: %d, name: octo-registry/support-%d}", flooded+int64(i), i))
	}
	lines := strings.Split(string(text), "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "  - {id: ") {
			lines[i] = strings.Join(list, "\n")
			break
		}
	}
	return policy.ParseRules([]byte(strings.Join(lines, "\n")), os.DirFS(".github"))
}

func ids(rules *policy.Rules) []int64 {
	var all []int64
	for _, r := range rules.Repositories {
		all = append(all, r.ID)
	}
	return all
}

// people moves in; each repository has an installation of its own.
func (t *town) people(o options, rules *policy.Rules, key *rsa.PrivateKey) {
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: senders}}
	t.fake = bottest.New(bottest.Options{
		Clock: time.Now, AppID: appID, Slug: "recoverybot", PrivateKey: key, WebhookSecret: secret,
		Latency: o.latency, Lean: true, Senders: senders, Client: client,
	})
	t.fake.AddOrganization("octo-registry", 4001)
	t.fake.AddTeam(bottest.Team{Org: "octo-registry", Slug: "support-agents", ID: 5001, Members: []string{"ada"}})
	t.fake.AddTeam(bottest.Team{Org: "octo-registry", Slug: "support-helpers", ID: 5002, Members: []string{"hal"}})
	for i, r := range rules.Repositories {
		t.repos = append(t.repos, t.fake.AddRepository(bottest.RepositoryOptions{
			Owner: r.Owner, Name: r.Name, ID: r.ID, Installation: 1001 + int64(i), Labels: []string{rules.Requests.Label},
		}))
	}
}

func (t *town) listen(ctx context.Context, h http.Handler) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listening: %w", err)
	}
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // it ends with Close
	t.ends = append(t.ends, server.Close)
	return "http://" + l.Addr().String(), nil
}

// run lets requests come, with a flood or without, until the time or the flood
// is over; then it waits for what the calm ones are owed.
func (t *town) run(ctx context.Context, o options, f flood) error {
	ctx, cancel := context.WithCancel(ctx)
	var all, people sync.WaitGroup
	all.Go(func() { t.fake.Run(ctx) })
	var failed error
	all.Go(func() { failed = t.store.Run(ctx, t.workers()) })
	defer func() {
		cancel()
		all.Wait()
		for _, end := range t.ends {
			_ = end() // a measurement is not worth an error
		}
		_ = t.store.Close()
	}()
	if err := t.open(f); err != nil {
		return err
	}
	acting, over := context.WithTimeout(ctx, o.span)
	defer over()
	for i, r := range t.repos[1:] {
		people.Go(func() { t.trickle(acting, r, o.every+time.Duration(i)*7*time.Millisecond) })
	}
	if f.issues > 0 {
		people.Go(func() { t.pour(acting, o, f) })
		for acting.Err() == nil && t.watch.decisions() < o.events {
			pause(acting, 50*time.Millisecond)
		}
		over()
	}
	people.Wait()
	for t.watch.pending() > 0 && ctx.Err() == nil {
		pause(ctx, 50*time.Millisecond)
	}
	return failed
}

func (t *town) workers() store.Workers {
	nothing := func(context.Context) error { return nil }
	return store.Workers{
		Case: t.bot.StepCase, Drain: t.bot.Drain, Sweep: nothing, Passes: nothing, SweepSchedule: river.PeriodicInterval(time.Hour),
	}
}

// open opens the issues of the flood, of which no webhook tells.
func (t *town) open(f flood) error {
	for i := range f.issues {
		login := fmt.Sprintf("user-%d", i)
		_, err := t.repos[0].OpenIssue(login, bottest.Draft{Title: "Account recovery", Body: form(login), Labels: []string{"account-recovery"}})
		if err != nil {
			return fmt.Errorf("opening an issue: %w", err)
		}
		t.fake.Rearrange(func([]bottest.Delivery) []bottest.Delivery { return nil })
	}
	return nil
}

// pour comments on the issues in turn, as fast as GitHub gets rid of the webhooks.
func (t *town) pour(ctx context.Context, o options, f flood) {
	for i := 0; i < o.events && ctx.Err() == nil; {
		if len(t.fake.Pending()) >= queued {
			pause(ctx, time.Millisecond)
			continue
		}
		for range queued / 2 {
			_, _ = t.repos[0].Comment(1+i%f.issues, fmt.Sprintf("user-%d", i%f.issues), "Hello? Is anybody there?") // it is not refused
			i++
		}
	}
}

// trickle files a request every so often.
func (t *town) trickle(ctx context.Context, r *bottest.Repository, every time.Duration) {
	for i := 0; ; i++ {
		pause(ctx, every)
		if ctx.Err() != nil {
			return
		}
		login := fmt.Sprintf("%s-%d", r.Name(), i)
		_, _ = r.OpenIssue(login, bottest.Draft{Title: "Account recovery", Body: form(login), Labels: []string{"account-recovery"}}) // it is not refused
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

func form(login string) string {
	return "### PyPI Username\n\n" + login + "\n\n### Reason for request\n\nI have a new phone.\n\n" +
		"### Recovery Codes\n\n- [x] I never had recovery codes for this account, or I have lost them\n\n" +
		"### Code of Conduct\n\n- [x] I agree to follow the Code of Conduct of this project\n\n" +
		"### Acknowledgement\n\n- [x] I understand that this may take a significant amount of time\n"
}
