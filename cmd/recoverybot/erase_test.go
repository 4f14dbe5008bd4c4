package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// TestEraseBesideServe: a person is erased while the bot runs. Nothing of
// theirs is in a file of the database then, what comes later on their issue
// brings nothing back, the log is whole, and others are served.
func TestEraseBesideServe(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	c.fake.AddUser("zoe", 4242)
	p := c.serve()
	const account = "zebra-quokka"
	n, err := c.repo.OpenIssue("zoe", bottest.Draft{Title: "Account recovery", Body: completeBody(account), Labels: []string{c.folk.Label}})
	if err != nil {
		t.Fatal(err)
	}
	c.deliver()
	c.welcomed(n)
	if !c.onDisk(account) {
		t.Fatalf("%s is in no file of the database: the test can learn nothing", account)
	}
	command := func(args ...string) (int, string) {
		status, out, errs := run1(t.Context(), append(args, "--database", c.path(c.database))...)
		return status, out + errs
	}
	if status, out := command("erase", "4242", "--yes"); status != exitFailed || !strings.Contains(out, fmt.Sprintf("octo-registry/support#%d", n)) {
		t.Errorf("an open request: status %d, want %d and its name:\n%s", status, exitFailed, out)
	}
	if _, err := c.repo.Comment(n, "zoe", "/withdraw"); err != nil {
		t.Fatal(err)
	}
	c.deliver()
	eventually(t, "erased", func(context.Context) error {
		if status, out := command("erase", "4242", "--yes"); status != exitOK {
			return errors.New(out)
		}
		return nil
	})
	if c.onDisk(account) {
		t.Errorf("%s is still in a file of the database", account)
	}
	if status, out := command("export", "4242"); status != exitOK || !strings.Contains(out, `"requests":[]`) {
		t.Errorf("export: status %d:\n%s", status, out)
	}
	if _, err := c.repo.Comment(n, "zoe", "Thank you, I am back in "+account); err != nil {
		t.Fatal(err)
	}
	c.deliver()
	other := c.file("ann")
	c.deliver()
	c.welcomed(other)
	c.waiting("waiting: 0 deliveries to decide on, 0 writes to GitHub")
	if is, _ := c.repo.Issue(n); len(is.Comments) != 3 {
		t.Errorf("%d comments on the issue of who was erased, want 3: the status, and two of theirs", len(is.Comments))
	}
	if c.onDisk(account) {
		t.Errorf("what came later brought %s back", account)
	}
	if status, out := command("audit", "verify"); status != exitOK {
		t.Errorf("audit verify: status %d:\n%s", status, out)
	}
	if strings.Contains(p.out.String(), "level=ERROR") {
		t.Errorf("the log:\n%s", p.out.String())
	}
}

// onDisk says whether a word is in any file of the database.
func (c *town) onDisk(word string) bool {
	c.tb.Helper()
	for _, end := range []string{"", "-wal"} {
		b, err := os.ReadFile(c.path(c.database) + end)
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			c.tb.Fatal(err)
		}
		if bytes.Contains(b, []byte(word)) {
			return true
		}
	}
	return false
}
