package bottest_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/bottest/contract"
)

// receiver records webhooks and answers with status.
type receiver struct {
	mu     sync.Mutex
	status int
	then   func(event string) // called for each
	got    []received
}

type received struct {
	header http.Header
	raw    []byte
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, q *http.Request) {
	raw, _ := io.ReadAll(q.Body)
	r.mu.Lock()
	r.got = append(r.got, received{header: q.Header, raw: raw})
	then := r.then
	r.mu.Unlock()
	if then != nil {
		then(q.Header.Get("X-GitHub-Event"))
	}
	w.WriteHeader(r.status)
}

func (r *receiver) all() []received {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.got)
}

// lines are the webhooks as "event.action by sender", with the label where there is one.
func (r *receiver) lines(t *testing.T) string {
	t.Helper()
	var lines []string
	for _, one := range r.all() {
		var p struct {
			Action string
			Sender struct{ Login string }
			Label  struct{ Name string }
		}
		if err := json.Unmarshal(one.raw, &p); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, strings.TrimSpace(one.header.Get("X-GitHub-Event")+"."+p.Action+" by "+p.Sender.Login+" "+p.Label.Name))
	}
	return strings.Join(lines, "\n")
}

func (w *world) listen() *receiver {
	r := &receiver{status: http.StatusAccepted}
	server := httptest.NewServer(r)
	w.t.Cleanup(server.Close)
	w.fake.SetWebhook(server.URL + "/webhook")
	return r
}

func (w *world) deliver(want int) {
	w.t.Helper()
	n, err := w.fake.Deliver(w.t.Context())
	w.check(err)
	if n != want {
		w.t.Errorf("%d webhooks were sent, want %d", n, want)
	}
}

func TestDeliveriesInOrder(t *testing.T) {
	w := newWorld(t)
	r := w.listen()
	n := w.open("account-recovery", "help")
	id, err := w.repo.Comment(n, "author", "hello")
	w.check(err)
	w.check(w.repo.EditComment(id, "author", "hello!"))
	w.check(w.repo.EditIssue(n, "author", "other"))
	w.check(w.repo.Unlabel(n, "helper", "help"))
	w.check(w.repo.Close(n, "author"))
	w.check(w.repo.Reopen(n, "author"))
	w.as(w.token("")).call(201, "POST "+comments, `{"body":"the bot"}`)
	w.check(w.repo.DeleteComment(id, "author"))
	w.deliver(11)
	want := `issues.opened by author
issues.labeled by author account-recovery
issues.labeled by author help
issue_comment.created by author
issue_comment.edited by author
issues.edited by author
issues.unlabeled by helper help
issues.closed by author
issues.reopened by author
issue_comment.created by recoverybot[bot]
issue_comment.deleted by author`
	if diff := cmp.Diff(want, r.lines(t)); diff != "" {
		t.Errorf("webhooks (-want +got):\n%s", diff)
	}
}

func TestHeadersAndSignatures(t *testing.T) {
	w := newWorld(t)
	r := w.listen()
	w.open()
	w.deliver(1)
	got := r.all()[0]
	one := hmac.New(sha1.New, []byte(secret))
	one.Write(got.raw)
	two := hmac.New(sha256.New, []byte(secret))
	two.Write(got.raw)
	want := map[string]string{
		"X-Hub-Signature":                        "sha1=" + hex.EncodeToString(one.Sum(nil)),
		"X-Hub-Signature-256":                    "sha256=" + hex.EncodeToString(two.Sum(nil)),
		"X-Github-Event":                         "issues",
		"X-Github-Delivery":                      w.fake.Deliveries()[0].GUID,
		"X-Github-Hook-Id":                       "292430182",
		"X-Github-Hook-Installation-Target-Id":   "4711",
		"X-Github-Hook-Installation-Target-Type": "integration",
		"User-Agent":                             "GitHub-Hookshot/044aadd",
		"Content-Type":                           "application/json",
	}
	have := map[string]string{}
	for key := range want {
		have[key] = got.header.Get(key)
	}
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}
	if len(want["X-Github-Delivery"]) != 36 {
		t.Errorf("delivery id %q is no GUID", want["X-Github-Delivery"])
	}
	other := newWorld(t)
	other.open()
	if first := other.fake.Pending()[0].GUID; first != want["X-Github-Delivery"] {
		t.Errorf("equal seeds, but delivery ids %s and %s", first, want["X-Github-Delivery"])
	}
}

// GitHub's published vector.
func TestPublishedSignature(t *testing.T) {
	fake := bottest.New(bottest.Options{Clock: (&clock{}).Now, AppID: 1, Slug: "x", WebhookSecret: "It's a Secret to Everybody"})
	got := fake.Headers(bottest.Delivery{Payload: []byte("Hello, World!")}).Get("X-Hub-Signature-256")
	if want := "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"; got != want {
		t.Errorf("signature %s, want %s", got, want)
	}
}

func TestRedeliverReplayRearrange(t *testing.T) {
	w := newWorld(t)
	r := w.listen()
	w.open()
	w.deliver(1)
	guid := w.fake.Deliveries()[0].GUID
	if !w.fake.Redeliver(guid) || w.fake.Redeliver("unknown") {
		t.Error("Redeliver knows the wrong ids")
	}
	replayed := w.fake.Replay(guid)
	own := w.fake.Send("ping", []byte(`{"zen":"x"}`))
	w.fake.Rearrange(func(queue []bottest.Delivery) []bottest.Delivery {
		slices.Reverse(queue)
		return append(queue, queue[0])
	})
	w.deliver(4)
	var got []string
	for _, one := range r.all() {
		got = append(got, one.header.Get("X-GitHub-Event")+" "+one.header.Get("X-GitHub-Delivery"))
	}
	want := []string{"issues " + guid, "ping " + own, "issues " + replayed, "issues " + guid, "ping " + own}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("deliveries (-want +got):\n%s", diff)
	}
	if string(r.all()[0].raw) != string(r.all()[2].raw) {
		t.Error("a replay has another payload")
	}
}

// What an edit was before is told by its webhook alone.
func TestEditsTellWhatWas(t *testing.T) {
	w := newWorld(t)
	n := w.open()
	id, err := w.repo.Comment(n, "author", "first")
	w.check(err)
	w.check(w.repo.EditComment(id, "author", "second"))
	w.check(w.repo.EditIssue(n, "author", "other"))
	w.check(w.repo.EditTitle(n, "author", "Title"))
	var got []string
	for _, d := range w.fake.Pending()[2:] {
		var p struct{ Changes json.RawMessage }
		w.check(json.Unmarshal(d.Payload, &p))
		got = append(got, string(p.Changes))
	}
	want := []string{`{"body":{"from":"first"}}`, `{"body":{"from":"### PyPI Username\n\njbber"}}`, `{"title":{"from":"Account recovery"}}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("changes (-want +got):\n%s", diff)
	}
}

func TestFailedDeliveries(t *testing.T) {
	w := newWorld(t)
	w.open()
	if _, err := w.fake.Deliver(t.Context()); !errors.Is(err, bottest.ErrNoWebhook) {
		t.Errorf("without an address: %v", err)
	}
	r := w.listen()
	r.status = http.StatusServiceUnavailable
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if n, err := w.fake.Deliver(ended); err == nil || n != 0 {
		t.Errorf("after the end: %d sent, %v", n, err)
	}
	w.fake.Send("ping", []byte(`{}`))
	if n, err := w.fake.Deliver(ended); err == nil || n != 0 || w.fake.Pending()[0].Event != "issues" {
		t.Errorf("after the end: %d sent, %v, next is %+v", n, err, w.fake.Pending()[0].Event)
	}
	w.deliver(2)
	w.deliver(0)
	got := w.fake.Deliveries()
	if len(got) != 2 || !got[0].Failed || got[0].Status != 503 || got[0].Action != "opened" {
		t.Errorf("deliveries %+v", got)
	}
}

func TestDeliverSendsWhatComesMeanwhile(t *testing.T) {
	w := newWorld(t)
	r := w.listen()
	n := w.open()
	r.then = func(event string) {
		if event == "issues" {
			_, err := w.repo.Comment(n, "author", "at once")
			if err != nil {
				t.Error(err)
			}
		}
	}
	w.deliver(2)
}

func TestRun(t *testing.T) {
	w := newWorld(t)
	r := w.listen()
	arrived := make(chan string, 8)
	r.then = func(event string) { arrived <- event }
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { w.fake.Run(ctx); close(done) }()
	w.open()
	for _, want := range []string{"issues"} {
		if got := <-arrived; got != want {
			t.Errorf("%s arrived, want %s", got, want)
		}
	}
	if _, err := w.repo.Comment(1, "author", "x"); err != nil {
		t.Error(err)
	}
	if got := <-arrived; got != "issue_comment" {
		t.Errorf("%s arrived, want issue_comment", got)
	}
	cancel()
	<-done
}

// exceptions are keys that GitHub sends, by its manual, and of which its examples have none.
func exceptions() []string {
	return []string{"issues changes.body", "issues changes.title", "installation_repositories installation.app_slug"}
}

// keys collects the keys of the two top levels: "issue", "issue.title", …
func keys(t *testing.T, event string, raw []byte) []string {
	t.Helper()
	var top map[string]json.RawMessage
	if err := json.Unmarshal(raw, &top); err != nil {
		t.Fatal(err)
	}
	var all []string
	for key, value := range top {
		all = append(all, event+" "+key)
		var sub map[string]json.RawMessage
		if json.Unmarshal(value, &sub) == nil {
			for name := range sub {
				all = append(all, event+" "+key+"."+name)
			}
		}
	}
	slices.Sort(all)
	return all
}

// Every key of our webhooks stands in one of GitHub's examples of that event.
func TestShapesOfWebhooks(t *testing.T) {
	examples, err := contract.Examples()
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, key := range exceptions() {
		known[key] = true
	}
	for _, e := range examples {
		for _, key := range keys(t, e.Event, e.Payload) {
			known[key] = true
		}
	}
	w := newWorld(t)
	other := w.fake.AddRepository(bottest.RepositoryOptions{Owner: "pypi", Name: "warehouse"})
	other.AddCollaborator("boss", "admin")
	n, gone := w.open("account-recovery"), w.open()
	id, err := w.repo.Comment(n, "author", "x")
	w.check(err)
	w.as(w.token("")).call(201, "POST "+comments, `{"body":"the bot"}`)
	w.check(w.repo.EditComment(id, "author", "y"))
	w.check(w.repo.DeleteComment(id, "author"))
	w.check(w.repo.EditIssue(n, "author", "z"))
	w.check(w.repo.EditTitle(n, "author", "z"))
	w.check(w.repo.Assign(n, "helper", "agent"))
	w.check(w.repo.Unassign(n, "helper", "agent"))
	w.check(w.repo.Unlabel(n, "helper", "account-recovery"))
	w.check(w.repo.Close(n, "author"))
	w.check(w.repo.Reopen(n, "author"))
	w.check(w.repo.Lock(n, "writer"))
	w.check(w.repo.DeleteIssue(gone, "boss"))
	_, err = w.repo.Transfer(n, "boss", other)
	w.check(err)
	w.check(w.repo.Rename("boss", "help"))
	w.changeAll(other)
	seen := map[string]bool{}
	for _, d := range w.fake.Pending() {
		seen[d.Event+"."+d.Action] = true
		for _, key := range keys(t, d.Event, d.Payload) {
			if !known[key] {
				t.Errorf("%s.%s: no example of GitHub has the key %q", d.Event, d.Action, key)
			}
		}
	}
	if len(seen) != 27 {
		t.Errorf("%d kinds of webhooks were compared, want 27: %v", len(seen), seen)
	}
}

// changeAll makes each webhook of an installation and of a repository.
func (w *world) changeAll(r *bottest.Repository) {
	w.t.Helper()
	do := []func(string) error{r.Archive, r.Unarchive, r.Privatize, r.Publicize}
	for _, change := range do {
		w.check(change("boss"))
	}
	w.check(w.fake.Uncover("boss", 1001, r))
	w.check(w.fake.Cover("boss", 1001, r))
	w.check(w.fake.Suspend("boss", 1001))
	w.check(w.fake.Unsuspend("boss", 1001))
	w.check(w.fake.Uninstall("boss", 1001))
	w.check(w.fake.Install("boss", 1002, r))
	w.check(r.TransferTo("boss", "psf", 1003))
	w.check(r.Delete("boss"))
}
