package pgtest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// The name of a server's folder begins like that, and in it is a file that its
// maker has locked as long as it lives.
const (
	folderName = "recoverybot-postgresql-"
	markName   = "maker"
)

// folder makes a folder for a server below parent, and locks its mark; nobody
// else takes it for left over before the mark is closed. First what killed
// processes left there is removed. A server that still runs in such a folder,
// for what should have ended it was killed, too, ends itself within a minute
// when its files are gone.
func folder(parent string) (dir string, mark *os.File, err error) {
	if parent == "" {
		parent = os.TempDir()
	}
	left, err := filepath.Glob(filepath.Join(parent, folderName+"*", markName))
	if err != nil {
		return "", nil, fmt.Errorf("looking for what others left: %w", err)
	}
	for _, path := range left {
		if old, err := lock(path, os.O_RDWR); err == nil { // else it is in use, or somebody else's
			_ = os.RemoveAll(filepath.Dir(path)) // the next one tries again
			_ = old.Close()
		}
	}
	if dir, err = os.MkdirTemp(parent, folderName); err != nil {
		return "", nil, fmt.Errorf("making a folder for PostgreSQL: %w", err)
	}
	path := filepath.Join(dir, markName)
	mark, err = lock(path+".new", os.O_RDWR|os.O_CREATE|os.O_EXCL)
	if err == nil { // it has its name only when it is locked
		err = os.Rename(path+".new", path)
	}
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("marking the folder of PostgreSQL: %w", err), os.RemoveAll(dir))
	}
	return dir, mark, nil
}
