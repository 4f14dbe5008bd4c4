//go:build !unix

package pgtest

import (
	"os"
	"os/exec"
)

// account is who a server runs as.
type account struct{ user, group int }

// unprivileged: where there are no users and signals of Unix, no server is run.
func unprivileged() (*account, error) { return nil, ErrNoServer }

func (*account) own(*exec.Cmd) {}

func kill(p *os.Process) error { return p.Kill() }

func quit(p *os.Process) error { return p.Kill() }
