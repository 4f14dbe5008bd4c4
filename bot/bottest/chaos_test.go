package bottest_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// rough plays calls of the App under chaos and returns the statuses, 0 for a cut connection.
func rough(t *testing.T, seed uint64) ([]int, map[string]int) {
	t.Helper()
	w := worldWith(t, bottest.Options{Lean: true})
	w.open()
	token := w.token("")
	w.fake.Chaos(bottest.ChaosOptions{Seed: seed, Share: 0.5, MaxHang: time.Millisecond, Latency: time.Microsecond})
	var got []int
	for i := range 120 {
		what := "GET " + issueOne
		if i%2 == 1 {
			what = "POST " + comments
		}
		got = append(got, w.direct(t.Context(), what, token))
	}
	wrong := w.fake.Wrong()
	w.fake.Calm()
	for range 20 {
		w.as(token).call(200, "GET "+issueOne, "")
	}
	return got, wrong
}

func TestChaosIsSeeded(t *testing.T) {
	one, wrong := rough(t, 7)
	again, same := rough(t, 7)
	if diff := cmp.Diff(one, again); diff != "" {
		t.Errorf("equal seeds (-first +second):\n%s", diff)
	}
	if diff := cmp.Diff(wrong, same); diff != "" {
		t.Errorf("equal seeds (-first +second):\n%s", diff)
	}
	if other, _ := rough(t, 8); cmp.Equal(one, other) {
		t.Error("another seed draws the same")
	}
	names := []string{
		"cut", "cut before", "done, then 500", "done, then 502", "done, then 503", "hang", "redirect", "stale",
		"status 403", "status 429", "status 500", "status 502", "status 503",
	}
	for _, name := range names {
		if wrong[name] == 0 {
			t.Errorf("no %s among %v", name, wrong)
		}
	}
	if len(wrong) != len(names) {
		t.Errorf("%v, want %v", wrong, names)
	}
}

func TestChaosOfWebhooks(t *testing.T) {
	w := newWorld(t)
	r := w.listen()
	w.fake.Chaos(bottest.ChaosOptions{Seed: 3, Duplicate: 0.1, Reorder: 0.2, ReorderBy: 5, Drop: 0.1, Fail: 0.1})
	const all = 300
	for range all {
		w.open()
	}
	if _, err := w.fake.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	wrong, seen, unordered, last := w.fake.Wrong(), map[string]int{}, 0, 0
	place := map[string]int{}
	for i, d := range w.fake.Deliveries() {
		if at, known := place[d.GUID]; !known {
			place[d.GUID] = i
		} else if i-at > 11 {
			t.Errorf("a duplicate came %d later", i-at)
		}
		if d.Issue < last {
			unordered++
		}
		last = d.Issue
	}
	for _, one := range r.all() {
		seen[one.header.Get("X-GitHub-Delivery")]++
	}
	if got := len(place); got != all-wrong["drop"] {
		t.Errorf("%d webhooks were tried, want %d less %d", got, all, wrong["drop"])
	}
	if got := len(r.all()); got != all-wrong["drop"]-wrong["fail"]+wrong["duplicate"] {
		t.Errorf("%d came of %d, with %v", got, all, wrong)
	}
	for _, kind := range []string{"drop", "fail", "duplicate", "reorder"} {
		if wrong[kind] < 10 || wrong[kind] > 100 {
			t.Errorf("%d of %d: %s", wrong[kind], all, kind)
		}
	}
	if unordered < 20 {
		t.Errorf("%d came out of order, want more", unordered)
	}
}

// TestRunKeepsTheOrderOfAnIssue holds the first webhook of one issue back: those of the others arrive meanwhile, its own later ones do not.
func TestRunKeepsTheOrderOfAnIssue(t *testing.T) {
	w := worldWith(t, bottest.Options{Senders: 16})
	r := w.listen()
	const issues, each = 24, 5
	var mu sync.Mutex
	arrived, release := make(chan string, issues*each), make(chan struct{})
	first := true
	r.then = func(string) {
		mu.Lock()
		wait := first
		first = false
		mu.Unlock()
		if wait {
			<-release
		}
		arrived <- ""
	}
	for range issues {
		w.open()
	}
	for i := range each - 1 {
		for n := range issues {
			_, err := w.repo.Comment(n+1, "author", fmt.Sprint(i))
			w.check(err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { w.fake.Run(ctx); close(done) }()
	for range issues { // some other lanes go on
		<-arrived
	}
	close(release)
	for range issues*each - issues {
		<-arrived
	}
	cancel()
	<-done
	last := map[string]string{}
	for _, one := range r.all() {
		at := numberOf(t, one.raw)
		if body := string(one.raw); strings.Contains(body, `"comment":`) && one.header.Get("X-GitHub-Event") == "issue_comment" {
			text := bodyOf(t, one.raw)
			if last[at] > text {
				t.Errorf("issue %s: %q came after %q", at, text, last[at])
			}
			last[at] = text
		} else if last[at] != "" {
			t.Errorf("issue %s was opened after its comments", at)
		}
	}
}

func TestRunStopsAndGoesOn(t *testing.T) {
	w := worldWith(t, bottest.Options{Senders: 4})
	for range 50 {
		w.open()
	}
	r := w.listen()
	ctx, cancel := context.WithCancel(t.Context())
	r.then = func(string) { cancel() }
	w.fake.Run(ctx)
	for i, d := range w.fake.Pending() {
		if left := w.fake.Pending(); i > 0 && d.Issue < left[i-1].Issue {
			t.Errorf("issue %d waits behind issue %d", d.Issue, left[i-1].Issue)
		}
	}
	if _, err := w.fake.Deliver(t.Context()); err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, one := range r.all() {
		seen[one.header.Get("X-GitHub-Delivery")] = true
	}
	if len(seen) != 50 || len(w.fake.Pending()) != 0 {
		t.Errorf("%d of 50 webhooks came, %d are queued", len(seen), len(w.fake.Pending()))
	}
}

func TestRunSendsWhatIsHeldBack(t *testing.T) {
	w := newWorld(t)
	r := w.listen()
	arrived := make(chan string, 8)
	r.then = func(event string) { arrived <- event }
	w.fake.Chaos(bottest.ChaosOptions{Reorder: 1})
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() { w.fake.Run(ctx); close(done) }()
	w.open()
	<-arrived
	cancel()
	<-done
}

func TestLatency(t *testing.T) {
	w := worldWith(t, bottest.Options{Latency: time.Hour})
	w.open()
	ctx, cancel := context.WithCancel(t.Context())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, w.url+"/app", nil)
	w.check(err)
	req.Header.Set("Authorization", w.app())
	done := make(chan error, 1)
	go func() {
		res, err := http.DefaultClient.Do(req)
		if err == nil {
			err = res.Body.Close()
		}
		done <- err
	}()
	for w.fake.CountSince(0, "app") == 0 { // until the call has arrived
		select {
		case err := <-done:
			t.Fatalf("the call ended by itself: %v", err)
		default:
		}
	}
	w.as(person("author")).call(200, "GET "+issueOne, "")
	cancel()
	if err := <-done; err == nil {
		t.Error("a slow call was answered at once")
	}
	w.fake.SetLatency(time.Nanosecond)
	w.as(w.app()).call(200, "GET /app", "")
}
