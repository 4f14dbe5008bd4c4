package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/bottest/contract"
)

// town is a GitHub in this process, for a serve that is another one.
type town struct {
	tb       testing.TB
	dir      string
	fake     *bottest.Fake
	repo     *bottest.Repository
	folk     *bottest.People
	listen   string
	policy   string   // file name in dir
	database string   // file name in dir
	github   []string // the flags by which serve finds GitHub
	mails    mailHook // which serve has if it has a secret
}

func newTown(tb testing.TB) *town {
	tb.Helper()
	c := &town{tb: tb, dir: tb.TempDir(), policy: "recovery.yml", database: "bot.db"}
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	rules, err := demoRules()
	must(err)
	secret, err := secretText()
	must(err)
	key, pemKey := appKey()
	must(writeFiles(c.dir, map[string][]byte{"key.pem": pemKey, "secret": []byte(secret)}))
	c.fake, c.repo = newFake(rules, bottest.Options{Clock: time.Now, PrivateKey: key, WebhookSecret: secret})
	server := httptest.NewServer(contract.Handler(tb, c.fake))
	tb.Cleanup(server.Close)
	r := rules.Repositories[0]
	c.folk = &bottest.People{URL: server.URL, Owner: r.Owner, Name: r.Name, Label: rules.Requests.Label, Client: server.Client()}
	c.github = []string{"--github-url", server.URL}
	c.listen, err = freePort(tb.Context())
	must(err)
	c.fake.SetWebhook("http://" + c.listen + "/webhook")
	return c
}

func (c *town) path(name string) string { return filepath.Join(c.dir, name) }

// serve starts the bot, and returns when it is ready.
func (c *town) serve() *process {
	c.tb.Helper()
	p := c.launch()
	eventually(c.tb, "ready", get("http://"+c.listen+"/readyz"))
	return p
}

// launch starts the bot.
func (c *town) launch() *process {
	c.tb.Helper()
	flags := c.github
	if c.mails.secret != "" {
		c.mails.address = "http://" + c.listen
		flags = append(slices.Clone(flags), "--mail-secret-file", c.path("mail-secret"))
	}
	return launch(c.tb, append([]string{
		"serve", "--listen", c.listen, "--database", c.path(c.database), "--policy", c.path(c.policy),
		"--app-id", fmt.Sprint(demoApp), "--private-key", c.path("key.pem"), "--webhook-secret-file", c.path("secret"),
		"--write-interval", "50ms", "--writes-per-minute", "0", "--writes-per-hour", "0", "--points-per-minute", "0",
	}, flags...)...)
}

// listening returns when the bot answers, and looks more often than eventually
// does: what is measured is short.
func (c *town) listening() {
	c.tb.Helper()
	ctx, cancel := context.WithTimeout(c.tb.Context(), patience)
	defer cancel()
	ask := get("http://" + c.listen + "/healthz")
	for ask(ctx) != nil {
		if ctx.Err() != nil {
			c.tb.Fatalf("not listening within %s", patience)
		}
	}
}

// file opens a complete request.
func (c *town) file(login string) int {
	c.tb.Helper()
	n, err := c.repo.OpenIssue(login, bottest.Draft{Title: "Account recovery", Body: completeBody(login), Labels: []string{c.folk.Label}})
	if err != nil {
		c.tb.Fatal(err)
	}
	return n
}

// deliver sends the webhooks that wait, and wants 2xx for each.
func (c *town) deliver() {
	c.tb.Helper()
	before := len(c.fake.Deliveries())
	if _, err := c.fake.Deliver(c.tb.Context()); err != nil {
		c.tb.Fatal(err)
	}
	for _, d := range c.fake.Deliveries()[before:] {
		if d.Failed {
			c.tb.Errorf("delivery of %s.%s: answer %d, want 2xx", d.Event, d.Action, d.Status)
		}
	}
}

// welcomed wants label and one status comment on each of these issues.
func (c *town) welcomed(numbers ...int) {
	c.tb.Helper()
	eventually(c.tb, "label and status comment", func(context.Context) error {
		for _, n := range numbers {
			is, _ := c.repo.Issue(n)
			if len(is.Comments) != 1 || !slices.Contains(is.Labels, "recovery: triage") {
				return fmt.Errorf("issue %d has labels %q and %d comments", n, is.Labels, len(is.Comments))
			}
		}
		return nil
	})
}

// eventuallyJobs waits until `jobs list` prints a text.
func (c *town) eventuallyJobs(what, text string, flags ...string) {
	c.tb.Helper()
	args := append([]string{"jobs", "list", "--database", c.path(c.database)}, flags...)
	eventually(c.tb, what, func(ctx context.Context) error {
		_, out, err := run1(ctx, args...)
		if !strings.Contains(out, text) {
			return fmt.Errorf("jobs list printed %q and %q", out, err)
		}
		return nil
	})
}

// giveUp does in a moment what five failures do in some minutes.
func (c *town) giveUp(table string) {
	c.tb.Helper()
	db, err := sql.Open("sqlite", "file:"+c.path(c.database)+"?_pragma=busy_timeout(10000)")
	if err == nil {
		_, err = db.ExecContext(c.tb.Context(), "UPDATE "+table+" SET tries = 5, done_at = ?, dead_class = class WHERE done_at = 0 AND class <> ''",
			time.Now().UnixMicro())
		err = errors.Join(err, db.Close())
	}
	if err != nil {
		c.tb.Fatal(err)
	}
}

// keepsAll lets the sweep forget what is old, as it does at any minute: there is
// nothing.
func (c *town) keepsAll() {
	c.tb.Helper()
	rules, err := demoRules()
	if err != nil {
		c.tb.Fatal(err)
	}
	st, err := openStore(c.tb.Context(), testEnv(), databaseFlags{Database: c.path(c.database)})
	if err != nil {
		c.tb.Fatal(err)
	}
	forgot, err := st.Forget(c.tb.Context(), bot.Retention{Cases: rules.Retention.Cases, Deliveries: rules.Retention.Deliveries}, time.Now())
	if err = errors.Join(err, st.Close()); err != nil || forgot.Total() > 0 {
		c.tb.Fatalf("a sweep forgot %+v (%v), want nothing: all of it is new", forgot, err)
	}
}

// posted counts the comments that the bot tried to post, by path.
func (c *town) posted() map[string]int {
	all := map[string]int{}
	for _, call := range c.fake.Calls() {
		if call.ByApp && call.Kind == "POST comment" {
			all[call.Path]++
		}
	}
	return all
}

// onePost wants one comment for each of so many issues, and never a second.
func (c *town) onePost(issues int) {
	c.tb.Helper()
	posted := c.posted()
	if len(posted) != issues {
		c.tb.Errorf("comments on %d issues, want %d", len(posted), issues)
	}
	for _, path := range slices.Sorted(maps.Keys(posted)) {
		if posted[path] != 1 {
			c.tb.Errorf("%s: %d comments posted, want 1", path, posted[path])
		}
	}
}

// writes counts what the bot tried to change.
func (c *town) writes() int {
	n := 0
	for _, call := range c.fake.Calls() {
		if call.ByApp && call.Write {
			n++
		}
	}
	return n
}

// halfSent sends a delivery up to the body, and returns when the server waits
// for that; the result sends the rest, and returns the answer's status.
func (c *town) halfSent(d bottest.Delivery) func() int {
	c.tb.Helper()
	body, rest := io.Pipe()
	req, err := http.NewRequestWithContext(c.tb.Context(), http.MethodPost, "http://"+c.listen+"/webhook", body)
	if err != nil {
		c.tb.Fatal(err)
	}
	req.Header = c.fake.Headers(d)
	req.ContentLength = int64(len(d.Payload))
	req.Header.Set("Expect", "100-continue")
	status := make(chan int, 1)
	go func() {
		defer close(status)
		res, err := (&http.Transport{ExpectContinueTimeout: patience}).RoundTrip(req)
		if err != nil {
			c.tb.Errorf("the delivery under way: %v", err)
			return
		}
		_ = res.Body.Close()
		status <- res.StatusCode
	}()
	// A pipe has no room: this returns when the server has asked for the body.
	if _, err := rest.Write(d.Payload[:1]); err != nil {
		c.tb.Fatal(err)
	}
	return func() int {
		_, err := rest.Write(d.Payload[1:])
		if err = errors.Join(err, rest.Close()); err != nil {
			c.tb.Error(err)
		}
		return <-status
	}
}
