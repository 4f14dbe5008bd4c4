package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/github"
	"github.com/recoverybot/recoverybot/policy"
)

type checkCmd struct {
	Policy string `arg:"" optional:"" default:"recovery.yml" env:"RECOVERYBOT_POLICY" help:"The policy. Default: ${default}" placeholder:"POLICY"`
	Github bool   `name:"github" env:"-" help:"Also ask GitHub for each repository and team, compare the ids, and count who may approve. Needs --app-id and --private-key."`
	Print  bool   `env:"-" help:"Print the whole policy: what it says, and all defaults, marked so."`

	Against string    `env:"-" help:"Also print what the policy would change for the open requests of this database, at once and in the next 30 days. The database may be in use; nothing is written." placeholder:"DATABASE"`
	At      time.Time `env:"-" help:"With --against: look from this time, like 2026-12-03T10:00:00Z. Default: now" placeholder:"TIME"`
	appFlags
}

// Help is the long part of --help.
func (checkCmd) Help() string {
	return `Exit status 0: the policy is good (there may be warnings). 1: it has problems, each printed as file:line:column: what is wrong. Nothing is written anywhere.

  recoverybot check recovery.yml
  recoverybot check --print recovery.yml
  recoverybot check --against recoverybot.db recovery.yml
  recoverybot check --github recovery.yml --app-id 123 --private-key key.pem`
}

// Run checks a policy.
func (c *checkCmd) Run(ctx context.Context, e *env) error {
	if c.Github {
		if err := need(c.missing()); err != nil {
			return err
		}
	}
	if c.Against != "" {
		if err := named("--against", c.Against); err != nil {
			return err
		}
	}
	rules, err := readPolicy(c.Policy)
	if err != nil {
		return err
	}
	for _, w := range rules.Warnings() {
		fmt.Fprintf(e.err, "%s: warning: %s\n", c.Policy, w)
	}
	for _, u := range rules.Unpinned() {
		fmt.Fprintf(e.err, "%s:%d:%d: warning: the %s has no id, and a name alone can be taken by somebody else: run `recoverybot pin %s`\n",
			c.Policy, u.Line, u.Column, u, quoted(c.Policy))
	}
	if c.Print {
		return c.print(e, rules)
	}
	fmt.Fprintf(e.out, "%s: good. Version %s, %s, %s.\n", c.Policy, rules.Version,
		count(len(rules.Repositories), "repository", "repositories"), count(len(rules.Requests.Generations), "form", "forms"))
	if c.Against != "" {
		if err := c.against(ctx, e, rules); err != nil {
			return err
		}
	}
	if !c.Github {
		return nil
	}
	return c.lookUp(ctx, e, rules)
}

// print prints the policy with all defaults. The output is a policy itself.
func (c *checkCmd) print(e *env, rules *policy.Rules) error {
	src, err := os.ReadFile(c.Policy)
	if err != nil {
		return fmt.Errorf("reading the policy: %w", err)
	}
	_, err = fmt.Fprintf(e.out, "# %s with all defaults. Version %s.\n%s", c.Policy, rules.Version, policy.Filled(src))
	return err //nolint:wrapcheck // of the output
}

// lookUp prints the ids that GitHub has for the policy's names, and warns where
// the teams have too few people.
func (c *checkCmd) lookUp(ctx context.Context, e *env, rules *policy.Rules) error {
	gh, err := c.client(e, nil)
	if err != nil {
		return err
	}
	look := looker{github: gh, env: e, members: map[string][]int64{}}
	var installation int64
	desks := map[string]bool{}
	for _, r := range rules.Repositories {
		if found := look.repository(ctx, "repository", r); found.ID != 0 {
			installation = found.Installation
		}
		if d := r.Desk; d != nil && !desks[d.String()] {
			desks[d.String()] = true
			look.desk(ctx, *d)
		}
	}
	for _, role := range slices.Sorted(maps.Keys(rules.People)) {
		if t := rules.People[role].Team; t != nil && installation != 0 {
			look.team(ctx, installation, *t)
		}
	}
	for _, w := range rules.WarningsOf(look.members) {
		fmt.Fprintf(e.err, "%s: warning: with the members that the teams have now: %s\n", c.Policy, w)
	}
	if look.bad {
		return errQuiet
	}
	return nil
}

// looker prints what GitHub has for the names of a policy.
type looker struct {
	github  *github.Client
	env     *env
	members map[string][]int64 // of the teams that were counted, by their names
	bad     bool
}

// repository returns what was found; the zero value if nothing was.
func (l *looker) repository(ctx context.Context, what string, r policy.Repository) bot.Repository {
	found, err := l.github.FindRepository(ctx, r.Owner, r.Name)
	if err != nil {
		fmt.Fprintf(l.env.out, "%s %s: %v\n", what, r, err)
		l.bad = true
		return bot.Repository{}
	}
	l.compare(what+" "+r.String(), r.ID, found.ID)
	return found
}

func (l *looker) desk(ctx context.Context, r policy.Repository) {
	if found := l.repository(ctx, "desk", r); found.ID != 0 && !found.Private {
		fmt.Fprintf(l.env.out, "  %s\n", notPrivate)
		l.bad = true
	}
}

func (l *looker) team(ctx context.Context, installation int64, t policy.Team) {
	found, err := l.github.FindTeam(ctx, installation, t)
	if err != nil {
		fmt.Fprintf(l.env.out, "team %s: %v\n", t, err)
		l.bad = true
		return
	}
	l.compare("team "+t.String(), t.ID, found.ID)
	if t.OrgID == 0 && t.ID != 0 {
		fmt.Fprintf(l.env.out, "  its organisation: id %d; write `org: %d` beside the team, so that it is checked\n", found.OrgID, found.OrgID)
	} else {
		l.compare("  its organisation", t.OrgID, found.OrgID)
	}
	if t.ID != 0 && t.ID != found.ID || t.OrgID != 0 && t.OrgID != found.OrgID {
		return // it is another team
	}
	members, err := l.github.Members(ctx, installation, found)
	if err != nil {
		fmt.Fprintf(l.env.out, "  its members: %v\n", err)
		l.bad = true
		return
	}
	fmt.Fprintf(l.env.out, "  %s\n", count(len(members), "member", "members"))
	l.members[t.String()] = members
}

func (l *looker) compare(what string, want, got int64) {
	l.bad = found{what, want, got}.say(l.env) || l.bad
}

// count is a number with its noun.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// found is an id of the policy and the one that GitHub has for the name.
type found struct {
	what      string
	want, got int64
}

// say prints a comparison, and reports whether it is wrong.
func (f found) say(e *env) bool {
	switch f.want {
	case 0:
		fmt.Fprintf(e.out, "%s: id %d; `recoverybot pin` writes it into the policy\n", f.what, f.got)
		return false
	case f.got:
		fmt.Fprintf(e.out, "%s: id %d, as in the policy\n", f.what, f.got)
		return false
	}
	fmt.Fprintf(e.out, "%s: GitHub says id %d, the policy says %d\n", f.what, f.got, f.want)
	return true
}
