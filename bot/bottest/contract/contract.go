// Package contract checks HTTP exchanges against GitHub's own description of its REST API, and holds GitHub's example webhooks.
// Tests alone import it. The data lie in testdata, with their notice.
package contract

import (
	"bytes"
	"embed"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

//go:embed testdata/github-openapi.json testdata/webhook-examples.json
var data embed.FS

// load reads the document once for all tests of a process: it takes a third of a second.
var load = sync.OnceValues(func() (routers.Router, error) {
	raw, err := data.ReadFile("testdata/github-openapi.json")
	if err != nil {
		return nil, fmt.Errorf("reading GitHub's description: %w", err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(raw)
	if err != nil {
		return nil, fmt.Errorf("loading GitHub's description: %w", err)
	}
	doc.Servers = nil
	slashes(doc)
	accounts(doc)
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		return nil, fmt.Errorf("routing GitHub's description: %w", err)
	}
	return router, nil
})

// Handler wraps next so that each request and each answer is checked; what breaks GitHub's contract is an error of t, with method, path and
// reason, and goes through unchanged. A path that GitHub's description doesn't have is an error too. A prefix /api/v3 is taken off for the check.
// It is safe for concurrent use; t must not end before the last request.
func Handler(t testing.TB, next http.Handler) http.Handler {
	t.Helper()
	router, err := load()
	if err != nil {
		t.Fatal(err)
	}
	return &checked{report: t.Errorf, router: router, next: next}
}

type checked struct {
	report func(format string, args ...any)
	router routers.Router
	next   http.Handler
}

// ServeHTTP hands the request on and checks both ways. An answer cut off by next is not checked.
func (c *checked) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(http.ErrAbortHandler)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	input, err := c.request(r, body)
	if err != nil {
		c.report("%s %s: the request breaks GitHub's contract: %s", r.Method, r.URL.Path, reason(err))
	}
	seen := httptest.NewRecorder()
	c.next.ServeHTTP(seen, r)
	if input != nil {
		if err := response(input, seen); err != nil {
			c.report("%s %s: the answer %d breaks GitHub's contract: %s", r.Method, r.URL.Path, seen.Code, reason(err))
		}
	}
	for key, values := range seen.Header() {
		w.Header()[key] = values
	}
	w.WriteHeader(seen.Code)
	_, _ = w.Write(seen.Body.Bytes()) // the caller went away: nothing to check any more
}

// request finds the route and validates; the input is nil where no route fits.
func (c *checked) request(r *http.Request, body []byte) (*openapi3filter.RequestValidationInput, error) {
	plain := r.Clone(r.Context())
	if err := allowPath(plain); err != nil {
		return nil, err
	}
	body = allowBody(plain, body)
	allowType(plain)
	plain.Body, plain.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	if len(body) == 0 {
		plain.Body = http.NoBody
	}
	route, params, err := c.router.FindRoute(plain)
	if err != nil {
		return nil, err
	}
	input := &openapi3filter.RequestValidationInput{
		Request: plain, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, SkipSettingDefaults: true,
		},
	}
	return input, openapi3filter.ValidateRequest(plain.Context(), input)
}

func response(request *openapi3filter.RequestValidationInput, seen *httptest.ResponseRecorder) error {
	allowed, err := allowStatus(request, seen)
	if err != nil {
		return err
	}
	if allowed {
		return plausible(seen)
	}
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: seen.Code, Header: seen.Header(), Options: request.Options,
	}
	return openapi3filter.ValidateResponse(request.Request.Context(), answer.SetBodyBytes(seen.Body.Bytes()))
}

// plausible is what is asked of answers that GitHub's description doesn't list: nothing, or JSON with a message.
func plausible(seen *httptest.ResponseRecorder) error {
	if seen.Body.Len() == 0 {
		return nil
	}
	var body struct{ Message string }
	if err := json.Unmarshal(seen.Body.Bytes(), &body); err != nil || body.Message == "" {
		return fmt.Errorf("an error without a message: %.80s", seen.Body.String())
	}
	return nil
}

// reason is the first line of a validation error: the rest repeats schema and value.
func reason(err error) string {
	lines := strings.SplitN(err.Error(), "\n", 2)
	return lines[0]
}

// Example is one of GitHub's example webhooks.
type Example struct {
	Event   string
	Payload json.RawMessage
}

// Examples returns GitHub's example webhooks in the order of the file. Few of them carry "installation".
func Examples() ([]Example, error) {
	raw, err := data.ReadFile("testdata/webhook-examples.json")
	if err != nil {
		return nil, fmt.Errorf("reading GitHub's webhook examples: %w", err)
	}
	var events []struct {
		Name     string
		Examples []json.RawMessage
	}
	if err := json.Unmarshal(raw, &events); err != nil {
		return nil, fmt.Errorf("reading GitHub's webhook examples: %w", err)
	}
	var all []Example
	for _, event := range events {
		for _, payload := range event.Examples {
			all = append(all, Example{Event: event.Name, Payload: payload})
		}
	}
	return all, nil
}
