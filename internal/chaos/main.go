package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"time"
)

// The exit statuses.
const (
	exitSame    = 0
	exitDiffers = 1
	exitUsage   = 2
)

const (
	sqlite   = "sqlite"
	postgres = "postgres"
)

// shownMost is how many differences are printed.
const shownMost = 20

// options are the flags.
type options struct {
	plan

	database   string
	faults     float64
	atOnce     int
	kill       time.Duration
	killServer time.Duration
	redeliver  time.Duration
	lasts      time.Duration
	patience   time.Duration
	dir        string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code := run(ctx, os.Args[1:], os.Stdout)
	stop()
	os.Exit(code)
}

// parse reads the flags; usage is told to w.
func parse(args []string, w io.Writer) (options, error) {
	var o options
	f := flag.NewFlagSet("chaos", flag.ContinueOnError)
	f.SetOutput(w)
	f.StringVar(&o.database, "database", sqlite, "`NAME` of the database: sqlite (one process) or postgres (three replicas)")
	f.IntVar(&o.events, "events", 10000, "how many things people do")
	f.IntVar(&o.issues, "issues", 1000, "on how many issues")
	f.IntVar(&o.repositories, "repositories", 8, "in how many repositories; each is an installation of its own")
	f.IntVar(&o.atOnce, "at-once", 500, "on how many issues at the same time")
	f.Float64Var(&o.faults, "faults", 0.05, "share of the calls that go wrong, and of the webhooks that are doubled, late, refused, …")
	f.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "what chance begins with; each round adds 1")
	f.DurationVar(&o.kill, "kill", 5*time.Second, "a replica is killed about every so often; 0: never")
	f.DurationVar(&o.killServer, "kill-server", 20*time.Second, "PostgreSQL is killed about every so often; 0: never")
	f.DurationVar(&o.redeliver, "redeliver", 2*time.Second, "somebody has a webhook that failed sent again after so long; 0: only the bot asks for it, which takes minutes")
	f.DurationVar(&o.lasts, "for", 0, "begin another round until so much time is over; 0: one round")
	f.DurationVar(&o.patience, "patience", 4*time.Minute, "how long people wait for the bot")
	f.StringVar(&o.dir, "dir", "", "`FOLDER` for databases and logs, which stay only after a failure; none: that for temporary files")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	switch {
	case f.NArg() > 0:
		return o, fmt.Errorf("there is no argument %q", f.Arg(0))
	case o.database != sqlite && o.database != postgres:
		return o, fmt.Errorf("-database %q: want sqlite or postgres", o.database)
	case o.issues < 1 || o.repositories < 1 || o.events < o.issues || o.atOnce < 1:
		return o, errors.New("want 1 issue, 1 repository and 1 event for each issue at least")
	case o.faults < 0 || o.faults > 0.5:
		return o, errors.New("-faults: want a share from 0 to 0.5")
	}
	return o, nil
}

// run is main without the process around it.
func run(ctx context.Context, args []string, w io.Writer) int {
	o, err := parse(args, w)
	if errors.Is(err, flag.ErrHelp) {
		return exitSame
	}
	if err != nil {
		fmt.Fprintln(w, "chaos:", err)
		return exitUsage
	}
	began := time.Now()
	for {
		differs, err := round(ctx, o, w)
		if err != nil {
			fmt.Fprintln(w, "chaos:", err)
		}
		if err != nil || differs {
			return exitDiffers
		}
		if time.Since(began) >= o.lasts {
			return exitSame
		}
		o.seed++
	}
}

// round is a calm run, a run in which everything goes wrong, and the comparison.
func round(ctx context.Context, o options, w io.Writer) (differs bool, err error) {
	fmt.Fprintf(w, "seed %d, %s: %d events on %d issues in %d repositories\n", o.seed, o.database, o.events, o.issues, o.repositories)
	dir, err := os.MkdirTemp(o.dir, fmt.Sprintf("chaos-%d-", o.seed))
	if err != nil {
		return false, fmt.Errorf("making a folder: %w", err)
	}
	binary := filepath.Join(dir, "recoverybot")
	if out, err := exec.CommandContext(ctx, "go", "build", "-o", binary, "./cmd/recoverybot").CombinedOutput(); err != nil { //nolint:gosec // our own program
		return false, fmt.Errorf("building recoverybot: %w\n%s", err, out)
	}
	base := trial{options: o, binary: binary, all: scripts(o.plan)}
	if base.flags, err = unhurried(ctx, binary); err != nil {
		return false, err
	}
	calm := base
	calm.name, calm.dir = "calm", filepath.Join(dir, "calm")
	want, err := calm.run(ctx)
	if err != nil {
		return false, err
	}
	want.tell(w, calm)
	for i, text := range want.stuck {
		if text != "" {
			return true, fmt.Errorf("the calm run came to no end: %s: %s", base.all[i].Place, text)
		}
	}
	wild := base
	wild.name, wild.dir, wild.want = "chaos", filepath.Join(dir, "chaos"), want.seen
	got, err := wild.run(ctx)
	if err != nil {
		return false, err
	}
	got.tell(w, wild)
	found := compare(base.all, want, got)
	report(w, found)
	if len(found) == 0 {
		return false, os.RemoveAll(dir)
	}
	fmt.Fprintf(w, "databases and logs: %s\n", dir)
	return len(found) > 0, nil
}

// tell prints the figures of a run.
func (o *outcome) tell(w io.Writer, t trial) {
	acts := 0
	for i := range t.all {
		for k := range o.seen[i] {
			acts += len(t.all[i].Steps[k])
		}
	}
	fmt.Fprintf(w, "%s run: %d events on %d issues in %s, %.1f events/s\n", t.name, acts, len(t.all), o.took.Round(100*time.Millisecond), float64(acts)/o.took.Seconds())
	o.figures.print(w)
}

// report prints what was found, the first ones in full.
func report(w io.Writer, found []string) {
	if len(found) == 0 {
		fmt.Fprintln(w, "Nothing lost, nothing doubled: both runs end the same.")
		return
	}
	fmt.Fprintf(w, "\n%d DIFFERENCES:\n", len(found))
	for i, text := range found {
		if i == shownMost {
			fmt.Fprintf(w, "\n… and %d more\n", len(found)-shownMost)
			break
		}
		fmt.Fprintf(w, "\n%d. %s\n", i+1, text)
	}
}
