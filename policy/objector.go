package policy

// objectionsEach is how many open objections of one person pause requests. What
// more of them there are, staff look at: nobody stops all requests alone.
const objectionsEach = 2

// holds reports whether an objection is open and pauses the request.
func (o Objection) holds() bool { return !o.Closed && !o.Many }

// keepObjection keeps it, as far as the limit allows.
func (m *move) keepObjection(o Objection) {
	if len(m.next.Objections) < objectionLimit {
		m.next.Objections = append(m.next.Objections, o)
	}
}

// objectedToMany is an objection by somebody who has enough of them open. It
// counts as a claim does: the request is not ready before staff have looked. The
// first one of them alarms.
func (m *move) objectedToMany() {
	m.keepObjection(Objection{By: m.ev.Actor.ID, At: m.at, Comment: m.ev.Comment, Many: true})
	m.flag(FlagClaimed)
	m.because("objects-to-many")
	if m.q.Facts.Objections == objectionsEach {
		m.alert(AlertObjector, Security)
	}
}

// looked ends the objections at which staff only had to look.
func (m *move) looked() {
	for i, o := range m.next.Objections {
		if o.Many {
			m.next.Objections[i].Closed = true
		}
	}
}

// Objectors returns who has an open objection here that counts for the limit of
// one person's objections, each once, in the order in which they came. One that
// came by mail is nobody's.
func (m Memory) Objectors() []int64 {
	if !m.State.Open() {
		return nil
	}
	var all []int64
	for _, o := range m.Objections {
		if !o.Closed && !o.Mail {
			all = append(all, o.By)
		}
	}
	return all
}
