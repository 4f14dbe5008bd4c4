package policy

import (
	"flag"
	"strconv"
	"testing"

	"github.com/recoverybot/recoverybot/internal/sample"
)

// checks lets rapid try so many cases in this test. It changes nothing where
// somebody asked rapid for something else. It returns how many cases there are.
func checks(t *testing.T, sizes sample.Sizes) int {
	t.Helper()
	n := sizes.Of(t)
	f := flag.Lookup("rapid.checks")
	if f.Value.String() != f.DefValue {
		n, err := strconv.Atoi(f.Value.String())
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	if err := f.Value.Set(strconv.Itoa(n)); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := f.Value.Set(f.DefValue); err != nil { // the other tests' own number
			t.Error(err)
		}
	})
	return n
}

// manyTexts is for tests that render the full product of what a text depends on.
// A prime, so that no dimension of the product is always met with the same value.
func manyTexts() sample.Sizes { return sample.Sizes{Plain: 11, Race: 211, All: 1} }

// takes are the texts of a sample: every so many, and the first of each kind.
type takes struct {
	stride, count int
	met           map[textKind]bool
}

// textKind is what texts have in common that come from the same templates.
type textKind struct {
	name       TextName
	state      State
	turn       Turn
	kind       Kind
	ask        Ask
	words      [5]string // what is refused, of which command, and where to go
	firstFault string
}

func sampled(tb testing.TB) *takes {
	tb.Helper()
	return &takes{stride: manyTexts().Of(tb), met: map[textKind]bool{}}
}

// take reports whether the next text is one of the sample.
func (s *takes) take(x Text) bool {
	k := textKind{
		name: x.Name, state: x.State, turn: x.Turn, kind: x.Kind, ask: x.Ask,
		words: [5]string{string(x.Refusal), x.Command, x.Suggestion, x.Redirect, string(x.Alert)},
	}
	if len(x.Problems) > 0 {
		k.firstFault = x.Problems[0].Code
	}
	first := !s.met[k]
	s.met[k] = true
	s.count++
	return first || s.count%s.stride == 0
}
