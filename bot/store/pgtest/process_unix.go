//go:build unix

package pgtest

import (
	"context"
	"errors"
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

// lock opens a file and locks it as a whole. The kernel lets go of it with the
// process. A link is refused.
func lock(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags|syscall.O_NOFOLLOW, 0o600) //nolint:gosec // below a folder that the maker names
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("locking %s: %w", path, err), f.Close())
	}
	return f, nil
}

// guard ends a server whose maker is gone: by a crash, a kill, or the time-out
// of a test. It is a shell that waits for the end of its input, which no kill
// can keep from coming.
type guard struct {
	cmd   *exec.Cmd
	leash *os.File // what the shell waits for the end of
}

// whenAlone is what the shell does then: $1 is the server, $2 its folder.
const whenAlone = `read -r never
kill -QUIT "$1"
tries=0
while kill -0 "$1" 2>/dev/null && [ $tries -lt 100 ]; do tries=$((tries + 1)); sleep 0.1; done
rm -rf "$2"`

// watch sets a guard on the server. It has a group of its own, as the server.
func (s *Server) watch(ctx context.Context) (*guard, error) {
	in, leash, err := os.Pipe()
	if err != nil {
		return nil, fmt.Errorf("watching PostgreSQL: %w", err)
	}
	g := &guard{leash: leash}
	g.cmd = exec.CommandContext(ctx, "/bin/sh", "-c", whenAlone, "sh", strconv.Itoa(s.cmd.Process.Pid), s.dir) //nolint:gosec // our own server and folder
	g.cmd.Dir, g.cmd.Stdin = "/", in
	s.as.own(g.cmd)
	err = g.cmd.Start()
	_ = in.Close() // the shell has its own
	if err != nil {
		return nil, errors.Join(fmt.Errorf("watching PostgreSQL: %w", err), leash.Close())
	}
	return g, nil
}

// dismiss ends the guard of a server that has ended. A nil guard is none.
func (g *guard) dismiss() {
	if g == nil {
		return
	}
	_ = kill(g.cmd.Process) // it waits, and does nothing else
	_ = g.cmd.Wait()
	_ = g.leash.Close()
}

// kill ends the process and those of its connections.
func kill(p *os.Process) error { return syscall.Kill(-p.Pid, syscall.SIGKILL) }

// quit ends it at once, whoever is connected.
func quit(p *os.Process) error { return p.Signal(syscall.SIGQUIT) }
