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
	Choice []string `arg:"" optional:"" help:"new, all, or oldest N." placeholder:"CHOICE"`
	Plan   bool     `env:"-" help:"Read the old requests from GitHub and print what each choice would do. Writes nothing to GitHub. Needs --app-id and --private-key."`
	Policy string   `default:"recovery.yml" help:"The policy. Default: ${default}" placeholder:"FILE"`
	databaseFlags
	appFlags
}

// Help is the long part of --help.
func (adoptCmd) Help() string {
	return `On its first start the bot may find open requests that are older than itself. It writes nothing until you have chosen what becomes of them:

  recoverybot adopt --plan      see the numbers first
  recoverybot adopt new         leave old requests alone, forever
  recoverybot adopt oldest 5    take over five a day, the oldest first
  recoverybot adopt all         take over all of them at the next sweep

The choice is stored in the database; a bot that runs takes it up by itself. Taking over sends no mail to anybody.`
}

// Run stores the choice, which the running bot reads, or prints the plan.
func (c *adoptCmd) Run(ctx context.Context, e *env) error {
	if c.Plan == (len(c.Choice) > 0) {
		return usageError{text: "write either --plan, or a choice: new, all, or oldest N"}
	}
	if c.Plan {
		return c.plan(ctx, e)
	}
	choice, err := policy.ParseAdoption(c.Choice)
	if err != nil {
		return usageError{text: err.Error()}
	}
	rules, err := readPinned(c.Policy)
	if err != nil {
		return err
	}
	if rules.Start.Old.Choice != "" {
		return fmt.Errorf("the policy %s says start.old-requests already, and it wins: change it there, and start the bot anew", c.Policy)
	}
	return c.choose(ctx, e, choosing{rules: rules, choice: choice})
}

// choosing is a choice for the repositories of a policy.
type choosing struct {
	rules  *policy.Rules
	choice policy.Adoption
}

func (c *adoptCmd) choose(ctx context.Context, e *env, what choosing) error {
	st, err := openStore(ctx, e, c.databaseFlags)
	if err != nil {
		return err
	}
	for _, r := range what.rules.Repositories {
		if err := st.Adopt(ctx, r.ID, what.choice, e.now()); err != nil {
			if errors.Is(err, bot.ErrNotFound) {
				err = fmt.Errorf("the bot has not served %s/%s with the database %s yet: start `recoverybot serve` first", r.Owner, r.Name, c.shown())
			}
			return errors.Join(err, st.Close())
		}
	}
	_, _, err = st.Sweep(ctx, e.now())
	if err := errors.Join(err, st.Close()); err != nil {
		return err
	}
	old := "follow at its next sweep"
	if what.choice.Choice == "new" {
		old = "stay as they are"
	}
	fmt.Fprintf(e.out, "Chosen. A bot that runs begins now with the deliveries that waited; old requests %s.\n", old)
	return nil
}

// plan prints how many old requests there are, and what each choice posts.
func (c *adoptCmd) plan(ctx context.Context, e *env) error {
	if err := need(c.missing()); err != nil {
		return err
	}
	rules, err := readPinned(c.Policy)
	if err != nil {
		return err
	}
	gh, err := c.client(e, ids(rules))
	if err != nil {
		return err
	}
	b := bot.New(bot.Options{Rules: rules, GitHub: gh, Clock: e.now, Log: newLog(e, 0)})
	for _, r := range rules.Repositories {
		found, err := gh.FindRepository(ctx, r.Owner, r.Name)
		if err != nil {
			return fmt.Errorf("looking up %s/%s: %w\n%s", r.Owner, r.Name, err, hint(err))
		}
		if found.Started, err = c.started(ctx, e, r.ID); err != nil {
			return err
		}
		old, err := b.OldRequests(ctx, found)
		if err != nil {
			return fmt.Errorf("reading the open requests of %s/%s: %w", r.Owner, r.Name, err)
		}
		fmt.Fprintf(e.out, "%s/%s: ", r.Owner, r.Name)
		printPlan(e, rules, old)
	}
	return nil
}

// started is when the bot first served a repository: now, if it never did.
func (c *adoptCmd) started(ctx context.Context, e *env, repository int64) (time.Time, error) {
	if c.absent() {
		return e.now(), nil
	}
	st, err := openStore(ctx, e, c.databaseFlags)
	if err != nil {
		return time.Time{}, err
	}
	defer func() { _ = st.Close() }() // only read
	r, err := st.Repository(ctx, repository)
	if errors.Is(err, bot.ErrNotFound) {
		return e.now(), nil
	}
	return r.Started, err
}

func printPlan(e *env, rules *policy.Rules, old []policy.Issue) {
	p := rules.Plan(old, e.now())
	fmt.Fprintf(e.out, "%s older than the start\n", count(len(old), "open request is", "open requests are"))
	for _, s := range slices.Sorted(maps.Keys(p.States)) {
		fmt.Fprintf(e.out, "  would be %-12s %4d\n", s, p.States[s])
	}
	for _, a := range p.Ages {
		fmt.Fprintf(e.out, "  older than %3d days    %4d\n", int(a.Than/(24*time.Hour)), a.Count)
	}
	fmt.Fprintf(e.out, `  headings of no known form            %4d
  account asked for twice by a person  %4d
  account asked for by several people  %4d
  a secret in the title or the text    %4d
What each choice would do:
  adopt new        nothing: old requests stay as they are
  adopt oldest N   N a day, the oldest first: one label each; nobody gets a mail
  adopt all        %s now, one a second; nobody gets a mail
A status comment is posted when something next happens on an issue.
`, p.Unreadable, p.Duplicates, p.Collisions, p.Leaks, count(len(old), "label", "labels"))
}
