// Ingest measures how fast deliveries are taken in: side by side, in one run,
// the real webhook with the real store on each database, and a handler that
// only verifies the signature and drops the event. Run it at the root of the
// repository, on a machine that does nothing else:
//
//	go run ./internal/ingest
//
// Each server is a process of its own, so that CPU and memory are its alone;
// the senders are the program that was started. What a server stores is on
// the disk before it answers, and CPU counts everything up to the last job
// that was inserted for the deliveries of a measurement.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"time"
)

// options are what the command line says.
type options struct {
	role     string
	database string
	profile  string
	only     string
	rounds   int
	span     time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.role, "serve", "", "be a server of this `kind`; the program itself calls it")
	flag.StringVar(&o.database, "database", "", "what that server stores in")
	flag.StringVar(&o.profile, "cpuprofile", "", "write CPU profiles of the servers with many senders to `PREFIX`-KIND.pprof")
	flag.StringVar(&o.only, "only", "", "measure only these `kinds`, with commas between; \"process\" is the real one")
	flag.IntVar(&o.rounds, "rounds", 5, "how often each is measured; the table has medians")
	flag.DurationVar(&o.span, "span", 3*time.Second, "how long one measurement takes")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	var err error
	if o.role != "" {
		err = serve(ctx, o)
	} else {
		err = compare(ctx, o, os.Stdout)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "ingest:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be ended
	}
}

// compare measures everything and prints it.
func compare(ctx context.Context, o options, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "ingest")
	if err != nil {
		return fmt.Errorf("making a folder for the databases: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{o: o, dir: dir, out: out}
	if b.load, err = newLoad(); err != nil {
		return err
	}
	kinds, end, err := b.kinds(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, end()) }()
	fmt.Fprintf(out, "%d CPUs, %s; deliveries of %d bytes on average, one third new issues, the rest comments and edits\n\n",
		runtime.NumCPU(), runtime.Version(), b.load.mean())
	b.load.sign(int(mostRate * o.span.Seconds()))
	if err := b.rates(ctx, kinds); err != nil {
		return err
	}
	if o.only != "" && o.only != "process" {
		return nil
	}
	return b.process(ctx)
}

// kinds returns what is measured, and what ends what was started for it.
func (b *bench) kinds(ctx context.Context) (kinds []kind, end func() error, err error) {
	end = func() error { return nil }
	for _, name := range []string{baseline, onSQLite, onPostgres} {
		if b.o.only != "" && !strings.Contains(","+b.o.only+",", ","+name+",") {
			continue
		}
		k := kind{name: name}
		if name == onPostgres {
			if end, err = k.postgres(ctx); err != nil {
				return nil, end, err
			}
			if k.database == nil {
				fmt.Fprintln(b.out, "PostgreSQL is not measured: there are no binaries of it here")
				continue
			}
		}
		if name == onSQLite {
			k.database = b.file
		}
		kinds = append(kinds, k)
	}
	return kinds, end, nil
}
