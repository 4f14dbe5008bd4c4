package policy

import "time"

// sameAlerts is how many alerts of one code stand at the desk in noticeWindow:
// who can cause one again and again must not use up the others' place. The
// summary tells how things are, whatever is left out.
const sameAlerts = 3

// Alerted counts the alerts of one code since the first of them.
type Alerted struct {
	Since time.Time `json:"since"`
	Count int       `json:"count"`
}

// repeated counts an alert, and reports that there were enough of its code.
func (m *move) repeated(code AlertCode) bool {
	a := m.next.Alerted[code]
	if !a.Since.Add(noticeWindow).After(m.now) {
		a = Alerted{Since: m.now}
	}
	if a.Count >= sameAlerts {
		return true
	}
	a.Count++
	if m.next.Alerted == nil {
		m.next.Alerted = map[AlertCode]Alerted{}
	}
	m.next.Alerted[code] = a
	return false
}
