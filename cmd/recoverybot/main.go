// Recoverybot is a self-hosted GitHub App for package registries: it receives
// account recovery requests by issue form, checks them, says whose turn it is,
// and keeps the queue. A person decides; the bot never changes an account.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"
	_ "time/tzdata" // a policy names a time zone, and a small image has none

	"github.com/alecthomas/kong"
)

// The exit statuses of every command.
const (
	exitOK     = 0
	exitFailed = 1
	exitUsage  = 2
)

// cli is every command with its flags.
type cli struct {
	Serve   serveCmd   `cmd:"" help:"Run the bot: receive webhooks, decide, and write to GitHub."`
	Demo    demoCmd    `cmd:"" help:"See the bot at work on a dozen requests, with a GitHub that is built in. Needs nothing."`
	Check   checkCmd   `cmd:"" help:"Check a policy and its issue forms, and print every problem."`
	Parse   parseCmd   `cmd:"" help:"Read one issue body with a form, and print what the bot understands."`
	Queue   queueCmd   `cmd:"" help:"Show the open requests: whose turn it is, and since when."`
	Explain explainCmd `cmd:"" help:"Show one request: its state, and everything that led to it."`
	Adopt   adoptCmd   `cmd:"" help:"Choose what becomes of requests that are older than the bot."`
	Version versionCmd `cmd:"" help:"Print the version."`
}

// env is what a command gets from outside.
type env struct {
	in     io.Reader
	out    io.Writer
	err    io.Writer
	colour bool // out is a terminal
	now    func() time.Time
}

// usageError is a mistake in how a command was called.
type usageError struct{ text string }

func (e usageError) Error() string { return e.text }

// errQuiet ends a command with status 1 after it has said all there is to say.
var errQuiet = errors.New("failed")

func main() {
	e := &env{in: os.Stdin, out: os.Stdout, err: os.Stderr, colour: isTerminal(os.Stdout), now: time.Now}
	os.Exit(run(context.Background(), os.Args[1:], e))
}

// run is main without the process around it.
func run(ctx context.Context, args []string, e *env) int {
	var c cli
	status := -1
	k, err := kong.New(&c,
		kong.Name("recoverybot"),
		kong.Description("A GitHub App for account recovery requests. It prepares everything; a person decides."),
		kong.Writers(e.out, e.err),
		kong.Exit(func(code int) { status = code }),
		kong.DefaultEnvars("RECOVERYBOT"),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
		kong.Vars{"version": version()},
	)
	if err != nil {
		fmt.Fprintln(e.err, "recoverybot:", err)
		return exitFailed
	}
	parsed, err := k.Parse(args)
	if status >= 0 { // --help was given
		return status
	}
	if err != nil {
		fmt.Fprintf(e.err, "recoverybot: %v\nTry: recoverybot --help\n", err)
		return exitUsage
	}
	parsed.BindTo(ctx, (*context.Context)(nil))
	return exitStatus(parsed.Run(e), e)
}

func exitStatus(err error, e *env) int {
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, errQuiet):
		return exitFailed
	}
	fmt.Fprintln(e.err, "recoverybot:", err)
	if _, ok := errors.AsType[usageError](err); ok {
		return exitUsage
	}
	return exitFailed
}

type versionCmd struct{}

// Run prints the version.
func (versionCmd) Run(e *env) error {
	fmt.Fprintln(e.out, "recoverybot", version())
	return nil
}

// version is that of the module, or the commit it was built from.
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
