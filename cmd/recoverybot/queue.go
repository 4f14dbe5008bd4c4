package main

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

type queueCmd struct {
	JSON bool `env:"-" help:"Print JSON, one request in each line."`
	databaseFlags
}

// Help is the long part of --help.
func (queueCmd) Help() string {
	return `What to do first stands first, and FOR says for whom: security (what is on hold, and takeover reports); ready (every check passed: an agent may act); staff, by the time of the hand-over; after end (ended requests with a new reply); requester; waiting (the safety time runs, and nobody need act). SINCE is when the turn began; for staff, when the first unanswered reply came. LATE: past the staff target of the policy. A line with ! above the table warns of two requests whose account names may be mistaken for one another, or are the same.`
}

// queued is one line of the queue.
type queued struct {
	Section    policy.Section    `json:"section"`
	Repository string            `json:"repository"`
	Number     int               `json:"number"`
	State      policy.State      `json:"state"`
	Turn       policy.Turn       `json:"turn"`
	Since      time.Time         `json:"since"`
	Queued     time.Time         `json:"queued,omitzero"`
	Next       time.Time         `json:"next,omitzero"`
	Registry   string            `json:"registry,omitempty"`
	Account    string            `json:"account,omitempty"`
	Kind       policy.Kind       `json:"kind,omitempty"`
	Marks      []policy.Kind     `json:"marks,omitempty"`
	GoesTo     policy.Role       `json:"goes_to,omitempty"`
	Late       bool              `json:"late,omitempty"`
	Flags      []policy.Flag     `json:"flags,omitempty"`
	NotTicked  []string          `json:"not_ticked,omitempty"`
	LookAlikes []string          `json:"look_alikes,omitempty"` // other requests, as owner/repo#N
	Same       []string          `json:"same,omitempty"`        // open requests for the same account
	Paused     policy.HoldReason `json:"paused,omitempty"`
	Snooze     time.Time         `json:"snooze,omitzero"`
}

// Run prints the queue: what to do first stands first.
func (c *queueCmd) Run(ctx context.Context, e *env) error {
	st, err := openStore(ctx, e, c.databaseFlags)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // only read
	cases, err := st.Cases(ctx)
	if err != nil {
		return err
	}
	lines := queue(cases)
	if c.JSON {
		for _, l := range lines {
			if err := printJSON(e.out, l); err != nil {
				return err
			}
		}
		return nil
	}
	holds, err := st.Standing(ctx)
	if err != nil {
		return err
	}
	if line := modeLine(holds); line != "" {
		fmt.Fprintln(e.out, "!", line)
	}
	held, err := st.Held(ctx)
	if err != nil {
		return err
	}
	for _, r := range held {
		fmt.Fprintf(e.out, "! %s/%s: nothing is written before you choose about old requests: recoverybot adopt --help\n", r.Owner, r.Name)
	}
	closed, err := st.Closed(ctx)
	if err != nil {
		return err
	}
	for _, r := range closed {
		fmt.Fprintf(e.out, "! %s/%s: all work there waits since %s: %s\n", r.Owner, r.Name, day(r.Since), whyClosed(r.State))
	}
	return printQueue(e, lines)
}

// whyClosed says what is to be mended.
func whyClosed(state string) string {
	switch state {
	case bot.StateSuspended:
		return "the App's installation is suspended"
	case bot.StateArchived:
		return "the repository is archived"
	case bot.StateNoIssues:
		return "issues are switched off there"
	case bot.StateGone:
		return "the repository was deleted: take it out of the policy"
	}
	return "the App is not installed there"
}

func queue(cases []bot.Case) []queued {
	memories := memoriesOf(cases)
	alike, same := policy.LookAlikes(memories), sameAccounts(cases)
	lines := make([]queued, 0, len(cases))
	for _, i := range policy.Queue(memories) {
		c, m := cases[i], memories[i]
		l := queued{
			Section:    m.Section(),
			Repository: c.Ref.Owner + "/" + c.Ref.Name, Number: c.Ref.Number, State: m.State, Turn: m.Turn,
			Since: m.Since, Queued: m.Queued, Next: m.WakeAt, Registry: m.Registry, Account: m.Account,
			Kind: m.Kind, Marks: m.Marks, GoesTo: m.GoesTo, Late: m.Late, Flags: m.Flags, NotTicked: m.Boxes,
			LookAlikes: namesOf(cases, alike[i]), Same: same[i], Snooze: m.Snooze,
		}
		if m.Hold != nil {
			l.Paused = m.Hold.Why
		}
		lines = append(lines, l)
	}
	return lines
}

func memoriesOf(cases []bot.Case) []policy.Memory {
	memories := make([]policy.Memory, len(cases))
	for i, c := range cases {
		memories[i] = c.Memory
	}
	return memories
}

// namesOf returns the names of the requests at these places.
func namesOf(cases []bot.Case, at []int) []string {
	var names []string
	for _, i := range at {
		names = append(names, fmt.Sprintf("%s/%s#%d", cases[i].Ref.Owner, cases[i].Ref.Name, cases[i].Ref.Number))
	}
	return names
}

func printQueue(e *env, lines []queued) error {
	var flagged []policy.Memory
	for _, l := range lines {
		flagged = append(flagged, policy.Memory{Late: l.Late, Flags: l.Flags, Since: l.Since})
	}
	for _, alert := range policy.Alerts(flagged) {
		fmt.Fprintln(e.out, "!", alert)
	}
	printSame(e, lines)
	for _, l := range lines {
		if len(l.LookAlikes) > 0 {
			fmt.Fprintf(e.out, "! %s#%d: the account %s looks like that of %s: compare the names\n",
				l.Repository, l.Number, l.Account, strings.Join(l.LookAlikes, ", "))
		}
	}
	if len(lines) == 0 {
		fmt.Fprintln(e.out, "No open requests.")
		return nil
	}
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "FOR\tSINCE (UTC)\tREQUEST\tSTATE\tKIND\tACCOUNT\tNOTES")
	for _, l := range lines {
		since := l.Since
		if l.Turn == policy.Staff {
			since = l.Queued
		}
		fmt.Fprintf(w, "%s\t%s\t%s#%d\t%s\t%s\t%s\t%s\n", l.Section, day(since), l.Repository, l.Number, l.State, l.Kind, l.account(lines), strings.Join(l.notes(), ", "))
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("printing the queue: %w", err)
	}
	for line := range strings.Lines(table.String()) {
		fmt.Fprintln(e.out, strings.TrimRight(line, " \n"))
	}
	return nil
}

// printSame warns once of each account for which there are several requests.
func printSame(e *env, lines []queued) {
	type account struct{ registry, name string }
	of := func(l queued) account { return account{l.Registry, strings.ToLower(l.Account)} }
	requests := map[account]int{}
	for _, l := range lines {
		if len(l.Same) > 0 {
			requests[of(l)]++
		}
	}
	for _, l := range lines {
		n := requests[of(l)]
		if len(l.Same) == 0 || n == 0 {
			continue
		}
		delete(requests, of(l))
		others := strings.Join(l.Same, ", ")
		if more := n - 1 - len(l.Same); more > 0 {
			others += fmt.Sprintf(" and %d more", more)
		}
		fmt.Fprintf(e.out, "! %s#%d: the account %s is asked for in %s, too\n", l.Repository, l.Number, l.Account, others)
	}
}

// notes are what staff should see at a glance.
func (l queued) notes() []string {
	var notes []string
	if l.Paused != "" {
		notes = append(notes, "paused: "+string(l.Paused))
	}
	if l.Section == policy.ForTime && !l.Next.IsZero() {
		notes = append(notes, "until "+day(l.Next))
	}
	if !l.Snooze.IsZero() {
		notes = append(notes, "snoozed until "+day(l.Snooze))
	}
	if l.GoesTo != "" {
		notes = append(notes, "goes to: "+string(l.GoesTo))
	}
	if l.Late {
		notes = append(notes, "LATE")
	}
	for _, k := range l.Marks {
		notes = append(notes, "also "+string(k))
	}
	for _, f := range l.Flags {
		notes = append(notes, string(f))
	}
	for _, b := range l.NotTicked {
		notes = append(notes, "not ticked: "+b)
	}
	return notes
}

// account returns the account with its registry, where the list has several.
func (l queued) account(lines []queued) string {
	several := slices.ContainsFunc(lines, func(o queued) bool { return o.Registry != "" && o.Registry != lines[0].Registry })
	if l.Account == "" || !several {
		return l.Account
	}
	return l.Registry + "/" + l.Account
}

func day(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04")
}
