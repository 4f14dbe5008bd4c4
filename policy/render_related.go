package policy

import "strconv"

// relatedView is another request, for staff.
type relatedView struct {
	Issue string // OWNER/NAME#N, for code alone
	State State
	Ended string

	SameAuthor, SameAccount, Older bool
}

func (v *deskView) related(d Summary, s *speaker) {
	v.Denials = d.Denials
	for _, r := range d.Related {
		if !issueShape.MatchString(r.Issue) || r.State != None && !r.State.Open() && !r.State.Ended() {
			continue
		}
		v.Related = append(v.Related, relatedView{
			Issue: r.Issue, State: r.State, Ended: s.date("moment", r.Ended),
			SameAuthor: r.SameAuthor, SameAccount: r.SameAccount, Older: r.Older,
		})
	}
}

// earlier names an earlier request of the same author, in the status of one that
// waits for staff.
func earlier(t Text) string {
	if t.Earlier <= 0 || t.Name != TextStatus || !t.State.Open() {
		return ""
	}
	return "#" + strconv.Itoa(t.Earlier)
}
