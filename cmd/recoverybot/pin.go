package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/github"
	"github.com/recoverybot/recoverybot/policy"
)

type pinCmd struct {
	Policy string `arg:"" optional:"" default:"recovery.yml" env:"RECOVERYBOT_POLICY" help:"The policy. Default: ${default}" placeholder:"POLICY"`
	DryRun bool   `env:"-" help:"Print what would be written, and write nothing."`
	appFlags
}

// Help is the long part of --help.
func (pinCmd) Help() string {
	return `A name can be given up, and taken by somebody else; an id can't. So a policy holds the numeric ids of its repositories, teams and users. This command asks GitHub for them and writes them into the policy, in place: comments and layout stay, and a login becomes a comment. Ids that are there are compared with GitHub's.

Exit status 1: a name was not found, or has another id. Then nothing is written.

  recoverybot pin recovery.yml --app-id 123 --private-key key.pem --dry-run
  recoverybot pin recovery.yml --app-id 123 --private-key key.pem`
}

// Run writes ids into a policy.
func (c *pinCmd) Run(ctx context.Context, e *env) error {
	if err := need(c.missing()); err != nil {
		return err
	}
	rules, err := readPolicy(c.Policy)
	if err != nil {
		return err
	}
	gh, err := c.client(e, nil)
	if err != nil {
		return err
	}
	f := finder{github: gh, rules: rules, at: map[string]int64{}}
	pins := f.find(ctx)
	if len(f.problems) > 0 {
		return fmt.Errorf("%s in %s; nothing was written:\n%s", count(len(f.problems), "problem", "problems"), c.Policy, strings.Join(f.problems, "\n"))
	}
	return c.write(e, pins)
}

// write puts the ids into the file, all of them or none.
func (c *pinCmd) write(e *env, pins policy.Pins) error {
	path, err := filepath.EvalSymlinks(c.Policy)
	if err != nil {
		return fmt.Errorf("reading the policy: %w", err)
	}
	src, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("reading the policy: %w", err)
	}
	out, err := policy.Pin(src, os.DirFS(filepath.Dir(c.Policy)), pins)
	if err != nil {
		return fmt.Errorf("writing ids into %s: %w", c.Policy, err)
	}
	for _, change := range out.Changes {
		fmt.Fprintf(e.out, "%s:%d:%d: %s: %s\n", c.Policy, change.Name.Line, change.Name.Column, change.Name, change.Text)
	}
	switch {
	case len(out.Changes) == 0:
		fmt.Fprintf(e.out, "%s: all ids are there, and as GitHub has them.\n", c.Policy)
		return nil
	case c.DryRun:
		fmt.Fprintf(e.out, "%s: nothing was written (--dry-run).\n", c.Policy)
		return nil
	}
	if err := replaceFile(path, out.Source); err != nil {
		return err
	}
	fmt.Fprintf(e.out, "%s: written, %s. All else is as it was.\n", c.Policy, count(len(out.Changes), "change", "changes"))
	return nil
}

// replaceFile writes a file anew, with its mode, owner and group: a reader sees
// the old one or the new one. Where they can't be kept the old one stays.
func replaceFile(path string, data []byte) (err error) {
	info, err := os.Stat(path)
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("writing %s: %w", path, err), os.Remove(f.Name()))
		}
	}()
	_, err = f.Write(data)
	if err = errors.Join(err, keepOwner(f, info), f.Chmod(info.Mode().Perm()), f.Sync(), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// finder looks up every name of a policy.
type finder struct {
	github   *github.Client
	rules    *policy.Rules
	at       map[string]int64 // installations, by owner in lower case
	problems []string
}

func (f *finder) problem(format string, args ...any) {
	if line := fmt.Sprintf(format, args...); !slices.Contains(f.problems, line) {
		f.problems = append(f.problems, line)
	}
}

// find returns the ids that GitHub has. What is not as it should be is a problem.
func (f *finder) find(ctx context.Context) policy.Pins {
	pins := policy.Pins{Repositories: map[string]int64{}, Teams: map[string]policy.Team{}, Users: map[string]int64{}}
	for _, r := range f.rules.Repositories {
		if id, ok := f.repository(ctx, r); ok {
			pins.Repositories[r.String()] = id
		}
		if r.Desk == nil {
			continue
		}
		if id, ok := f.desk(ctx, *r.Desk); ok {
			pins.Repositories[r.Desk.String()] = id
		}
	}
	for _, role := range slices.Sorted(maps.Keys(f.rules.People)) {
		g := f.rules.People[role]
		if g.Team != nil {
			if t, ok := f.team(ctx, *g.Team); ok {
				pins.Teams[g.Team.String()] = t
			}
		}
		f.users(ctx, g, pins)
	}
	f.users(ctx, f.rules.Ignored, pins)
	return pins
}

// users looks up the logins of a group.
func (f *finder) users(ctx context.Context, g policy.Group, pins policy.Pins) {
	for _, login := range g.Logins {
		if id, ok := f.user(ctx, login); ok {
			pins.Users[login] = id
		}
	}
}

func (f *finder) repository(ctx context.Context, r policy.Repository) (int64, bool) {
	found, ok := f.called(ctx, r)
	return found.ID, ok && f.same("repository "+r.String(), r.ID, found.ID)
}

// desk is a repository that only staff can read.
func (f *finder) desk(ctx context.Context, r policy.Repository) (int64, bool) {
	found, ok := f.called(ctx, r)
	if ok && !found.Private {
		f.problem("desk %s: %s", r, notPrivate)
		return 0, false
	}
	return found.ID, ok && f.same("desk "+r.String(), r.ID, found.ID)
}

// notPrivate is said of a desk that anybody can read.
const notPrivate = "everybody can read this repository, and staff write there what nobody else may know: make it private"

// called looks a repository up that GitHub still calls so.
func (f *finder) called(ctx context.Context, r policy.Repository) (bot.Repository, bool) {
	found, err := f.github.FindRepository(ctx, r.Owner, r.Name)
	if err != nil {
		f.problem("repository %s: %v\n  %s", r, err, hint(err))
		return bot.Repository{}, false
	}
	f.at[strings.ToLower(r.Owner)] = found.Installation
	if now := found.Owner + "/" + found.Name; !strings.EqualFold(now, r.String()) {
		f.problem("repository %s: GitHub calls it %s now: write that name, for the old one can be taken by somebody else", r, now)
		return bot.Repository{}, false
	}
	return found, true
}

// same compares an id of the policy, if it has one, with GitHub's.
func (f *finder) same(what string, want, got int64) bool {
	if want == 0 || want == got {
		return true
	}
	f.problem("%s: the policy has id %d, GitHub has id %d for this name. It was renamed, or deleted and made anew, perhaps by somebody else: find out which before you change the id", what, want, got)
	return false
}

// installation returns the one of an owner, or else of any repository; 0 if
// none was found, which was said already.
func (f *finder) installation(owner string) int64 {
	if id := f.at[strings.ToLower(owner)]; id != 0 {
		return id
	}
	for _, r := range f.rules.Repositories {
		if id := f.at[strings.ToLower(r.Owner)]; id != 0 {
			return id
		}
	}
	return 0
}

func (f *finder) team(ctx context.Context, t policy.Team) (policy.Team, bool) {
	installation := f.installation(t.Org)
	if installation == 0 {
		f.problem("team %s: not looked up, because no repository was found", t)
		return policy.Team{}, false
	}
	found, err := f.github.FindTeam(ctx, installation, t)
	if err == nil && (found.ID == 0 || found.OrgID == 0) {
		err = errors.New("GitHub gave no id")
	}
	if err != nil {
		f.problem("team %s: %v\n  Is the App installed in the organisation %s, may it read members, and is the name right?", t, err, t.Org)
		return policy.Team{}, false
	}
	team := f.same("team "+t.String(), t.ID, found.ID)
	org := f.same("organisation "+t.Org, t.OrgID, found.OrgID)
	return found, team && org
}

func (f *finder) user(ctx context.Context, login string) (int64, bool) {
	installation := f.installation("")
	if installation == 0 {
		f.problem("user %s: not looked up, because no repository was found", login)
		return 0, false
	}
	found, err := f.github.FindUser(ctx, installation, login)
	switch bot.ClassOf(err) {
	case bot.Missing:
		f.problem("user %s: nobody on GitHub has this login", login)
	case bot.Invalid:
		f.problem("user %s: this is no person's login", login)
	default:
		if err == nil {
			return found.ID, true
		}
		f.problem("user %s: %v", login, err)
	}
	return 0, false
}
