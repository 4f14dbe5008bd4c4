package policy

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestLookAlikes(t *testing.T) {
	var ms []Memory
	for _, name := range []string{
		"pypi jbber", "pypi jb-ber", "pypi JBber", "testpypi jb.ber", "pypi octo", "pypi 0cto", "pypi barn", "pypi bam", "pypi zoe", "pypi ", "pypi ",
	} {
		var m Memory
		_, _ = fmt.Sscanf(name, "%s %s", &m.Registry, &m.Account)
		ms = append(ms, m)
	}
	want := [][]int{{1}, {0}, {1}, nil, {5}, {4}, {7}, {6}, nil, nil, nil}
	if diff := cmp.Diff(want, LookAlikes(ms)); diff != "" {
		t.Errorf("look-alikes (-want +got):\n%s", diff)
	}
}

// A flood of names that look alike costs each request no more than a few.
func TestLookAlikesOfFlood(t *testing.T) {
	var ms []Memory
	for i := range 3000 {
		ms = append(ms, Memory{Registry: "pypi", Account: fmt.Sprintf("a%sb", string(slices.Repeat([]byte{'-'}, i)))})
	}
	for i, others := range LookAlikes(ms) {
		if len(others) != shownLookAlikes || slices.Contains(others, i) {
			t.Fatalf("request %d looks like %v, want %d others", i, others, shownLookAlikes)
		}
	}
}
