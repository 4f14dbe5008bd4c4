package main

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/bot/store/pgtest"
)

const waitsForDatabase = "the server of the database does not answer"

// TestServeWaitsForPostgreSQL starts serve while the server of its database is
// down: it goes on as soon as that is back, and Ctrl-C ends the wait.
func TestServeWaitsForPostgreSQL(t *testing.T) {
	t.Parallel()
	server := pgtest.New(t)
	c := newTown(t)
	c.github = append(c.github, "--database", server.Empty(t))
	if err := server.Kill(); err != nil {
		t.Fatal(err)
	}
	waits := func(p *process) {
		t.Helper()
		eventually(t, "that it says so", func(context.Context) error {
			if !strings.Contains(p.out.String(), waitsForDatabase) {
				return errors.New(p.out.String())
			}
			return nil
		})
	}
	p := c.launch()
	waits(p)
	p.stop(os.Interrupt)
	p = c.launch()
	waits(p)
	if err := server.Restart(t.Context()); err != nil {
		t.Fatal(err)
	}
	eventually(t, "ready", get("http://"+c.listen+"/readyz"))
	n := c.file("ann")
	c.deliver()
	c.welcomed(n)
	p.stop(os.Interrupt)
}

// TestServeEndsByAWrongName: what does not pass ends it at once, and the
// message says what to look at.
func TestServeEndsByAWrongName(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	c.github = append(c.github, "--database", strings.Replace(pgtest.New(t).Empty(t), "?", "x?", 1))
	p := c.launch()
	eventually(t, "the end", p.ended)
	if out := p.out.String(); p.err == nil || !strings.Contains(out, "user, password and the name of the database") || strings.Contains(out, waitsForDatabase) {
		t.Errorf("%v, want that it ends and says why:\n%s", p.err, out)
	}
}
