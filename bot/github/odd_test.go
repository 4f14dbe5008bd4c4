package github

import "testing"

func TestOnlyUsersArePersons(t *testing.T) {
	for kind, isBot := range map[string]bool{"User": false, "Bot": true, "Mannequin": true, "": true} {
		if got := (&user{ID: 1, Type: kind}).actor().Bot; got != isBot {
			t.Errorf("type %q: got bot %v, want %v", kind, got, isBot)
		}
	}
}
