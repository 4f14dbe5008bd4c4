package github

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	gh "github.com/google/go-github/v60/github"

	"github.com/recoverybot/recoverybot/bot"
)

// maxPages caps a list at 20,000 entries. A longer one is an error, never a
// shortened list: half a team would be a wrong answer.
const maxPages = 200

var linkNext = regexp.MustCompile(`<([^<>]+)>\s*;[^,<>]*\brel="?next"?`)

// call is one request.
type call struct {
	op     string // for errors: "GET issue"
	scope  scope
	method string
	path   string // escaped; relative to the base URL, or (the next page) a URL
	query  url.Values
	body   any
	into   any // nil: the answer's body does not matter
	// lenient: that the thing exists already is success.
	lenient bool
	// accepted: that GitHub will do it later (202) is success.
	accepted bool
	// patient: a page of a list that gets lost is asked for again.
	patient bool
	tag     *tag // nil: the call is not conditional
}

// tag makes a read conditional. GitHub makes it of what it answers and of the
// token: after an hour there is a new token, and the answer comes once more.
type tag struct {
	had string // of the last answer; "": ask without condition
	now string // of this answer
}

// segments joins parts of a path, escaped. It is "" if a part would change
// the path's meaning.
func segments(parts ...string) string {
	var b strings.Builder
	for i, p := range parts {
		if p == "" || p == "." || p == ".." {
			return ""
		}
		if i > 0 {
			b.WriteByte('/')
		}
		b.WriteString(url.PathEscape(p))
	}
	return b.String()
}

// of makes a call about a repository, or a part of it.
func of(r bot.Ref, op string, parts ...string) call {
	method, _, _ := strings.Cut(op, " ")
	return call{
		op: op, method: method,
		scope: scope{power: issues, installation: r.Installation, repository: r.Repository},
		path:  segments(append([]string{"repos", r.Owner, r.Name}, parts...)...),
	}
}

// inIssue and inComment are the parts of a path below a repository.
func inIssue(r bot.Ref, parts ...string) []string {
	return append([]string{"issues", strconv.Itoa(r.Number)}, parts...)
}

func inComment(id int64, parts ...string) []string {
	return append([]string{"issues", "comments", strconv.FormatInt(id, 10)}, parts...)
}

// do makes a call, and returns the URL of the next page, "" if there is none.
func (c *Client) do(ctx context.Context, k call) (next string, err error) {
	if refused := c.refuse(k); refused != nil {
		return "", refused
	}
	limited, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	a := c.try(limited, k)
	next, err = c.result(k, a)
	if ctx.Err() == nil { // else nobody let GitHub answer
		bot.Tell(ctx, told(k, a, err))
	}
	return next, err
}

// try sends a call until it has an answer that counts.
func (c *Client) try(ctx context.Context, k call) answer {
	a := c.send(ctx, k)
	sent := 1
	if a.status() == http.StatusUnauthorized && k.scope.installation != 0 {
		c.drop(k.scope, a.client)
		a = c.send(ctx, k)
		sent++
	}
	if path := c.renamed(k, a); path != "" {
		k.path, k.query = path, nil
		a = c.send(ctx, k)
		sent++
	}
	a.sent = sent
	return a
}

func (c *Client) result(k call, a answer) (next string, err error) {
	switch {
	case a.err != nil && k.lenient && exists(a.err):
		return "", nil
	case a.err != nil && k.accepted && a.status() == http.StatusAccepted:
		return "", nil
	case k.tag != nil && k.tag.had != "" && a.status() == http.StatusNotModified:
		return "", bot.ErrUnchanged
	case a.err != nil:
		return "", c.failure(k.op, a)
	case k.method == http.MethodGet && c.strayed(k, a):
		return "", &bot.Error{Op: k.op, Class: bot.GoneAway, Status: a.status()}
	}
	if k.tag != nil {
		k.tag.now = a.resp.Header.Get("Etag")
	}
	return nextPage(a.resp.Header), nil
}

// refuse stops a call that can't be right before it is made.
func (c *Client) refuse(k call) error {
	s := k.scope
	switch {
	case k.path == "" || s.power == issues && s.repository == 0:
		return &bot.Error{Op: k.op, Class: bot.Invalid}
	case s.power >= issues && s.installation == 0,
		s.power == issues && len(c.allowed) > 0 && !c.allowed[s.repository]:
		return &bot.Error{Op: k.op, Class: bot.Forbidden}
	}
	return nil
}

// answer is what became of one request.
type answer struct {
	client *http.Client
	asked  *url.URL
	resp   *gh.Response // nil: there was none
	sent   int          // how often the call was sent until then
	err    error
}

// status is 0 if there was no answer to the call itself; a refused token is
// not one.
func (a answer) status() int {
	if a.resp == nil || a.resp.Response == nil {
		return 0
	}
	return a.resp.StatusCode
}

// send makes one request. Each has a go-github client of its own: that
// remembers rate limits by the machine's clock, and would mix installations.
func (c *Client) send(ctx context.Context, k call) answer {
	hc, err := c.clientFor(k.scope)
	if err != nil {
		return answer{err: err}
	}
	api := gh.NewClient(hc)
	api.BaseURL, api.UploadURL, api.UserAgent = c.base, c.base, c.agent // nothing is uploaded, least of all elsewhere
	where := k.path
	if len(k.query) > 0 {
		where += "?" + k.query.Encode()
	}
	req, err := api.NewRequest(k.method, where, k.body)
	if err != nil {
		return answer{err: err}
	}
	if k.tag != nil && k.tag.had != "" {
		req.Header.Set("If-None-Match", k.tag.had)
	}
	resp, err := api.Do(ctx, req, k.into)
	return answer{client: hc, asked: req.URL, resp: resp, err: err}
}

// ours reports whether a URL is of the API that we call.
func (c *Client) ours(u *url.URL) bool {
	return u.Scheme == c.base.Scheme && u.Host == c.base.Host && u.User == nil && strings.HasPrefix(u.Path, c.base.Path)
}

// renamed returns where to send a write that was redirected to the same
// object of the same repository, "" otherwise. GitHub has not done it yet.
func (c *Client) renamed(k call, a answer) string {
	if k.method == http.MethodGet || !isRedirect(a.status()) || k.scope.repository == 0 {
		return ""
	}
	to, err := a.resp.Location()
	if err != nil || !c.ours(to) {
		return ""
	}
	parts := strings.SplitN(k.path, "/", 4)
	if len(parts) < 4 {
		return ""
	}
	path := "repositories/" + strconv.FormatInt(k.scope.repository, 10) + "/" + parts[3]
	if to.EscapedPath() != c.base.EscapedPath()+path {
		return ""
	}
	return path
}

// strayed reports whether a read of a repository was led out of it.
func (c *Client) strayed(k call, a answer) bool {
	if k.scope.repository == 0 || a.resp.Request == nil {
		return false
	}
	end := a.resp.Request.URL
	if end.EscapedPath() == a.asked.EscapedPath() {
		return false
	}
	return !strings.HasPrefix(end.Path, c.base.Path+"repositories/"+strconv.FormatInt(k.scope.repository, 10)+"/")
}

func isRedirect(status int) bool {
	return slices.Contains([]int{
		http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther,
		http.StatusTemporaryRedirect, http.StatusPermanentRedirect,
	}, status)
}

func nextPage(h http.Header) string {
	m := linkNext.FindStringSubmatch(strings.Join(h.Values("Link"), ","))
	if m == nil {
		return ""
	}
	return m[1]
}

// pageTries is how often a page of a patient list is asked for.
const pageTries = 3

// page makes the call for one page of a list. That of a patient one is made
// again if it gets lost, and GitHub does not ask to wait: of many pages one gets
// lost easily, and all that were read would have to be read again.
func (c *Client) page(ctx context.Context, k call) (next string, err error) {
	for try := 1; ; try++ {
		next, err = c.do(ctx, k)
		e, ok := errors.AsType[*bot.Error](err)
		if !k.patient || try == pageTries || !ok || e.Class != bot.Transient || e.Limit != "" || e.RetryAfter > 0 || ctx.Err() != nil {
			return next, err
		}
	}
}

// list reads all pages of a list. The pages' order is GitHub's.
func list[T any](ctx context.Context, c *Client, k call) ([]T, error) {
	var all []T
	if k.query == nil {
		k.query = url.Values{}
	}
	k.query.Set("per_page", "100")
	for range maxPages {
		var page []T
		k.into = &page
		next, err := c.page(ctx, k)
		if err != nil {
			return nil, err
		}
		all = append(all, page...)
		if next == "" {
			return all, nil
		}
		u, err := url.Parse(next)
		if err != nil || !c.ours(u) {
			return nil, &bot.Error{Op: k.op, Class: bot.Broken, Status: http.StatusOK}
		}
		if k.tag != nil {
			*k.tag, k.tag = tag{}, nil // a first page that is as it was says nothing of the others
		}
		k.path, k.query = next, nil
	}
	return nil, &bot.Error{Op: k.op, Class: bot.Broken, Status: http.StatusOK}
}
