package bot_test

import (
	"bytes"
	"cmp"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"flag"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/bottest/contract"
	"github.com/recoverybot/recoverybot/bot/github"
	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/bot/webhook"
	"github.com/recoverybot/recoverybot/internal/sample"
	"github.com/recoverybot/recoverybot/policy"
)

const (
	appID  = 4711
	secret = "a webhook secret of some length"

	// endless is more rounds than any test needs until nothing is left to do: a
	// bot that always finds something must fail a test, not hang it.
	endless = 10000
)

// TestMain lets more tests run at the same time than there are processors,
// for they wait for the disk, and the garbage lie longer: there is little of it
// and much memory.
func TestMain(m *testing.M) {
	sample.Histories()
	debug.SetGCPercent(400)
	if err := flag.Set("test.parallel", "8"); err != nil {
		panic(err)
	}
	goleak.VerifyTestMain(m)
}

// appKey is made once: it takes longer than a whole test.
var appKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 1024) // the key is the test's own, and each start signs with it
	if err != nil {
		panic(err)
	}
	return k
})

func pemKey() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(appKey())})
}

// emptyDatabase is a migrated database: a test begins with a copy of it.
var emptyDatabase = sync.OnceValue(func() []byte {
	dir, err := os.MkdirTemp("", "recoverybot-test-")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "empty.db")
	s, err := store.Open(context.Background(), store.Options{Database: path, Clock: time.Now})
	if err != nil {
		panic(err)
	}
	if err := s.Close(); err != nil {
		panic(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		panic(err)
	}
	return b
})

// clock is a time that a test moves by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = t
}

// journal is a log that may be written to from many goroutines.
type journal struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.b.String()
}

// setup says how a world differs from the usual one.
type setup struct {
	policy string // instead of the example policy
	before func(*world)
	killer *killer // nil: nobody kills the process
	lost   bool    // what a killed process did not acknowledge is not sent again
	desk   bool    // staff have a desk
	limits bot.Limits
	answer time.Duration  // that a call takes at most; 0: long, for a machine may be busy
	hub    bottest.Limits // GitHub's own
}

// world is the bot, as `serve` makes it but for the job engine, and a fake
// GitHub that checks every exchange against GitHub's own description.
type world struct {
	testing.TB

	clock   *clock
	rules   *policy.Rules
	fake    *bottest.Fake
	repo    *bottest.Repository
	desk    *bottest.Repository // nil: none
	folk    *bottest.People
	url     string
	path    string
	log     *journal
	killer  *killer
	lost    bool
	limits  bot.Limits
	hub     bottest.Limits
	answer  time.Duration
	handler atomic.Pointer[webhook.Handler]

	store *store.Store
	bot   *bot.Bot
	hook  *webhook.Handler
}

func examplePolicy(t testing.TB) string {
	t.Helper()
	src, err := os.ReadFile("../.github/recovery.yml")
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func newWorld(t testing.TB, s setup) *world {
	t.Helper()
	if s.policy == "" {
		s.policy = examplePolicy(t)
	}
	rules, err := policy.ParseRules([]byte(s.policy), os.DirFS("../.github"))
	if err != nil {
		t.Fatal(err)
	}
	rules.Repositories[0].Desk = nil
	if s.desk {
		rules.Repositories[0].Desk = &policy.Repository{ID: 700002, Owner: "octo-registry", Name: "recovery-desk"}
	}
	w := &world{
		TB: t, rules: rules, log: &journal{}, killer: s.killer, lost: s.lost, limits: s.limits, hub: s.hub, answer: s.answer,
		clock: &clock{now: time.Date(2026, 12, 3, 10, 12, 0, 0, time.UTC)},
		path:  filepath.Join(t.TempDir(), "bot.db"),
	}
	if err := os.WriteFile(w.path, emptyDatabase(), 0o600); err != nil {
		t.Fatal(err)
	}
	w.github()
	w.boot()
	t.Cleanup(w.stop)
	if s.before != nil {
		s.before(w)
	}
	w.start()
	return w
}

// github starts the fake with the people of the stories.
func (w *world) github() {
	w.Helper()
	client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{}}
	f := bottest.New(bottest.Options{
		Clock: w.clock.Now, AuthClock: time.Now, AppID: appID, Slug: "recoverybot", PrivateKey: appKey(),
		WebhookSecret: secret, Client: client, Seed: "laws", Limits: w.hub,
	})
	r := w.rules.Repositories[0]
	agents, helpers := w.rules.People[policy.Agents].Team, w.rules.People[policy.Helpers].Team
	f.AddOrganization(agents.Org, agents.OrgID)
	f.AddUser("ada", 1001)
	f.AddUser("hal", 1002)
	f.AddUser("max", 2001)
	f.AddUser("ann", 3001)
	f.AddUser("sue", w.rules.People[policy.Security].Users[0])
	f.AddTeam(bottest.Team{Org: agents.Org, Slug: agents.Slug, ID: agents.ID, Members: []string{"ada"}})
	f.AddTeam(bottest.Team{Org: helpers.Org, Slug: helpers.Slug, ID: helpers.ID, Members: []string{"hal"}})
	w.fake = f
	w.repo = f.AddRepository(bottest.RepositoryOptions{Owner: r.Owner, Name: r.Name, ID: r.ID, Labels: []string{w.rules.Requests.Label}})
	for login, role := range map[string]string{"ada": "triage", "hal": "triage", "sue": "triage", "max": "write", "boss": "admin"} {
		w.repo.AddCollaborator(login, role)
	}
	w.furnish()
	w.url = w.listen(contract.Handler(w.TB, f))
	w.folk = &bottest.People{URL: w.url, Owner: r.Owner, Name: r.Name, Label: w.rules.Requests.Label, Client: client}
	if r.Desk != nil {
		w.folk.Desk = r.Desk.String()
	}
	f.SetWebhook(w.listen(http.HandlerFunc(w.receive)))
	w.Cleanup(client.CloseIdleConnections)
}

// furnish makes the desk, with an installation of its own. Max may write there
// and is no member of staff.
func (w *world) furnish() {
	d := w.rules.Repositories[0].Desk
	if d == nil {
		return
	}
	w.desk = w.fake.AddRepository(bottest.RepositoryOptions{Owner: d.Owner, Name: d.Name, ID: d.ID, Private: true, Installation: 1002})
	for login, role := range map[string]string{"ada": "write", "hal": "write", "sue": "admin", "max": "write"} {
		w.desk.AddCollaborator(login, role)
	}
}

func (w *world) listen(h http.Handler) string {
	server := httptest.NewServer(h)
	server.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)
	w.Cleanup(server.Close)
	return server.URL
}

// receive is the process's port: whoever listens there now.
func (w *world) receive(rw http.ResponseWriter, r *http.Request) {
	defer func() {
		if w.killer.died(recover()) {
			panic(http.ErrAbortHandler)
		}
	}()
	if w.killer.isDead() {
		panic(http.ErrAbortHandler)
	}
	w.handler.Load().ServeHTTP(rw, r)
}

// boot is a new process on the same file.
func (w *world) boot() {
	w.Helper()
	log := slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	st, err := store.Open(w.Context(), store.Options{Database: w.path, Clock: w.clock.Now, Logger: log, Limits: w.limits})
	w.must(err)
	gh, err := github.New(github.Options{
		BaseURL: w.url, AppID: appID, PrivateKey: pemKey(), Repositories: w.ids(), Version: "test",
		Clock: w.clock.Now, Timeout: cmp.Or(w.answer, 15*time.Second),
	})
	w.must(err)
	w.store = st
	kept := bot.Store(st)
	calls := bot.GitHub(gh)
	if w.killer != nil {
		kept, calls = mortalStore{st, w.killer}, mortalGitHub{gh, w.killer}
	}
	w.bot = bot.New(bot.Options{Rules: w.rules, Store: kept, GitHub: calls, Clock: w.clock.Now, Log: log})
	w.hook, err = webhook.New(webhook.Options{
		Ignored: w.rules.Ignores, Offers: w.rules.Offers, Public: w.rules.Public(),
		Secrets: [][]byte{[]byte(secret)}, Intake: kept, Clock: w.clock.Now, Logger: log,
		Repositories: w.served(), Self: func() int64 { return w.bot.Self().ID },
		OnTeams: w.bot.Forget, OnRepository: w.bot.Told,
		OnInstallation: w.bot.Changed, Installed: w.bot.Installed,
	})
	w.must(err)
	w.handler.Store(w.hook)
}

func (w *world) served() func(int64) (webhook.Repository, bool) {
	r := webhook.Repository{IntakeLabel: w.rules.Requests.Label}
	for _, s := range policy.States() {
		if name := w.rules.Labels[s].Name; name != "" {
			r.Labels = append(r.Labels, name)
		}
	}
	ids := w.ids()
	desks := w.ids()[len(w.rules.Repositories):]
	return func(id int64) (webhook.Repository, bool) {
		found := r
		found.Desk, found.Installation = slices.Contains(desks, id), w.bot.Installation(id)
		return found, slices.Contains(ids, id)
	}
}

func (w *world) ids() []int64 {
	var ids []int64
	for _, r := range w.rules.Repositories {
		ids = append(ids, r.ID)
	}
	for _, r := range w.rules.Repositories {
		if r.Desk != nil && !slices.Contains(ids, r.Desk.ID) {
			ids = append(ids, r.Desk.ID)
		}
	}
	return ids
}

func (w *world) stop() {
	if err := w.store.Close(); err != nil {
		w.Error(err)
	}
}

// restart ends the process and starts another one.
func (w *world) restart() {
	w.Helper()
	w.stop()
	w.boot()
	w.start()
	if w.lost {
		w.alive(func() error { return w.bot.Passes(w.Context()) })
	}
}

// start does what `serve` does first.
func (w *world) start() {
	w.Helper()
	w.alive(func() error {
		if err := w.bot.Start(w.Context()); !errors.Is(err, bot.ErrStopped) {
			return err
		}
		return nil // whoever ends the stop starts it again
	})
}

// alive does something in the process; if that is killed, in a new one again.
func (w *world) alive(do func() error) {
	w.Helper()
	if w.killed(do) {
		w.killer.buried()
		w.restart()
		w.must(do())
	}
}

// killed does something and reports whether the process died of it.
func (w *world) killed(do func() error) (dead bool) {
	w.Helper()
	defer func() {
		if w.killer.died(recover()) {
			dead = true
		}
	}()
	w.must(do())
	return false
}

// Context never ends: for one that can the driver of SQLite has a goroutine
// watch each statement.
func (w *world) Context() context.Context { return context.WithoutCancel(w.TB.Context()) }

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// settle delivers and works until nothing is left to do now. A delivery that
// was not answered with 2xx is sent again, as the App asks GitHub to.
func (w *world) settle() {
	w.Helper()
	for range endless {
		sent, err := w.fake.Deliver(w.Context())
		w.must(err)
		if w.killer.buried() {
			w.restart()
			w.redeliver()
		}
		worked := false
		w.alive(func() (err error) {
			worked, err = w.bot.Step(w.Context())
			return err
		})
		if sent == 0 && !worked {
			return
		}
	}
	w.Fatalf("it does not settle at %v:\n%s", w.clock.Now(), last(w.log.String(), 2000))
}

// last are the last n bytes of a text.
func last(s string, n int) string { return s[max(0, len(s)-n):] }

// redeliver sends again what the process that died has not acknowledged; if
// nobody does, the reconcile pass at the start finds it.
func (w *world) redeliver() {
	w.Helper()
	if w.lost {
		w.must(w.bot.Reconcile(w.Context()))
		return
	}
	for _, d := range w.fake.Deliveries() {
		if d.Failed && !w.fake.Redeliver(d.GUID) {
			w.Fatal("a delivery is not known")
		}
	}
}

// pass lets time go by: the sweep comes whenever a case is due.
func (w *world) pass(d time.Duration) {
	w.Helper()
	end := w.clock.Now().Add(d)
	for {
		next := end
		cases, err := w.store.Cases(w.Context())
		w.must(err)
		for _, c := range cases {
			if at := c.Memory.WakeAt; at.After(w.clock.Now()) && at.Before(next) {
				next = at
			}
		}
		w.clock.set(next)
		w.sweep()
		if next.Equal(end) {
			return
		}
	}
}

func (w *world) sweep() {
	w.Helper()
	if w.lost { // its passes are what makes good for webhooks
		w.alive(func() error { return w.bot.Passes(w.Context()) })
	}
	w.alive(func() error { return w.bot.Sweep(w.Context(), w.clock.Now()) })
	w.settle()
}

// later moves the clock without a sweep, and lets the bot work.
func (w *world) later(d time.Duration) {
	w.Helper()
	w.clock.set(w.clock.Now().Add(d))
	w.settle()
}

// soon lets what waits for seconds or a minute come to its end.
func (w *world) soon() {
	w.Helper()
	for _, seconds := range []int{2, 5, 15, 60, 60} {
		w.later(time.Duration(seconds) * time.Second)
	}
}

// drop loses the webhooks that are queued.
func (w *world) drop() {
	w.fake.Rearrange(func([]bottest.Delivery) []bottest.Delivery { return nil })
}
