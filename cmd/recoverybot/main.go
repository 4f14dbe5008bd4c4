// Recoverybot is a self-hosted GitHub App for package registries: it receives
// account recovery requests by issue form, checks them, says whose turn it is,
// and keeps the queue. A person decides; the bot never changes an account.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime/debug"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // a policy names a time zone, and a small image has none

	"github.com/alecthomas/kong"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// The exit statuses of every command.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// cli is every command with its flags.
type cli struct {
	Demo    demoCmd    `cmd:"" help:"See the bot at work on a dozen requests. Needs nothing: begin here."`
	Check   checkCmd   `cmd:"" help:"Check a policy and its issue forms, and print every problem."`
	Init    initCmd    `cmd:"" help:"Write a policy and an issue form to begin with."`
	Pin     pinCmd     `cmd:"" help:"Look up the names in a policy, and write their numeric ids beside them."`
	Serve   serveCmd   `cmd:"" help:"Run the bot: receive webhooks, decide, and write to GitHub."`
	Queue   queueCmd   `cmd:"" help:"Show the open requests: whose turn it is, and since when."`
	Explain explainCmd `cmd:"" help:"Show one request: its state, and everything that led to it."`
	Digest  digestCmd  `cmd:"" help:"Show what the next digest of all requests would tell staff."`
	Audit   auditCmd   `cmd:"" help:"Verify the audit log, or print it: who let what through."`
	Erase   eraseCmd   `cmd:"" help:"Take one person out of the database."`
	Export  exportCmd  `cmd:"" help:"Print everything that is kept about one person."`
	Jobs    jobsCmd    `cmd:"" help:"See what failed for good, and let it be tried again."`
	DB      dbCmd      `cmd:"" name:"db" help:"Back up, restore, check, copy or migrate the database."`
	Mode    modeCmd    `cmd:"" help:"Stop the bot, let it only read or only pretend, or let it run. The kill switch."`
	Shadow  shadowCmd  `cmd:"" help:"Tell what the bot would have done in shadow mode."`
	Adopt   adoptCmd   `cmd:"" help:"Choose what becomes of requests that are older than the bot."`
	Parse   parseCmd   `cmd:"" help:"Read one issue body with a form, and print what the bot understands."`
	Render  renderCmd  `cmd:"" help:"Write the issue body that GitHub makes of answers to a form."`
	Replay  replayCmd  `cmd:"" help:"Tell what the bot would decide on recorded webhooks. Sends and stores nothing."`
	Preview previewCmd `cmd:"" help:"Print the texts that the bot writes, with sample values."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// env is what a command gets from outside.
type env struct {
	in     io.Reader
	out    io.Writer
	err    io.Writer
	colour bool // out is a terminal
	now    func() time.Time

	stories []bottest.Story // of the demo; nil: all
}

// usageError is a mistake in how a command was called; run fills in which.
type usageError struct{ text, command string }

func (e usageError) Error() string { return e.text }

// errQuiet ends a command with status 1 after it has said all there is to say.
var errQuiet = errors.New("failed")

func main() {
	unsetEmpty()
	e := &env{in: os.Stdin, out: toPeople(os.Stdout), err: toPeople(os.Stderr), colour: isTerminal(os.Stdout), now: time.Now}
	os.Exit(run(context.Background(), os.Args[1:], e))
}

// unsetEmpty makes an empty variable one that is not given: files for
// containers and services often list all of them.
func unsetEmpty() {
	for _, v := range os.Environ() {
		if name, value, _ := strings.Cut(v, "="); value == "" && strings.HasPrefix(name, "RECOVERYBOT_") {
			_ = os.Unsetenv(name) // a name that the system gave us is valid
		}
	}
}

// run is main without the process around it.
func run(ctx context.Context, args []string, e *env) int {
	status := -1
	k, err := newParser(e, func(code int) { status = code })
	if err != nil {
		fmt.Fprintln(e.err, "recoverybot:", err)
		return exitFailed
	}
	if len(args) == 0 { // help, but nothing was done
		e.out, args = e.err, []string{"--help"}
		_ = run(ctx, args, e)
		return exitUsage
	}
	if args[0] == "help" {
		args = append(args[1:len(args):len(args)], "--help")
	}
	parsed, err := k.Parse(args)
	if status >= 0 { // --help was given
		return status
	}
	if err != nil {
		return exitStatus(misused(err), e)
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	err = parsed.Run(e)
	if u, ok := errors.AsType[usageError](err); ok {
		err = usageError{u.text, parsed.Selected().FullPath()}
	}
	return exitStatus(err, e)
}

func newParser(e *env, exit func(int)) (*kong.Kong, error) {
	k, err := kong.New(&cli{},
		kong.Name("recoverybot"),
		kong.Description("A GitHub App for account recovery requests. It receives them, checks them, says whose turn it is, and keeps the queue. A person decides: the bot never changes an account."),
		kong.Writers(e.out, e.err),
		kong.Exit(exit),
		kong.DefaultEnvars("RECOVERYBOT"),
		kong.Vars{"presets": strings.Join(policy.Presets(), ",")},
		kong.ConfigureHelp(kong.HelpOptions{Compact: true, WrapUpperBound: 100}),
	)
	if err != nil {
		return nil, fmt.Errorf("preparing the commands: %w", err)
	}
	k.Model.HelpFlag.Help = "Show this help."
	return k, nil
}

// misused turns the parser's error into ours, which names the help to read.
func misused(err error) error {
	u := usageError{text: err.Error()}
	if p, ok := errors.AsType[*kong.ParseError](err); ok {
		u.command = "recoverybot"
		if node := p.Context.Selected(); node != nil {
			u.command = node.FullPath()
		}
	}
	if name, ok := strings.CutPrefix(u.text, "unexpected argument "); ok && u.command == "recoverybot" {
		name, guess, _ := strings.Cut(name, ", ")
		if u.text = fmt.Sprintf("there is no command %q", name); guess != "" {
			u.text += ": " + guess
		}
	}
	if value, _, ok := strings.Cut(u.text, ": time: "); ok {
		u.text = value + ": write a time like 30s, 5m or 24h"
	}
	if value, _, ok := strings.Cut(u.text, " as \"2006-"); ok {
		u.text = value + ": write a moment like 2026-12-03T10:00:00Z"
	}
	return u
}

func exitStatus(err error, e *env) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errQuiet):
		return exitFailed
	}
	fmt.Fprintln(e.err, "recoverybot:", pathAdvice(err))
	if u, ok := errors.AsType[usageError](err); ok {
		fmt.Fprintf(e.err, "Read: %s --help\n", u.command)
		return exitUsage
	}
	return exitFailed
}

// pathAdvice adds to an error about a file what to do next, where nobody did.
func pathAdvice(err error) error {
	var advice string
	switch {
	case strings.Contains(err.Error(), "\n"):
		return err
	case errors.Is(err, syscall.EISDIR):
		advice = "It is a folder. Name the file in it"
	case errors.Is(err, fs.ErrPermission):
		advice = "The user who runs this must be allowed to use it: `ls -l` shows who is"
	case errors.Is(err, fs.ErrNotExist):
		advice = "Nothing is there. A path begins in the folder where you are, or at /"
	default:
		return err
	}
	return fmt.Errorf("%w\n%s", err, advice)
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(e *env) error { //nolint:unparam // kong's shape of a command
	fmt.Fprintln(e.out, "recoverybot", version())
	return nil
}

// version is that of the module, or the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	v := info.Main.Version
	if v == "" || v == "(devel)" {
		v = "devel"
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" {
				v += " " + s.Value[:min(12, len(s.Value))]
			}
		}
	}
	return v
}
