package github

import (
	"fmt"
	"io"
	"io/fs"
	"os"
)

const maxKey = 64 << 10

// tooOpen reports whether others than a key's owner may use it. Root may let
// one group read, as PostgreSQL allows, too: systemd hands keys over like that.
func tooOpen(mode fs.FileMode, uid int) bool {
	if uid == 0 {
		return mode&0o037 != 0
	}
	return mode&0o077 != 0
}

// ReadKey reads the App's private key from a file that nobody but its owner,
// or root and one group, may read. The error says how to mend what is wrong with the file, and never
// holds any of its content.
func ReadKey(path string) ([]byte, error) {
	const what = "the App's private key"
	pem, err := ReadPrivate(path, what)
	if err != nil {
		return nil, err
	}
	if err := checkKey(pem); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return pem, nil
}

// ReadPrivate reads a file that is as private as a key must be, as ReadKey
// does; what names its content in the error.
func ReadPrivate(path, what string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // the path is the operator's
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", what, err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", what, err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s %s is not a file: name the file itself", what, path)
	}
	if mode := info.Mode().Perm(); tooOpen(mode, owner(info)) {
		return nil, fmt.Errorf("%s %s may be used by others than its owner (mode %04o): run chmod 600 %s", what, path, mode, path)
	}
	src, err := io.ReadAll(io.LimitReader(f, maxKey+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", what, err)
	}
	if len(src) > maxKey {
		return nil, fmt.Errorf("%s %s is longer than %d bytes", what, path, maxKey)
	}
	return src, nil
}
