package policy

// runWhy tells staff where the request stands, what is missing and until when.
func (m *move) runWhy() {
	if len(m.ev.Command.Args) > 0 {
		m.refuse(RefusedUsage, "why")
		return
	}
	m.accept()
	m.notify(Text{Name: TextWhy})
}
