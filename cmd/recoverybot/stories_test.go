package main

import (
	"bytes"
	"context"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/bottest/contract"
)

var update = flag.Bool("update", false, "write what was seen into the stories")

func testEnv() *env {
	return &env{in: bytes.NewReader(nil), out: &bytes.Buffer{}, err: &bytes.Buffer{}, now: time.Now}
}

// checked is a place where every exchange with the built-in GitHub is checked
// against GitHub's own contract.
func checked(t *testing.T) place {
	return place{dir: t.TempDir(), front: func(h http.Handler) http.Handler { return contract.Handler(t, h) }}
}

// TestStories plays the demo's stories and compares the end of each with what
// is written down.
func TestStories(t *testing.T) {
	stories, err := bottest.Stories()
	if err != nil {
		t.Fatal(err)
	}
	e := testEnv()
	w, err := newWorld(t.Context(), e, checked(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := w.close(); err != nil {
			t.Error(err)
		}
	})
	for _, s := range stories {
		t.Run(s.Name, func(t *testing.T) {
			got, err := w.play(t.Context(), s, &screen{e: e, quiet: true})
			if err != nil {
				t.Fatal(err)
			}
			if s.Why != "" {
				w.never(t, got.issue.Number)
			}
			if *update {
				writeWant(t, s.Name, got.files())
				return
			}
			if where, written, seen := got.differs(s); where != "" {
				t.Errorf("%sthe end (-written +seen):\n%s", where, cmp.Diff(written, seen))
			}
		})
	}
}

func writeWant(t *testing.T, story string, want map[string]string) {
	t.Helper()
	path := filepath.Join("..", "..", "bot", "bottest", "stories", story+".txtar")
	a, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range a.Files {
		if text, ok := want[a.Files[i].Name]; ok {
			a.Files[i].Data = []byte(text + "\n")
		}
	}
	if err := os.WriteFile(path, txtar.Format(a), 0o600); err != nil {
		t.Fatal(err)
	}
}

// run1 runs the program in this process.
func run1(ctx context.Context, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = run(ctx, args, &env{in: bytes.NewReader(nil), out: &o, err: &e, now: time.Now})
	return code, o.String(), e.String()
}

// TestDemoColours shows that a terminal gets colours; testdata/script/demo
// shows that nothing else does.
func TestDemoColours(t *testing.T) {
	var o, errs bytes.Buffer
	code := run(t.Context(), []string{"demo"}, &env{in: bytes.NewReader(nil), out: &o, err: &errs, colour: true, now: time.Now})
	if code != exitOK || errs.Len() > 0 || !strings.Contains(o.String(), "\x1b[33mthe bot \x1b[0m") {
		t.Fatalf("demo: exit %d, errors %q\n%s", code, errs.String(), o.String())
	}
}

// TestDemoBroken shows that the demo notices: a demo that cannot fail shows
// nothing. The script demo does the same with labels.
func TestDemoBroken(t *testing.T) {
	for _, part := range []string{"comments", "webhooks"} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			code, _, errs := run1(t.Context(), "demo", "--break", part)
			if code != exitFailed || !strings.Contains(errs, "did not end as written") {
				t.Errorf("exit %d, want 1: %s", code, errs)
			}
		})
	}
}
