package policy

// alert tells staff something that they must not miss.
func (m *move) alert(code AlertCode, to Role) {
	m.because("alert", string(code), string(to))
}
