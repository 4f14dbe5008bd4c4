package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/recoverybot/recoverybot/bot/store"
	"github.com/recoverybot/recoverybot/policy"
)

type shadowCmd struct {
	Report shadowReportCmd `cmd:"" help:"Tell what the bot would have done in shadow mode, rule by rule."`
}

type shadowReportCmd struct {
	Since string `env:"-" help:"Only the last days or hours, like 7d or 12h. Left out: all that is kept, 180 days." placeholder:"TIME"`
	JSON  bool   `env:"-" help:"Print JSON."`
	databaseFlags
}

// Help is the long part of --help.
func (shadowReportCmd) Help() string {
	return `In shadow mode the bot decides and writes nothing to GitHub. This prints what it would have done: each rule that a decision followed and each write that it would have made, how often, on how many requests, and on which one last. At the end it says where people did otherwise.`
}

// shadowLine is one line of the report.
type shadowLine struct {
	Kind     policy.WouldKind `json:"kind"`
	Name     string           `json:"name,omitempty"`
	Meaning  string           `json:"meaning,omitempty"`
	Times    int              `json:"times"`
	Requests int              `json:"requests"`
	Last     string           `json:"last"`
	At       time.Time        `json:"at"`
}

// shadowCounts say where people did otherwise.
type shadowCounts struct {
	Issues     int `json:"issues"`
	BothClosed int `json:"would_close_and_closed_by_people"`
	OnlyBot    int `json:"would_close_and_not_closed_by_people"`
	OnlyPeople int `json:"closed_by_people_alone"`
}

// Run prints the report.
func (c *shadowReportCmd) Run(ctx context.Context, e *env) error {
	since, err := e.since(c.Since)
	if err != nil {
		return err
	}
	st, err := openStore(ctx, e, c.databaseFlags)
	if err != nil {
		return err
	}
	would, differs, err := st.WouldSince(ctx, since)
	if err := errors.Join(err, st.Close()); err != nil {
		return err
	}
	lines := make([]shadowLine, 0, len(would))
	for _, w := range would {
		l := shadowLine{
			Kind: w.Kind, Name: w.Name, Times: w.Times, Requests: w.Requests, At: w.At,
			Last: fmt.Sprintf("%s/%s#%d", w.Last.Owner, w.Last.Name, w.Last.Number),
		}
		l.Meaning = wouldMean(w)
		lines = append(lines, l)
	}
	counts := shadowCounts{differs.RequestsSeen, differs.BothClosed, differs.OnlyBot, differs.OnlyPeople}
	if c.JSON {
		return printJSON(e.out, struct {
			Would   []shadowLine `json:"would"`
			Differs shadowCounts `json:"differs"`
		}{lines, counts})
	}
	return printShadow(e, lines, counts)
}

// wouldMean says in words what a line of the report is.
func wouldMean(w store.Would) string {
	switch w.Kind {
	case policy.WouldRule:
		return "why: " + meaning(w.Name)
	case policy.WouldStatus:
		return "the status comment"
	case policy.WouldNotify:
		return "a comment that is a mail, too; docs/texts.md has it"
	case policy.WouldLabel:
		return "added (+) or taken away (-)"
	case policy.WouldClose:
		return "the issue, with this reason"
	case policy.WouldReopen:
		return "the issue"
	case policy.WouldReact:
		return "to a comment"
	case policy.WouldMask:
		return "a secret taken out of it"
	case policy.WouldAssign:
		return "the issue, to one of staff"
	case policy.WouldDesk:
		return "at the desk"
	}
	return ""
}

// since is the moment that --since names by its age, like 7d or one of Go's
// durations; zero where the flag was left out.
func (e *env) since(age string) (time.Time, error) {
	if age == "" {
		return time.Time{}, nil
	}
	wrong := usageError{text: fmt.Sprintf("--since %s is no time: write 7d, or 12h", age)}
	if n, ok := strings.CutSuffix(age, "d"); ok {
		days, err := strconv.Atoi(n)
		if err != nil || days <= 0 || days > 100*365 { // a Duration ends soon after
			return time.Time{}, wrong
		}
		age = fmt.Sprintf("%dh", 24*days)
	}
	d, err := time.ParseDuration(age)
	if err != nil || d <= 0 {
		return time.Time{}, wrong
	}
	return e.now().Add(-d), nil
}

func printShadow(e *env, lines []shadowLine, d shadowCounts) error {
	if len(lines) == 0 {
		fmt.Fprintln(e.out, "Nothing was decided in shadow. To begin: recoverybot mode shadow")
		return nil
	}
	w := tabwriter.NewWriter(e.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "WHAT\tNAME\tTIMES\tREQUESTS\tLAST\tAT (UTC)\tMEANING")
	for _, l := range lines {
		name := l.Name
		if name == "" {
			name = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%d\t%d\t%s\t%s\t%s\n", l.Kind, name, l.Times, l.Requests, l.Last, day(l.At), l.Meaning)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("printing the report: %w", err)
	}
	fmt.Fprintf(e.out, `
Issues that it decided on                       %5d
  it would have closed, and people closed       %5d
  it would have closed, and people did not      %5d
  people closed, and it would not have closed   %5d
Nothing of this was written to GitHub.
`, d.Issues, d.BothClosed, d.OnlyBot, d.OnlyPeople)
	return nil
}
