package main

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/recoverybot/recoverybot/bot/github"
)

// pseudonymFile is the key that init makes, beside the policy.
const pseudonymFile = "pseudonym.key"

const pseudonymSize = 32 // bytes of the key

// pseudonymFlags name the key of the pseudonyms.
type pseudonymFlags struct {
	PseudonymKeyFile string `help:"File with the key of the pseudonyms that stay of requests which are forgotten; init makes one. Nobody else may read it. Without it no pseudonym stays." placeholder:"FILE"`
}

// key returns the key; nil where no file is named.
func (f pseudonymFlags) key() ([]byte, error) {
	if f.PseudonymKeyFile == "" {
		return nil, nil
	}
	src, err := github.ReadPrivate(f.PseudonymKeyFile, "the key of the pseudonyms")
	if errors.Is(err, fs.ErrNotExist) {
		err = fmt.Errorf("%w\nMake one: openssl rand -hex %d > %s, and chmod 600 it. If there was one and it is lost, the old pseudonyms are nobody's now",
			err, pseudonymSize, f.PseudonymKeyFile)
	}
	if err != nil {
		return nil, err
	}
	key, err := hex.DecodeString(string(bytes.TrimSpace(src)))
	if err != nil || len(key) != pseudonymSize {
		return nil, fmt.Errorf("the key of the pseudonyms in %s is not %d hex digits: make one with openssl rand -hex %d", f.PseudonymKeyFile, 2*pseudonymSize, pseudonymSize)
	}
	return key, nil
}

// newPseudonymKey writes a key into a file that nobody else can read. One that
// is there stays: another key would make strangers of all pseudonyms.
func newPseudonymKey(path string) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the operator's word
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("making the key of the pseudonyms: %w", err)
	}
	key := make([]byte, pseudonymSize)
	_, err = io.ReadFull(rand.Reader, key)
	if err == nil {
		_, err = fmt.Fprintln(f, hex.EncodeToString(key))
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return fmt.Errorf("writing the key of the pseudonyms: %w", err)
	}
	return nil
}

// pseudonymsSaid says at the start what stays of requests that are forgotten.
func (f pseudonymFlags) pseudonymsSaid() string {
	if f.PseudonymKeyFile == "" {
		return "then nothing tells who asked (no --pseudonym-key-file)"
	}
	return "then a pseudonym tells who asked, with " + f.PseudonymKeyFile
}

// days is a time in days, or as it is.
func days(d time.Duration) string {
	if day := 24 * time.Hour; d%day == 0 {
		return count(int(d/day), "day", "days")
	}
	return d.String()
}
