package main

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"embed"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"path/filepath"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/github"
	"github.com/recoverybot/recoverybot/bot/webhook"
	"github.com/recoverybot/recoverybot/policy"
)

// demoFiles are the example policy and form of .github.
//
//go:embed demo
var demoFiles embed.FS

const demoApp = 4711

// world is the bot and a GitHub that is built in, in one process, with a clock
// that can be moved.
type world struct {
	fake  *bottest.Fake
	repo  *bottest.Repository
	desk  *bottest.Repository // nil: none
	mails mailHook
	app   *app
	folk  *bottest.People
	clock *movingClock
	poll  time.Duration // no webhook is delivered; 0: they are
	ends  []func() error
}

// movingClock is a clock that runs as a real one does, and can be moved on.
type movingClock struct {
	mu    sync.Mutex
	now   time.Time
	ahead func() time.Duration // what has passed since now; nil: nothing
}

func (c *movingClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ahead == nil {
		return c.now
	}
	return c.now.Add(c.ahead())
}

func (c *movingClock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// run lets the clock go on by itself.
func (c *movingClock) run(now func() time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	began := now()
	c.ahead = func() time.Duration { return now().Sub(began) }
}

func demoRules() (*policy.Rules, error) {
	files, err := fs.Sub(demoFiles, "demo")
	if err != nil {
		return nil, fmt.Errorf("reading the example policy: %w", err)
	}
	src, err := fs.ReadFile(files, "recovery.yml")
	if err != nil {
		return nil, fmt.Errorf("reading the example policy: %w", err)
	}
	return policy.ParseRules(src, files)
}

// newFake makes the built-in GitHub with the people of the stories, for the
// repository and the teams that the example policy names.
func newFake(rules *policy.Rules, o bottest.Options) (*bottest.Fake, *bottest.Repository) {
	o.AppID, o.Slug = demoApp, "recoverybot"
	f := bottest.New(o)
	r := rules.Repositories[0]
	agents, helpers := rules.People[policy.Agents].Team, rules.People[policy.Helpers].Team
	f.AddOrganization(agents.Org, agents.OrgID)
	f.AddUser("ada", 1001)
	f.AddUser("hal", 1002)
	f.AddUser("sue", rules.People[policy.Security].Users[0])
	f.AddTeam(bottest.Team{Org: agents.Org, Slug: agents.Slug, ID: agents.ID, Members: []string{"ada"}})
	f.AddTeam(bottest.Team{Org: helpers.Org, Slug: helpers.Slug, ID: helpers.ID, Members: []string{"hal"}})
	repo := f.AddRepository(bottest.RepositoryOptions{Owner: r.Owner, Name: r.Name, ID: r.ID, Labels: []string{rules.Requests.Label}})
	staff := []string{"ada", "hal", "sue"}
	for _, login := range staff {
		repo.AddCollaborator(login, "triage")
	}
	if r.Desk != nil {
		desk := f.AddRepository(bottest.RepositoryOptions{Owner: r.Desk.Owner, Name: r.Desk.Name, ID: r.Desk.ID, Private: true})
		for _, login := range staff {
			desk.AddCollaborator(login, "write")
		}
	}
	return f, repo
}

// secretText is a random webhook secret.
func secretText() (string, error) {
	b := make([]byte, 24)
	if _, err := rand.Read(b); err != nil {
		return "", fmt.Errorf("making a webhook secret: %w", err)
	}
	return hex.EncodeToString(b), nil
}

func newKey() (*rsa.PrivateKey, []byte, error) {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		return nil, nil, fmt.Errorf("making a private key: %w", err)
	}
	block := &pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}
	return key, pem.EncodeToMemory(block), nil
}

// place is where a world is built.
type place struct {
	poll  time.Duration                   // no webhook is delivered, and passes come so often; 0: webhooks are
	dir   string                          // for the database; "": it lies in memory
	front func(http.Handler) http.Handler // stands before the built-in GitHub; nil: nothing
}

func (p place) database() string {
	if p.dir == "" {
		return ":memory:"
	}
	return filepath.Join(p.dir, "demo.db")
}

// newWorld starts everything. Close it after use.
func newWorld(ctx context.Context, e *env, at place) (*world, error) {
	rules, err := demoRules()
	if err != nil {
		return nil, err
	}
	secret, err := secretText()
	if err != nil {
		return nil, err
	}
	key, pemKey, err := newKey()
	if err != nil {
		return nil, err
	}
	w := &world{poll: at.poll, clock: &movingClock{now: time.Date(2026, 12, 3, 10, 12, 0, 0, time.UTC)}, mails: mailHook{secret: "mail-" + secret}}
	w.fake, w.repo = newFake(rules, bottest.Options{
		Clock: w.clock.Now, AuthClock: e.now, PrivateKey: key, WebhookSecret: secret,
	})
	var front http.Handler = w.fake
	if at.front != nil {
		front = at.front(front)
	}
	address, err := w.listen(ctx, front)
	if err != nil {
		return nil, err
	}
	r := rules.Repositories[0]
	w.folk = &bottest.People{URL: address, Owner: r.Owner, Name: r.Name, Label: rules.Requests.Label, Client: &http.Client{Timeout: 10 * time.Second}}
	if r.Desk != nil {
		w.folk.Desk = r.Desk.String()
		w.desk, _ = w.fake.Repository(w.folk.Desk)
	}
	gh, err := github.New(github.Options{
		BaseURL: address, AppID: demoApp, PrivateKey: pemKey, Repositories: ids(rules), Version: version(), Clock: w.clock.Now,
	})
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.app, err = newApp(ctx, parts{
		rules: rules, github: gh, database: at.database(), secrets: [][]byte{[]byte(secret)}, mail: [][]byte{[]byte(w.mails.secret)},
		clock: w.clock.Now, log: slog.New(slog.DiscardHandler), poll: at.poll,
	})
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.ends = append(w.ends, w.app.store.Close)
	w.mails.address, err = w.listen(ctx, w.app.handler)
	if err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.fake.SetWebhook(w.mails.address + "/webhook")
	if err := w.app.bot.Start(ctx); err != nil {
		return nil, errors.Join(err, w.close())
	}
	w.app.ready.Store(true)
	return w, nil
}

// listen serves h on a free port of this machine.
func (w *world) listen(ctx context.Context, h http.Handler) (string, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("listening on a free port: %w", err)
	}
	s := webhook.NewServer("", h)
	w.ends = append(w.ends, s.Close)
	go func() { _ = s.Serve(l) }() // it ends with Close
	return "http://" + l.Addr().String(), nil
}

// close ends everything, the newest first.
func (w *world) close() error {
	var errs []error
	for i := len(w.ends) - 1; i >= 0; i-- {
		errs = append(errs, w.ends[i]())
	}
	return errors.Join(errs...)
}

// settle delivers and works until nothing is left to do now.
func (w *world) settle(ctx context.Context) error {
	for {
		sent, err := w.hear(ctx)
		if err != nil {
			return err
		}
		worked, err := w.app.bot.Step(ctx)
		if err != nil {
			return err
		}
		if sent == 0 && !worked {
			return nil
		}
	}
}

// hear lets the bot know of what happened: by webhooks, or by a pass at its
// time.
func (w *world) hear(ctx context.Context) (int, error) {
	if w.poll == 0 {
		return w.fake.Deliver(ctx)
	}
	w.fake.Rearrange(func([]bottest.Delivery) []bottest.Delivery { return nil })
	return 0, w.app.bot.Passes(ctx)
}

// pass lets time go by, with a sweep a day; seen is called after each.
func (w *world) pass(ctx context.Context, d time.Duration, seen func() error) error {
	for d > 0 {
		step := min(d, 24*time.Hour)
		d -= step
		w.clock.move(step)
		if err := w.app.bot.Sweep(ctx, w.clock.Now()); err != nil {
			return err
		}
		if err := errors.Join(w.settle(ctx), seen()); err != nil {
			return err
		}
	}
	return nil
}

// play lets a story happen, and returns how it ended.
func (w *world) play(ctx context.Context, s bottest.Story, show *screen) (ending, error) {
	number := 0
	for _, step := range s.Steps {
		var err error
		if step.Wait > 0 {
			err = w.pass(ctx, step.Wait, func() error { return show.step(ctx, w, number) })
		} else {
			w.clock.move(time.Minute)
			if step.Mail {
				show.mail(w.clock.Now(), subjectOf(number))
				err = w.mails.tell(ctx, subjectOf(number))
			} else {
				number, err = w.folk.Act(ctx, number, step)
			}
			if err == nil {
				err = w.settle(ctx)
			}
		}
		if err != nil {
			return ending{}, fmt.Errorf("%q: %w", step.Line, err)
		}
		if err := show.step(ctx, w, number); err != nil {
			return ending{}, err
		}
	}
	return w.ending(ctx, s, number)
}

// stay goes on until it is told to stop.
func (w *world) stay(ctx context.Context, e *env) error {
	w.clock.run(e.now)
	fmt.Fprintf(e.out, "\nStill up. File another request:\n\n%s\n\n%s", curlLine(w.folk), readLine(w.folk))
	for {
		if err := w.settle(ctx); err != nil {
			if ctx.Err() != nil {
				return nil //nolint:nilerr // told to stop
			}
			return err
		}
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(100 * time.Millisecond):
		}
	}
}
