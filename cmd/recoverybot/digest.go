package main

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/recoverybot/recoverybot/bot"
)

type digestCmd struct {
	Policy string `default:"recovery.yml" help:"The policy. Default: ${default}" placeholder:"FILE"`
	Since  string `env:"-" help:"Count the requests that ended in this time, like 24h or 7d. Left out: since the last digest; where there was none, 24h." placeholder:"TIME"`
	databaseFlags
}

// Help is the long part of --help.
func (digestCmd) Help() string {
	return `Prints, for each desk of the policy, what its next digest would say if it came now: how many requests wait for whom, what ended, the oldest ones, and how long answers took of late. It needs no network, sends nothing, and changes nothing: the next digest comes all the same, at the time that clocks.digest of the policy says. Where there is nothing to say, none comes.`
}

// Run prints the digests.
func (c *digestCmd) Run(ctx context.Context, e *env) error {
	since, err := e.since(c.Since)
	if err != nil {
		return err
	}
	rules, err := readPolicy(c.Policy)
	if err != nil {
		return err
	}
	st, err := openStore(ctx, e, c.databaseFlags)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // only read
	b := bot.New(bot.Options{Rules: rules, Store: st, Clock: e.now, Log: slog.New(slog.DiscardHandler)})
	all, err := b.NextDigests(ctx, since)
	if err != nil {
		return err
	}
	if len(all) == 0 {
		fmt.Fprintln(e.out, "No digest: nothing is written before you choose about old requests: recoverybot adopt --help")
	}
	for i, o := range all {
		if i > 0 {
			fmt.Fprintln(e.out)
		}
		printOutlook(e, o)
	}
	return nil
}

func printOutlook(e *env, o bot.Outlook) {
	whose := "requests without a desk (the log gets the numbers alone)"
	if o.Desk != nil {
		whose = "desk " + o.Desk.String()
	}
	when := "never: the policy has no clocks.digest"
	if !o.At.IsZero() {
		when = "next at " + day(o.At) + " UTC"
	}
	fmt.Fprintf(e.out, "%s, %s\n\n", whose, when)
	if o.Text == "" {
		fmt.Fprintln(e.out, "Nothing to say: nothing would be sent.")
		return
	}
	fmt.Fprintln(e.out, o.Text)
}
