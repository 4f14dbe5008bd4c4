package policy

import (
	"testing"
)

// TestALeakResumesNoDispute (security requirement 27): who wrote a secret into
// their own request is not rid of the owner's objection, or of a collision, by
// the one person who resumes what a leak paused.
func TestALeakResumesNoDispute(t *testing.T) {
	for name, dispute := range map[string]func(*town, *world){
		"objection": func(c *town, w *world) { c.say(w, "sam", "/object") },
		"collision": func(c *town, _ *world) { c.opens(bob, "jbber") },
	} {
		c := newTown(t)
		w := c.opens(mallory, "jbber")
		dispute(c, w)
		c.say(w, "author", "it is "+secretToken)
		if w.memory.Hold == nil {
			t.Fatalf("%s: %s is not on hold", name, w.memory.State)
		}
		c.say(w, "ada", "/resume")
		if w.memory.State != Held {
			t.Errorf("%s: one /resume leads to %s, with %v open", name, w.memory.State, w.memory.Objectors())
		}
		c.say(w, "eve", "/resume")
		if w.memory.State != Review {
			t.Errorf("%s: two /resume lead to %s", name, w.memory.State)
		}
	}
}
