package policy

import (
	"strings"
	"testing"
)

// TestApprovalsFallWithEachPart (security requirement 5): approvals are compared
// with what is there when the time ends, though no webhook told of a change: of
// the account, an answer, the author, the issue, the evidence, the policy, the
// key of the case, or the comments in which they were given.
func TestApprovalsFallWithEachPart(t *testing.T) {
	answer := func(old, now string) func(*world, *Request) {
		return func(w *world, q *Request) {
			if !strings.Contains(q.Issue.Body, old) {
				t.Fatalf("no answer has %q", old)
			}
			q.Issue.Body = strings.Replace(q.Issue.Body, old, now, 1)
			q.Form = w.rules.Form(q.Issue)
		}
	}
	for name, change := range map[string]func(*world, *Request){
		"nothing":               func(*world, *Request) {},
		"the account":           answer("jbber", "jbbez"),
		"an answer":             answer("broke", "fell"),
		"the author":            func(_ *world, q *Request) { q.Issue.Author.ID = samID },
		"the issue":             func(_ *world, q *Request) { q.Issue.ID++ },
		"the key of the case":   func(_ *world, q *Request) { q.Facts.Secret = []byte("the key of another case, as long") },
		"less evidence":         func(_ *world, q *Request) { q.Memory.Evidence = q.Memory.Evidence[:1] },
		"who may approve":       func(w *world, _ *Request) { w.rules.May[MayApprove] = []Role{Agents} },
		"who may attest":        func(w *world, _ *Request) { w.rules.May[MayAttest] = []Role{Agents, Security} },
		"the paths":             func(w *world, _ *Request) { w.rules.Paths = w.rules.Paths[1:] },
		"an approval's comment": func(_ *world, q *Request) { q.Facts.Comments[q.Memory.standing()[0]] = CommentEdited },
		"a lost comment":        func(_ *world, q *Request) { q.Facts.Comments[q.Memory.standing()[0]] = CommentGone },
	} {
		w := led(t, Waiting)
		w.now = w.memory.WakeAt
		q, ev := w.request(Event{Kind: Tick})
		change(w, &q)
		d := w.rules.Decide(q, ev, w.now)
		passed := d.Memory.State == Ready && len(d.Memory.Approvals) == 2
		if passed != (name == "nothing") || name != "nothing" && len(d.Memory.Approvals) == 2 && d.Memory.State != Review {
			t.Errorf("%s: got %s with %d approvals because %v", name, d.Memory.State, len(d.Memory.Approvals), d.Reasons)
		}
	}
}
