package webhook_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest/contract"
	"github.com/recoverybot/recoverybot/bot/webhook"
)

type stored []bot.Delivery

func (s *stored) AddDelivery(_ context.Context, d bot.Delivery) (bot.Outcome, error) {
	*s = append(*s, d)
	return bot.Added, nil
}

// exampleIDs are what must be allowed for an example.
type exampleIDs struct {
	Repository struct{ ID int64 }
	Issue      struct{ ID int64 }
	Comment    struct{ ID int64 }
	Label      struct{ Name string }
}

// install adds the installation that few examples carry.
func install(t *testing.T, payload []byte) (exampleIDs, []byte) {
	t.Helper()
	var ids exampleIDs
	var all map[string]json.RawMessage
	if json.Unmarshal(payload, &ids) != nil || json.Unmarshal(payload, &all) != nil {
		t.Fatal("the example can't be read")
	}
	all["installation"] = json.RawMessage(`{"id":5}`)
	raw, err := json.Marshal(all)
	if err != nil {
		t.Fatal(err)
	}
	return ids, raw
}

// GitHub's own examples, with repository, installation and label allowed: each
// is stored, or has a listed reason.
func TestGitHubsExamples(t *testing.T) {
	examples, err := contract.Examples()
	if err != nil {
		t.Fatal(err)
	}
	ends := map[string]int{}
	for n, e := range examples {
		ids, raw := install(t, e.Payload)
		var in stored
		h, err := webhook.New(webhook.Options{
			Secrets: [][]byte{[]byte("It's a Secret to Everybody")}, Intake: &in,
			Repositories: func(id int64) (webhook.Repository, bool) {
				return webhook.Repository{Installation: 5, IntakeLabel: ids.Label.Name}, id == ids.Repository.ID
			},
			Self:  func() int64 { return 1 },
			Clock: func() time.Time { return time.Date(2026, 11, 20, 12, 0, 0, 0, time.UTC) },
		})
		if err != nil {
			t.Fatal(err)
		}
		mac := hmac.New(sha256.New, []byte("It's a Secret to Everybody"))
		mac.Write(raw)
		r := httptest.NewRequest(http.MethodPost, "/webhook", bytes.NewReader(raw))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-GitHub-Event", e.Event)
		r.Header.Set("X-GitHub-Delivery", fmt.Sprintf("example-%d", n))
		r.Header.Set("X-Hub-Signature-256", "sha256="+hex.EncodeToString(mac.Sum(nil)))
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		checkExample(t, exampleEnd{event: e.Event, ids: ids, code: w.Code, line: strings.TrimSpace(w.Body.String()), in: in})
		ends[e.Event+" "+strings.TrimSpace(w.Body.String())]++
	}
	for _, want := range []string{"issues added", "issue_comment added", "repository noted: repository", "membership noted: teams", "team noted: teams", "ping ignored: ping"} {
		if ends[want] == 0 {
			t.Errorf("no example ends as %q: %v", want, ends)
		}
	}
}

type exampleEnd struct {
	event string
	ids   exampleIDs
	code  int
	line  string
	in    stored
}

func checkExample(t *testing.T, e exampleEnd) {
	t.Helper()
	listed := slices.ContainsFunc(webhook.Reasons(), func(r webhook.Reason) bool { return r.Line() == e.line })
	if !listed || e.code != http.StatusOK && e.code != http.StatusAccepted {
		t.Errorf("%s: %d %s", e.event, e.code, e.line)
	}
	if (len(e.in) == 1) != (e.line == "added") {
		t.Errorf("%s: %s, and stored %v", e.event, e.line, e.in)
	}
	for _, d := range e.in {
		object := e.ids.Issue.ID
		if e.event == "issue_comment" {
			object = e.ids.Comment.ID
		}
		if d.Ref.Repository != e.ids.Repository.ID || d.Ref.Issue != e.ids.Issue.ID || d.ObjectID != object || d.Ref.Installation != 5 {
			t.Errorf("%s: stored %+v, want %+v", e.event, d, e.ids)
		}
	}
}
