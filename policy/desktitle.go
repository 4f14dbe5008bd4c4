package policy

import "strings"

// RenderTitle returns the title of a request's issue at the desk: the number
// of the request and its state, with OWNER/NAME where the policy names several
// repositories. The issue of the digest has one title for all times.
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
	return strings.Join(strings.Fields("recovery "+issue), " ") + ": " + string(t.State)
}
