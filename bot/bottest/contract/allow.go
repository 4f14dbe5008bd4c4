package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
)

// This file holds every exception from GitHub's description, each with its reason.

var (
	byID   = regexp.MustCompile(`^/repositories/[0-9]+`)
	labels = regexp.MustCompile(`^/repos/[^/]+/[^/]+/issues/[0-9]+/labels$`)
)

// slashes lets {path} of /contents/{path} span slashes, as GitHub does; OpenAPI can't say it.
func slashes(doc *openapi3.T) {
	const plain, spanning = "/repos/{owner}/{repo}/contents/{path}", "/repos/{owner}/{repo}/contents/{path:.+}"
	if item := doc.Paths.Value(plain); item != nil {
		doc.Paths.Delete(plain)
		doc.Paths.Set(spanning, item)
	}
}

// accounts lets an installation of the list have a user or an enterprise as its account, as GET /app/installations/{id} says: the list asks for
// both at once (allOf for anyOf), which nothing can be.
func accounts(doc *openapi3.T) {
	list := doc.Paths.Value("/app/installations").Get.Responses.Status(http.StatusOK).Value.Content.Get("application/json").Schema.Value
	if account := list.Items.Value.Properties["account"]; account != nil && account.Value.AllOf != nil {
		account.Value.AnyOf, account.Value.AllOf = account.Value.AllOf, nil
	}
}

// allowPath takes off GitHub Enterprise Server's prefix, and reads /repositories/ID, where GitHub's redirects lead, as the repository of that
// id: its description doesn't have these paths.
func allowPath(r *http.Request) error {
	path := byID.ReplaceAllString(strings.TrimPrefix(r.URL.EscapedPath(), "/api/v3"), "/repos/by/id")
	u, err := r.URL.Parse(path)
	if err != nil {
		return fmt.Errorf("reading the path: %w", err)
	}
	u.RawQuery, u.Host, u.Scheme = r.URL.RawQuery, "", ""
	r.URL = u
	return nil
}

// allowBody returns the body to validate. go-github sends nil options as the body null, which GitHub reads as none; and label names as a bare
// array, which GitHub takes in place of {"labels": […]}.
func allowBody(r *http.Request, body []byte) []byte {
	trimmed := bytes.TrimSpace(body)
	if bytes.Equal(trimmed, []byte("null")) {
		return nil
	}
	if labels.MatchString(r.URL.Path) && bytes.HasPrefix(trimmed, []byte("[")) {
		if wrapped, err := json.Marshal(map[string]json.RawMessage{"labels": trimmed}); err == nil {
			return wrapped
		}
	}
	return body
}

// allowType reads every body as JSON, as GitHub does: curl says that it sends a form.
func allowType(r *http.Request) {
	if kind := r.Header.Get("Content-Type"); kind == "" || strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
		r.Header.Set("Content-Type", "application/json")
	}
}

// allowStatus tells whether an answer is not validated against a schema: a 4xx or 5xx that the description doesn't list (GitHub answers 401, 403,
// 429 and 5xx anywhere, and lists few), a 304 to a conditional GET, and a 301 of a moved repository or issue. The last two are never validated by
// the library, so what they need is asked here.
func allowStatus(request *openapi3filter.RequestValidationInput, seen *httptest.ResponseRecorder) (bool, error) {
	switch {
	case seen.Code == http.StatusNotModified && request.Request.Header.Get("If-None-Match") == "":
		return false, errors.New("not modified, but the request has no If-None-Match")
	case seen.Code == http.StatusMovedPermanently && seen.Header().Get("Location") == "":
		return false, errors.New("moved, but there is no Location")
	case seen.Code == http.StatusNotModified, seen.Code == http.StatusMovedPermanently:
		return true, nil
	}
	return seen.Code >= 400 && request.Route.Operation.Responses.Status(seen.Code) == nil, nil
}
