package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

type adoptCmd struct {
	Choice   []string `arg:"" optional:"" help:"new: leave old requests alone. all: take them over. oldest N: take over N a day."`
	Plan     bool     `help:"Read the old requests from GitHub and print what each choice would do. Writes nothing."`
	Database string   `default:"recoverybot.db" help:"The bot's database." placeholder:"FILE"`
	Policy   string   `default:"recovery.yml" help:"The policy." placeholder:"FILE"`
	appFlags
}

// Run stores the choice, which the running bot reads, or prints the plan.
func (c *adoptCmd) Run(ctx context.Context, e *env) error {
	if c.Plan == (len(c.Choice) > 0) {
		return usageError{"write either --plan, or a choice: new, all, or oldest N"}
	}
	rules, err := readPolicy(c.Policy)
	if err != nil {
		return err
	}
	if c.Plan {
		return c.plan(ctx, e, rules)
	}
	choice, err := policy.ParseAdoption(c.Choice)
	if err != nil {
		return usageError{err.Error()}
	}
	if rules.Start.Old.Choice != "" {
		return fmt.Errorf("the policy %s says start.old-requests already: change it there, and start the bot anew", c.Policy)
	}
	st, err := openStore(ctx, e, c.Database)
	if err != nil {
		return err
	}
	for _, r := range rules.Repositories {
		if err := st.Adopt(ctx, r.ID, choice, e.now()); err != nil {
			if errors.Is(err, bot.ErrNotFound) {
				err = fmt.Errorf("the bot has not served %s/%s yet: start `recoverybot serve` first", r.Owner, r.Name)
			}
			return errors.Join(err, st.Close())
		}
	}
	_, _, err = st.Sweep(ctx, e.now())
	if err := errors.Join(err, st.Close()); err != nil {
		return err
	}
	fmt.Fprintln(e.out, "Chosen. The running bot begins with the deliveries that waited, and takes old requests over at its next sweep.")
	return nil
}

// plan prints how many old requests there are, and what each choice posts.
func (c *adoptCmd) plan(ctx context.Context, e *env, rules *policy.Rules) error {
	gh, err := c.client(e, ids(rules))
	if err != nil {
		return err
	}
	b := bot.New(bot.Options{Rules: rules, GitHub: gh, Clock: e.now, Log: newLog(e, 0)})
	for _, r := range rules.Repositories {
		found, err := gh.FindRepository(ctx, r.Owner, r.Name)
		if err != nil {
			return err
		}
		found.Started = e.now()
		old, err := b.OldRequests(ctx, found)
		if err != nil {
			return err
		}
		printPlan(e, rules, old)
	}
	return nil
}

func printPlan(e *env, rules *policy.Rules, old []policy.Issue) {
	p := rules.Plan(old, e.now())
	fmt.Fprintf(e.out, "%d open requests are older than the start\n", len(old))
	for _, s := range slices.Sorted(maps.Keys(p.States)) {
		fmt.Fprintf(e.out, "  %-12s %d\n", s, p.States[s])
	}
	fmt.Fprintf(e.out, "  form unknown %d, same account asked for twice by one person %d, by several people %d\n", p.Unreadable, p.Duplicates, p.Collisions)
	for _, a := range p.Ages {
		fmt.Fprintf(e.out, "  older than %d days: %d\n", int(a.Than/(24*time.Hour)), a.Count)
	}
	fmt.Fprintf(e.out, `What each choice would do:
  adopt new       nothing: they stay as they are
  adopt oldest N  N a day, the oldest first: a label each; nobody gets a mail
  adopt all       %d labels at once (one a second); nobody gets a mail
A status comment is posted when something next happens on the issue.
`, len(old))
}
