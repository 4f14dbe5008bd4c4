package webhook

import (
	"strings"
	"testing"
)

// One bit is kept of a stranger's offer, and of nobody else's words: not of the
// requester's, not of an edit by somebody else, and no text.
func TestOfferKept(t *testing.T) {
	for _, tt := range []struct {
		action, words string
		want          bool
	}{
		{"created", "sender=bob by=bob text=t.me/fix", true},
		{"edited", "sender=bob by=bob text=t.me/fix", true},
		{"created", "sender=bob by=bob text=same_here", false},
		{"created", "sender=ann by=ann text=t.me/fix", false},
		{"edited", "sender=ann by=bob text=t.me/fix", false},
		{"edited", "sender=bob by=us text=t.me/fix", false},
	} {
		h, in := newHandler(t, func(o *Options) { o.Offers = func(text string) bool { return strings.Contains(text, "t.me/") } })
		p := withComment(usual())
		p["action"] = tt.action
		for _, w := range strings.Fields(tt.words) {
			change(t, p, w)
		}
		send(h, request(commentEvent, encode(t, p)))
		if len(in.got) != 1 || in.got[0].Offer != tt.want {
			t.Errorf("%s %s: stored %+v, want the bit %v", tt.action, tt.words, in.got, tt.want)
		}
	}
}
