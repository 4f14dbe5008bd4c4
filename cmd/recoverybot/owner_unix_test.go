//go:build unix

package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestReplaceFileKeepsOwner: the policy of a service belongs to its group, and
// root pins it. Only root can give a file away: for others it stays their own.
func TestReplaceFileKeepsOwner(t *testing.T) {
	path := filepath.Join(t.TempDir(), "recovery.yml")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	uid, gid := os.Getuid(), os.Getgid()
	if uid == 0 {
		uid, gid = 4711, 4712
	}
	if err := os.Chown(path, uid, gid); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	if err := replaceFile(path, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	is, ok := info.Sys().(*syscall.Stat_t)
	if !ok || int(is.Uid) != uid || int(is.Gid) != gid || info.Mode().Perm() != 0o640 {
		t.Errorf("the file is %+v with mode %v, want user %d, group %d, mode 0640", is, info.Mode(), uid, gid)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "new" {
		t.Errorf("the file holds %q, %v", got, err)
	}
}
