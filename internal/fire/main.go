// Fire shows what the receiver stands: it starts the real `recoverybot serve`
// on SQLite against the fake GitHub, and throws at it what an attacker, or an
// accident, can send. Run it at the root of the repository:
//
//	go run ./internal/fire
//
// It prints a line for each attack: how many, how long, the most memory that
// the process took, what it stored, and what it wrote on GitHub. It ends with
// 1 where one of these is more than it may be, or an answer is another than
// the one that is promised.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/signal"
	"slices"
	"strings"
	"time"
)

// options are what the command line says.
type options struct {
	flood  int
	slow   int
	large  int
	bombs  int
	signed int
	limit  int64 // MiB above idle
	only   string
}

func main() {
	var o options
	flag.IntVar(&o.flood, "flood", 50_000, "how many bad signatures")
	flag.IntVar(&o.slow, "slow", 500, "how many slow senders at the same time")
	flag.IntVar(&o.large, "large", 100, "how many bodies of 26 MB of each kind")
	flag.IntVar(&o.bombs, "bombs", 20, "how many JSON bombs of each kind")
	flag.IntVar(&o.signed, "signed", 1000, "how many authentic deliveries of each kind: foreign ones, replays, the bot's own")
	flag.Int64Var(&o.limit, "limit", 128, "how many `MiB` of memory above those of the idle process are too many")
	flag.StringVar(&o.only, "only", "", "only the attacks with this `text` in their names")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := burn(ctx, o, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "fire:", err)
		os.Exit(1) //nolint:gocritic // nothing is left to be ended
	}
}

// attack is something that is thrown at the receiver, and what may come of it.
type attack struct {
	name    string
	throw   func(context.Context, *town) (answers, error)
	answers []string // those that are promised
	rows    int      // deliveries that may be stored, at most
	writes  int      // on GitHub, at most
}

// answers counts what came back.
type answers map[string]int

func (a answers) total() int {
	n := 0
	for _, count := range a {
		n += count
	}
	return n
}

func (a answers) String() string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(a)) {
		all = append(all, fmt.Sprintf("%s (%d)", name, a[name]))
	}
	return strings.Join(all, ", ")
}

// row is a line of the table.
const row = "%-40s  %8s  %10s  %8s  %6s  %6s  %s\n"

// burn makes all attacks, and prints what came of them.
func burn(ctx context.Context, o options, out io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "fire")
	if err != nil {
		return fmt.Errorf("making a folder for the database: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	t, err := newTown(ctx, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, t.close()) }()
	idle, err := t.idle(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "idle RSS: %s\n\n", mib(idle))
	fmt.Fprintf(out, row, "what", "how many", "time", "peak RSS", "stored", "writes", "answers")
	var broken []error
	for _, a := range attacks(o) {
		if !strings.Contains(a.name, o.only) {
			continue
		}
		r, err := t.suffer(ctx, a)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, row, a.name, fmt.Sprint(r.answers.total()), r.took.Round(time.Millisecond).String(), mib(r.peak),
			fmt.Sprint(r.rows), fmt.Sprint(r.writes), r.answers.String())
		broken = append(broken, r.judge(a, idle+o.limit<<20)...)
	}
	return errors.Join(broken...)
}

// result is what came of an attack.
type result struct {
	answers answers
	took    time.Duration
	peak    int64
	rows    int
	writes  int
}

// judge lists the bounds that are broken.
func (r result) judge(a attack, most int64) (broken []error) {
	if r.peak > most {
		broken = append(broken, fmt.Errorf("%s: %s of memory, want %s at most", a.name, mib(r.peak), mib(most)))
	}
	if r.rows > a.rows {
		broken = append(broken, fmt.Errorf("%s: %d deliveries stored, want %d at most", a.name, r.rows, a.rows))
	}
	if r.writes > a.writes {
		broken = append(broken, fmt.Errorf("%s: %d writes on GitHub, want %d at most", a.name, r.writes, a.writes))
	}
	for _, name := range slices.Sorted(maps.Keys(r.answers)) {
		if !slices.Contains(a.answers, name) {
			broken = append(broken, fmt.Errorf("%s: %d times the answer %q, want %q", a.name, r.answers[name], name, a.answers))
		}
	}
	return broken
}

func mib(bytes int64) string { return fmt.Sprintf("%.0f MiB", float64(bytes)/(1<<20)) }
