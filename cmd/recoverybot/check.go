package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/recoverybot/recoverybot/policy"
)

type checkCmd struct {
	Policy string `arg:"" optional:"" default:"recovery.yml" env:"RECOVERYBOT_POLICY" help:"The policy. Default: ${default}" placeholder:"POLICY"`
	Github bool   `name:"github" env:"-" help:"Also ask GitHub for each repository and team, and compare the ids. Needs --app-id and --private-key."`
	Print  bool   `env:"-" help:"Print the whole policy: what it says, and all defaults, marked so."`
	appFlags
}

// Help is the long part of --help.
func (checkCmd) Help() string {
	return `Exit status 0: the policy is good (there may be warnings). 1: it has problems, each printed as file:line:column: what is wrong. Nothing is written anywhere.

  recoverybot check recovery.yml
  recoverybot check --print recovery.yml
  recoverybot check --github recovery.yml --app-id 123 --private-key key.pem`
}

// Run checks a policy.
func (c *checkCmd) Run(ctx context.Context, e *env) error {
	if c.Github {
		if err := need(c.missing()); err != nil {
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

// lookUp prints the ids that GitHub has for the policy's names.
func (c *checkCmd) lookUp(ctx context.Context, e *env, rules *policy.Rules) error {
	gh, err := c.client(e, nil)
	if err != nil {
		return err
	}
	bad := false
	var installation int64
	for _, r := range rules.Repositories {
		repo, err := gh.FindRepository(ctx, r.Owner, r.Name)
		if err != nil {
			fmt.Fprintf(e.out, "repository %s/%s: %v\n", r.Owner, r.Name, err)
			bad = true
			continue
		}
		installation = repo.Installation
		bad = found{fmt.Sprintf("repository %s/%s", r.Owner, r.Name), r.ID, repo.ID}.say(e) || bad
	}
	for _, role := range slices.Sorted(maps.Keys(rules.People)) {
		t := rules.People[role].Team
		if t == nil || installation == 0 {
			continue
		}
		team, err := gh.FindTeam(ctx, installation, *t)
		if err != nil {
			fmt.Fprintf(e.out, "team %s: %v\n", t, err)
			bad = true
			continue
		}
		bad = found{"team " + t.String(), t.ID, team.ID}.say(e) || bad
		if t.OrgID == 0 && t.ID != 0 {
			fmt.Fprintf(e.out, "  its organisation: id %d; write `org: %d` beside the team, so that it is checked\n", team.OrgID, team.OrgID)
			continue
		}
		bad = found{"  its organisation", t.OrgID, team.OrgID}.say(e) || bad
	}
	if bad {
		return errQuiet
	}
	return nil
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
