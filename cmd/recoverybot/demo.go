package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"syscall"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

type demoCmd struct {
	JSON     bool   `env:"-" help:"Print only the final issues of the built-in GitHub, as JSON."`
	Stay     bool   `env:"-" help:"Stay up afterwards, and print how to file another request."`
	FakeOnly bool   `env:"-" help:"Run only the built-in GitHub, and print the serve line that works with it."`
	Break    string `env:"-" help:"Break one part (labels, comments or webhooks): the demo must notice, and exit with 1." placeholder:"PART"`
}

// Help is the long part of --help.
func (demoCmd) Help() string {
	return `Starts the bot and a small GitHub in this process, files some thirty requests, of which some are attacks, and shows what everybody sees. Needs no account, no network, no file, and leaves nothing behind. Takes a few seconds.

Exit status 0: every request ended as its written-down story says. 1: one did not.`
}

// Run plays every story against a GitHub that is built in, and compares the
// end of each with what is written down.
func (c *demoCmd) Run(ctx context.Context, e *env) error {
	if !slices.Contains([]string{"", "labels", "comments", "webhooks"}, c.Break) {
		return usageError{text: fmt.Sprintf("--break knows labels, comments and webhooks, not %q", c.Break)}
	}
	ctx, stop := signal.NotifyContext(ctx, syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends it at once
	if c.FakeOnly {
		return inTemporary(func(dir string) error { return fakeOnly(ctx, e, dir) })
	}
	w, err := newWorld(ctx, e, place{})
	if err != nil {
		return err
	}
	err = c.play(ctx, e, w)
	if c.Stay && err == nil {
		err = w.stay(ctx, e)
	}
	return errors.Join(err, w.close())
}

// inTemporary does something in a folder that is gone after it.
func inTemporary(do func(dir string) error) error {
	dir, err := os.MkdirTemp("", "recoverybot-demo-")
	if err != nil {
		return fmt.Errorf("making a temporary folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }() // it is temporary
	return do(dir)
}

func (c *demoCmd) play(ctx context.Context, e *env, w *world) error {
	stories, err := bottest.Stories()
	if err != nil {
		return err
	}
	if e.stories != nil {
		stories = e.stories
	}
	c.breakPart(w)
	show := &screen{e: e, quiet: c.JSON}
	show.intro(len(stories))
	failed := 0
	for i, s := range stories {
		show.story(i+1, s)
		got, err := w.play(ctx, s, show)
		if err != nil {
			return fmt.Errorf("story %s: %w", s.Name, err)
		}
		if !show.verdict(s, got) {
			failed++
		}
		if i == 0 {
			show.example(got.issue)
		}
	}
	if c.JSON {
		err = printJSON(e.out, w.repo.Issues())
	} else {
		show.summary(w, len(stories), failed)
	}
	if failed > 0 {
		fmt.Fprintf(e.err, "recoverybot: %d of %d requests did not end as written\n", failed, len(stories))
		return errors.Join(errQuiet, err)
	}
	return err
}

// breakPart makes the built-in GitHub refuse one part for good.
func (c *demoCmd) breakPart(w *world) {
	kinds := map[string]string{"labels": "POST issue labels", "comments": "POST comment"}
	if kind, ok := kinds[c.Break]; ok {
		w.fake.Fail(bottest.Fault{Kind: bottest.FaultStatus, On: kind, Times: 1 << 30, Status: 500})
	}
	if c.Break == "webhooks" {
		w.fake.SetWebhook("http://127.0.0.1:1/webhook")
	}
}
