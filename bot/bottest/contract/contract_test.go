package contract

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// exchange runs one call through the check and returns what it reports.
func exchange(t *testing.T, request *http.Request, next http.HandlerFunc) (string, *httptest.ResponseRecorder) {
	t.Helper()
	router, err := load()
	if err != nil {
		t.Fatal(err)
	}
	var reports []string
	c := &checked{
		router: router, next: next,
		report: func(format string, args ...any) { reports = append(reports, fmt.Sprintf(format, args...)) },
	}
	seen := httptest.NewRecorder()
	c.ServeHTTP(seen, request)
	return strings.Join(reports, "\n"), seen
}

// probe is a call, its answer, and parts of the report; none where nothing may be reported.
type probe struct {
	name, method, path, body string
	status                   int
	answer                   string
	want                     []string
}

func probes() []probe {
	const label = `{"id":1,"node_id":"x","url":"https://api.github.com/x","name":"a","description":null,"color":"ededed","default":false}`
	const missing = `{"message":"Not Found"}`
	return []probe{
		{"good", "GET", "/repos/o/r/labels/a", "", 200, label, nil},
		{"prefix", "GET", "/api/v3/repos/o/r/labels/a", "", 200, label, nil},
		{"slash in a name", "GET", "/repos/o/r/labels/a%2Fb", "", 200, label, nil},
		{"by id", "GET", "/repositories/12/labels", "", 200, "[" + label + "]", nil},
		{"unlisted status", "GET", "/repos/o/r/labels/a", "", 429, `{"message":"slow down"}`, nil},
		{"listed error", "GET", "/repos/o/r/labels/a", "", 404, missing, nil},
		{"bare array", "POST", "/repos/o/r/issues/1/labels", `["a"]`, 200, "[" + label + "]", nil},
		{"null body", "POST", "/repos/o/r/issues/1/labels", "null", 200, "[" + label + "]", nil},
		{"deep file", "GET", "/repos/o/r/contents/a/b/c.yml", "", 404, missing, nil},
		{"moved", "PATCH", "/repos/o/r/issues/comments/1", `{"body":"x"}`, 301, missing, nil},

		{"unknown path", "GET", "/nothing/here", "", 404, missing, []string{"GET /nothing/here: the request", "no matching operation"}},
		{"unknown method", "PUT", "/repos/o/r/labels", "", 404, missing, []string{"PUT /repos/o/r/labels: the request", "method not allowed"}},
		{"number for a body", "POST", "/repos/o/r/issues/1/comments", `{"body":5}`, 404, missing, []string{"the request", `"/body"`}},
		{"no body", "POST", "/repos/o/r/issues/1/comments", "", 404, missing, []string{"the request", "value is required"}},
		{"bad parameter", "GET", "/repos/o/r/issues?state=odd", "", 200, "[]", []string{"the request", `parameter "state"`}},
		{"answer without a key", "GET", "/repos/o/r/labels/a", "", 200, `{"id":1}`, []string{"the answer 200", "node_id"}},
		{"wrong type", "GET", "/repos/o/r/labels", "", 200, label, []string{"the answer 200", "must be an array"}},
		{"unlisted success", "GET", "/repos/o/r/labels/a", "", 201, label, []string{"the answer 201"}},
		{"error without a message", "GET", "/repos/o/r/labels/a", "", 502, "<html>", []string{"the answer 502", "without a message"}},
		{"304 unasked", "GET", "/repos/o/r/labels/a", "", 304, "", []string{"the answer 304"}},
		{"301 to nowhere", "PATCH", "/repos/o/r/labels/a", `{}`, 301, missing, []string{"the answer 301"}},
	}
}

func TestHandlerReports(t *testing.T) {
	for _, c := range probes() {
		t.Run(c.name, func(t *testing.T) {
			request := httptest.NewRequestWithContext(t.Context(), c.method, c.path, strings.NewReader(c.body))
			request.Header.Set("Content-Type", "application/json")
			got, seen := exchange(t, request, func(w http.ResponseWriter, r *http.Request) {
				if raw, err := io.ReadAll(r.Body); err != nil || string(raw) != c.body {
					t.Errorf("the handler read %q, %v, want %q", raw, err, c.body)
				}
				w.Header().Set("Content-Type", "application/json")
				if c.name == "moved" {
					w.Header().Set("Location", "https://api.github.com/repositories/1/issues/comments/1")
				}
				w.WriteHeader(c.status)
				_, _ = io.WriteString(w, c.answer)
			})
			if seen.Code != c.status || seen.Body.String() != c.answer {
				t.Errorf("the answer was changed: %d %s", seen.Code, seen.Body)
			}
			if len(c.want) == 0 && got != "" {
				t.Errorf("reported %q, want nothing", got)
			}
			for _, part := range c.want {
				if !strings.Contains(got, part) {
					t.Errorf("reported %q, want %q in it", got, part)
				}
			}
		})
	}
}

func TestExamples(t *testing.T) {
	all, err := Examples()
	if err != nil {
		t.Fatal(err)
	}
	count := map[string]int{}
	for _, e := range all {
		count[e.Event]++
		if len(e.Payload) < 2 || e.Payload[0] != '{' {
			t.Errorf("an example of %s is no object: %.40s", e.Event, e.Payload)
		}
	}
	if len(all) != 86 || count["issues"] != 29 || count["issue_comment"] != 9 || count["ping"] != 4 {
		t.Errorf("%d examples: %v", len(all), count)
	}
}
