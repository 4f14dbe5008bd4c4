package main

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/recoverybot/recoverybot/policy"
)

type checkCmd struct {
	Policy string `arg:"" optional:"" default:"recovery.yml" help:"The policy to check."`
	Github bool   `name:"github" help:"Also look up each repository and team on GitHub, and print their ids."`
	appFlags
}

// Run checks a policy.
func (c *checkCmd) Run(ctx context.Context, e *env) error {
	rules, err := readPolicy(c.Policy)
	if err != nil {
		return err
	}
	for _, w := range rules.Warnings() {
		fmt.Fprintf(e.err, "%s: warning: %s\n", c.Policy, w)
	}
	fmt.Fprintf(e.out, "%s: good. Version %s, %d repositories, %d forms.\n",
		c.Policy, rules.Version, len(rules.Repositories), len(rules.Requests.Generations))
	if !c.Github {
		return nil
	}
	return c.lookUp(ctx, e, rules)
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
		found, err := gh.FindRepository(ctx, r.Owner, r.Name)
		if err != nil {
			fmt.Fprintf(e.out, "repository %s/%s: %v\n", r.Owner, r.Name, err)
			bad = true
			continue
		}
		installation = found.Installation
		bad = say(e, fmt.Sprintf("repository %s/%s", r.Owner, r.Name), r.ID, found.ID) || bad
	}
	for _, role := range slices.Sorted(maps.Keys(rules.People)) {
		t := rules.People[role].Team
		if t == nil || installation == 0 {
			continue
		}
		found, err := gh.FindTeam(ctx, installation, *t)
		if err != nil {
			fmt.Fprintf(e.out, "team %s: %v\n", t, err)
			bad = true
			continue
		}
		bad = say(e, "team "+t.String(), t.ID, found.ID) || bad
		fmt.Fprintf(e.out, "  organisation id (org) %d\n", found.OrgID)
		bad = bad || t.OrgID != 0 && t.OrgID != found.OrgID
	}
	if bad {
		return errQuiet
	}
	return nil
}

// say prints one comparison and reports whether it is wrong.
func say(e *env, what string, want, got int64) bool {
	if want == got {
		fmt.Fprintf(e.out, "%s: id %d, as in the policy\n", what, got)
		return false
	}
	fmt.Fprintf(e.out, "%s: GitHub says id %d, the policy says %d\n", what, got, want)
	return true
}
