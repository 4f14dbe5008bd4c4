package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// longestHang is shorter than a client's time-out, which would cost an installation its turn for long.
const longestHang = time.Second

// trial is one run of all scripts.
type trial struct {
	options

	name   string
	dir    string
	binary string
	all    []script
	flags  []string   // of serve, besides the usual ones
	want   [][]string // what people wait to see; nil: a calm run
}

// outcome is what is there in the end.
type outcome struct {
	played

	issues  []bottest.Issue
	audit   [][]string // by script
	odd     []string   // what should not have happened to any run
	figures *figures
	took    time.Duration
}

// run plays all scripts against the bot, and stops it.
func (t *trial) run(ctx context.Context) (*outcome, error) {
	if err := os.MkdirAll(t.dir, 0o700); err != nil {
		return nil, fmt.Errorf("making a folder: %w", err)
	}
	town, err := newTown(ctx, t.plan, t.dir)
	if err != nil {
		return nil, err
	}
	defer town.close()
	log, err := os.Create(filepath.Join(t.dir, "serve.log"))
	if err != nil {
		return nil, fmt.Errorf("making the log: %w", err)
	}
	defer func() { _ = log.Close() }()
	f := &figures{}
	db, err := newDatabase(ctx, t)
	if err != nil {
		return nil, err
	}
	defer db.stop()
	db.figures = f
	rs := &replicas{
		binary: t.binary, flags: t.flags, town: town, database: db, figures: f, log: log,
		random: rand.New(rand.NewPCG(t.seed, 3)), //nolint:gosec // chance that can be repeated
	}
	out := &outcome{figures: f}
	began := time.Now()
	if err := t.act(ctx, rs, out); err != nil {
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	out.took = time.Since(began)
	out.odd = append(out.odd, rs.odd...)
	for _, s := range t.all {
		is, _ := town.repos[s.Place.Repository].Issue(s.Place.Number)
		out.issues = append(out.issues, is)
	}
	for kind, n := range town.fake.Tally() {
		f.add("API calls", kind, n)
	}
	for kind, n := range town.fake.Wrong() {
		f.add("faults", kind, n)
	}
	out.audit, err = t.audit(ctx, rs.database.address)
	return out, err
}

// act starts everything, lets people act, waits for the end of all work, and stops everything.
func (t *trial) act(ctx context.Context, rs *replicas, out *outcome) error {
	ctx, cancel := context.WithCancel(ctx)
	defer rs.group.Wait()
	defer cancel()
	p := newPost(ctx, t.seed)
	p.fake, p.address, p.figures, p.again = rs.town.fake, rs.address, out.figures, t.redeliver
	if err := rs.start(ctx, t.replicas()); err != nil {
		return err
	}
	db, err := rs.database.open()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	w := newWatch(db)
	go w.run(ctx)
	go p.run(ctx)
	if t.want != nil {
		p.rate = t.faults
		rs.town.fake.Chaos(bottest.ChaosOptions{Seed: t.seed, Share: t.faults, MaxHang: longestHang})
		go rs.killing(ctx, t.kill)
		go rs.database.killing(ctx, t.killServer, rand.New(rand.NewPCG(t.seed, 5))) //nolint:gosec // chance that can be repeated
	}
	folk := &people{town: rs.town, post: p, watch: w, atOnce: t.atOnce, patience: t.patience, want: t.want}
	if out.played, err = folk.play(ctx, t.all); err != nil {
		return err
	}
	idle, done := context.WithTimeout(ctx, t.patience)
	defer done()
	if !w.idle(idle) {
		out.odd = append(out.odd, fmt.Sprintf("work is left open %s after the last act", t.patience))
	}
	if err := context.Cause(ctx); err != nil {
		return errors.Join(err, ctx.Err())
	}
	return nil
}

// engine is the kind of database: a calm run needs no server.
func (t *trial) engine() string {
	if t.want == nil {
		return sqlite
	}
	return t.database
}

func (t *trial) replicas() int {
	if t.want != nil && t.database == postgres {
		return 3
	}
	return 1
}
