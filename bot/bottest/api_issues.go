package bottest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"
)

const maxBody = 65536

func ok(body any) reply { return reply{status: http.StatusOK, body: body} }

func created(body object) reply {
	return reply{status: http.StatusCreated, body: body, header: map[string]string{"Location": body["url"].(string)}}
}

func checkBody(resource, body string) error {
	if utf8.RuneCountInString(body) > maxBody {
		return invalid(FieldError{resource, "body", "custom", "body is too long (maximum is 65536 characters)"})
	}
	return nil
}

func checkTitle(title string) error {
	if strings.TrimSpace(title) == "" {
		return invalid(FieldError{"Issue", "title", "missing_field", ""})
	}
	if utf8.RuneCountInString(title) > 256 {
		return invalid(FieldError{"Issue", "title", "custom", "title is too long (maximum is 256 characters)"})
	}
	return nil
}

func listIssues(f *Fake, q *request) reply {
	since, err := q.since()
	if err != nil {
		return refused(err)
	}
	query := q.http.URL.Query()
	state := cmp.Or(query.Get("state"), "open")
	if !slices.Contains([]string{"open", "closed", "all"}, state) {
		return refused(invalid(FieldError{"Issue", "state", "invalid", ""}))
	}
	found := slices.DeleteFunc(q.repo.sorted(), func(is *issue) bool {
		return state != "all" && is.state != state || is.updated.Before(since) || !hasAll(is, query.Get("labels")) ||
			query.Get("creator") != "" && !strings.EqualFold(is.user.login, query.Get("creator"))
	})
	sortIssues(found, query.Get("sort"), query.Get("direction"))
	return pagedAs(q, found, func(is *issue) any { return f.issueJSON(is) })
}

func hasAll(is *issue, labels string) bool {
	for name := range strings.SplitSeq(labels, ",") {
		if name != "" && !is.has(name) {
			return false
		}
	}
	return true
}

func sortIssues(list []*issue, by, direction string) {
	slices.SortStableFunc(list, func(a, b *issue) int {
		order := a.created.Compare(b.created)
		switch by {
		case "updated":
			order = a.updated.Compare(b.updated)
		case "comments":
			order = cmp.Compare(len(a.comments), len(b.comments))
		}
		return cmp.Or(order, cmp.Compare(a.number, b.number))
	})
	if direction != "asc" {
		slices.Reverse(list)
	}
}

func getIssue(f *Fake, q *request) reply { return ok(f.issueJSON(q.issue)) }

// named is a label or a person in a list: GitHub takes a string or an object.
type named string

// UnmarshalJSON reads a string, or the name or login of an object.
func (n *named) UnmarshalJSON(raw []byte) error {
	var s string
	if json.Unmarshal(raw, &s) == nil {
		*n = named(s)
		return nil
	}
	var o struct{ Name, Login string }
	if err := json.Unmarshal(raw, &o); err != nil {
		return err
	}
	*n = named(cmp.Or(o.Name, o.Login))
	return nil
}

func plain(list []named) []string {
	var all []string
	for _, n := range list {
		all = append(all, string(n))
	}
	return all
}

func postIssue(f *Fake, q *request) reply {
	var in struct {
		Title, Body       string
		Labels, Assignees []named
	}
	if err := q.decode(&in); err != nil {
		return refused(err)
	}
	if err := cmp.Or(checkTitle(in.Title), checkBody("Issue", in.Body)); err != nil {
		return refused(err)
	}
	is := f.openIssue(q.by, q.repo, Draft{Title: in.Title, Body: in.Body, Labels: plain(in.Labels)})
	if needRank(q.by, q.repo, rankTriage) == nil {
		f.assign(q.by, is, plain(in.Assignees))
	}
	return created(f.issueJSON(is))
}

type issuePatch struct {
	Title, Body       *string
	State             *string
	StateReason       *string `json:"state_reason"`
	Labels, Assignees *[]named
}

func patchIssue(f *Fake, q *request) reply {
	var p issuePatch
	if err := q.decode(&p); err != nil {
		return refused(err)
	}
	if err := p.check(q.by, q.issue); err != nil {
		return refused(err)
	}
	is := q.issue
	f.editIssue(q.by, is, p)
	if p.Labels != nil {
		f.replaceLabels(q.by, is, plain(*p.Labels))
	}
	if p.Assignees != nil {
		f.replaceAssignees(q.by, is, plain(*p.Assignees))
	}
	switch {
	case p.State != nil && *p.State == "closed":
		reason := ""
		if p.StateReason != nil {
			reason = *p.StateReason
		}
		f.closeIssue(q.by, is, reason)
	case p.State != nil:
		f.reopenIssue(q.by, is)
	}
	return ok(f.issueJSON(is))
}

// check refuses a patch as a whole, before anything is changed.
func (p *issuePatch) check(by actor, is *issue) error {
	var errs []error
	if p.Title != nil {
		errs = append(errs, checkTitle(*p.Title))
	}
	if p.Body != nil {
		errs = append(errs, checkBody("Issue", *p.Body))
	}
	if p.Title != nil || p.Body != nil {
		errs = append(errs, by.needAuthorOr(is.user, is.repo, rankWrite))
	}
	if p.Labels != nil || p.Assignees != nil {
		errs = append(errs, needRank(by, is.repo, rankTriage))
	}
	if p.StateReason != nil && !slices.Contains([]string{"completed", "not_planned", "duplicate", "reopened"}, *p.StateReason) {
		errs = append(errs, invalid(FieldError{"Issue", "state_reason", "invalid", ""}))
	}
	if p.State != nil {
		errs = append(errs, checkState(by, is, *p.State))
	}
	return cmp.Or(errs...)
}

func checkState(by actor, is *issue, state string) error {
	switch {
	case state == "closed":
		return by.needAuthorOr(is.user, is.repo, rankTriage)
	case state != "open":
		return invalid(FieldError{"Issue", "state", "invalid", ""})
	case is.state == "closed":
		return mayReopen(by, is)
	}
	return nil
}

func (f *Fake) replaceLabels(by actor, is *issue, want []string) {
	for _, l := range slices.Clone(is.labels) {
		if !slices.ContainsFunc(want, func(name string) bool { return strings.EqualFold(name, l.name) }) {
			_ = f.removeLabel(by, is, l.name) // it is set: we range over the set ones
		}
	}
	for _, name := range want {
		f.addLabel(by, is, name)
	}
}

func (f *Fake) replaceAssignees(by actor, is *issue, want []string) {
	var gone []string
	for _, u := range is.assignees {
		if !slices.ContainsFunc(want, func(login string) bool { return strings.EqualFold(login, u.login) }) {
			gone = append(gone, u.login)
		}
	}
	f.unassign(by, is, gone)
	f.assign(by, is, want)
}

func postAssignees(f *Fake, q *request) reply {
	var in struct{ Assignees []named }
	if err := cmp.Or(q.decode(&in), needRank(q.by, q.repo, rankTriage)); err != nil {
		return refused(err)
	}
	f.assign(q.by, q.issue, plain(in.Assignees))
	return reply{status: http.StatusCreated, body: f.issueJSON(q.issue)}
}

func deleteAssignees(f *Fake, q *request) reply {
	var in struct{ Assignees []named }
	if err := cmp.Or(q.decode(&in), needRank(q.by, q.repo, rankTriage)); err != nil {
		return refused(err)
	}
	f.unassign(q.by, q.issue, plain(in.Assignees))
	return ok(f.issueJSON(q.issue))
}

func putLock(f *Fake, q *request) reply { return lock(f, q, "locked") }

func deleteLock(f *Fake, q *request) reply { return lock(f, q, "unlocked") }

func lock(f *Fake, q *request, action string) reply {
	if err := needRank(q.by, q.repo, rankWrite); err != nil {
		return refused(err)
	}
	f.setLock(q.by, q.issue, action)
	return reply{status: http.StatusNoContent}
}
