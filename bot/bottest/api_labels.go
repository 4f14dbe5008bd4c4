package bottest

import (
	"cmp"
	"encoding/json"
	"net/http"
	"regexp"
	"unicode/utf8"
)

var colour = regexp.MustCompile(`^[0-9A-Fa-f]{6}$`)

func listLabels(_ *Fake, q *request) reply { return paged(q, labelsJSON(q.repo, q.repo.labels)) }

func getLabel(_ *Fake, q *request) reply {
	l := q.repo.label(q.vars["name"])
	if l == nil {
		return refused(notFound())
	}
	return ok(labelJSON(q.repo, l))
}

func postLabel(f *Fake, q *request) reply {
	var in struct{ Name, Color, Description string }
	if err := cmp.Or(q.decode(&in), needRank(q.by, q.repo, rankWrite)); err != nil {
		return refused(err)
	}
	in.Color = cmp.Or(in.Color, "ededed")
	switch {
	case in.Name == "":
		return refused(invalid(FieldError{"Label", "name", "missing_field", ""}))
	case utf8.RuneCountInString(in.Name) > 50:
		return refused(invalid(FieldError{"Label", "name", "custom", "name is too long (maximum is 50 characters)"}))
	case utf8.RuneCountInString(in.Description) > 100:
		return refused(invalid(FieldError{"Label", "description", "custom", "description is too long (maximum is 100 characters)"}))
	case !colour.MatchString(in.Color):
		return refused(invalid(FieldError{"Label", "color", "invalid", ""}))
	case q.repo.label(in.Name) != nil:
		return refused(invalid(FieldError{"Label", "name", "already_exists", ""}))
	}
	l := f.ensureLabel(q.repo, in.Name)
	l.color, l.description = in.Color, in.Description
	return created(labelJSON(q.repo, l))
}

func listIssueLabels(_ *Fake, q *request) reply { return paged(q, labelsJSON(q.repo, q.issue.labels)) }

// postIssueLabels takes {"labels": […]} and the bare array that older clients send.
func postIssueLabels(f *Fake, q *request) reply {
	var in struct{ Labels []named }
	if json.Unmarshal(q.body, &in.Labels) != nil {
		if err := q.decode(&in); err != nil {
			return refused(err)
		}
	}
	if err := needRank(q.by, q.repo, rankTriage); err != nil {
		return refused(err)
	}
	for _, name := range plain(in.Labels) {
		if name == "" || utf8.RuneCountInString(name) > 50 {
			return refused(invalid(FieldError{"Label", "name", "invalid", ""}))
		}
	}
	for _, name := range plain(in.Labels) {
		f.addLabel(q.by, q.issue, name)
	}
	return ok(labelsJSON(q.repo, q.issue.labels))
}

func deleteIssueLabel(f *Fake, q *request) reply {
	if err := needRank(q.by, q.repo, rankTriage); err != nil {
		return refused(err)
	}
	if err := f.removeLabel(q.by, q.issue, q.vars["name"]); err != nil {
		return refused(err)
	}
	return reply{status: http.StatusOK, body: labelsJSON(q.repo, q.issue.labels)}
}
