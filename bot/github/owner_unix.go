//go:build unix

package github

import (
	"io/fs"
	"syscall"
)

// owner is the user id that a file belongs to, -1 where it is not known.
func owner(info fs.FileInfo) int {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(s.Uid)
	}
	return -1
}
