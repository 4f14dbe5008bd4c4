//go:build unix

package pgtest

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// account is who a server runs as.
type account struct{ user, group int }

// unprivileged is the user postgres where this runs as root.
func unprivileged() (*account, error) {
	if os.Getuid() != 0 {
		return nil, nil //nolint:nilnil // as who runs this
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		return nil, fmt.Errorf("PostgreSQL does not run as root: %w", err)
	}
	var a account
	if a.user, err = strconv.Atoi(u.Uid); err != nil {
		return nil, fmt.Errorf("reading the id of the user postgres: %w", err)
	}
	if a.group, err = strconv.Atoi(u.Gid); err != nil {
		return nil, fmt.Errorf("reading the group of the user postgres: %w", err)
	}
	return &a, nil
}

// own gives a process to the account, and a group of its own: a Ctrl-C for
// the maker is none for the server.
func (a *account) own(cmd *exec.Cmd) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if a != nil {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(a.user), Gid: uint32(a.group)} //nolint:gosec // ids of an account
	}
}

// kill ends the process and those of its connections.
func kill(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }

// quit ends it at once, whoever is connected.
func quit(p *os.Process) error { return p.Signal(syscall.SIGQUIT) }
