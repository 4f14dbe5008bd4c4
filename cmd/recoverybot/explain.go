package main

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/policy"
)

type explainCmd struct {
	Request string `arg:"" help:"The request: owner/repo#N, or just N where one repository is served." placeholder:"REQUEST"`
	Policy  string `default:"recovery.yml" help:"The policy: without it the digest and what is missing are not known. Default: ${default}" placeholder:"FILE"`
	JSON    bool   `env:"-" help:"Print JSON."`
	databaseFlags
}

// Help is the long part of --help.
func (explainCmd) Help() string {
	return `It is for staff alone. All of it comes from the database: what the bot knew at each step, why it decided so, and by which version of the policy. People appear by their numeric GitHub id.

First comes what the issue at the desk has: evidence with its number for /attest N, the DIGEST that /approve names, and under "write" the next commands to paste.

  recoverybot explain 12
  recoverybot explain pypi/support#12 --database /var/lib/recoverybot/recoverybot.db`
}

var requestName = regexp.MustCompile(`\A(?:([^/#\s]+)/([^/#\s]+))?#?(\d+)\z`)

// explained is what explain prints.
type explained struct {
	Repository string        `json:"repository"`
	Number     int           `json:"number"`
	Memory     policy.Memory `json:"memory"`
	LookAlikes []string      `json:"look_alikes,omitempty"` // other requests, as owner/repo#N
	Same       []string      `json:"same,omitempty"`        // open requests for the same account
	Pending    []string      `json:"pending,omitempty"`
	staffView
	Timeline []explainedRow `json:"timeline"`
}

type explainedRow struct {
	At      string   `json:"at"`
	Actor   int64    `json:"actor,omitempty"`
	Action  string   `json:"action"`
	Reasons []string `json:"reasons,omitempty"`
	Policy  string   `json:"policy,omitempty"`
}

// Run prints one request.
func (c *explainCmd) Run(ctx context.Context, e *env) error {
	r, err := parseRequest(c.Request)
	if err != nil {
		return err
	}
	st, err := openStore(ctx, e, c.databaseFlags)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // only read
	found, err := r.find(ctx, st, c.shown())
	if err != nil {
		return err
	}
	x, err := explain(ctx, st, found)
	if err != nil {
		return err
	}
	others, err := st.Others(ctx, policy.SameOf(policy.Issue{Author: policy.Actor{ID: found.AuthorID}}, found.Memory), found.Ref.CaseKey)
	if err != nil {
		return err
	}
	x.staffView = c.view(e, found, others.List)
	if c.JSON {
		return printJSON(e.out, x)
	}
	x.print(e)
	return nil
}

func explain(ctx context.Context, st *store.Store, c bot.Case) (explained, error) {
	rows, err := st.Timeline(ctx, c.Ref.CaseKey)
	if err != nil {
		return explained{}, err
	}
	x := explained{
		Repository: c.Ref.Owner + "/" + c.Ref.Name, Number: c.Ref.Number, Memory: c.Memory, Timeline: []explainedRow{},
	}
	if err = x.compare(ctx, st, c); err != nil {
		return explained{}, err
	}
	for _, p := range c.Pending {
		x.Pending = append(x.Pending, p.String())
	}
	for _, r := range rows {
		row := explainedRow{At: day(r.At), Actor: r.Actor, Action: r.Action, Policy: r.Policy}
		for _, reason := range r.Reasons {
			row.Reasons = append(row.Reasons, reason.String())
		}
		x.Timeline = append(x.Timeline, row)
	}
	return x, nil
}

// shownSame is how many other requests for the same account are named: the
// work stays small in a flood of them.
const shownSame = 4

// compare names the open requests whose accounts look like that of c, or are
// the same.
func (x *explained) compare(ctx context.Context, st *store.Store, c bot.Case) error {
	cases, err := st.Cases(ctx)
	if err != nil {
		return err
	}
	cases = slices.DeleteFunc(cases, func(o bot.Case) bool { return o.Ref.CaseKey == c.Ref.CaseKey })
	cases = append(cases, c)
	x.Same = sameAccounts(cases)[len(cases)-1]
	x.LookAlikes = namesOf(cases, policy.LookAlikes(memoriesOf(cases))[len(cases)-1])
	return nil
}

// sameAccounts names for each of cases the other open requests for the same
// account, and says whether their author is the same.
func sameAccounts(cases []bot.Case) [][]string {
	type account struct{ registry, name string }
	of := func(c bot.Case) account { return account{c.Memory.Registry, strings.ToLower(c.Memory.Account)} }
	open := map[account][]int{}
	for i, c := range cases {
		if c.Memory.Account != "" && c.Memory.State.Open() {
			open[of(c)] = append(open[of(c)], i)
		}
	}
	same := make([][]string, len(cases))
	for i, c := range cases {
		for _, j := range open[of(c)] {
			if i == j || len(same[i]) == shownSame {
				continue
			}
			by := " (another author)"
			if cases[j].AuthorID == c.AuthorID {
				by = " (the same author)"
			}
			same[i] = append(same[i], namesOf(cases, []int{j})[0]+by)
		}
	}
	return same
}

func (x explained) print(e *env) {
	m := x.Memory
	line := func(name, value string) {
		if value != "" {
			fmt.Fprintf(e.out, "%-9s %s\n", name, value)
		}
	}
	fmt.Fprintf(e.out, "%s#%d\n", x.Repository, x.Number)
	state := string(m.State)
	if m.State == policy.None {
		state = "no request"
	}
	line("state", state)
	line("turn", string(m.Turn))
	line("since", day(m.Since))
	line("queued", day(m.Queued))
	line("next", day(m.WakeAt))
	line("registry", m.Registry)
	line("account", m.Account)
	line("same as", strings.Join(x.Same, ", "))
	line("looks like", strings.Join(x.LookAlikes, ", "))
	line("kind", string(m.Kind))
	line("marks", joined(m.Marks))
	line("goes to", string(m.GoesTo))
	line("flags", joined(m.Flags))
	line("not ticked", strings.Join(m.Boxes, ", "))
	line("to do", strings.Join(x.Pending, "; "))
	line("policy", m.Policy)
	x.printSummary(line)
	fmt.Fprintln(e.out, "timeline (UTC)")
	for _, r := range x.Timeline {
		actor := actorName(r.Actor)
		fmt.Fprintf(e.out, "  %s  %-16s %s\n", r.At, actor, r.Action)
		for _, reason := range r.Reasons {
			code, _, _ := strings.Cut(reason, "(")
			fmt.Fprintf(e.out, "%20s%s: %s\n", "", reason, meaning(code))
		}
	}
}

// joined returns words of a closed type as a list for people.
func joined[T ~string](words []T) string {
	all := make([]string, 0, len(words))
	for _, w := range words {
		all = append(all, string(w))
	}
	return strings.Join(all, ", ")
}
