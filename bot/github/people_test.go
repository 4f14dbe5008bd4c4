package github

import (
	"testing"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

func TestFindUser(t *testing.T) {
	w := newWorld(t)
	got, err := w.client.FindUser(t.Context(), w.ref.Installation, "ann")
	if err != nil || got.ID == 0 || got != (policy.Actor{ID: got.ID, Login: "ann"}) {
		t.Errorf("ann is %+v, %v", got, err)
	}
	for login, want := range map[string]bot.Class{
		"nobody-has-this": bot.Missing, "octo": bot.Invalid, "recovery[bot]": bot.Invalid, "": bot.Invalid, "..": bot.Invalid,
	} {
		if got, err := w.client.FindUser(t.Context(), w.ref.Installation, login); bot.ClassOf(err) != want {
			t.Errorf("%q is %+v, %v; want the class %s", login, got, err, want)
		}
	}
}
