package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
)

// mode runs the command `mode`, beside a bot that may run.
func (c *town) mode(args ...string) string {
	c.tb.Helper()
	status, out, err := run1(c.tb.Context(), append([]string{"mode", "--database", c.path(c.database)}, args...)...)
	if status != 0 {
		c.tb.Fatalf("mode %q: status %d\n%s", args, status, err)
	}
	return out
}

// waiting waits until the command `mode` prints a text.
func (c *town) waiting(text string) {
	c.tb.Helper()
	eventually(c.tb, text, func(context.Context) error {
		if out := c.mode(); !strings.Contains(out, text) {
			return fmt.Errorf("mode printed %q", out)
		}
		return nil
	})
}

// TestModeBySignal: the bot reads only from a signal on, after a restart, too,
// until a command lets it run. Then everything is made, once.
func TestModeBySignal(t *testing.T) {
	if len(modeSignals()) == 0 {
		t.Skip("this system has no such signals")
	}
	t.Parallel()
	c := newTown(t)
	p := c.serve()
	first := c.file("ann")
	c.deliver()
	c.welcomed(first)
	for s, m := range modeSignals() {
		if m == bot.ModeReadOnly {
			if err := p.cmd.Process.Signal(s); err != nil {
				t.Fatal(err)
			}
		}
	}
	c.waiting("mode: read-only")
	second := c.file("bob")
	c.deliver()
	c.waiting("waiting: 0 deliveries to decide on")
	before := c.writes()
	p.kill()
	p = c.serve()
	p.line("  mode: read-only, since ")
	third := c.file("cat")
	c.deliver()
	c.waiting("waiting: 0 deliveries to decide on")
	if _, out, _ := run1(t.Context(), "queue", "--database", c.path(c.database)); !strings.HasPrefix(out, "! mode: read-only") {
		t.Errorf("the queue does not begin with the mode:\n%s", out)
	}
	if got := c.writes(); got != before {
		t.Fatalf("%d writes in read-only", got-before)
	}
	c.mode("run")
	c.welcomed(first, second, third)
	c.onePost(3)
}

// TestModeStopSurvives: a bot that was stopped, and started anew, takes
// deliveries in and asks GitHub nothing.
func TestModeStopSurvives(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	p := c.serve()
	c.mode("stop")
	p.kill()
	asked := len(c.fake.Calls())
	c.serve()
	n := c.file("ann")
	c.deliver()
	c.waiting("waiting: 1 delivery to decide on, 0 writes to GitHub")
	for _, call := range c.fake.Calls()[asked:] {
		if call.ByApp {
			t.Errorf("%s %s, want no call", call.Method, call.Path)
		}
	}
	c.mode("run")
	c.welcomed(n)
	c.onePost(1)
}

// TestModeByFile: a file that nobody understands stops the bot; without the
// file it runs.
func TestModeByFile(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	file := c.path("mode")
	c.github = append(c.github, "--mode-file", file)
	p := c.serve()
	if err := os.WriteFile(file, []byte("halt\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	n := c.file("ann")
	c.deliver()
	c.waiting("waiting: 1 delivery to decide on")
	p.line("time=")
	eventually(t, "the log says so", func(context.Context) error {
		if !strings.Contains(p.out.String(), "the mode is not understood") {
			return errors.New(p.out.String())
		}
		return nil
	})
	if got := c.writes(); got != 0 {
		t.Errorf("%d writes, want none", got)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	c.welcomed(n)
	c.onePost(1)
}

// TestModeShadow tries the bot for a while, and reads the report.
func TestModeShadow(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	c.github = append(c.github, "--shadow")
	p := c.serve()
	n := c.file("ann")
	c.deliver()
	c.waiting("in shadow: 1 issue")
	report := func(args ...string) string {
		t.Helper()
		status, out, err := run1(t.Context(), append([]string{"shadow", "report", "--database", c.path(c.database)}, args...)...)
		if status != 0 {
			t.Fatalf("status %d: %s", status, err)
		}
		return out
	}
	for _, want := range []string{"+recovery: triage", "status", fmt.Sprintf("#%d", n), "it would have closed, and people did not"} {
		if out := report("--since", "7d"); !strings.Contains(out, want) {
			t.Errorf("the report does not say %q:\n%s", want, out)
		}
	}
	if out := report("--json"); !strings.Contains(out, `"kind":"status"`) {
		t.Errorf("JSON:\n%s", out)
	}
	p.kill()
	if got := c.writes(); got != 0 {
		t.Fatalf("%d writes in shadow", got)
	}
	c.github = c.github[:len(c.github)-1]
	c.serve()
	eventually(t, "the label of an adopted request", func(context.Context) error {
		is, _ := c.repo.Issue(n)
		if strings.Join(is.Labels, ",") != c.folk.Label+",recovery: triage" || len(is.Comments) != 0 {
			return fmt.Errorf("labels %q, %d comments", is.Labels, len(is.Comments))
		}
		return nil
	})
}

// TestModeCopied: a copy of the database is stopped as the original is.
func TestModeCopied(t *testing.T) {
	t.Parallel()
	c := newTown(t)
	c.serve().kill()
	want := c.mode("stop")
	copied := c.path("copy.db")
	if status, _, err := run1(t.Context(), "db", "backup", "--database", c.path(c.database), copied); status != 0 {
		t.Fatalf("db backup: %s", err)
	}
	c.database = filepath.Base(copied)
	if diff := cmp.Diff(want, c.mode()); diff != "" {
		t.Errorf("(-original +copy)\n%s", diff)
	}
}

// TestOpinions: the strictest word counts, and what is not understood is a stop.
func TestOpinions(t *testing.T) {
	dir := t.TempDir()
	for name, test := range map[string]struct {
		file string // "": none
		flag bot.Mode
		held bot.Mode
		want bot.Opinion
	}{
		"nobody":          {"", bot.ModeRun, "", bot.Opinion{Mode: bot.ModeRun}},
		"a flag":          {"", bot.ModeShadow, "", bot.Opinion{Mode: bot.ModeShadow, Setter: bot.SetByFlag}},
		"the file":        {"read-only because of the audit\n", bot.ModeShadow, "", bot.Opinion{Mode: bot.ModeReadOnly, Setter: bot.SetByFile}},
		"the file is lax": {"run\n", bot.ModeShadow, "", bot.Opinion{Mode: bot.ModeShadow, Setter: bot.SetByFlag}},
		"a signal":        {"read-only", bot.ModeRun, bot.ModeStop, bot.Opinion{Mode: bot.ModeStop, Setter: bot.SetBySignal}},
		"an empty file": {" \n", bot.ModeRun, "", bot.Opinion{
			Mode: bot.ModeStop, Setter: bot.SetByFile, Problem: "the mode file does not begin with run, shadow, read-only or stop",
		}},
		"another word": {"RUN", bot.ModeRun, "", bot.Opinion{
			Mode: bot.ModeStop, Setter: bot.SetByFile, Problem: "the mode file does not begin with run, shadow, read-only or stop",
		}},
		"a folder": {"/", bot.ModeRun, "", bot.Opinion{
			Mode: bot.ModeStop, Setter: bot.SetByFile, Problem: "the mode file cannot be read",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			o := &opinions{flag: test.flag, file: filepath.Join(dir, strings.ReplaceAll(name, " ", "-"))}
			var err error
			switch test.file {
			case "":
			case "/":
				err = os.Mkdir(o.file, 0o700)
			default:
				err = os.WriteFile(o.file, []byte(test.file), 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			if test.held != "" {
				o.hold(test.held)
			}
			if diff := cmp.Diff(test.want, o.now()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestModeFileWrittenAnew: an editor that puts a new file in the place of the
// old one does not start the bot for a moment.
func TestModeFileWrittenAnew(t *testing.T) {
	o := &opinions{flag: bot.ModeRun, file: filepath.Join(t.TempDir(), "mode")}
	says := func(when string, want bot.Mode) {
		t.Helper()
		if got := o.now().Mode; got != want {
			t.Errorf("%s: %s, want %s", when, got, want)
		}
	}
	write := func(mode string) {
		t.Helper()
		if err := os.WriteFile(o.file, []byte(mode), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	o.looked()
	says("before there is one", bot.ModeRun)
	write("stop")
	says("written", bot.ModeStop)
	for range 2 {
		if err := os.Remove(o.file); err != nil {
			t.Fatal(err)
		}
		for range fileGone - 1 {
			o.looked()
			says("away for a moment", bot.ModeStop)
		}
		write("read-only")
		says("written anew", bot.ModeReadOnly)
		write("stop")
		says("written again", bot.ModeStop)
	}
	if err := os.Remove(o.file); err != nil {
		t.Fatal(err)
	}
	for range fileGone {
		o.looked()
	}
	says("taken away", bot.ModeRun)
}
