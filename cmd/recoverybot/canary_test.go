package main

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/pem"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/store/pgtest"
)

// canary is a word that people write wherever they can.
const canary = "canary7f3a9"

// TestServeTellsNothing: what people write, the webhook's secret, the App's key
// and the password of the database are in no log, in no table and in no file of
// the database, and the bot repeats nothing of it; not at the loudest, and
// not when GitHub fails.
func TestServeTellsNothing(t *testing.T) {
	t.Parallel()
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		c := newTown(t)
		p := c.sing(hastened(t, "sqlite", "file:"+c.path(c.database)+"?_pragma=busy_timeout(10000)"))
		seen := map[string][]byte{"the commands": c.told("--database", c.path(c.database))}
		seen["the log, and the stacks of a crash"] = p.crash() // what is in the WAL stays there
		for _, end := range []string{"", "-wal", "-shm"} {
			b, err := os.ReadFile(c.path(c.database) + end)
			if err != nil {
				t.Fatal(err)
			}
			seen["bot.db"+end] = b
		}
		c.silent(seen)
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		c := newTown(t)
		address := withPassword(t, pgtest.New(t).Empty(t))
		c.github = append(c.github, "--database", address)
		p := c.sing(hastened(t, "pgx", address))
		c.silent(map[string][]byte{
			"the commands": c.told("--database", address), "the tables": dump(t, address),
			"the log, and the stacks of a crash": p.crash(),
		})
	})
}

// withPassword adds a password, which a server that asks for none does not read.
func withPassword(t *testing.T, address string) string {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := "postgres"
	if u.User != nil {
		name = u.User.Username()
	}
	u.User = url.UserPassword(name, canary+"-password")
	return u.String()
}

// hastened returns what lets all that waits for a minute to pass be tried now. It
// may be called when the tables are there.
func hastened(t *testing.T, driver, address string) func() error {
	t.Helper()
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // nothing is lost
	return func() error {
		for _, statement := range []string{
			"UPDATE delivery SET not_before = 0 WHERE done_at = 0",
			"UPDATE outbox SET not_before = 0 WHERE done_at = 0",
			"UPDATE river_job SET state = 'available', scheduled_at = created_at WHERE state IN ('available', 'scheduled')",
		} {
			if _, err := db.ExecContext(t.Context(), statement); err != nil {
				return err
			}
		}
		return nil
	}
}

// sing starts serve at its loudest, and writes the canary into everything.
func (c *town) sing(hasten func() error) *process {
	c.tb.Helper()
	soon := func(what string, ask func() error) {
		c.tb.Helper()
		eventually(c.tb, what, func(context.Context) error {
			err := ask()
			if err != nil {
				err = errors.Join(err, hasten())
			}
			return err
		})
	}
	must := func(err error) {
		c.tb.Helper()
		if err != nil {
			c.tb.Fatal(err)
		}
	}
	c.settings()
	c.github = append(slices.Clone(c.github), "--verbose", "--pseudonym-key-file", c.path("pseudonym.key"))
	c.mails.secret = canary + strings.Repeat("x", 32)
	angry := c.angry()
	p := c.serve()
	n, err := c.repo.OpenIssue("ann", bottest.Draft{
		Title: "Title " + canary, Body: completeBody("ann") + "\n### " + canary + "\n\nMy password is " + canary + "\n",
		Labels: []string{c.folk.Label, "label-" + canary},
	})
	must(err)
	c.deliver()
	must(c.repo.EditTitle(n, "ann", "New "+canary))
	must(c.repo.EditIssue(n, "ann", completeBody("ann")+"\n"+canary+" again\n"))
	id, err := c.repo.Comment(n, canary, "I am "+canary+", and mail "+canary+"@example.org")
	must(err)
	must(c.repo.EditComment(id, canary, "edited "+canary))
	for _, text := range []string{"/" + canary, "/status " + canary, "/username " + canary + "!", canary} {
		_, err := c.repo.Comment(n, "ann", text)
		must(err)
	}
	for _, fault := range []bottest.Fault{
		{Status: http.StatusInternalServerError, On: "GET issue"},
		{Status: http.StatusUnprocessableEntity, On: "POST comment"},
		{Kind: bottest.FaultCut, On: "GET comment"},
	} {
		c.fake.Fail(fault)
	}
	angry.Store(3)
	c.deliver()
	soon("an angry GitHub", func() error {
		if left := angry.Load(); left > 0 {
			return fmt.Errorf("%d errors were not asked for", left)
		}
		return nil
	})
	for _, text := range []string{`{"action":"` + canary + `"}`, `{"` + canary, canary} {
		d := bottest.Delivery{GUID: "72d3162e-cc78-11e3-81ab-4c9367dc0958", Event: "issues", Payload: []byte(text)}
		c.strange(d, "X-Strange")
		c.strange(d, "User-Agent")
		c.strange(d, "X-GitHub-Event")
		c.strange(d, "X-Hub-Signature-256")
	}
	c.fake.ClearFaults()
	soon("status comment", func() error {
		is, _ := c.repo.Issue(n)
		if !slices.ContainsFunc(is.Comments, func(m bottest.Comment) bool { return m.Author == "recoverybot[bot]" }) {
			return errors.New("none of ours")
		}
		return nil
	})
	soon("the issue at the desk", func() error {
		if desk, there := c.fake.Repository("octo-registry/recovery-desk"); !there || len(desk.Issues()) == 0 {
			return errors.New("none")
		}
		return nil
	})
	c.atDesk()
	last := c.file("bob")
	c.deliver()
	soon("the next request", func() error {
		if is, _ := c.repo.Issue(last); len(is.Comments) == 0 {
			return errors.New("no comment yet")
		}
		return nil
	})
	return p
}

// settings writes the canary into every file that the operator gives to serve.
func (c *town) settings() {
	c.tb.Helper()
	src, err := os.ReadFile(c.path(c.policy))
	if err != nil {
		c.tb.Fatal(err)
	}
	text := strings.Replace(string(src), "accounts: [octo-admin]", "accounts: [octo-admin, "+canary+"-admin]", 1) +
		"\n# " + canary + " a note of the operator's\nbystanders: {offers: {words: [" + canary + " helps]}}\n"
	for name, text := range map[string]string{
		c.policy: text, "mail-secret": canary + strings.Repeat("x", 32), "pseudonym.key": strings.Repeat("c0ffee42", 8),
	} {
		if err := os.WriteFile(c.path(name), []byte(text), 0o600); err != nil {
			c.tb.Fatal(err)
		}
	}
}

// angry puts a server before GitHub that answers so many calls about comments
// as the result says with an error which repeats what people wrote.
func (c *town) angry() *atomic.Int64 {
	c.tb.Helper()
	var left atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/comments") || left.Add(-1) < 0 {
			c.fake.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Github-Request-Id", canary)
		w.WriteHeader(http.StatusUnprocessableEntity)
		fmt.Fprintf(w, `{"message":%[1]q,"errors":[{"resource":%[1]q,"field":"body","code":"custom","message":%[1]q}]}`, canary+" is too long")
	}))
	c.tb.Cleanup(server.Close)
	c.github[slices.Index(c.github, "--github-url")+1] = server.URL
	return &left
}

// atDesk writes the canary at the desk.
func (c *town) atDesk() {
	c.tb.Helper()
	desk, there := c.fake.Repository("octo-registry/recovery-desk")
	if !there || len(desk.Issues()) == 0 {
		c.tb.Fatal("there is nothing at the desk")
	}
	n := desk.Issues()[0].Number
	for _, text := range []string{canary, "/ask " + canary, "/" + canary} {
		if _, err := desk.Comment(n, "hal", text); err != nil {
			c.tb.Fatal(err)
		}
	}
	if err := desk.EditTitle(n, "ada", "desk "+canary); err != nil {
		c.tb.Fatal(err)
	}
}

// crash lets the program die of a signal, with all its stacks, and returns all
// that it wrote.
func (p *process) crash() []byte {
	p.tb.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGQUIT); err != nil {
		p.tb.Fatal(err)
	}
	<-p.end
	out := p.out.String()
	if !strings.Contains(out, "goroutine ") {
		p.tb.Errorf("no stacks in what it wrote at its end: %q", out[max(0, len(out)-500):])
	}
	return []byte(out)
}

// told is what the commands print of the database.
func (c *town) told(database ...string) []byte {
	c.tb.Helper()
	var all strings.Builder
	for _, args := range [][]string{
		{"queue"}, {"explain", "1"}, {"jobs", "list", "--all"}, {"audit", "export"}, {"mode"}, {"shadow", "report"},
	} {
		status, out, err := run1(c.tb.Context(), append(args, database...)...)
		if status != 0 {
			c.tb.Errorf("%q: status %d: %s", args, status, err)
		}
		all.WriteString(out + err)
	}
	return []byte(all.String())
}

// strange sends a delivery with the canary in one of its headers.
func (c *town) strange(d bottest.Delivery, name string) {
	c.tb.Helper()
	req, err := http.NewRequestWithContext(c.tb.Context(), http.MethodPost, "http://"+c.listen+"/webhook", bytes.NewReader(d.Payload))
	if err != nil {
		c.tb.Fatal(err)
	}
	req.Header = c.fake.Headers(d)
	req.Header.Set(name, canary)
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		c.tb.Fatal(err)
	}
	if err := res.Body.Close(); err != nil {
		c.tb.Error(err)
	}
}

// silent wants none of the secrets in what was seen, nor in what the bot wrote.
func (c *town) silent(seen map[string][]byte) {
	c.tb.Helper()
	secrets := map[string]string{"what people wrote": canary}
	for what, file := range map[string]string{
		"the webhook's secret": "secret", "the App's key": "key.pem", "the key of the pseudonyms": "pseudonym.key",
	} {
		b, err := os.ReadFile(c.path(file))
		if err != nil {
			c.tb.Fatal(err)
		}
		secrets[what] = string(b)
	}
	block, _ := pem.Decode([]byte(secrets["the App's key"]))
	if block == nil {
		c.tb.Fatal("the App's key is no PEM")
	}
	secrets["the App's key"] = strings.Split(secrets["the App's key"], "\n")[2]
	var ours strings.Builder
	for n := 1; n <= 2; n++ {
		is, _ := c.repo.Issue(n)
		for _, m := range is.Comments {
			if m.Author == "recoverybot[bot]" {
				ours.WriteString(m.Body)
			}
		}
	}
	seen["our comments"] = []byte(ours.String())
	for _, where := range slices.Sorted(maps.Keys(seen)) {
		if len(seen[where]) < 500 {
			c.tb.Errorf("%s has only %d bytes: nothing can be learnt from it", where, len(seen[where]))
		}
		for what, secret := range secrets {
			if i := bytes.Index(seen[where], []byte(secret)); i >= 0 {
				c.tb.Errorf("%s repeats %s: %q", where, what, seen[where][max(0, i-100):min(len(seen[where]), i+50)])
			}
		}
	}
}

// dump is every row of every table as text, as pg_dump tells them.
func dump(t *testing.T, address string) []byte {
	t.Helper()
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	column := func(query string) (all []string) {
		rows, err := db.QueryContext(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			var s string
			if err := rows.Scan(&s); err != nil {
				t.Fatal(err)
			}
			all = append(all, s)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return all
	}
	var out bytes.Buffer
	tables := column("SELECT quote_ident(table_schema) || '.' || quote_ident(table_name) FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema')")
	if len(tables) < 5 {
		t.Errorf("only %d tables: %q", len(tables), tables)
	}
	for _, table := range tables {
		fmt.Fprintf(&out, "%s\n%s\n", table, strings.Join(column("SELECT t::text FROM "+table+" t"), "\n"))
	}
	return out.Bytes()
}
