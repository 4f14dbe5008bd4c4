package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/bot/webhook"
	"github.com/recoverybot/recoverybot/policy"
)

type replayCmd struct {
	Policy string            `default:"recovery.yml" help:"The policy. Default: ${default}" placeholder:"FILE"`
	Event  string            `env:"-" help:"The event of files that do not say it: issues, issue_comment. Without it the payload's shape tells." placeholder:"EVENT"`
	Staff  map[string]string `env:"-" mapsep:";" help:"Who has a role, by user ids, in place of the policy's team: agents=1001,1002. May be given several times." placeholder:"ROLE=IDS"`
	Self   int64             `env:"-" help:"The user id of the App's bot: what the bot did itself is left out." placeholder:"ID"`
	Files  []string          `arg:"" name:"file" help:"Recorded webhooks, in the order in which they came." placeholder:"FILE"`
}

// Help is the long part of --help.
func (replayCmd) Help() string {
	return `Tells for each recorded webhook what the bot would decide, and why, with what it remembers from those before. Nothing is sent, and no database is written. Titles, bodies and comments are read, and not printed.

A file is a payload as GitHub sent it: the page "Advanced" of the App's settings shows those of the last days. Or it is the answer of GitHub's API to GET /app/hook/deliveries/ID, which has the headers, too.

  recoverybot replay --policy recovery.yml --staff agents=1001 opened.json commented.json

The issue is taken as the payload has it, and the time is that of the payload. What else the bot would ask GitHub is not known here: give the members of teams with --staff.`
}

// Run replays the files in order.
func (c *replayCmd) Run(ctx context.Context, e *env) error {
	rules, err := readPolicy(c.Policy)
	if err != nil {
		return err
	}
	if err := c.appoint(rules); err != nil {
		return err
	}
	var all []recorded
	bad := 0
	for _, name := range c.Files {
		r, err := readRecorded(name, c.Event)
		if err != nil {
			fmt.Fprintf(e.err, "%v\n", err)
			bad++
		}
		all = append(all, r)
	}
	if bad > 0 {
		return fmt.Errorf("%s of %d can't be replayed: see above", count(bad, "file", "files"), len(c.Files))
	}
	r, err := newReplay(ctx, e, replayed{rules: rules, self: c.Self})
	if err != nil {
		return err
	}
	for i, one := range all {
		if err := r.play(ctx, i+1, one); err != nil {
			return errors.Join(err, r.store.Close())
		}
	}
	return r.store.Close()
}

// appoint gives roles to user ids, in place of what the policy says.
func (c *replayCmd) appoint(rules *policy.Rules) error {
	for role, list := range c.Staff {
		if _, known := rules.People[policy.Role(role)]; !known && !slices.Contains([]policy.Role{policy.Helpers, policy.Agents, policy.Security}, policy.Role(role)) {
			return usageError{text: fmt.Sprintf("--staff knows the roles helpers, agents and security, not %q", role)}
		}
		var ids []int64
		for s := range strings.SplitSeq(list, ",") {
			id, err := strconv.ParseInt(strings.TrimSpace(s), 10, 64)
			if err != nil || id <= 0 {
				return usageError{text: fmt.Sprintf("--staff %s=%s: %q is no user id", role, list, s)}
			}
			ids = append(ids, id)
		}
		rules.People[policy.Role(role)] = policy.Group{Users: ids}
	}
	return nil
}

// replay is the bot with a memory that ends with it, and with a GitHub that
// knows only what is in payloads.
type replay struct {
	e      *env
	bot    *bot.Bot
	hook   *webhook.Handler
	store  *store.Store
	told   *tellingStore
	github *payloadGitHub
	now    time.Time
}

// replayed says by which rules, and as whom.
type replayed struct {
	rules *policy.Rules
	self  int64
}

func newReplay(ctx context.Context, e *env, as replayed) (*replay, error) {
	r := &replay{e: e, github: &payloadGitHub{issues: map[int64]policy.Issue{}, comments: map[int64]bot.IssueComment{}}}
	clock := func() time.Time { return r.now }
	st, err := store.Open(ctx, store.Options{Database: ":memory:", Clock: clock})
	if err != nil {
		return nil, err
	}
	r.store, r.told = st, &tellingStore{Store: st}
	r.bot = bot.New(bot.Options{Rules: as.rules, Store: r.told, GitHub: r.github, Clock: clock, Log: slog.New(slog.DiscardHandler)})
	r.hook, err = webhook.New(webhook.Options{
		Secrets: [][]byte{make([]byte, webhook.MinSecret)}, // nothing is signed here
		Intake:  st, Clock: clock, Repositories: served(r.bot), Self: func() int64 { return as.self },
		Ignored: as.rules.Ignores, Offers: as.rules.Offers, Public: as.rules.Public(),
	})
	if err != nil {
		return nil, errors.Join(err, st.Close())
	}
	return r, nil
}

// play lets time go by up to a webhook, takes it in, and prints what follows.
func (r *replay) play(ctx context.Context, n int, one recorded) error {
	at := one.at()
	if err := r.pass(ctx, at); err != nil {
		return err
	}
	if at.After(r.now) {
		r.now = at
	}
	p := one.payload
	fmt.Fprintf(r.e.out, "%d %s: %s\n", n, one.name, one.title())
	if p.Repository.ID != 0 {
		err := r.store.SaveRepository(ctx, bot.Repository{
			ID: p.Repository.ID, Owner: p.Repository.Owner.Login, Name: p.Repository.Name, Installation: p.Installation.ID,
			Private: p.Repository.Private, State: "active", Adoption: policy.Adoption{Choice: "new"},
		})
		if err != nil {
			return err
		}
	}
	r.github.learn(one)
	head := http.Header{
		"Content-Type": {"application/json"}, "X-Github-Event": {one.event},
		"X-Github-Delivery": {fmt.Sprintf("replay-%d", n)},
	}
	reason := r.hook.Accept(ctx, head, one.raw)
	if reason != webhook.Added && reason != webhook.Rearmed {
		fmt.Fprintf(r.e.out, "  %s: %s\n", reason.Line(), why(reason))
		return nil
	}
	return r.decide(ctx, bot.CaseKey{Repository: p.Repository.ID, Issue: one.Issue.ID})
}

// pass lets the clock ring for each case that is due before a time.
func (r *replay) pass(ctx context.Context, until time.Time) error {
	for {
		cases, err := r.store.Cases(ctx)
		if err != nil {
			return err
		}
		var next *bot.Case
		for i, c := range cases {
			at := c.Memory.WakeAt
			if !at.IsZero() && !at.After(until) && (next == nil || at.Before(next.Memory.WakeAt)) {
				next = &cases[i]
			}
		}
		if next == nil {
			return nil
		}
		if next.Memory.WakeAt.After(r.now) {
			r.now = next.Memory.WakeAt
		}
		fmt.Fprintf(r.e.out, "- %s: the clock rings for %s/%s#%d\n", day(r.now), next.Ref.Owner, next.Ref.Name, next.Ref.Number)
		if err := r.decide(ctx, next.Ref.CaseKey); err != nil || len(r.told.results) == 0 {
			return err
		}
	}
}

// decide lets the bot work on a case, and prints each decision.
func (r *replay) decide(ctx context.Context, key bot.CaseKey) error {
	r.told.results, r.told.undecided = nil, nil
	if _, err := r.bot.StepCase(ctx, key); err != nil {
		return err
	}
	for _, d := range r.told.results {
		r.print(d)
	}
	for _, class := range r.told.undecided {
		if class == "author not checked" {
			class = "who is staff is not known here: give the teams' members, for instance --staff agents=1001,1002"
		}
		fmt.Fprintf(r.e.out, "  not decided: %s\n", class)
	}
	return nil
}

func (r *replay) print(d bot.Result) {
	line := func(name, value string) {
		if value != "" && value != "-" {
			fmt.Fprintf(r.e.out, "  %-9s %s\n", name, value)
		}
	}
	m := d.Case.Memory
	state := string(m.State)
	if m.State == policy.None {
		state = "no request"
	}
	line("state", state)
	line("turn", string(m.Turn))
	line("next", day(m.WakeAt))
	line("account", m.Account)
	line("kind", string(m.Kind))
	flags := make([]string, 0, len(m.Flags))
	for _, f := range m.Flags {
		flags = append(flags, string(f))
	}
	line("flags", strings.Join(flags, ", "))
	for _, effect := range d.Decision.Effects {
		line("would", effect.String())
	}
	if len(d.Decision.Effects) == 0 {
		line("would", "write nothing")
	}
	for _, reason := range d.Decision.Reasons {
		line("because", reason.String()+": "+meaning(reason.Code))
	}
}

// tellingStore remembers what is decided. What would wait for an answer of
// GitHub ends here at once: there will be none.
type tellingStore struct {
	bot.Store
	results   []bot.Result
	undecided []string
}

// Commit stores and remembers a decision.
func (s *tellingStore) Commit(ctx context.Context, r bot.Result) error {
	err := s.Store.Commit(ctx, r)
	if err == nil {
		s.results = append(s.results, r)
	}
	return err
}

// PutOff gives a delivery up, and remembers why it would wait.
func (s *tellingStore) PutOff(ctx context.Context, delivery int64, p bot.Pause) error {
	s.undecided = append(s.undecided, p.Class)
	return s.Bury(ctx, delivery, p.Class, p.Now)
}

// why says in words what became of a webhook that is not decided on.
func why(r webhook.Reason) string {
	words := map[webhook.Reason]string{
		webhook.Seen:                "the same event was in a file before",
		webhook.Teams:               "the members of teams are read anew",
		webhook.RepositoryChanged:   "names and visibility of the repository are stored",
		webhook.Ping:                "GitHub only tries the webhook",
		webhook.Installation:        "the App was installed or changed",
		webhook.UnknownEvent:        "the bot does not use this event",
		webhook.UnknownAction:       "this action changes no request",
		webhook.ForeignRepository:   "the policy does not name this repository's id",
		webhook.ForeignInstallation: "the payload names no installation: it is not from the App's own webhook",
		webhook.PullRequest:         "it is a pull request",
		webhook.Own:                 "the bot did it itself",
		webhook.Bot:                 "another bot wrote: what bots write never counts",
		webhook.OthersComment:       "a comment was deleted that is not the bot's",
		webhook.Label:               "the label means nothing to the bot",
		webhook.LabelAtOpening:      "set with the issue: the opening tells it",
		webhook.BadPayload:          "a field that is needed is missing or of another type",
		webhook.TooDeep:             "it is nested too deep",
	}[r]
	if words == "" {
		return "docs/operate.md explains it, under: What the bot answers to GitHub"
	}
	return words
}
