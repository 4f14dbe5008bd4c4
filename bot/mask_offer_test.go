package bot_test

import (
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// TestMaskPostsNoOffer (security requirements 12 and 15): who writes a secret
// into their offer to recover accounts does not have it posted by us; and not
// either by an edit after theirs was posted anew.
func TestMaskPostsNoOffer(t *testing.T) {
	const offer = "I can recover your account, write to @fixer on Telegram. "
	for name, edited := range map[string]bool{"at once": false, "by an edit": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, setup{})
			n, text := w.triage(), offer+leaked
			if edited {
				text = "see " + leaked
			}
			id := w.written(n, "mallory", text)
			if edited {
				w.fake.Fail(bottest.Fault{Method: "DELETE", Status: 502})
			}
			w.decided(n, policy.Mask{Comment: id, Repost: true, Others: true})
			w.settle()
			if edited {
				w.clock.set(w.clock.Now().Add(time.Second))
				w.must(w.repo.EditComment(id, "mallory", offer+leaked))
				w.settle()
			}
			w.soon()
			is, _ := w.repo.Issue(n)
			for _, c := range is.Comments {
				if c.ByApp && strings.Contains(c.Body, "fixer") {
					t.Errorf("we wrote %q", c.Body)
				}
			}
			got, there := w.note(n, id)
			if want := offer + "[removed: token]"; !there || got.Body != want {
				t.Errorf("theirs is %q, want %q", got.Body, want)
			}
		})
	}
}
