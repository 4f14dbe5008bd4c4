package main

import (
	"testing"
	"time"
)

// An age of so many days that no duration holds them is refused, and is not
// some other age.
func TestSince(t *testing.T) {
	now := time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC)
	e := &env{now: func() time.Time { return now }}
	for age, want := range map[string]time.Time{
		"": {}, "12h": now.Add(-12 * time.Hour), "7d": now.AddDate(0, 0, -7), "36500d": now.AddDate(0, 0, -36500),
	} {
		if got, err := e.since(age); err != nil || !got.Equal(want) {
			t.Errorf("--since %q: %s, %v; want %s", age, got, err, want)
		}
	}
	for _, age := range []string{"0d", "-7d", "1.5d", "d", "7 d", "0s", "-1h", "week", "213504d", "9223372036854775807d"} {
		if got, err := e.since(age); err == nil {
			t.Errorf("--since %q is %s, want it refused", age, got)
		}
	}
}
