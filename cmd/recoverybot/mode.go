package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/store"
)

type modeCmd struct {
	Mode string `arg:"" optional:"" help:"run, shadow, read-only or stop. Left out: print which it is." placeholder:"MODE"`
	JSON bool   `env:"-" help:"Print JSON."`
	databaseFlags
}

// Help is the long part of --help.
func (modeCmd) Help() string {
	return `Says what the bot may do, in each process that uses the database, now and after a restart:

  recoverybot mode stop         the kill switch: deliveries are stored, and nothing else happens
  recoverybot mode read-only    the bot decides, and writes nothing to GitHub: that waits
  recoverybot mode shadow       the bot decides, and only records what it would do
  recoverybot mode run          as usual

No write begins after the command has ended; one that is under way may end. The time until "run" is given back: nobody's request is closed because they could not be heard.

The strictest word counts: that of this command, of the file of serve --mode-file, and of the flags serve --read-only and --shadow.`
}

// modeNow is what the command prints.
type modeNow struct {
	Mode    bot.Mode      `json:"mode"`
	Since   string        `json:"since,omitempty"`
	By      bot.Setter    `json:"by,omitempty"`
	Problem string        `json:"problem,omitempty"`
	Waiting store.Backlog `json:"waiting"`
}

// Run prints the mode, or sets it.
func (c *modeCmd) Run(ctx context.Context, e *env) error {
	mode, known := bot.ParseMode(c.Mode)
	if c.Mode != "" && !known {
		return usageError{text: fmt.Sprintf("there is no mode %q: write run, shadow, read-only or stop", c.Mode)}
	}
	st, err := openStore(ctx, e, c.databaseFlags)
	if err != nil {
		return err
	}
	if c.Mode != "" {
		err = setMode(ctx, e, st, mode)
	}
	if err == nil {
		err = c.print(ctx, e, st)
	}
	return errors.Join(err, st.Close())
}

// setMode wakes what waited, too.
func setMode(ctx context.Context, e *env, st *store.Store, mode bot.Mode) error {
	err := st.SetMode(ctx, bot.ModeChange{Opinion: bot.Opinion{Mode: mode, Setter: bot.SetByCommand}, Now: e.now()})
	if err != nil {
		return err
	}
	if _, _, err := st.Sweep(ctx, e.now()); err != nil {
		return fmt.Errorf("the mode is set; waking what waited: %w", err)
	}
	return nil
}

func (c *modeCmd) print(ctx context.Context, e *env, st *store.Store) error {
	holds, err := st.Standing(ctx)
	if err != nil {
		return err
	}
	waiting, err := st.Backlog(ctx)
	if err != nil {
		return err
	}
	if c.JSON {
		now := modeNow{Mode: holds.Mode, By: holds.Setter, Problem: holds.Problem, Waiting: waiting}
		if !holds.Since.IsZero() {
			now.Since = holds.Since.UTC().Format("2006-01-02T15:04:05Z")
		}
		return printJSON(e.out, now)
	}
	fmt.Fprintf(e.out, "%s\n", describeMode(holds))
	fmt.Fprintf(e.out, "waiting: %s to decide on, %s to GitHub\n",
		count(waiting.Deliveries, "delivery", "deliveries"), count(waiting.Writes, "write", "writes"))
	if waiting.Shadow > 0 {
		fmt.Fprintf(e.out, "in shadow: %s; recoverybot shadow report tells more\n", count(waiting.Shadow, "issue", "issues"))
	}
	if holds.Mode == bot.ModeRun {
		fmt.Fprintln(e.out, "A process with a mode file, or a flag, may be stricter: its log says so.")
	}
	return nil
}

// describeMode is one line.
func describeMode(s bot.Standing) string {
	text := []string{"mode: " + string(s.Mode)}
	if !s.Since.IsZero() {
		text = append(text, "since "+day(s.Since)+" UTC")
	}
	if s.Setter != bot.SetByNobody {
		text = append(text, "by "+string(s.Setter))
	}
	line := strings.Join(text, ", ")
	if s.Problem != "" {
		line += " (" + s.Problem + ")"
	}
	return line
}

// modeLine is what stands above a list, "" where the bot runs as usual.
func modeLine(s bot.Standing) string {
	switch s.Mode {
	case bot.ModeStop:
		return describeMode(s) + ": deliveries are stored, and nothing else happens. To go on: recoverybot mode run"
	case bot.ModeReadOnly:
		return describeMode(s) + ": what the bot decides is not written to GitHub. To go on: recoverybot mode run"
	case bot.ModeShadow:
		return describeMode(s) + ": the list is what would be, and nothing is written to GitHub. More: recoverybot shadow report"
	case bot.ModeRun:
	}
	return ""
}
