package webhook

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

const (
	mailSecret = "0123456789abcdef0123456789abcdef"
	nextSecret = "fedcba9876543210fedcba9876543210"
)

// mailStore knows a few requests. Like a bot.Store it keeps a GUID once.
type mailStore struct {
	got  map[string]bot.Delivery
	fail error
}

func (s *mailStore) AddDelivery(_ context.Context, d bot.Delivery) (bot.Outcome, error) {
	if _, ok := s.got[d.GUID]; ok {
		return bot.Seen, s.fail
	}
	s.got[d.GUID] = d
	return bot.Added, s.fail
}

func (s *mailStore) FindCase(_ context.Context, owner, name string, number int) (bot.Case, error) {
	c := bot.Case{
		Ref:      bot.Ref{CaseKey: bot.CaseKey{Repository: 7, Issue: 100}, Installation: 5, Owner: "octo", Name: "help", Number: 17},
		AuthorID: 1, Private: true, Memory: policy.Memory{State: policy.Asked}, NewestSeen: testNow().Add(-time.Hour),
	}
	switch repo := owner + "/" + name; {
	case s.fail != nil:
		return c, s.fail
	case number == 17 && (repo == "/" || repo == "octo/help"):
		return c, nil
	case number == 17 && repo == "octo/elsewhere": // served once, not now
		c.Ref.Repository = 8
		return c, nil
	case number == 18 && repo == "/":
		return bot.Case{}, bot.ErrSeveral
	case number == 19:
		c.Memory = policy.Memory{} // an issue that is no request
		return c, nil
	}
	return bot.Case{}, bot.ErrNotFound
}

type mailWorld struct {
	*MailHandler

	store *mailStore
	log   *strings.Builder
	now   time.Time
}

func newMail(t *testing.T) *mailWorld {
	t.Helper()
	w := &mailWorld{store: &mailStore{got: map[string]bot.Delivery{}}, log: &strings.Builder{}, now: testNow()}
	h, err := NewMail(MailOptions{
		Secrets: [][]byte{[]byte(mailSecret), []byte(nextSecret)}, Intake: w.store,
		Served: func(id int64) bool { return id == 7 }, Clock: func() time.Time { return w.now },
		Logger: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	})
	if err != nil {
		t.Fatal(err)
	}
	w.MailHandler = h
	return w
}

func mailRequestTo(body string) *http.Request {
	r := httptest.NewRequest(http.MethodPost, "/hooks/mail", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+mailSecret)
	return r
}

func TestMailHook(t *testing.T) {
	const canary = "canary-text ann@example.org"
	for _, c := range []struct {
		body string
		want string
		kept int
	}{
		{`{"subject":"[recovery #17]"}`, "202 taken", 1},
		{`{"subject":"Re: AW: ` + canary + ` [Recovery  #17] [recovery #17]","from":"` + canary + `","body":"[recovery #99]"}`, "202 taken", 1},
		{`{"subject":"[recovery Octo/Help#17]"}`, "202 taken", 1},
		{`{"request":"octo/help#17"}`, "202 taken", 1},
		{`{"request":"#17"}`, "202 taken", 1},
		{`{"subject":"[recovery octo/elsewhere#17]"}`, "202 taken", 0},
		{`{"subject":"[recovery octo/unknown#17]"}`, "202 taken", 0},
		{`{"subject":"[recovery #404]"}`, "202 taken", 0},
		{`{"subject":"[recovery #18]"}`, "202 taken", 0},
		{`{"subject":"[recovery #19]"}`, "202 taken", 0},
		{`{"subject":"[recovery #17] [recovery #404]"}`, "400 refused: no-number", 0},
		{`{"subject":"[recovery #0]"}`, "400 refused: no-number", 0},
		{`{"subject":"[recovery #1234567890]"}`, "400 refused: no-number", 0},
		{`{"subject":"recovery #17, ` + canary + `"}`, "400 refused: no-number", 0},
		{`{"request":"see octo/help#17"}`, "400 refused: no-number", 0},
		{`{"request":"octo/help#17","subject":"[recovery #17]"}`, "400 refused: no-number", 0},
		{`{}`, "400 refused: no-number", 0},
		{`{"subject":17}`, "400 refused: no-json", 0},
		{`subject=%5Brecovery+%2317%5D`, "400 refused: no-json", 0},
		{``, "400 refused: no-json", 0},
		{`{"subject":"` + strings.Repeat("x", maxMail) + `"}`, "413 refused: too-large", 0},
	} {
		w := newMail(t)
		status, text := send(w, mailRequestTo(c.body))
		if got := fmt.Sprintf("%d %s", status, text); got != c.want || len(w.store.got) != c.kept {
			t.Errorf("%.80s: got %q and %d deliveries, want %q and %d", c.body, got, len(w.store.got), c.want, c.kept)
		}
		if seen := fmt.Sprintf("%s%s%v", text, w.log, w.store.got); strings.Contains(seen, "canary") || strings.Contains(seen, "example.org") {
			t.Errorf("%.80s: the text is kept: %s", c.body, seen)
		}
		if got := w.Counts()[Reason(strings.TrimPrefix(text, "refused: "))]; got != 1 {
			t.Errorf("%.80s: counted %d times, want once", c.body, got)
		}
	}
}

// The delivery is of the issue as it is known, by nobody.
func TestMailDelivery(t *testing.T) {
	w := newMail(t)
	send(w, mailRequestTo(`{"subject":"[recovery #17]"}`))
	guid := fmt.Sprintf("mail:7:100:%d", testNow().Unix()/60)
	want := map[string]bot.Delivery{guid: {
		GUID: guid, Digest: bot.Digest(guid), Event: "mail", Action: "received", Private: true, AuthorID: 1, ObjectID: 100,
		Ref:             bot.Ref{CaseKey: bot.CaseKey{Repository: 7, Issue: 100}, Installation: 5, Owner: "octo", Name: "help", Number: 17},
		ObjectUpdatedAt: testNow().Add(-time.Hour), ReceivedAt: testNow(),
	}}
	if diff := cmp.Diff(want, w.store.got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// However many mails come, a request gets one delivery a minute.
func TestMailFlood(t *testing.T) {
	w := newMail(t)
	for range 600 {
		w.now = w.now.Add(200 * time.Millisecond)
		for _, body := range []string{`{"subject":"[recovery #17] x"}`, `{"request":"octo/help#17"}`} {
			if status, text := send(w, mailRequestTo(body)); status != http.StatusAccepted {
				t.Fatalf("got %d %s, want 202", status, text)
			}
		}
	}
	if got := len(w.store.got); got != 3 { // the first at noon, the last at two past
		t.Errorf("got %d deliveries of 1200 mails in two minutes, want 3", got)
	}
}

// While the secret is being changed both are good; nothing else ever is, and
// then not a byte of the body is read.
func TestMailSecret(t *testing.T) {
	for _, c := range []struct {
		header []string
		want   int
	}{
		{[]string{"Bearer " + mailSecret}, 202},
		{[]string{"Bearer " + nextSecret}, 202},
		{[]string{"bearer " + mailSecret}, 202},
		{nil, 401},
		{[]string{""}, 401},
		{[]string{"Bearer "}, 401},
		{[]string{"Bearer " + mailSecret[1:]}, 401},
		{[]string{"Bearer " + mailSecret + "0"}, 401},
		{[]string{"Bearer " + mailSecret + nextSecret}, 401},
		{[]string{"Basic " + mailSecret}, 401},
		{[]string{mailSecret}, 401},
		{[]string{"Bearer " + mailSecret, "Bearer " + mailSecret}, 401},
		{[]string{"Bearer " + secret}, 401},
	} {
		w := newMail(t)
		r := mailRequestTo(`{"subject":"[recovery #17]"}`)
		r.Header["Authorization"] = c.header
		if c.want == 401 {
			r.Body = http.MaxBytesReader(nil, r.Body, -1) // any read fails
		}
		if status, text := send(w, r); status != c.want || status == 401 && (text != "refused: bad-secret" || len(w.store.got) > 0) {
			t.Errorf("%q: got %d %s, want %d", c.header, status, text, c.want)
		}
	}
	w := newMail(t)
	r := mailRequestTo("")
	r.Method = http.MethodGet
	if status, _ := send(w, r); status != http.StatusMethodNotAllowed {
		t.Errorf("GET: got %d, want 405", status)
	}
}

func TestMailNotStored(t *testing.T) {
	w := newMail(t)
	w.store.fail = errors.New("disk full")
	rec := httptest.NewRecorder()
	w.ServeHTTP(rec, mailRequestTo(`{"subject":"[recovery #17]"}`))
	if rec.Code != http.StatusServiceUnavailable || rec.Header().Get("Retry-After") == "" || !strings.Contains(w.log.String(), "level=ERROR") {
		t.Errorf("got %d, %v, log %s; want 503, Retry-After and an error", rec.Code, rec.Header(), w.log)
	}
}

func TestNewMailRefuses(t *testing.T) {
	good := MailOptions{
		Secrets: [][]byte{[]byte(mailSecret)}, Intake: &mailStore{}, Served: func(int64) bool { return true }, Clock: testNow,
	}
	for _, c := range []struct {
		change func(*MailOptions)
		want   string
	}{
		{func(o *MailOptions) { o.Secrets = nil }, "no secret"},
		{func(o *MailOptions) { o.Secrets = append(slices.Clone(o.Secrets), []byte(mailSecret[1:])) }, "has 31 bytes, and needs 32"},
		{func(o *MailOptions) { o.Intake = nil }, "needs an intake"},
		{func(o *MailOptions) { o.Served = nil }, "needs an intake"},
		{func(o *MailOptions) { o.Clock = nil }, "needs an intake"},
	} {
		o := good
		c.change(&o)
		if _, err := NewMail(o); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got %v, want %q", err, c.want)
		}
	}
}
