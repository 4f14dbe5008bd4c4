package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/store"
)

type jobsCmd struct {
	List  jobsListCmd  `cmd:"" help:"List what was given up."`
	Show  jobsShowCmd  `cmd:"" help:"Show all that is stored of one delivery or write, and what to do next."`
	Retry jobsRetryCmd `cmd:"" help:"Let what was given up be tried again."`
}

// jobsFlags are those of each of the commands.
type jobsFlags struct {
	databaseFlags
}

type jobsListCmd struct {
	Dead bool `env:"-" xor:"which" help:"Only what was given up. This is the default."`
	All  bool `env:"-" xor:"which" help:"Also what waits, and what needs no other try: a later write took its place, or the issue is gone."`
	JSON bool `env:"-" help:"Print JSON, one job in each line."`
	jobsFlags
}

// Help is the long part of --help.
func (jobsListCmd) Help() string {
	return `A delivery is an event that GitHub sent: it is named by its GUID, as on the page "Advanced" of the App's settings. A write is a change to make on GitHub: it is named by a number. Either is given up ("dead") when it has failed five times for a reason that does not pass by itself; nothing else waits for it.`
}

// jobLine is a job as list and show print it.
type jobLine struct {
	Kind       bot.JobKind  `json:"kind"`
	ID         string       `json:"id"`
	Repository string       `json:"repository"`
	Number     int          `json:"number"`
	What       string       `json:"what"`
	State      bot.JobState `json:"state"`
	At         time.Time    `json:"at"`
	Tries      int          `json:"tries"`
	Waits      int          `json:"waits,omitempty"`
	Object     int64        `json:"object,omitempty"`
	Sender     int64        `json:"sender,omitempty"`
	Step       int          `json:"step,omitempty"`
	Begun      time.Time    `json:"begun,omitzero"`
	Next       time.Time    `json:"next,omitzero"`
	Ended      time.Time    `json:"ended,omitzero"`
	Error      string       `json:"error,omitempty"`
	ReplacedBy string       `json:"replaced_by,omitempty"`
}

func newJobLine(j bot.Job) jobLine {
	return jobLine{
		Kind: j.Kind, ID: j.Name, Repository: j.Ref.Owner + "/" + j.Ref.Name, Number: j.Ref.Number, What: j.What,
		State: j.State, At: j.At, Tries: j.Tries, Waits: j.Waits, Object: j.Object, Sender: j.Sender, Step: j.Step,
		Begun: j.Begun, Next: j.Next, Ended: j.Ended, Error: j.Class, ReplacedBy: j.Newer,
	}
}

// request names what a job is for: a request, or the desk itself, which has
// the digest.
func (l jobLine) request() string {
	if l.Number == 0 {
		return l.Repository
	}
	return fmt.Sprintf("%s#%d", l.Repository, l.Number)
}

// Run prints the jobs, oldest first.
func (c *jobsListCmd) Run(ctx context.Context, e *env) error {
	st, err := openStore(ctx, e, c.databaseFlags)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // only read
	jobs, err := st.Jobs(ctx)
	if err != nil {
		return err
	}
	var lines []jobLine
	waiting := 0
	for _, j := range jobs {
		if j.State == bot.JobOpen {
			waiting++
		}
		if c.All || deadNow(j) {
			lines = append(lines, newJobLine(j))
		}
	}
	if c.JSON {
		for _, l := range lines {
			if err := printJSON(e.out, l); err != nil {
				return err
			}
		}
		return nil
	}
	if len(lines) == 0 {
		fmt.Fprintf(e.out, "Nothing was given up, and %s.\n", count(waiting, "job waits its turn", "jobs wait their turn"))
		return nil
	}
	return printJobs(e, lines)
}

// deadNow reports whether somebody should look at a job: it was given up, and
// there is something to be had by another try.
func deadNow(j bot.Job) bool { return j.State == bot.JobDead && j.Newer == "" && !gone(j) }

func gone(j bot.Job) bool { return strings.Contains(j.Class, ": "+string(bot.GoneAway)+": ") }

func printJobs(e *env, lines []jobLine) error {
	var table bytes.Buffer
	w := tabwriter.NewWriter(&table, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "KIND\tID\tREQUEST\tWHAT\tTRIES\tSINCE (UTC)\tNEXT\tERROR")
	for _, l := range lines {
		next, fault := "dead", l.Error
		switch {
		case l.ReplacedBy != "":
			next = "replaced"
		case l.State == bot.JobOpen && !l.Next.After(e.now()):
			next = "now"
		case l.State == bot.JobOpen:
			next = day(l.Next)
		}
		if fault == "" {
			fault = "-"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%d\t%s\t%s\t%s\n", l.Kind, l.ID, l.request(), l.What, l.Tries, day(l.At), next, fault)
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("printing the jobs: %w", err)
	}
	for line := range strings.Lines(table.String()) {
		fmt.Fprintln(e.out, strings.TrimRight(line, " \n"))
	}
	return nil
}

type jobsShowCmd struct {
	ID   string `arg:"" help:"The GUID of a delivery, or the number of a write: the column ID of jobs list." placeholder:"ID"`
	JSON bool   `env:"-" help:"Print JSON."`
	jobsFlags
}

// Run prints one job.
func (c *jobsShowCmd) Run(ctx context.Context, e *env) error {
	st, err := openStore(ctx, e, c.databaseFlags)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }() // only read
	j, err := st.Job(ctx, c.ID)
	if err != nil {
		return unknownJob(err, c.ID, c.shown())
	}
	l := newJobLine(j)
	if c.JSON {
		return printJSON(e.out, l)
	}
	l.print(e)
	fmt.Fprintf(e.out, "\n%s\n", advice(j, c.flag()))
	return nil
}

func unknownJob(err error, id, database string) error {
	if errors.Is(err, bot.ErrNotFound) {
		return fmt.Errorf("there is no delivery or write %s in %s: `recoverybot jobs list --all` names them", quoted(id), database)
	}
	return err
}

func (l jobLine) print(e *env) {
	line := func(name, value string) {
		if value != "" && value != "-" {
			fmt.Fprintf(e.out, "%-9s %s\n", name, value)
		}
	}
	number := func(n int64) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprint(n)
	}
	fmt.Fprintf(e.out, "%s %s\n", l.Kind, l.ID)
	line("request", l.request())
	line("what", l.What)
	line("about id", number(l.Object))
	line("sender id", number(l.Sender))
	line("state", string(l.State))
	line("since", day(l.At))
	line("tries", fmt.Sprint(l.Tries))
	line("put off", number(int64(l.Waits)))
	line("calls made", number(int64(l.Step)))
	line("begun", day(l.Begun))
	line("next try", day(l.Next))
	line("ended", day(l.Ended))
	line("error", l.Error)
	line("replaced by write", l.ReplacedBy)
}

// advice says what an operator does about a job.
func advice(j bot.Job, database string) string {
	retry := fmt.Sprintf("recoverybot jobs retry %s %s", quoted(j.Name), database)
	switch j.State {
	case bot.JobDone:
		return "It is done: nothing to do."
	case bot.JobSuperseded:
		return "A later write made it needless before it was begun: nothing to do."
	case bot.JobOpen:
		return "It waits its turn: a bot that runs does it. To try it at once:\n\n  " + retry
	case bot.JobDead:
	}
	switch {
	case j.Newer != "":
		return fmt.Sprintf("Write %s has taken its place: nothing to do.", j.Newer)
	case gone(j):
		return "The issue was deleted or moved: nothing can be written there, and nothing needs to be done."
	}
	return "It failed too often and was given up. Mend what the error names, if it is yours to mend; a status comment is\nalso written anew with the next event. Then let it be tried again:\n\n  " + retry
}

type jobsRetryCmd struct {
	ID      []string `arg:"" optional:"" help:"GUIDs of deliveries, and numbers of writes: the column ID of jobs list." placeholder:"ID"`
	AllDead bool     `env:"-" help:"Everything that jobs list shows."`
	jobsFlags
}

// Help is the long part of --help.
func (jobsRetryCmd) Help() string {
	return `A bot that runs does it at once; one that does not, at its next start. The timeline of the request (recoverybot explain) tells that an operator asked for it. What can't be tried again is named with the reason, and then the exit status is 1.

  recoverybot jobs retry 72d3162e-cc78-11e3-81ab-4c9367dc0958
  recoverybot jobs retry 31 32
  recoverybot jobs retry --all-dead`
}

// Run lets jobs be tried again.
func (c *jobsRetryCmd) Run(ctx context.Context, e *env) error {
	if c.AllDead == (len(c.ID) > 0) {
		return usageError{text: "write either the ids of jobs, or --all-dead"}
	}
	st, err := openStore(ctx, e, c.databaseFlags)
	if err != nil {
		return err
	}
	failed, err := c.retry(ctx, e, st)
	if err := errors.Join(err, st.Close()); err != nil {
		return err
	}
	if failed {
		return errQuiet
	}
	return nil
}

func (c *jobsRetryCmd) retry(ctx context.Context, e *env, st *store.Store) (failed bool, err error) {
	ids := c.ID
	if c.AllDead {
		jobs, err := st.Jobs(ctx)
		if err != nil {
			return false, err
		}
		for _, j := range jobs {
			if deadNow(j) {
				ids = append(ids, j.Name)
			}
		}
		if len(ids) == 0 {
			fmt.Fprintln(e.out, "Nothing was given up.")
		}
	}
	for _, id := range ids {
		verdict, err := st.Retry(ctx, id, e.now())
		if err = unknownJob(err, id, c.shown()); err != nil && !c.AllDead && len(ids) > 1 {
			fmt.Fprintf(e.out, "%s: %v\n", id, err)
			failed = true
			continue
		}
		if err != nil {
			return failed, err
		}
		fmt.Fprintf(e.out, "%s: %s\n", id, verdictText(verdict))
		failed = failed || verdict != bot.VerdictRetried
	}
	return failed, nil
}

func verdictText(v bot.Verdict) string {
	switch v {
	case bot.VerdictRetried:
		return "is tried again"
	case bot.VerdictDone:
		return "not tried again: it is done. To have a request decided anew, write /recheck on it"
	case bot.VerdictSuperseded:
		return "not tried again: a later write made it needless"
	case bot.VerdictNewer:
		return "not tried again: a later write has taken its place, and it would undo that"
	case bot.VerdictGone:
		return "not tried again: the issue was deleted or moved"
	case bot.VerdictOvertaken:
		return "not tried again: the request was opened or closed since, and it would undo that"
	}
	return "not tried again"
}
