package github

import (
	"io/fs"
	"testing"
)

// Root may let the service's group read: that is what systemd does with
// LoadCredential. A user's own key is for the user alone.
func TestKeyMode(t *testing.T) {
	const root, user, unknown = 0, 1000, -1
	for _, c := range []struct {
		mode fs.FileMode
		uid  int
		open bool
	}{
		{0o600, user, false},
		{0o400, user, false},
		{0o640, user, true},
		{0o440, user, true},
		{0o644, user, true},
		{0o601, user, true},
		{0o600, root, false},
		{0o640, root, false},
		{0o440, root, false},
		{0o660, root, true},
		{0o644, root, true},
		{0o444, root, true},
		{0o641, root, true},
		{0o600, unknown, false},
		{0o640, unknown, true},
	} {
		if got := tooOpen(c.mode, c.uid); got != c.open {
			t.Errorf("mode %04o of user %d: too open %t, want %t", c.mode, c.uid, got, c.open)
		}
	}
}
