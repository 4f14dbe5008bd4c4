package policy

import "strconv"

// alert tells staff something that they must not miss.
func (m *move) alert(code AlertCode, to Role) {
	m.because("alert", string(code), string(to))
}

// deskOf returns the desk of a repository that is served, nil where it has none.
func (r *Rules) deskOf(repository int64) *Repository {
	for _, known := range r.Repositories {
		if known.ID == repository {
			return known.Desk
		}
	}
	return nil
}

// writeDesk writes the request's issue at the desk if it differs from what was
// last written, or if somebody has touched it. A request that ended before
// anything was written gets none.
func (m *move) writeDesk() {
	const name = "desk"
	last := m.next.Digests[name]
	if m.rules.deskOf(m.q.Issue.Repository) == nil || last == "" && m.next.State.Ended() {
		return
	}
	t := Text{
		Name: TextDesk, State: m.next.State, Turn: m.next.Turn,
		Desk: &Summary{Issue: m.rules.address(m.q.Issue), AuthorID: m.q.Issue.Author.ID},
	}
	digest := m.rules.digest(t)
	touched := m.ev.Desk && m.ev.Kind == Seen
	if digest == last && !touched {
		return
	}
	m.keep(name, digest)
	m.do(Desk{Text: t, Open: m.next.State.Open()})
}

// address names an issue: OWNER/NAME#N.
func (r *Rules) address(i Issue) string {
	for _, known := range r.Repositories {
		if known.ID == i.Repository {
			return known.String() + "#" + strconv.Itoa(i.Number)
		}
	}
	return "#" + strconv.Itoa(i.Number)
}

// placed sends the answers to a command to where it was written.
func (m *move) placed(e Effect) Effect {
	if !m.ev.Desk {
		return e
	}
	switch e := e.(type) {
	case React:
		e.Desk = e.Comment == m.ev.Comment
		return e
	case Comment:
		if !answersCommand(e.Text.Name) {
			return e
		}
		m.next.DeskPosts++
		e.Name, e.Desk = "desk:"+strconv.Itoa(m.next.DeskPosts), true
		return e
	}
	return e
}
