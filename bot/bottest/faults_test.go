package bottest_test

import (
	"context"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

const comments = "/repos/pypi/support/issues/1/comments"

func TestStatusFaults(t *testing.T) {
	w := newWorld(t)
	w.open()
	token := w.token("")
	reset := time.Date(2026, 12, 3, 11, 0, 0, 0, time.UTC)
	w.fake.Fail(bottest.Fault{On: "POST comment", Status: 502, Skip: 1, Times: 2})
	w.fake.Fail(bottest.Fault{Path: "/repos/*/*/issues/*/comments", Method: "POST", Status: 403, RetryAfter: time.Minute})
	w.fake.Fail(bottest.Fault{Match: func(c bottest.Call) bool { return c.Write }, Status: 429, Reset: reset})

	if minted := w.fake.Calls()[0]; minted.Kind != "token" || minted.Write || !minted.ByApp {
		t.Errorf("minting is recorded as %+v, want no write", minted)
	}
	mark := w.fake.Mark()
	w.as(token).call(201, "POST "+comments, `{"body":"1"}`)
	w.as(token).call(200, "GET "+comments, "")
	w.as(person("author")).call(201, "POST "+comments, `{"body":"people are never hit"}`)
	w.as(token).call(502, "POST "+comments, `{"body":"2"}`)
	w.as(token).call(502, "POST "+comments, `{"body":"2"}`)
	if got := w.as(token).call(403, "POST "+comments, `{"body":"2"}`).header.Get("Retry-After"); got != "60" {
		t.Errorf("Retry-After %q, want 60", got)
	}
	limited := w.as(token).call(429, "POST "+comments, `{"body":"2"}`).header
	if limited.Get("X-RateLimit-Remaining") != "0" || limited.Get("X-RateLimit-Reset") != "1796295600" {
		t.Errorf("rate limit headers %v", limited)
	}
	w.as(token).call(201, "POST "+comments, `{"body":"2"}`)

	var got []bottest.Call
	for _, c := range w.fake.CallsSince(mark) {
		got = append(got, bottest.Call{Kind: c.Kind, Status: c.Status, Write: c.Write, ByApp: c.ByApp})
	}
	post := func(status int) bottest.Call {
		return bottest.Call{Kind: "POST comment", Status: status, Write: true, ByApp: true}
	}
	want := []bottest.Call{
		post(201),
		{Kind: "GET comments", Status: 200, ByApp: true},
		{Kind: "POST comment", Status: 201, Write: true},
		post(502), post(502), post(403), post(429), post(201),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
	if n := w.fake.CountSince(mark, "POST comment"); n != 6 {
		t.Errorf("the app posted %d comments, want 6 tries", n)
	}
	if n := w.fake.CountSince(mark); n != 7 {
		t.Errorf("the app made %d calls, want 7", n)
	}
	if left := w.fake.ClearFaults(); left != 0 {
		t.Errorf("%d failures left", left)
	}
	w.fake.ResetCalls()
	if n := len(w.fake.Calls()); n != 0 {
		t.Errorf("%d calls after the reset", n)
	}
}

func TestFaultsThatBreakTheConnection(t *testing.T) {
	cases := []struct {
		name  string
		fault bottest.Fault
		want  int // comments afterwards
	}{
		{"cut before", bottest.Fault{Kind: bottest.FaultCutBefore}, 0},
		{"cut after the write", bottest.Fault{Kind: bottest.FaultCut}, 1},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			n := w.open()
			token := w.token("")
			c.fault.On = "POST comment"
			w.fake.Fail(c.fault)
			if a, err := w.as(token).try("POST "+comments, `{"body":"x"}`); err == nil {
				t.Errorf("an answer came back: %d", a.status)
			}
			if got := len(w.issue(n).Comments); got != c.want {
				t.Errorf("%d comments, want %d", got, c.want)
			}
			calls := w.fake.Calls()
			if last := calls[len(calls)-1]; last.Status != 0 || !last.Write {
				t.Errorf("the call is recorded as %+v", last)
			}
		})
	}
}

func TestErrorAfterTheWrite(t *testing.T) {
	w := newWorld(t)
	n := w.open()
	token := w.token("")
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultAfter, On: "POST comment", Status: 502})
	w.as(token).call(502, "POST "+comments, `{"body":"x"}`)
	if got := len(w.issue(n).Comments); got != 1 {
		t.Errorf("%d comments, want 1", got)
	}
}

func TestHangEndsWithTheCaller(t *testing.T) {
	w := newWorld(t)
	w.open()
	token := w.token("")
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultHang, On: "GET issue"})
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/repos/pypi/support/issues/1", nil)
	w.check(err)
	req.Header.Set("Authorization", token)
	done := make(chan error, 1)
	go func() {
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			err = res.Body.Close()
		}
		done <- err
	}()
	for w.fake.CountSince(0, "GET issue") == 0 { // until the call has arrived
		select {
		case err := <-done:
			t.Fatalf("the call ended by itself: %v", err)
		default:
		}
	}
	cancel()
	if err := <-done; err == nil {
		t.Error("a hanging call was answered")
	}
}

func TestRedirectFault(t *testing.T) {
	w := newWorld(t)
	w.open()
	token := w.token("")
	w.fake.Fail(bottest.Fault{Kind: bottest.FaultRedirect, On: "GET issue", Location: w.url + "/repositories/1/issues/1"})
	a := w.as(token).call(301, "GET /repos/pypi/support/issues/1", "")
	if got := a.header.Get("Location"); got != w.url+"/repositories/1/issues/1" {
		t.Errorf("Location %q", got)
	}
}

func TestStaleReads(t *testing.T) {
	w := newWorld(t)
	w.open()
	token := w.token("")
	stale := func() answer {
		t.Helper()
		w.fake.Fail(bottest.Fault{Kind: bottest.FaultStale, On: "GET issue"})
		a, err := w.as(token).try("GET /repos/pypi/support/issues/1", "")
		w.check(err)
		return a
	}
	if got := stale(); got.status != 404 {
		t.Errorf("a new issue on a lagging replica: %d, want 404", got.status)
	}
	w.clock.pass(time.Minute)
	w.check(w.repo.Label(1, "helper", "bug"))
	w.check(w.repo.EditIssue(1, "author", "edited"))
	got := stale().object()
	if got["body"] != form || len(got["labels"].([]any)) != 0 || got["updated_at"] != "2026-12-03T10:12:00Z" {
		t.Errorf("stale: body %q, labels %v, updated_at %v", got["body"], got["labels"], got["updated_at"])
	}
	fresh := w.as(token).call(200, "GET /repos/pypi/support/issues/1", "").object()
	if fresh["body"] != "edited" || fresh["updated_at"] != "2026-12-03T10:13:00Z" {
		t.Errorf("fresh: body %q, updated_at %v", fresh["body"], fresh["updated_at"])
	}
}
