package webhook

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
)

const (
	secret = "It's a Secret to Everybody"
	selfID = 42
	// machineID is an account that the policy ignores.
	machineID = 77
)

func testNow() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) }

// intake remembers what it was given.
type intake struct {
	mu      sync.Mutex
	got     []bot.Delivery
	outcome bot.Outcome
	err     error
}

func (i *intake) AddDelivery(_ context.Context, d bot.Delivery) (bot.Outcome, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.got = append(i.got, d)
	return i.outcome, i.err
}

func testOptions(in Intake) Options {
	return Options{
		Secrets: [][]byte{[]byte(secret)},
		Intake:  in,
		Repositories: func(id int64) (Repository, bool) {
			return Repository{Installation: 5, IntakeLabel: "recovery", Labels: []string{"recovery: triage"}, Desk: id == 9}, id == 7 || id == 9
		},
		Self:  func() int64 { return selfID },
		Clock: testNow,
	}
}

func newHandler(t testing.TB, change ...func(*Options)) (*Handler, *intake) {
	t.Helper()
	in := &intake{}
	o := testOptions(in)
	for _, f := range change {
		f(&o)
	}
	h, err := New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h, in
}

func sign(key string, raw []byte) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write(raw)
	return "sha256=" + hex.EncodeToString(m.Sum(nil))
}

// request returns a delivery as GitHub sends it.
func request(event string, raw []byte) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/webhook", bytes.NewReader(raw))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-GitHub-Event", event)
	r.Header.Set("X-GitHub-Delivery", "72d3162e-cc78-11e3-81ab-4c9367dc0958")
	r.Header.Set("X-Hub-Signature-256", sign(secret, raw))
	return r
}

// send returns the answer's status and text.
func send(h http.Handler, r *http.Request) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, strings.TrimSuffix(w.Body.String(), "\n")
}

type object = map[string]any

func people() map[string]any {
	return map[string]any{
		"ann":     object{"id": 1, "login": "ann", "type": "User"},
		"bob":     object{"id": 2, "login": "bob", "type": "User"},
		"robot":   object{"id": 3, "login": "robot[bot]", "type": "Bot"},
		"machine": object{"id": machineID, "login": "machine", "type": "User"},
		"us":      object{"id": selfID, "login": "recovery[bot]", "type": "Bot"},
		"nobody":  nil,
	}
}

// usual is the payload of ann's act on her issue, opened a day ago.
func usual() object {
	who := people()
	return object{
		"sender":       who["ann"],
		"repository":   object{"id": 7, "full_name": "octo/help", "private": true, "name": "help"},
		"installation": object{"id": 5},
		"issue": object{
			"id": 100, "number": 3, "user": who["ann"], "title": "canary-title", "body": "canary-body",
			"created_at": "2026-11-19T12:00:00Z", "updated_at": "2026-11-20T12:00:00Z",
		},
	}
}

func withComment(p object) object {
	p["comment"] = object{
		"id": 55, "user": people()["ann"], "body": "/status canary-comment",
		"created_at": "2026-11-20T11:00:00Z", "updated_at": "2026-11-20T11:30:00Z",
	}
	return p
}

func encode(t testing.TB, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// errorReader fails after its text, as a connection does.
type errorReader struct{ io.Reader }

func (r errorReader) Read(p []byte) (int, error) {
	n, err := r.Reader.Read(p)
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	return n, err
}
