package bot_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/internal/sample"
)

// kills are the points at which stories are killed. Each kills at one call in
// each step: at the first call of all of them, at the second, and so on.
type kills struct {
	distance sample.Sizes
	tried    map[string]bool // names of calls at which something was killed
}

// of are the numbers, from 1, of the points that this run tries of a story whose
// steps make these calls: evenly spread ones, and so many more that each kind of
// call is tried in this story or in one before.
func (k *kills) of(t testing.TB, calls [][]string) []int {
	t.Helper()
	if k.tried == nil {
		k.tried = map[string]bool{}
	}
	points := 0
	for _, names := range calls {
		points = max(points, len(names))
	}
	taken := map[int]bool{}
	take := func(at int) {
		taken[at] = true
		for _, name := range killedAt(calls, at) {
			k.tried[name] = true
		}
	}
	for at, by := 1, k.distance.Of(t); at <= points; at += by {
		take(at)
	}
	for {
		best, most := 0, 0
		for at := 1; at <= points; at++ {
			if n := k.untried(killedAt(calls, at)); n > most {
				best, most = at, n
			}
		}
		if most == 0 {
			break
		}
		take(best)
	}
	t.Logf("%d of %d kill points", len(taken), points)
	return slices.Sorted(maps.Keys(taken))
}

// killedAt are the names of the calls that a point kills, each once.
func killedAt(calls [][]string, at int) []string {
	var all []string
	for _, names := range calls {
		if at <= len(names) && !slices.Contains(all, names[at-1]) {
			all = append(all, names[at-1])
		}
	}
	return all
}

func (k *kills) untried(names []string) int {
	n := 0
	for _, name := range names {
		if !k.tried[name] {
			n++
		}
	}
	return n
}

// TestKills: a sample has each step, each kind of call, and not only the first
// ones; all is all.
func TestKills(t *testing.T) {
	calls := [][]string{strings.Split("a b c a b c a b x a", " "), {"a", "y"}, {"z"}}
	for distance, want := range map[int][]int{1: {1, 2, 3, 4, 5, 6, 7, 8, 9, 10}, 4: {1, 2, 3, 5, 9}, 99: {1, 2, 3, 9}} {
		k := kills{distance: sample.Sizes{Plain: distance, Race: distance, All: distance}}
		if diff := cmp.Diff(want, k.of(t, calls)); diff != "" {
			t.Errorf("distance %d (-want +got):\n%s", distance, diff)
		}
		if diff := cmp.Diff([]int{1}, k.of(t, [][]string{{"a", "b", "c"}})); diff != "" && distance > 2 {
			t.Errorf("distance %d, all kinds were tried (-want +got):\n%s", distance, diff)
		}
	}
}

// every reports whether this run tries a pair of all that there are: with a
// distance that is not above either number, each row and each column has some.
func every(t testing.TB, row, column int, distance sample.Sizes) bool {
	t.Helper()
	return (row+column)%distance.Of(t) == 0
}
