package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// A desk that cannot be one ends the program, and the words say what to do.
func TestDeskHint(t *testing.T) {
	for err, want := range map[error]string{
		bot.ErrPublicDesk: "Make the repository private",
		bot.ErrServedDesk: "a private repository of its own",
		bot.ErrOther:      "check --github",
	} {
		wrapped := fmt.Errorf("looking up the desk octo/desk: %w", err)
		if got := hint(wrapped); !strings.Contains(got, want) || !lasting(wrapped) {
			t.Errorf("%v: got %q, want %q", err, got, want)
		}
	}
	if lasting(bot.ErrNotFound) {
		t.Error("what is not found now may be there later")
	}
}

// The App's tokens and its webhook reach the desk as well, once for several
// repositories.
func TestDeskIsAllowed(t *testing.T) {
	desk := &policy.Repository{ID: 9, Owner: "octo", Name: "desk"}
	rules := &policy.Rules{Repositories: []policy.Repository{{ID: 7, Desk: desk}, {ID: 8, Desk: desk}, {ID: 10}}}
	if diff := cmp.Diff([]int64{7, 9, 8, 10}, ids(rules)); diff != "" {
		t.Errorf("ids (-want +got):\n%s", diff)
	}
	find := served(bot.New(bot.Options{Rules: rules}))
	for id, want := range map[int64]string{7: "served", 8: "served", 9: "desk", 10: "served", 11: "foreign", 0: "foreign"} {
		got := "foreign"
		if r, ok := find(id); ok && r.Desk {
			got = "desk"
		} else if ok {
			got = "served"
		}
		if got != want {
			t.Errorf("repository %d: got %s, want %s", id, got, want)
		}
	}
}
