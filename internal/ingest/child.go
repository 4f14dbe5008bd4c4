package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// usage is what a process used.
type usage struct {
	cpu  time.Duration
	peak int64 // bytes of memory at most
}

// used is what this process used.
func used() (usage, error) {
	cpu, err := cpuTime()
	if err != nil {
		return usage{}, fmt.Errorf("asking for the CPU time: %w", err)
	}
	peak, err := memory(os.Getpid(), "VmHWM")
	return usage{cpu: cpu, peak: peak}, err
}

// memory reads a line of a process's status, in bytes.
func memory(pid int, line string) (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, fmt.Errorf("reading how much memory a process has: %w", err)
	}
	for l := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(l, line+":"); ok {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("the system does not tell %s of a process", line)
}

// child is a server that runs.
type child struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	address string
}

// start starts a server of a kind with an empty database.
func (b *bench) start(ctx context.Context, k kind) (*child, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("looking for this program: %w", err)
	}
	args := []string{"-serve", k.name}
	if k.database != nil {
		name, err := k.database(ctx)
		if err != nil {
			return nil, err
		}
		args = append(args, "-database", name)
	}
	if k.profiled && b.o.profile != "" {
		args = append(args, "-cpuprofile", b.o.profile)
	}
	c := &child{cmd: exec.CommandContext(ctx, self, args...)} //nolint:gosec // this program itself
	c.cmd.Stderr = os.Stderr
	out, err := c.cmd.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("starting a server: %w", err)
	}
	c.out = bufio.NewReader(out)
	if c.in, err = c.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("starting a server: %w", err)
	}
	if err := c.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting a server: %w", err)
	}
	if c.address, err = c.line(); err != nil {
		return nil, errors.Join(err, c.end())
	}
	return c, nil
}

func (c *child) line() (string, error) {
	line, err := c.out.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("listening to a server: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// usage asks what the server used, after it has made what was left to be made.
func (c *child) usage() (usage, error) {
	if _, err := io.WriteString(c.in, "\n"); err != nil {
		return usage{}, fmt.Errorf("asking a server: %w", err)
	}
	line, err := c.line()
	if err != nil {
		return usage{}, err
	}
	var micros int64
	var u usage
	if _, err := fmt.Sscan(line, &micros, &u.peak); err != nil {
		return usage{}, fmt.Errorf("reading a server's answer: %w", err)
	}
	u.cpu = time.Duration(micros) * time.Microsecond
	return u, nil
}

// end ends the server.
func (c *child) end() error {
	return errors.Join(c.in.Close(), c.cmd.Wait())
}
