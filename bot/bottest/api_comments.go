package bottest

import (
	"cmp"
	"net/http"
	"slices"
	"strings"
)

func listComments(f *Fake, q *request) reply { return f.comments(q, q.issue.comments) }

// listRepoComments lists a repository's comments; the direction counts only with a sort, as on GitHub.
func listRepoComments(f *Fake, q *request) reply {
	var all []*comment
	for _, is := range q.repo.sorted() {
		all = append(all, is.comments...)
	}
	query := q.http.URL.Query()
	by := query.Get("sort")
	slices.SortStableFunc(all, func(a, b *comment) int {
		order := 0
		switch by {
		case "updated":
			order = a.updated.Compare(b.updated)
		case "created":
			order = a.created.Compare(b.created)
		}
		return cmp.Or(order, cmp.Compare(a.id, b.id))
	})
	if by != "" && query.Get("direction") == "desc" {
		slices.Reverse(all)
	}
	return f.comments(q, all)
}

func (f *Fake) comments(q *request, all []*comment) reply {
	since, err := q.since()
	if err != nil {
		return refused(err)
	}
	all = slices.DeleteFunc(slices.Clone(all), func(c *comment) bool { return c.updated.Before(since) })
	return pagedAs(q, all, func(c *comment) any { return f.hookComment(c) })
}

func getComment(f *Fake, q *request) reply { return ok(f.hookComment(q.comment)) }

func checkComment(body string) error {
	if strings.TrimSpace(body) == "" {
		return invalid(FieldError{"IssueComment", "body", "missing_field", ""})
	}
	return checkBody("IssueComment", body)
}

func postComment(f *Fake, q *request) reply {
	var in struct{ Body string }
	if err := q.decode(&in); err != nil {
		return refused(err)
	}
	if err := cmp.Or(mayComment(q.by, q.issue), checkComment(in.Body)); err != nil {
		return refused(err)
	}
	return created(f.hookComment(f.addComment(q.by, q.issue, in.Body)))
}

func patchComment(f *Fake, q *request) reply {
	var in struct{ Body string }
	if err := q.decode(&in); err != nil {
		return refused(err)
	}
	if err := cmp.Or(q.by.needAuthorOr(q.comment.user, q.repo, rankWrite), checkComment(in.Body)); err != nil {
		return refused(err)
	}
	f.editComment(q.by, q.comment, in.Body)
	return ok(f.hookComment(q.comment))
}

func deleteComment(f *Fake, q *request) reply {
	if err := q.by.needAuthorOr(q.comment.user, q.repo, rankWrite); err != nil {
		return refused(err)
	}
	f.deleteComment(q.by, q.comment)
	return reply{status: http.StatusNoContent}
}

func (q *request) reactions() *[]reaction {
	if q.comment != nil {
		return &q.comment.reactions
	}
	return &q.issue.reactions
}

func listReactions(_ *Fake, q *request) reply {
	content := q.http.URL.Query().Get("content")
	list := []any{}
	for _, r := range *q.reactions() {
		if content == "" || r.content == content {
			list = append(list, reactionJSON(r))
		}
	}
	return paged(q, list)
}

func postReaction(f *Fake, q *request) reply {
	var in struct{ Content string }
	if err := q.decode(&in); err != nil {
		return refused(err)
	}
	if !slices.Contains(contents(), in.Content) {
		return refused(invalid(FieldError{"Reaction", "content", "invalid", ""}))
	}
	r, status := f.react(q.by, q.reactions(), in.Content)
	return reply{status: status, body: reactionJSON(r)}
}
