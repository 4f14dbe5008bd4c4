//go:build !unix

package github

import "io/fs"

// owner is the user id that a file belongs to, -1 where it is not known.
func owner(fs.FileInfo) int { return -1 }
