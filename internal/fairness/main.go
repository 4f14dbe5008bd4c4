// Fairness measures what a burst in one installation costs the others. Ten
// calm installations have a new request every second or so; then the same
// again, while an eleventh gets ten thousand comments as fast as GitHub sends
// them: on 1,000 issues, or on ten. Run it at the root of the repository, on a
// machine that does nothing else:
//
//	go run ./internal/fairness
//
// The bot, its store with all its jobs and the fake GitHub, which answers each
// call after 30 ms, are one process. A time is from a delivery's receipt until
// its decision is stored, and until the last of its effects is made.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/recoverybot/recoverybot/bot/store/pgtest"
)

// options are what the command line says.
type options struct {
	database string
	events   int
	calm     int
	every    time.Duration
	span     time.Duration
	latency  time.Duration
	only     string
}

func main() {
	var o options
	flag.StringVar(&o.database, "database", "sqlite", "`kind` of database: sqlite or postgres")
	flag.IntVar(&o.events, "events", 10_000, "how many comments are the flood")
	flag.IntVar(&o.calm, "calm", 10, "how many installations are calm")
	flag.DurationVar(&o.every, "every", time.Second, "the time between two requests of a calm installation")
	flag.DurationVar(&o.span, "span", time.Minute, "how long each measurement takes, or as long as the flood lasts if that is less")
	flag.DurationVar(&o.latency, "latency", 30*time.Millisecond, "how long GitHub takes to answer")
	flag.StringVar(&o.only, "only", "", "measure only calm, `many` (issues) or few")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := compare(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "fairness:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be ended
	}
}

// flood is a burst of one installation.
type flood struct {
	name   string
	issues int // 0: there is none
}

// compare measures without and with each flood, and prints it.
func compare(ctx context.Context, o options, out io.Writer) error {
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, o.database+"\trequests\tdecided p50\tp99\tmade p50\tp99\tp99 to calm\tof the flood decided\t")
	var calm figures
	for _, f := range []flood{{"calm", 0}, {"many", 1000}, {"few", 10}} {
		if o.only != "" && o.only != f.name {
			continue
		}
		got, err := measure(ctx, o, f)
		if err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if f.issues == 0 {
			calm = got
		} else {
			f.name = fmt.Sprintf("%d on %d issues", o.events, f.issues)
		}
		fmt.Fprintf(t, "%s\t%d\t%v\t%v\t%v\t%v\t%.2f, %.2f\t%d\t\n", f.name, got.requests, got.decided50, got.decided99, got.made50, got.made99,
			float64(got.decided99)/float64(calm.decided99), float64(got.made99)/float64(calm.made99), got.flooded)
	}
	return t.Flush()
}

// figures are what one measurement gave, of the calm installations.
type figures struct {
	requests                             int
	decided50, decided99, made50, made99 time.Duration
	flooded                              int // deliveries of the flood that were decided meanwhile
}

// measure makes a new world and lets it run.
func measure(ctx context.Context, o options, f flood) (got figures, err error) {
	dir, err := os.MkdirTemp("", "fairness")
	if err != nil {
		return got, fmt.Errorf("making a folder for the database: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	database := filepath.Join(dir, "bot.db")
	if o.database != "sqlite" {
		server, err := pgtest.Start(ctx, "")
		if err != nil {
			return got, fmt.Errorf("starting PostgreSQL: %w", err)
		}
		defer func() { _ = server.Stop() }()
		if database, err = server.Database(ctx); err != nil {
			return got, err
		}
	}
	t, err := newTown(ctx, o, database)
	if err != nil {
		return got, err
	}
	if err := t.run(ctx, o, f); err != nil {
		return got, err
	}
	return t.watch.figures(), nil
}

// percentile of sorted times, nearest rank.
func percentile(sorted []time.Duration, p int) time.Duration {
	if len(sorted) == 0 {
		return 0
	}
	i := (len(sorted)*p + 99) / 100
	return sorted[max(i, 1)-1].Round(time.Millisecond / 10)
}

func sorted(all []time.Duration) []time.Duration {
	slices.SortFunc(all, cmp.Compare)
	return all
}
