package policy

import "time"

// guarded: nothing is ready, or waits to be, without two people who approved,
// a notice, evidence of two sides, and time; and what is on hold says why.
func (r *runner) guarded(m Memory) {
	people := map[int64]bool{}
	for _, a := range m.Approvals {
		people[a.User] = a.User != r.w.issue.Author.ID
	}
	delete(people, annID)
	if len(m.Approvals) != len(people) {
		r.t.Fatalf("one person approves twice, or the requester does: %+v", m.Approvals)
	}
	if (m.State == Held) != (m.Hold != nil) && m.State.Open() {
		r.t.Fatalf("%s, and the hold is %+v", m.State, m.Hold)
	}
	if m.State != Waiting && m.State != Ready {
		return
	}
	sides := map[string]bool{}
	for _, e := range m.Evidence {
		if e.confirmed() {
			sides[sideOf(e.Class)] = true
		}
	}
	if least := r.w.rules.leastApprovals(); len(people) < least || m.Notice == nil || len(sides) < 2 || m.Account == "" {
		r.t.Fatalf("%s with %d approvals, the notice %v, evidence %+v", m.State, len(people), m.Notice, m.Evidence)
	}
	if m.State == Waiting {
		return
	}
	for _, o := range m.Objections {
		if !o.Closed {
			r.t.Fatalf("ready, and an objection is open: %+v", o)
		}
	}
	if r.w.now.Sub(m.Notice.At) < 72*time.Hour {
		r.t.Fatalf("ready at %s, and the notice is of %s", r.w.now, m.Notice.At)
	}
}

// leastApprovals is what the laxest path asks for.
func (r *Rules) leastApprovals() int {
	least := 2
	for _, p := range r.Paths {
		least = min(least, p.Approvals)
	}
	return least
}

// sideOf returns where evidence comes from; that there is no project is a side
// of its own, for the one exception.
func sideOf(c Class) string {
	switch c {
	case Mailbox, MailboxUnverified, Linked, Session:
		return "account"
	case BranchAttested, BranchOwner, BranchDeclared:
		return "code"
	}
	return string(c)
}
