package store

import (
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"github.com/recoverybot/recoverybot/bot/store/pgtest"
)

// What a server says while it starts or stops may pass; what the operator has
// to mend may not.
func TestPassing(t *testing.T) {
	own := pgtest.New(t)
	at := own.Empty(t)
	open := func(address string) error {
		s, err := Open(t.Context(), Options{Database: address, Clock: time.Now})
		if err == nil {
			return s.Close()
		}
		return err
	}
	code := func(c string) error { return fmt.Errorf("%w: %w", ErrUnreachable, &pgconn.PgError{Code: c}) }
	errs := map[string]error{
		"no: a wrong name":        open(strings.Replace(at, "?", "x?", 1)),
		"no: a wrong user":        open(strings.Replace(at, "postgres://", "postgres://nobody@", 1)),
		"no: no address":          open("postgres://%"),
		"no: a wrong password":    code("28P01"),
		"yes: it starts":          code("57P03"),
		"yes: it stops":           code("57P01"),
		"yes: it is full":         code("53300"),
		"no: no such host":        &net.DNSError{IsNotFound: true},
		"yes: no names are known": &net.DNSError{IsTemporary: true},
		"no: another error":       errors.New("another"),
	}
	if err := own.Kill(); err != nil {
		t.Fatal(err)
	}
	errs["yes: nobody listens"] = open(at)
	for name, err := range errs {
		if err == nil {
			t.Errorf("%s: no error", name)
		}
		if want := strings.HasPrefix(name, "yes"); Passing(err) != want {
			t.Errorf("%s: got %v, want %v: %v", name, !want, want, err)
		}
	}
}
