// Package sample says how much of a long test is tried: tests that kill the bot at every call, or let a
// thousand random histories pass, would keep a reader waiting for an hour. It is for tests alone.
package sample

import (
	"os"
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
	switch value := os.Getenv(Variable); {
	case value == "all":
		return s.All
	case value != "":
		tb.Fatalf("%s=%q means nothing: leave it out for a sample, or write all for every case", Variable, value)
		return 0
	case race:
		return s.Race
	}
	return s.Plain
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
