package bottest

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// paged answers one page of a list, with GitHub's Link header where there is more than one.
func paged(q *request, all []any) reply {
	return pagedAs(q, all, func(one any) any { return one })
}

// pagedAs renders only what stands on the page.
func pagedAs[T any](q *request, all []T, render func(T) any) reply {
	query := q.http.URL.Query()
	size := number(query.Get("per_page"), 30)
	size = min(max(size, 1), 100)
	page := max(number(query.Get("page"), 1), 1)
	last := max((len(all)+size-1)/size, 1)
	from := min((page-1)*size, len(all))
	part := all[from:min(from+size, len(all))]
	list := []any{}
	for _, one := range part {
		list = append(list, render(one))
	}
	rep := reply{status: http.StatusOK, body: list, header: map[string]string{}}
	var links []string
	link := func(rel string, to int) {
		links = append(links, fmt.Sprintf(`<%s>; rel="%s"`, q.pageURL(query, to), rel))
	}
	if page > 1 {
		link("prev", page-1)
	}
	if page < last {
		link("next", page+1)
		link("last", last)
	}
	if page > 1 {
		link("first", 1)
	}
	if len(links) > 0 {
		rep.header["Link"] = strings.Join(links, ", ")
	}
	return rep
}

func (q *request) pageURL(query url.Values, page int) string {
	query.Set("page", strconv.Itoa(page))
	return q.origin() + q.path + "?" + query.Encode()
}

func number(s string, otherwise int) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return otherwise
	}
	return n
}

// since reads the parameter of that name; the zero time where it is not given.
func (q *request) since() (time.Time, error) {
	s := q.http.URL.Query().Get("since")
	if s == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}, invalid(FieldError{"Search", "since", "invalid", "since is no time"})
	}
	return at, nil
}
