package bot_test

import (
	"testing"

	"github.com/recoverybot/recoverybot/internal/sample"
)

// picked are the numbers, from 1, of the kill points that this run tries:
// evenly spread ones, as far from each other as distance says, and so many more
// that each name is tried. A point kills at one call in each step of a story:
// calls has for each step the names of its calls, in their order.
func picked(t testing.TB, calls [][]string, distance sample.Sizes) []int {
	t.Helper()
	points, left := 0, map[string]bool{}
	for _, names := range calls {
		points = max(points, len(names))
		for _, name := range names {
			left[name] = true
		}
	}
	found := func(at int) int { // new names at a point
		n := map[string]bool{}
		for _, names := range calls {
			if at <= len(names) && left[names[at-1]] {
				n[names[at-1]] = true
			}
		}
		return len(n)
	}
	taken := make([]bool, points+1)
	take := func(at int) {
		taken[at] = true
		for _, names := range calls {
			if at <= len(names) {
				delete(left, names[at-1])
			}
		}
	}
	for at, by := 1, distance.Of(t); at <= points; at += by {
		take(at)
	}
	for len(left) > 0 {
		best := 1
		for at := 1; at <= points; at++ {
			if found(at) > found(best) {
				best = at
			}
		}
		take(best)
	}
	var all []int
	for at, in := range taken {
		if in {
			all = append(all, at)
		}
	}
	t.Logf("%d of %d kill points", len(all), points)
	return all
}

// every reports whether this run tries a pair of all that there are: with a
// distance that is not above either number, each row and each column has some.
func every(t testing.TB, row, column int, distance sample.Sizes) bool {
	t.Helper()
	return (row+column)%distance.Of(t) == 0
}
