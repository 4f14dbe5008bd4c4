package policy

import "pgregory.net/rapid"

// says is a comment on the issue, or at the desk where there is one.
func (r *runner) says(who Actor, text string) Event {
	if r.w.atDesk && rapid.IntRange(0, 2).Draw(r.draw, "at the desk") == 0 {
		return r.w.saysAtDesk(who, text)
	}
	return r.w.says(who, text)
}

// discreet: what is for staff stays at the desk, and the requester gets no
// mail for it.
func (r *runner) discreet(d Decision, ev Event) {
	for _, e := range d.Effects {
		switch e := e.(type) {
		case Comment:
			if !e.Desk && ev.Desk && answersCommand(e.Text.Name) {
				r.t.Fatalf("%s on the issue answers a command at the desk", e)
			}
			if e.Desk && e.Text.Author != "" || !e.Desk && e.Text.Name != TextWhy && e.Text.Desk != nil {
				r.t.Fatalf("%s mentions the requester, or tells what is for staff", e)
			}
		case Desk:
			if e.Text.Author != "" || e.Open != d.Memory.State.Open() {
				r.t.Fatalf("%s in %s mentions %q", e, d.Memory.State, e.Text.Author)
			}
		case React:
			if e.Desk != ev.Desk {
				r.t.Fatalf("%s is not where the comment is", e)
			}
		}
	}
	m := d.Memory
	if n := len(m.DeskRecent); n > deskLimit || n > m.DeskPosts {
		r.t.Fatalf("%d comments at the desk in a day, %d in all", n, m.DeskPosts)
	}
}
