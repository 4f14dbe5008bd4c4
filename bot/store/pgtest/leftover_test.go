//go:build unix

package pgtest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// makes says to TestMaker that it is the process to be killed.
const makes = "PGTEST_MAKES"

// TestMaker is that process: it makes a server, tells where it is, and waits.
func TestMaker(t *testing.T) {
	if os.Getenv(makes) == "" {
		return
	}
	s := New(t)
	fmt.Println(s.URL("postgres"), s.dir)
	<-t.Context().Done()
}

// TestKilledMaker: a server whose maker was killed ends, and its files go.
func TestKilledMaker(t *testing.T) {
	_, err := binaries()
	require(t, err)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	maker := exec.CommandContext(ctx, os.Args[0], "-test.run=^TestMaker$")
	maker.Env = append(os.Environ(), makes+"=yes")
	out, err := maker.StdoutPipe()
	require(t, errors.Join(err, maker.Start()))
	line, err := bufio.NewReader(out).ReadString('\n')
	require(t, err)
	address, dir, _ := strings.Cut(strings.TrimSpace(line), " ")
	conn, err := pgx.Connect(ctx, address)
	require(t, err)
	require(t, maker.Process.Kill())
	_ = maker.Wait() // it was killed
	if _, err := conn.WaitForNotification(ctx); err == nil || ctx.Err() != nil {
		t.Errorf("the server still runs: %v", err)
	}
	for {
		_, err := os.Stat(dir)
		if errors.Is(err, fs.ErrNotExist) {
			return
		}
		select {
		case <-ctx.Done():
			t.Fatalf("%s is still there: %v", dir, err)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// TestLeftovers: what is removed has our name, and a mark that nobody holds.
func TestLeftovers(t *testing.T) {
	parent := t.TempDir()
	used, mark, err := folder(parent)
	require(t, err)
	defer func() { require(t, mark.Close()) }()
	left, old, err := folder(parent)
	require(t, errors.Join(err, old.Close()))
	unmarked, others := filepath.Join(parent, folderName+"a"), filepath.Join(parent, "postgresql-a")
	require(t, errors.Join(os.Mkdir(unmarked, 0o700), os.Mkdir(others, 0o700), os.WriteFile(filepath.Join(others, markName), nil, 0o600)))
	made, newest, err := folder(parent)
	require(t, errors.Join(err, newest.Close()))
	for path, want := range map[string]bool{used: true, left: false, unmarked: true, others: true, made: true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: %v, want it there: %v", path, err, want)
		}
	}
}
