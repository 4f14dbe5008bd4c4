package store

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// ErrAddress means that what Options.Database says is neither the path of a
// file nor a good address. Errors that wrap it never repeat what it says: there
// may be a password anywhere in it.
var ErrAddress = errors.New("it is no path of a file and no good address of a PostgreSQL database")

// mistaken begins as an address does that is none of ours: a keyword of libpq,
// a scheme (one letter is a drive of Windows), or a user and a password. An
// environment file may have left the quotes.
var mistaken = regexp.MustCompile(`(?i)\A[\s"']*(?:[a-z_]+\s*=|postgres(?:ql)?:|[a-z][a-z0-9+.-]+:/|[^/]*:.*@)`)

// CheckName returns an error that wraps ErrAddress and says what to write
// instead if Options.Database must not be taken for what it looks like: an
// address of another form would be a file of that name, which has the password
// in it. It reads nothing.
func CheckName(database string) error {
	switch {
	case database == "":
		return fmt.Errorf("%w: it is empty. Write the path of an SQLite file, or postgres://USER@HOST/NAME", ErrAddress)
	case IsPostgres(database) && ambiguous(database):
		return fmt.Errorf("%w: there is more than one @ in it, or one after the first /. %s", ErrAddress, escapes)
	case !IsPostgres(database) && mistaken.MatchString(database):
		return fmt.Errorf("%w: it begins like an address of another form. That of a PostgreSQL database is postgres://USER@HOST:PORT/NAME, in small letters, without quotes. A file that is called so is ./FILE", ErrAddress)
	}
	return nil
}

// escapes is how to write what an address is cut at.
const escapes = "In a user, a password, or a setting write @ as %40, / as %2F, : as %3A, ? as %3F, # as %23 and % as %25"

// ambiguous reports whether it cannot be told where the password ends: the
// driver takes it to the first @, unless there is a / before.
func ambiguous(address string) bool {
	_, rest, _ := strings.Cut(address, "://")
	if i := strings.IndexAny(rest, "@/"); i >= 0 {
		rest = rest[i+1:]
	}
	return strings.Contains(rest, "@")
}
