package sample_test

import (
	"flag"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/recoverybot/recoverybot/internal/sample"
)

// ended notes how a test that is watched would end.
type ended struct {
	testing.TB
	fatal bool
}

func (e *ended) Helper()      {}
func (e *ended) Fatal(...any) { e.fatal = true }

func TestOf(t *testing.T) {
	for _, c := range []struct {
		value string
		want  []int
		fatal bool
	}{
		{"", []int{3, 2}, false}, // the second with the race detector
		{"all", []int{5}, false},
		{"al", []int{0}, true},
		{"yes", []int{0}, true},
	} {
		t.Setenv(sample.Variable, c.value)
		e := &ended{TB: t}
		got := sample.Sizes{Plain: 3, Race: 2, All: 5}.Of(e)
		if got != c.want[0] && got != c.want[len(c.want)-1] || e.fatal != c.fatal {
			t.Errorf("%s=%q: %d, ended %t; want one of %v, ended %t", sample.Variable, c.value, got, e.fatal, c.want, c.fatal)
		}
	}
}

func TestEach(t *testing.T) {
	t.Setenv(sample.Variable, "all")
	for distance, want := range map[int][]int{1: {1, 2, 3, 4, 5}, 2: {1, 3, 5}, 3: {1, 4}, 9: {1}} {
		if got := sample.Each(t, []int{1, 2, 3, 4, 5}, sample.Sizes{All: distance}); !slices.Equal(got, want) {
			t.Errorf("distance %d: %v, want %v", distance, got, want)
		}
	}
	if got := sample.Each(t, []int(nil), sample.Sizes{All: 1}); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}

// Two runs draw the same, unless every case is wanted.
func TestHistories(t *testing.T) {
	drawn := func() []uint64 {
		var all []uint64
		rapid.Check(t, func(t *rapid.T) { all = append(all, rapid.Uint64().Draw(t, "number")) })
		return all
	}
	seed := flag.Lookup("rapid.seed").Value
	t.Cleanup(func() {
		if err := seed.Set("0"); err != nil {
			t.Error(err)
		}
	})
	for value, want := range map[string]bool{"": true, "all": false} {
		if err := seed.Set("0"); err != nil {
			t.Fatal(err)
		}
		t.Setenv(sample.Variable, value)
		sample.Histories()
		if got := slices.Equal(drawn(), drawn()); got != want {
			t.Errorf("%s=%q: the same is drawn twice: %t, want %t", sample.Variable, value, got, want)
		}
	}
}
