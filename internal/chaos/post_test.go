package main

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// A webhook that failed is listed as failed, and sent again until it arrives; people wait for that.
// With every kind of mishap in its turn all arrive in the end, but for those that are lost.
func TestPost(t *testing.T) {
	f := bottest.New(bottest.Options{Clock: time.Now, AppID: appID, Slug: slug})
	repo := f.AddRepository(bottest.RepositoryOptions{Owner: "octo-registry", Name: "support-1"})
	var mu sync.Mutex
	got := map[string]int{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		if got[r.Header.Get("X-GitHub-Delivery")]++; got[r.Header.Get("X-GitHub-Delivery")] == 1 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	p := newPost(ctx, 1)
	p.fake, p.figures, p.again, p.rate = f, &figures{}, time.Millisecond, 0.3
	p.address = func() string { return server.URL }
	for range 20 {
		n, err := repo.OpenIssue("user-1", bottest.Draft{Title: "Help", Body: "please"})
		if err != nil {
			t.Fatal(err)
		}
		p.collect()
		if !p.arrived(ctx, place{"octo-registry/support-1", n}) {
			t.Fatalf("what was said about issue %d did not arrive within a minute", n)
		}
	}
	failed := 0
	for _, d := range f.Deliveries() {
		if d.Failed {
			failed++
		}
	}
	p.figures.mu.Lock()
	lostOnes := p.figures.all["webhooks"][string(lost)]
	p.figures.mu.Unlock()
	mu.Lock()
	defer mu.Unlock()
	if len(got)+lostOnes != 20 || lostOnes == 0 {
		t.Errorf("%d webhooks came, %d were lost, want 20 together, and some of both", len(got), lostOnes)
	}
	if failed < len(got) {
		t.Errorf("%d attempts are listed as failed, want %d at least", failed, len(got))
	}
}
