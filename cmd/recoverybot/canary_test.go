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
	"net/url"
	"os"
	"slices"
	"strings"
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
		p := c.sing()
		seen := map[string][]byte{"the log": []byte(p.out.String())}
		p.kill() // what is in the WAL stays there
		for _, end := range []string{"", "-wal"} {
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
		p := c.sing()
		c.silent(map[string][]byte{"the log": []byte(p.out.String()), "the tables": dump(t, address)})
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

// sing starts serve at its loudest, and writes the canary into everything.
func (c *town) sing() *process {
	c.tb.Helper()
	must := func(err error) {
		c.tb.Helper()
		if err != nil {
			c.tb.Fatal(err)
		}
	}
	c.github = append(slices.Clone(c.github), "--verbose")
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
	c.deliver()
	for _, text := range []string{`{"action":"` + canary + `"}`, `{"` + canary, canary} {
		d := bottest.Delivery{GUID: "72d3162e-cc78-11e3-81ab-4c9367dc0958", Event: "issues", Payload: []byte(text)}
		c.strange(d, "X-Strange")
		c.strange(d, "User-Agent")
		c.strange(d, "X-GitHub-Event")
		c.strange(d, "X-Hub-Signature-256")
	}
	c.fake.ClearFaults()
	eventually(c.tb, "status comment", func(context.Context) error {
		is, _ := c.repo.Issue(n)
		if !slices.ContainsFunc(is.Comments, func(m bottest.Comment) bool { return m.Author == "recoverybot[bot]" }) {
			return errors.New("none of ours")
		}
		return nil
	})
	last := c.file("bob")
	c.deliver()
	eventually(c.tb, "the next request", func(context.Context) error {
		if is, _ := c.repo.Issue(last); len(is.Comments) == 0 {
			return errors.New("no comment yet")
		}
		return nil
	})
	return p
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
	for what, file := range map[string]string{"the webhook's secret": "secret", "the App's key": "key.pem"} {
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
