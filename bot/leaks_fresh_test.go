package bot_test

import (
	"strings"
	"testing"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/parser/leak"
	"github.com/recoverybot/recoverybot/policy"
)

// Who sees both sides of an edit says whether it wrote a secret that was not
// there before, whatever stands around it.
func TestLeaksFresh(t *testing.T) {
	other := leaked[:40] + "x" + leaked[41:]
	codes := func(n int) string {
		all := []string{"recovery codes:", "0123456789abcdef", "fedcba9876543210", "0f1e2d3c4b5a6978", "8796a5b4c3d2e1f0"}
		return strings.Join(all[:n+1], "\n")
	}
	was := func(text string) *string { return &text }
	for name, c := range map[string]struct {
		before *string
		now    string
		fresh  bool
	}{
		"nobody saw what it was":       {nil, leaked, false},
		"there was nothing":            {was(""), leaked, true},
		"there was another one":        {was("my token: " + other), "my token: " + leaked, true},
		"it was there":                 {was("my token: " + leaked), "Is this one, " + leaked + ", of use?", false},
		"one more":                     {was(other), other + " and " + leaked, true},
		"one less":                     {was(other + " and " + leaked), leaked, false},
		"a code less":                  {was(codes(4)), codes(3), false},
		"a code more":                  {was(codes(3)), codes(4), true},
		"a secret of another kind was": {was("password: hunter2hunter2"), leaked, true},
	} {
		got := bot.Leaks(leak.Options{}, bot.Said{Text: c.now, In: policy.InComment, Comment: 7, Before: c.before})
		fresh, found := false, false
		for _, l := range got {
			found = found || l.In == policy.InComment
			fresh = fresh || l.Novelty == policy.Fresh
			if l.In == policy.InHistory && l.Novelty != policy.NotCompared {
				t.Errorf("%s: what is history is %q", name, l.Novelty)
			}
		}
		if !found || fresh != c.fresh {
			t.Errorf("%s: found %v, fresh: %v; want %v", name, got, fresh, c.fresh)
		}
	}
	many := strings.Repeat(leaked+"\n"+other+"\n", 500)
	if got := bot.Leaks(leak.Options{}, bot.Said{Text: many, In: policy.InBody, Before: was(many)}); len(got) != 2 {
		t.Errorf("found %v, want each class once for each place", got)
	}
}
