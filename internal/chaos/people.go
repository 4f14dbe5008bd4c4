package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// people act by their scripts, each issue's by itself.
type people struct {
	town     *town
	post     *post
	watch    *watch
	atOnce   int           // issues at the same time
	patience time.Duration // how long they wait for the bot
	want     [][]string    // what they wait to see after each step of each script; nil: until nothing is open
}

// played is what people saw.
type played struct {
	seen  [][]string // after each step of each script, as far as it went
	stuck []string   // what never came, by script; "" where all came
}

// play lets all scripts happen. The issues are opened in their order, so that they
// have the same numbers each time.
func (p *people) play(ctx context.Context, all []script) (played, error) {
	out := played{seen: make([][]string, len(all)), stuck: make([]string, len(all))}
	slots := make(chan struct{}, p.atOnce)
	var group sync.WaitGroup
	defer group.Wait()
	for i := range all {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return out, context.Cause(ctx)
		}
		if err := p.open(&all[i]); err != nil {
			return out, err
		}
		group.Go(func() {
			defer func() { <-slots }()
			out.seen[i], out.stuck[i] = p.follow(ctx, i, &all[i])
		})
	}
	group.Wait()
	return out, context.Cause(ctx)
}

// open files the issue of a script.
func (p *people) open(s *script) error {
	repo := p.town.repos[s.Place.Repository]
	n, err := repo.OpenIssue(s.Author, bottest.Draft{Title: "Account recovery", Body: s.Steps[0][0].Text, Labels: []string{intakeLabel}})
	if err == nil && n != s.Place.Number {
		err = fmt.Errorf("%s got the number %d", s.Place, n)
	}
	if err != nil {
		return fmt.Errorf("opening an issue: %w", err)
	}
	p.post.collect()
	return nil
}

// follow does the rest of a script. It returns what was seen after each step, and why it
// ended too early.
func (p *people) follow(ctx context.Context, i int, s *script) (seen []string, stuck string) {
	pace := rand.New(rand.NewPCG(uint64(i), 1)) //nolint:gosec // only to spread the load
	for k, st := range s.Steps {
		for _, a := range st {
			if err := p.do(s.Place, a); err != nil {
				return seen, fmt.Sprintf("%q: %v", a, err)
			}
		}
		p.post.collect()
		want := ""
		if p.want != nil && k < len(p.want[i]) {
			want = p.want[i][k]
		}
		now, ok := p.settled(ctx, s.Place, want)
		if !ok {
			return seen, fmt.Sprintf("after step %d (%s) this was not seen within %s:\n%s", k+1, st[len(st)-1], p.patience, diff(want, now))
		}
		seen = append(seen, now)
		if !nextSecond(ctx, pace) {
			return seen, ""
		}
	}
	return seen, ""
}

// nextSecond waits until GitHub's clock shows another second, and a little more. GitHub
// tells times in whole seconds: what a person does in the same second as the bot cannot be
// told from what came before. False if ctx is done.
func nextSecond(ctx context.Context, pace *rand.Rand) bool {
	now := time.Now()
	wait := now.Truncate(time.Second).Add(time.Second).Sub(now) + time.Duration(pace.IntN(500))*time.Millisecond
	select {
	case <-time.After(wait):
		return true
	case <-ctx.Done():
		return false
	}
}

// do does one act. What GitHub refuses the person is no error: it refuses the same in each run.
func (p *people) do(at place, a act) error {
	repo := p.town.repos[at.Repository]
	var err error
	switch a.Do {
	case "files": // done by open
	case "edits":
		err = repo.EditIssue(at.Number, a.Who, a.Text)
	case "comments":
		_, err = repo.Comment(at.Number, a.Who, a.Text)
	case "closes":
		err = repo.Close(at.Number, a.Who)
	case "reopens":
		err = repo.Reopen(at.Number, a.Who)
	case "labels":
		err = repo.Label(at.Number, a.Who, a.Text)
	case "unlabels":
		err = repo.Unlabel(at.Number, a.Who, a.Text)
	default:
		err = errors.New("nobody does that")
	}
	if _, refused := errors.AsType[*bottest.RefusedError](err); refused {
		return nil
	}
	return err
}

// settled waits until the bot has done all that it has to do for an issue, and the issue
// looks as it should. False if patience ends.
func (p *people) settled(ctx context.Context, at place, want string) (string, bool) {
	ctx, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	for {
		if !p.post.arrived(ctx, at) || !p.watch.closed(ctx, at) {
			return p.town.look(at), false
		}
		now := p.town.look(at)
		if p.want == nil || now == want {
			return now, true
		}
		select {
		case <-ctx.Done():
			return now, false
		case <-time.After(50 * time.Millisecond):
		}
	}
}
