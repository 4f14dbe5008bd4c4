package bottest

import (
	"cmp"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// request is one API call with what its path names, already looked up.
type request struct {
	http    *http.Request
	path    string // without the /api/v3 of GitHub Enterprise Server
	body    []byte
	route   route // its serve is nil for an unknown path
	vars    map[string]string
	by      actor
	repo    *repo
	issue   *issue
	comment *comment
}

type reply struct {
	status int
	body   any // nil: none
	header map[string]string
}

type handler func(f *Fake, q *request) reply

type route struct {
	method, pattern string
	kind            string // the name of the call in [Call]
	need            string // see [Fake.allow]
	serve           handler
}

// splitRoute is a route with the parts of its pattern, so that not each call splits it.
type splitRoute struct {
	route
	parts []string
}

func splitRoutes() []splitRoute {
	var all []splitRoute
	for _, rt := range routes() {
		all = append(all, splitRoute{rt, strings.Split(rt.pattern, "/")})
	}
	return all
}

// ServeHTTP answers one API call. It panics with http.ErrAbortHandler where a fault cuts the connection.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 4<<20))
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	q := &request{http: r, path: strings.TrimPrefix(r.URL.EscapedPath(), "/api/v3"), body: body}
	p := f.begin(q)
	defer f.end(p, 0)
	pause(r.Context(), p.delay)
	a := encode(q, f.reply(q, p))
	f.end(p, a.status)
	f.write(w, a, p)
}

// reply does the call, or what stands in its way.
func (f *Fake) reply(q *request, p *passage) reply {
	if p.over != nil {
		return *p.over
	}
	rep, ok := f.faulty(q, p.fault)
	if !ok {
		rep = f.answer(q, p.fault)
	}
	if p.fault != nil && p.fault.Kind == FaultCut {
		panic(http.ErrAbortHandler)
	}
	if p.fault != nil && p.fault.Kind == FaultAfter {
		rep = p.fault.reply()
	}
	return rep
}

// answer runs the call against the state.
func (f *Fake) answer(q *request, fault *Fault) reply {
	f.mu.Lock()
	defer f.mu.Unlock()
	by, err := f.identify(q.http.Header.Get("Authorization"))
	if err != nil {
		return refused(err)
	}
	q.by = by
	rt := q.route
	if rt.serve == nil {
		return refused(notFound())
	}
	if rep, ok := f.resolve(q, rt); !ok {
		return rep
	}
	if fault != nil && fault.Kind == FaultStale && rt.kind == "GET issue" {
		return f.stale(q)
	}
	return rt.serve(f, q)
}

// match finds the route of a path; the first in the table wins.
func (f *Fake) match(q *request) (route, bool) {
	path := q.path
	if rest, ok := strings.CutPrefix(path, "/repositories/"); ok {
		path = f.byID(rest)
	}
	have := strings.Split(path, "/")
	for _, rt := range f.routes {
		if vars, ok := fits(rt, q.http.Method, have); ok {
			q.vars = vars
			return rt.route, true
		}
	}
	return route{}, false
}

// byID turns the path of a redirect, /repositories/ID/…, into the one by name.
func (f *Fake) byID(rest string) string {
	id, tail, _ := strings.Cut(rest, "/")
	n, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return ""
	}
	for _, r := range f.repos {
		if r.id == n {
			return strings.TrimSuffix("/repos/"+r.full()+"/"+tail, "/")
		}
	}
	return ""
}

func fits(rt splitRoute, method string, have []string) (map[string]string, bool) {
	if rt.method != method || len(rt.parts) != len(have) {
		return nil, false
	}
	for i, part := range rt.parts {
		if !strings.HasPrefix(part, "{") && part != have[i] {
			return nil, false
		}
	}
	vars := map[string]string{}
	for i, part := range rt.parts {
		if !strings.HasPrefix(part, "{") {
			continue
		}
		value, err := url.PathUnescape(have[i])
		if err != nil {
			return nil, false
		}
		vars[strings.Trim(part, "{}")] = value
	}
	return vars, true
}

// resolve looks up what the path names and checks the caller's rights; false means that the reply stands.
func (f *Fake) resolve(q *request, rt route) (reply, bool) {
	if q.vars["owner"] != "" {
		r, renamed := f.findRepo(q.vars["owner"] + "/" + q.vars["repo"])
		if r == nil {
			return refused(notFound()), false
		}
		q.repo = r
		if renamed {
			return f.moved(q, r, strings.SplitN(q.path, "/", 5)), false
		}
	}
	if err := cmp.Or(f.allow(q, rt.need), q.open(rt)); err != nil {
		return refused(err), false
	}
	if q.vars["number"] != "" {
		n, _ := strconv.Atoi(q.vars["number"])
		is := q.repo.issues[n]
		switch {
		case is == nil:
			return refused(notFound()), false
		case is.deleted:
			return refused(refuse(http.StatusGone, "This issue was deleted")), false
		case is.movedTo != nil:
			return f.transferred(q, is), false
		case is.converted && q.http.Method != http.MethodGet:
			return refused(converted()), false
		}
		q.issue = is
	}
	if q.vars["comment"] != "" {
		id, _ := strconv.ParseInt(q.vars["comment"], 10, 64)
		if q.comment = q.repo.comment(id); q.comment == nil {
			return refused(notFound()), false
		}
	}
	return reply{}, true
}

// open refuses calls on what the repository has shut: issues that are switched off, and writes to an archive.
func (q *request) open(rt route) error {
	switch {
	case q.repo == nil:
		return nil
	case strings.Contains(rt.pattern, "/issues") && (q.repo.noIssues || rt.method != http.MethodGet):
		return q.repo.shut()
	case q.repo.archived && rt.method != http.MethodGet:
		return archived()
	}
	return nil
}

func converted() error {
	return refuse(http.StatusForbidden, "This issue was converted to a discussion.")
}

func archived() error {
	return refuse(http.StatusForbidden, "Repository was archived so is read-only.")
}

// shut refuses to write to issues that nobody can write to.
func (r *repo) shut() error {
	switch {
	case r.gone:
		return notFound()
	case r.noIssues:
		return refuse(http.StatusGone, "Issues are disabled for this repo")
	case r.archived:
		return archived()
	}
	return nil
}

// readable tells whether a caller can see the repository at all.
func readable(by actor, r *repo) bool {
	if r.gone {
		return false
	}
	if by.app == "token" {
		return !r.private || by.token.covers(r)
	}
	return r.rank(by.user) >= rankRead
}

func (f *Fake) findRepo(full string) (found *repo, renamed bool) {
	owner, name, _ := strings.Cut(full, "/")
	for _, r := range f.repos {
		if strings.EqualFold(r.name, name) && strings.EqualFold(r.owner.login, owner) {
			return r, false
		}
	}
	for _, r := range slices.Backward(f.repos) {
		for _, old := range r.oldNames {
			if strings.EqualFold(old, full) {
				return r, true
			}
		}
	}
	return nil, false
}

// moved redirects a renamed repository's path to the one by id, as GitHub does.
func (f *Fake) moved(q *request, r *repo, parts []string) reply {
	to := fmt.Sprintf("/repositories/%d", r.id)
	if len(parts) == 5 {
		to += "/" + parts[4]
	}
	return q.redirect(to)
}

func (f *Fake) transferred(q *request, is *issue) reply {
	for is.movedTo != nil {
		is = is.movedTo
	}
	if is.deleted || !readable(q.by, is.repo) {
		return refused(notFound())
	}
	parts := strings.SplitN(q.path, "/", 7)
	to := fmt.Sprintf("/repositories/%d/issues/%d", is.repo.id, is.number)
	if len(parts) == 7 {
		to += "/" + parts[6]
	}
	return q.redirect(to)
}

func (q *request) redirect(path string) reply {
	to := q.origin() + path
	if q.http.URL.RawQuery != "" {
		to += "?" + q.http.URL.RawQuery
	}
	return reply{
		status: http.StatusMovedPermanently, header: map[string]string{"Location": to},
		body: object{"message": "Moved Permanently", "url": to, "documentation_url": docs},
	}
}

// origin is the address under which the caller reached the fake.
func (q *request) origin() string {
	prefix := ""
	if strings.HasPrefix(q.http.URL.Path, "/api/v3/") {
		prefix = "/api/v3"
	}
	scheme := "http://"
	if q.http.TLS != nil {
		scheme = "https://"
	}
	return scheme + q.http.Host + prefix
}

const docs = "https://docs.github.com/rest"

// refused is the error body of GitHub for err, which is a *RefusedError or a fault of this package.
func refused(err error) reply {
	var e *RefusedError
	if !errors.As(err, &e) {
		e = &RefusedError{Status: http.StatusInternalServerError, Message: "Server Error"}
	}
	body := object{"message": e.Message, "documentation_url": docs, "status": strconv.Itoa(e.Status)}
	if len(e.Errors) > 0 {
		body["errors"] = e.Errors
	}
	return reply{status: e.Status, body: body}
}

func invalid(field FieldError) error {
	return &RefusedError{Status: http.StatusUnprocessableEntity, Message: "Validation Failed", Errors: []FieldError{field}}
}

// decode reads the call's JSON; no body and null leave into as it is.
func (q *request) decode(into any) error {
	if len(q.body) == 0 {
		return nil
	}
	if json.Unmarshal(q.body, into) != nil {
		return refuse(http.StatusBadRequest, "Problems parsing JSON")
	}
	return nil
}

// answered is a reply that is ready to be sent.
type answered struct {
	status int
	raw    []byte // nil: no body
	header map[string]string
}

// encode writes the reply; a GET whose ETag the caller has already is a 304.
func encode(q *request, rep reply) answered {
	a := answered{status: rep.status, header: map[string]string{}}
	maps.Copy(a.header, rep.header)
	if rep.body == nil {
		return a
	}
	raw, err := json.Marshal(rep.body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	a.raw, a.header["Content-Type"] = raw, "application/json; charset=utf-8"
	if q.http.Method == http.MethodGet && rep.status == http.StatusOK {
		tag := fmt.Sprintf(`W/"%x"`, sha256.Sum256(raw))
		a.header["ETag"] = tag
		if q.http.Header.Get("If-None-Match") == tag {
			a.status, a.raw = http.StatusNotModified, nil
		}
	}
	return a
}

// write sends the answer with GitHub's headers.
func (f *Fake) write(w http.ResponseWriter, a answered, p *passage) {
	h := w.Header()
	h.Set("Date", f.now().Format(http.TimeFormat))
	h.Set("X-GitHub-Media-Type", "github.v3; format=json")
	f.rates(h, p.meter)
	for key, value := range a.header {
		h.Set(key, value)
	}
	w.WriteHeader(a.status)
	if a.raw != nil {
		_, _ = w.Write(a.raw) // the caller went away: nobody is left to tell
	}
}
