package storetest

import (
	"context"
	"errors"
	"testing"
)

// A context that dies too early or never would make the tests of crashes
// worthless.
func TestDieAfter(t *testing.T) {
	for n := range 5 {
		d := dieAfter(t.Context(), n)
		looks := 0
		for d.Err() == nil {
			if looks++; looks > n {
				t.Fatalf("got alive after %d looks, want %d", looks, n)
			}
		}
		if looks != n || !errors.Is(d.Err(), context.Canceled) {
			t.Errorf("got %d looks and then %v, want %d and %v", looks, d.Err(), n, context.Canceled)
		}
		select {
		case <-d.Done():
		default:
			t.Error("got a dead context that is not done")
		}
	}
}
