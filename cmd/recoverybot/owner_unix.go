//go:build unix

package main

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// keepOwner gives f the owner and the group that info has: who pins as root
// must not take the policy away from the user that serves.
func keepOwner(f *os.File, info fs.FileInfo) error {
	mine, err := f.Stat()
	if err != nil {
		return fmt.Errorf("reading the owner of %s: %w", f.Name(), err)
	}
	want, known := info.Sys().(*syscall.Stat_t)
	got, ok := mine.Sys().(*syscall.Stat_t)
	if !known || !ok || want.Uid == got.Uid && want.Gid == got.Gid {
		return nil
	}
	return f.Chown(int(want.Uid), int(want.Gid)) //nolint:wrapcheck // names the file
}
