// Package sample says how much of a long test is tried: tests that kill the bot at every call, or let a
// thousand random histories pass, would keep a reader waiting for an hour. It is for tests alone.
package sample

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

// Variable is the environment variable that asks for more than a sample. It is empty or unset for the
// usual sample, and "all" for every case.
const Variable = "RECOVERYBOT_TEST"

// Sizes are the numbers of cases of one test, or the distances between two of them (then All is 1).
type Sizes struct {
	Plain int // go test
	Race  int // go test -race, which is many times slower and looks for something else
	All   int // RECOVERYBOT_TEST=all, with the race detector or without
}

// Of returns the size for this run. It ends the test when the variable has a value that means nothing,
// so that a slip of the pen does not pass for a whole run.
func (s Sizes) Of(tb testing.TB) int {
	tb.Helper()
	all, err := wanted()
	switch {
	case err != nil:
		tb.Fatal(err)
		return 0
	case all:
		return s.All
	case race:
		return s.Race
	}
	return s.Plain
}

// wanted reports whether every case is wanted.
func wanted() (bool, error) {
	switch value := os.Getenv(Variable); value {
	case "", "all":
		return value != "", nil
	default:
		return false, fmt.Errorf("%s=%q means nothing: leave it out for a sample, or write all for every case", Variable, value)
	}
}

// Each returns every so many of all, beginning with the first: s are distances.
func Each[T any](tb testing.TB, all []T, s Sizes) []T {
	tb.Helper()
	var some []T
	for i, by := 0, s.Of(tb); i < len(all); i += by {
		some = append(some, all[i])
	}
	return some
}

// Histories lets rapid try the same random histories in each run, so that what a change did is all that a
// test can tell of it. New ones come with RECOVERYBOT_TEST=all, or with a flag of rapid's own, which is left
// as it is: -rapid.checks=20000. TestMain calls it, in packages
// that use rapid (it panics in others); it parses the flags.
func Histories() {
	flag.Parse()
	asked, err := wanted()
	if err != nil {
		panic(err)
	}
	flag.Visit(func(f *flag.Flag) { asked = asked || strings.HasPrefix(f.Name, "rapid.") })
	if asked {
		return
	}
	if err := flag.Lookup("rapid.seed").Value.Set("1"); err != nil {
		panic(err)
	}
}
