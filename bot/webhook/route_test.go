package webhook

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
)

// change applies one word of testdata/events.txt to a payload.
func change(t *testing.T, p object, word string) {
	t.Helper()
	key, value, _ := strings.Cut(word, "=")
	issue, _ := p["issue"].(object)
	switch key {
	case "sender":
		p["sender"] = people()[value]
	case "author":
		issue["user"] = people()[value]
	case "by":
		p["comment"].(object)["user"] = people()[value]
	case "label":
		p["label"] = object{"name": strings.ReplaceAll(value, "_", " ")}
	case "age":
		age, err := time.ParseDuration(value)
		if err != nil {
			t.Fatal(err)
		}
		issue["created_at"] = testNow().Add(-age).Format(time.RFC3339)
	case "pull":
		issue["pull_request"] = object{"url": "x"}
	case "repository", "installation":
		id, err := strconv.Atoi(value)
		if err != nil {
			t.Fatal(err)
		}
		p[key].(object)["id"] = id
	case "text":
		p["comment"].(object)["body"] = written(value)
	case "title", "body":
		issue[key] = written(value)
	case "was-title", "was":
		now, _ := p["changes"].(object)
		if now == nil {
			now = object{}
		}
		now[map[string]string{"was-title": "title", "was": "body"}[key]] = object{"from": written(value)}
		p["changes"] = now
	case "self", "foreign":
	default:
		t.Fatalf("unknown word %q", word)
	}
}

func TestEvents(t *testing.T) {
	raw, err := os.ReadFile("testdata/events.txt")
	if err != nil {
		t.Fatal(err)
	}
	met := map[string]bool{}
	for n, line := range strings.Split(string(raw), "\n") {
		said, want, ok := strings.Cut(line, " -> ")
		if !ok || strings.HasPrefix(line, "#") {
			continue
		}
		t.Run(fmt.Sprintf("line %d", n+1), func(t *testing.T) {
			words := strings.Fields(said)
			event, action, _ := strings.Cut(words[0], ".")
			p := usual()
			p["action"] = action
			if event == commentEvent {
				p = withComment(p)
			}
			for _, w := range words[1:] {
				change(t, p, w)
			}
			foreign := slices.Contains(words, "foreign")
			h, in := newHandler(t, func(o *Options) {
				o.Ignored = func(id int64) bool { return id == machineID }
				if strings.Contains(said, "self=unknown") {
					o.Self = func() int64 { return 0 }
				}
			})
			if foreign {
				in.outcome = bot.Foreign
			}
			_, got := send(h, request(event, encode(t, p)))
			if got != want {
				t.Errorf("%s\n got %s", line, got)
			}
			if stored := len(in.got) == 1; stored != (want == "added" || foreign) {
				t.Errorf("%s\n stored: %v", line, in.got)
			}
		})
		met[want] = true
	}
	for _, k := range kinds() {
		if line := k.reason.Line(); (k.status == 200 && k.reason != Seen || k.reason == Added) && !met[line] {
			t.Errorf("no line of testdata/events.txt ends with %q", line)
		}
	}
}

func TestDelivery(t *testing.T) {
	p := withComment(usual())
	p["action"] = "created"
	raw := encode(t, p)
	h, in := newHandler(t)
	if status, line := send(h, request("issue_comment", raw)); status != 202 || line != "added" {
		t.Fatalf("got %d %s", status, line)
	}
	digest := sha256.Sum256([]byte("issue_comment\n" + string(raw)))
	text := sha256.Sum256([]byte("/status canary-comment"))
	want := []bot.Delivery{{
		GUID: "72d3162e-cc78-11e3-81ab-4c9367dc0958", Digest: hex.EncodeToString(digest[:]),
		Event: "issue_comment", Action: "created",
		Ref:     bot.Ref{CaseKey: bot.CaseKey{Repository: 7, Issue: 100}, Installation: 5, Owner: "octo", Name: "help", Number: 3},
		Private: true, AuthorID: 1, ObjectID: 55, ObjectUpdatedAt: time.Date(2026, 11, 20, 11, 30, 0, 0, time.UTC),
		SenderID: 1, CommentSHA256: hex.EncodeToString(text[:]), Command: true,
		ReceivedAt: testNow(),
	}}
	if d := cmp.Diff(want, in.got); d != "" {
		t.Errorf("delivery (-want +got):\n%s", d)
	}
	delete(p, "comment")
	p["action"], p["sender"] = "closed", people()["robot"]
	raw = encode(t, p)
	digest = sha256.Sum256([]byte("issues\n" + string(raw)))
	send(h, request("issues", raw))
	w := want[0]
	w.Digest, w.Event, w.Action = hex.EncodeToString(digest[:]), "issues", "closed"
	w.ObjectID, w.ObjectUpdatedAt, w.CommentSHA256, w.Command = 100, testNow(), "", false
	w.SenderID, w.SenderBot = 3, true
	if d := cmp.Diff(w, in.got[1]); d != "" {
		t.Errorf("delivery (-want +got):\n%s", d)
	}
}

// No text of the payload leaves the handler, whatever becomes of it.
func TestCanaries(t *testing.T) {
	for _, event := range []string{"issues", "issue_comment", "repository", "ping", "canary-event"} {
		for _, action := range []string{"opened", "created", "labeled", "canary-action"} {
			for _, broken := range []string{"", `"number":3`, `"id":100`, `"created_at":"`} {
				var log bytes.Buffer
				h, in := newHandler(t, func(o *Options) {
					o.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
				})
				p := withComment(usual())
				p["action"], p["label"] = action, object{"name": "canary-label"}
				raw := encode(t, p)
				if broken != "" {
					raw = bytes.Replace(raw, []byte(broken), []byte(`"canary":"`), 1)
				}
				in.err = errors.New("the disk is full")
				_, line := send(h, request(event, raw))
				if all := line + log.String() + string(encode(t, in.got)); strings.Contains(all, "canary") {
					t.Errorf("%s %s: %s", event, action, all)
				}
			}
		}
	}
}

func TestRepositories(t *testing.T) {
	for name, c := range map[string]struct {
		action string
		set    object
		want   bot.Repository
	}{
		"renamed":    {"renamed", object{"full_name": "octo/new"}, bot.Repository{Name: "new", State: "active", Private: true}},
		"publicized": {"publicized", object{"private": false}, bot.Repository{Name: "help", State: "active"}},
		"archived":   {"archived", object{"archived": true}, bot.Repository{Name: "help", State: "archived", Private: true}},
		"unarchived": {"unarchived", object{"archived": false}, bot.Repository{Name: "help", State: "active", Private: true}},
		"deleted":    {"deleted", object{"archived": true}, bot.Repository{Name: "help", State: "gone", Private: true}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []bot.Repository
			var fail error
			h, _ := newHandler(t, func(o *Options) {
				o.OnRepository = func(_ context.Context, r bot.Repository) error {
					got = append(got, r)
					return fail
				}
			})
			p := usual()
			p["action"] = c.action
			for k, v := range c.set {
				p["repository"].(object)[k] = v
			}
			r := request("repository", encode(t, p))
			if _, line := send(h, r); line != "noted: repository" {
				t.Error(line)
			}
			c.want.ID, c.want.Owner, c.want.Installation = 7, "octo", 5
			if d := cmp.Diff([]bot.Repository{c.want}, got); d != "" {
				t.Errorf("repository (-want +got):\n%s", d)
			}
			fail = errors.New("the disk is full")
			if status, line := send(h, request("repository", encode(t, p))); status != 503 || line != "refused: unavailable" {
				t.Errorf("got %d %s", status, line)
			}
		})
	}
}

func TestTeams(t *testing.T) {
	calls := 0
	h, in := newHandler(t, func(o *Options) { o.OnTeams = func() { calls++ } })
	for _, event := range []string{"membership", "team", "organization", "issues"} {
		send(h, request(event, []byte(`{"action":"added"}`)))
	}
	if calls != 3 || len(in.got) != 0 {
		t.Errorf("%d calls, stored %v; want 3 and none", calls, in.got)
	}
}
