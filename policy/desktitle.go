package policy

import "strings"

// RenderTitle returns the title of a request's issue at the desk: the number
// of the request and its state, with OWNER/NAME where the policy names several
// repositories, and a word where it is security's to look at first. The issue of
// the digest has one title for all times.
func (r *Rules) RenderTitle(t Text) string {
	if t.Name == TextDigest {
		return "Recovery digest"
	}
	var issue string
	if t.Desk != nil {
		issue = t.Desk.Issue
	}
	if i := strings.LastIndexByte(issue, '#'); i > 0 && len(r.Repositories) < 2 {
		issue = issue[i:]
	}
	title := strings.Join(strings.Fields("recovery "+issue), " ") + ": " + string(t.State)
	if t.Desk != nil && t.Desk.GoesTo == Security && t.State.Open() {
		title += ", for security"
	}
	return title
}
