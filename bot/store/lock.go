package store

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// ErrLocked means that another process serves the database.
var ErrLocked = errors.New("another `recoverybot serve` uses the database")

// Lock keeps every other process from serving the database at path, until the
// result is closed or this process ends, however it ends: ErrLocked if one
// does already. It stops nobody who only attaches to it. The lock is on
// a file of its own beside the database, which stays.
func Lock(path string) (*os.File, error) {
	if target, err := filepath.EvalSymlinks(path); err == nil {
		path = target // two names of one file are one database
	}
	f, err := lockFile(path + ".lock")
	if errors.Is(err, ErrLocked) {
		return nil, fmt.Errorf("opening the database %s: %w%s", path, err, holder(path+".lock"))
	}
	if err != nil {
		if at, ok := errors.AsType[*fs.PathError](err); ok {
			at.Path = path // what is wrong with its folder is wrong with the database's
		}
		return nil, fmt.Errorf("opening the database %s: %w", path, err)
	}
	// Only to help people: who can't write it serves all the same.
	if f.Truncate(0) == nil {
		_, _ = f.WriteString(strconv.Itoa(os.Getpid()) + "\n")
	}
	return f, nil
}

// holder names the process that wrote the file, if it did.
func holder(path string) string {
	b, err := os.ReadFile(path) //nolint:gosec // beside the operator's database
	id := strings.TrimSpace(string(b))
	if _, bad := strconv.Atoi(id); err != nil || bad != nil {
		return ""
	}
	return " (process " + id + ")"
}
