package policy

import (
	"testing"
	"time"
)

// TestOpenedByTheRequesterIsNoActOfStaff (security requirements 18 and 19): an
// issue that is open because its author pressed Reopen stays ended, whatever is
// seen of it later; once it was closed again, who opens it then may be staff.
func TestOpenedByTheRequesterIsNoActOfStaff(t *testing.T) {
	w := ledTo(t, Denied)
	press := func(open bool) {
		w.now = w.now.Add(time.Hour)
		w.issue.Open, w.issue.Reopened = open, open
	}
	press(true)
	w.hand(w.touch(w.issue.Author, ReopenedHand))
	if d := w.hand(w.touch(Actor{}, Seen)); d.Memory.State != Denied {
		t.Errorf("seen open it is %s: %v", d.Memory.State, d.Reasons)
	}
	press(false)
	w.hand(w.touch(whois("hal"), ClosedHand))
	press(true)
	if d := w.hand(w.touch(Actor{}, Seen)); d.Memory.State != Triage {
		t.Errorf("opened by somebody else it is %s: %v", d.Memory.State, d.Reasons)
	}
}
