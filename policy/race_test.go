//go:build race

package policy

// Tests of pure functions that take long and run in one goroutine have no race
// to show: their files are left out here.

// every takes one of so many texts: the race detector looks for races, and the
// full product is checked without it.
const every = 37

// fewer divides the numbers of random histories, for the same reason. What they
// must have met is asserted without it.
const fewer = 20
