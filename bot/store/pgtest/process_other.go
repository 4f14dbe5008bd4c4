//go:build !unix

package pgtest

import (
	"context"
	"os"
	"os/exec"
)

// account is who a server runs as.
type account struct{ user, group int }

// unprivileged: where there are no users and signals of Unix, no server is run.
func unprivileged() (*account, error) { return nil, ErrNoServer }

func (*account) own(*exec.Cmd) {}

func lock(string, int) (*os.File, error) { return nil, ErrNoServer }

// guard ends a server whose maker is gone.
type guard struct{}

func (*Server) watch(context.Context) (*guard, error) { return nil, ErrNoServer }

func (*guard) dismiss() {}

func kill(p *os.Process) error { return p.Kill() }

func quit(p *os.Process) error { return p.Kill() }
