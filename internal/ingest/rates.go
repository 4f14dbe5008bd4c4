package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/recoverybot/recoverybot/bot/store/pgtest"
)

// mostRate bounds how many deliveries are prepared for a measurement.
const mostRate = 40_000

// bench is one run of the program.
type bench struct {
	o     options
	dir   string
	out   io.Writer
	load  *load
	files int
}

// kind is a kind of server, and what makes an empty database for it (nil: none).
type kind struct {
	name     string
	database func(context.Context) (string, error)
	beside   func() (time.Duration, error) // CPU of the database's own processes; nil: there are none
	profiled bool
}

// besides is what the database's own processes have used so far.
func (k kind) besides() (time.Duration, error) {
	if k.beside == nil {
		return 0, nil
	}
	return k.beside()
}

// file is a new SQLite file.
func (b *bench) file(context.Context) (string, error) {
	b.files++
	return filepath.Join(b.dir, fmt.Sprintf("%d.db", b.files)), nil
}

// postgres starts a server for k; nothing is set where there is none.
func (k *kind) postgres(ctx context.Context) (end func() error, err error) {
	server, err := pgtest.Start(ctx, "")
	if errors.Is(err, pgtest.ErrNoServer) {
		return func() error { return nil }, nil
	}
	if err != nil {
		return func() error { return nil }, err
	}
	k.database = server.Database
	k.beside = func() (time.Duration, error) { return familyCPU(server.Process()) }
	return server.Stop, nil
}

// figures are what one measurement gave, or the medians of several.
type figures struct {
	rate     float64
	p50, p99 time.Duration
	cpu      time.Duration // of a delivery
	beside   time.Duration // of a delivery, in the database's own processes
	peak     int64
}

// rates measures each kind with one sender and with many, in turn, and then at
// half the rate that it reached.
func (b *bench) rates(ctx context.Context, kinds []kind) error {
	if len(kinds) == 0 {
		return nil
	}
	rows := map[string]figures{}
	for _, senders := range []int{1, 32} {
		got := map[string][]figures{}
		for range b.o.rounds {
			for _, k := range kinds {
				k.profiled = senders > 1 // the last round's is left
				f, err := b.measure(ctx, k, pace{senders: senders, span: b.o.span})
				if err != nil {
					return fmt.Errorf("%s: %w", k.name, err)
				}
				got[k.name] = append(got[k.name], f)
			}
		}
		for _, k := range kinds {
			rows[row(k, senders)] = medians(got[k.name])
		}
	}
	if err := b.table(kinds, rows); err != nil {
		return err
	}
	return b.half(ctx, kinds, rows)
}

func row(k kind, senders int) string { return fmt.Sprintf("%s %d", k.name, senders) }

// measure starts a server, warms it up, and measures it.
func (b *bench) measure(ctx context.Context, k kind, p pace) (f figures, err error) {
	c, err := b.start(ctx, k)
	if err != nil {
		return f, err
	}
	defer func() { err = errors.Join(err, c.end()) }()
	warm, err := pace{senders: p.senders, span: b.o.span / 6}.run(ctx, b.load, c.address)
	if err != nil {
		return f, err
	}
	before, err := c.usage()
	if err != nil {
		return f, err
	}
	begun, err := k.besides()
	if err != nil {
		return f, err
	}
	p.first = warm.count + p.senders
	got, err := p.run(ctx, b.load, c.address)
	if err != nil {
		return f, err
	}
	after, err := c.usage()
	if err != nil || got.count == 0 {
		return f, err
	}
	ended, err := k.besides()
	if err != nil {
		return f, err
	}
	return figures{
		rate: got.rate(), p50: got.quantile(0.5), p99: got.quantile(0.99),
		cpu:    (after.cpu - before.cpu) / time.Duration(got.count),
		beside: (ended - begun) / time.Duration(got.count), peak: after.peak,
	}, nil
}

func medians(all []figures) figures {
	return figures{
		rate: median(all, func(f figures) float64 { return f.rate }),
		p50:  median(all, func(f figures) time.Duration { return f.p50 }),
		p99:  median(all, func(f figures) time.Duration { return f.p99 }),
		cpu:  median(all, func(f figures) time.Duration { return f.cpu }),
		peak: median(all, func(f figures) int64 { return f.peak }),

		beside: median(all, func(f figures) time.Duration { return f.beside }),
	}
}

func median[T any, V cmp.Ordered](all []T, of func(T) V) V {
	values := make([]V, 0, len(all))
	for _, a := range all {
		values = append(values, of(a))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// table prints the medians, and how they compare with the baseline's.
func (b *bench) table(kinds []kind, rows map[string]figures) error {
	w := tabwriter.NewWriter(b.out, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "server\tsenders\tdeliveries/s\tp50\tp99\tCPU each\tand its database's\tpeak RSS\trate/baseline\tCPU/baseline\t")
	for _, senders := range []int{1, 32} {
		for _, k := range kinds {
			f, base := rows[row(k, senders)], rows[row(kind{name: baseline}, senders)]
			fmt.Fprintf(w, "%s\t%d\t%.0f\t%s\t%s\t%s\t%s\t%s\t", k.name, senders, f.rate,
				short(f.p50), short(f.p99), short(f.cpu), short(f.beside), mib(f.peak))
			if base.rate > 0 {
				fmt.Fprintf(w, "%.2f\t%.2f\t", f.rate/base.rate, f.cpu.Seconds()/base.cpu.Seconds())
			}
			fmt.Fprintln(w)
		}
	}
	fmt.Fprintln(w)
	return w.Flush()
}

// half measures how long answers take at half the rate of 32 senders.
func (b *bench) half(ctx context.Context, kinds []kind, rows map[string]figures) error {
	for _, k := range kinds {
		rate := rows[row(k, 32)].rate / 2
		var all []figures
		for range b.o.rounds {
			f, err := b.measure(ctx, k, pace{senders: 32, rate: rate, span: b.o.span})
			if err != nil {
				return fmt.Errorf("%s: %w", k.name, err)
			}
			all = append(all, f)
		}
		m := medians(all)
		fmt.Fprintf(b.out, "%s at half its rate, %.0f/s: p50 %s, p99 %s\n", k.name, rate, short(m.p50), short(m.p99))
	}
	fmt.Fprintln(b.out)
	return nil
}

func short(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return d.Round(time.Microsecond).String()
	case d < 10*time.Millisecond:
		return d.Round(10 * time.Microsecond).String()
	}
	return d.Round(100 * time.Microsecond).String()
}

func mib(bytes int64) string { return fmt.Sprintf("%.1f MiB", float64(bytes)/(1<<20)) }
