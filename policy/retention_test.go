package policy

import (
	"os"
	"strings"
	"testing"
	"time"
)

// TestRetention reads the times, their defaults, and those that are too short.
func TestRetention(t *testing.T) {
	const day = 24 * time.Hour
	for _, c := range []struct {
		in   string
		want Retention
		err  string
	}{
		{"", Retention{90 * day, 30 * day}, ""},
		{"retention: {cases: 7d, deliveries: 4d}\n", Retention{7 * day, 4 * day}, ""},
		{"retention: {cases: 1w}\n", Retention{7 * day, 30 * day}, ""},
		{"retention: {cases: 167h}\n", Retention{}, "want a time of at least 7d"},
		{"retention: {deliveries: 95h}\n", Retention{}, "want a time of at least 4d"},
		{"retention: {deliveries: never}\n", Retention{}, "want a time above 0"},
	} {
		rules, err := ParseRules([]byte(smallExample+c.in), os.DirFS("../.github"))
		if c.err != "" {
			if err == nil || !strings.Contains(err.Error(), c.err) {
				t.Errorf("%q: got error %v, want %q", c.in, err, c.err)
			}
			continue
		}
		if err != nil || rules.Retention != c.want {
			t.Errorf("%q: got %v, %v; want %v", c.in, rules, err, c.want)
		}
	}
}
