package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
)

// TestTown: the policy that serve reads names each repository of the town, and
// nothing else of the demo's.
func TestTown(t *testing.T) {
	t.Chdir("../..")
	dir := t.TempDir()
	town, err := newTown(t.Context(), plan{installations: 3}, dir)
	if err != nil {
		t.Fatal(err)
	}
	defer town.close()
	policy, err := os.ReadFile(filepath.Join(dir, "recovery.yml"))
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range town.repos {
		want := fmt.Sprintf("  - {id: %d, name: octo-registry/support-%d}\n", r.ID(), i)
		if !strings.Contains(string(policy), want) {
			t.Errorf("got policy\n%s\nwant the line %s", policy, want)
		}
	}
	if len(town.repos) != 3 || strings.Contains(string(policy), "desk:") {
		t.Errorf("got %d repositories and policy\n%s\nwant 3, and no desk", len(town.repos), policy)
	}
	var got atomic.Int64
	hook := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got.Add(1) }))
	defer hook.Close()
	town.fake.SetWebhook(hook.URL)
	if err := town.open(t.Context(), plan{issues: 2}); err != nil || got.Load() < 6 {
		t.Errorf("got %d deliveries and %v, want one of each of 6 requests", got.Load(), err)
	}
}
