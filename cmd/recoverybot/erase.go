package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/store"
)

type eraseCmd struct {
	Author int64 `arg:"" name:"author-id" help:"The person's numeric GitHub id: gh api users/LOGIN --jq .id" placeholder:"ID"`
	Yes    bool  `env:"-" help:"Do it. Without it, erase says what it would do."`
	pseudonymFlags
	databaseFlags
}

// Help is the long part of --help.
func (eraseCmd) Help() string {
	return `Takes everything out of the database by which this person can be found: their requests that ended, what they did in other people's requests, and deliveries. Rows of the audit log stay as they are, and name nobody but staff. It works beside a bot that runs, may be repeated, and needs as much free room as the database has.

Requests of theirs that are open must end first. Backups, and what stands on GitHub, are yours to erase. Exit status 1: it was refused, or there are pseudonyms and no key to look through them.

  recoverybot erase 1234567
  recoverybot erase 1234567 --yes --pseudonym-key-file pseudonym.key`
}

// personStore opens the database for a command about one person.
func personStore(ctx context.Context, e *env, d databaseFlags, p pseudonymFlags) (*store.Store, error) {
	key, err := p.key()
	if err != nil {
		return nil, err
	}
	address, err := d.address()
	if err != nil {
		return nil, err
	}
	if err := thereIs(address); err != nil {
		return nil, err
	}
	st, err := store.Attach(ctx, store.Options{Database: address, Clock: e.now, PseudonymKey: key})
	if err != nil {
		return nil, withAdvice(err)
	}
	return st, nil
}

// Run erases, or says what it would.
func (c *eraseCmd) Run(ctx context.Context, e *env) error {
	if c.Author <= 0 {
		return usageError{text: "the id of a person is a number above 0"}
	}
	st, err := personStore(ctx, e, c.databaseFlags, c.pseudonymFlags)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // erased is erased
	h, err := st.Holdings(ctx, c.Author)
	if err != nil {
		return err
	}
	c.plan(e, h)
	if h.Empty() && !c.Yes {
		return c.unsearched(h)
	}
	if open := h.Obstacles(); len(open) > 0 {
		return fmt.Errorf("nothing was erased, for this must end first: %s\nClose the person's own requests (/ignore, /deny, or close the issue). Where others rest on their word as staff, finish those, or take it back with /unapprove", requestsOf(open))
	}
	if !c.Yes {
		fmt.Fprintln(e.out, "Nothing was changed. Do it with --yes")
		return c.unsearched(h)
	}
	_, err = st.Erase(ctx, c.Author, e.now())
	if err == nil {
		err = st.Scrub(ctx)
	}
	if errors.Is(err, store.ErrUnderWay) {
		return fmt.Errorf("%w\nTry again in a minute: the bot still works on something of theirs, and `recoverybot jobs list --all` shows what waits. In shadow mode, end that first: `recoverybot mode run`", err)
	}
	if err != nil {
		return err
	}
	done := "Erased."
	if h.Empty() {
		done = "What an earlier erasing left in the file is overwritten."
	}
	fmt.Fprintln(e.out, done, "Backups, and what stands on GitHub, are yours to erase: see docs/privacy.md")
	return c.unsearched(h)
}

// unsearched is the end of a command about one person where it could not look
// through the pseudonyms; nil where there are none, or the key was there.
func (f pseudonymFlags) unsearched(h store.Holdings) error {
	if h.Hidden == 0 || f.PseudonymKeyFile != "" {
		return nil
	}
	return fmt.Errorf("not all was searched: %s may be theirs, and only the key of the pseudonyms tells\nDo it again with --pseudonym-key-file FILE, the key that `serve` has. Is it lost? Then nobody can tell any more. All else was searched",
		count(int(h.Hidden), "pseudonymised request", "pseudonymised requests"))
}

// plan prints what is there.
func (c *eraseCmd) plan(e *env, h store.Holdings) {
	if h.Empty() {
		how := ""
		if c.unsearched(h) != nil {
			how = " by this id"
		}
		fmt.Fprintf(e.out, "Nothing is kept about user %d%s.\n", c.Author, how)
	} else {
		fmt.Fprintf(e.out, "About user %d there is:\n  %s by them\n  %s, pseudonymised\n  %s in requests of others, where a number that tells nothing takes their place\n  %s elsewhere\n",
			c.Author, count(len(h.Requests), "request or issue", "requests or issues"), count(len(h.Pseudonymised), "request", "requests"),
			count(len(h.Mentions), "mention", "mentions"), count(len(h.Elsewhere), "delivery", "deliveries"))
	}
	if h.LogRows > 0 {
		fmt.Fprintf(e.out, "%s of the audit log name this id, as staff or from an older version. They are never changed.\n", count(int(h.LogRows), "row", "rows"))
	}
	if h.Hidden > 0 && c.PseudonymKeyFile != "" && len(h.Pseudonymised) == 0 {
		fmt.Fprintf(e.out, "Of %s none is theirs, if %s is the key that `serve` had.\n",
			count(int(h.Hidden), "pseudonymised request", "pseudonymised requests"), c.PseudonymKeyFile)
	}
}

func requestsOf(all []bot.Ref) string {
	names := make([]string, 0, len(all))
	for _, r := range all {
		names = append(names, requestOf(r))
	}
	return strings.Join(names, ", ")
}
