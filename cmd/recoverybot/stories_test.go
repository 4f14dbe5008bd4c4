package main

import (
	"bytes"
	"context"
	"flag"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/bot/bottest/contract"
	"github.com/recoverybot/recoverybot/internal/sample"
)

var update = flag.Bool("update", false, "write what was seen into the stories")

func testEnv() *env {
	return &env{in: bytes.NewReader(nil), out: &bytes.Buffer{}, err: &bytes.Buffer{}, now: time.Now}
}

// checked is a place where every exchange with the built-in GitHub is checked
// against GitHub's own contract.
func checked(t *testing.T) place {
	return place{front: func(h http.Handler) http.Handler { return contract.Handler(t, h) }}
}

// played is how many of the stories are played against GitHub's own contract: all,
// but every eighth with the race detector: stories at the desk tell their numbers.
func played() sample.Sizes { return sample.Sizes{Plain: 1, Race: 8, All: 1} }

// TestStories plays the demo's stories and compares the end of each with what
// is written down.
func TestStories(t *testing.T) {
	t.Parallel()
	stories := every(t, played())
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

// spread are the stories that a test of the demo itself plays; TestStories and
// TestStay play all. It is every eighth: complete requests, a whole recovery and an attack.
func spread(t *testing.T) []bottest.Story {
	t.Helper()
	return every(t, sample.Sizes{Plain: 8, Race: 16, All: 1})
}

// every returns the first story, and each that is a distance behind another.
func every(t *testing.T, distance sample.Sizes) []bottest.Story {
	t.Helper()
	stories, err := bottest.Stories()
	if err != nil {
		t.Fatal(err)
	}
	var some []bottest.Story
	for i := 0; i < len(stories); i += distance.Of(t) {
		some = append(some, stories[i])
	}
	return some
}

// demo runs the demo in this process, with a sample of its stories.
func demo(t *testing.T, e *env, flags ...string) (code int, out, errs string) {
	t.Helper()
	var o, w bytes.Buffer
	e.in, e.out, e.err, e.now = bytes.NewReader(nil), &o, &w, time.Now
	code = run(t.Context(), append([]string{"demo"}, flags...), e)
	return code, o.String(), w.String()
}

// TestDemoColours shows that a terminal gets colours; TestStay shows that
// nothing else does.
func TestDemoColours(t *testing.T) {
	t.Parallel()
	code, out, errs := demo(t, &env{colour: true, stories: spread(t)})
	if code != exitOK || errs != "" || !strings.Contains(out, "\x1b[33mthe bot \x1b[0m") {
		t.Fatalf("demo: exit %d, errors %q\n%s", code, errs, out)
	}
}

// TestDemoBroken shows that the demo notices: a demo that cannot fail shows
// nothing.
func TestDemoBroken(t *testing.T) {
	t.Parallel()
	for part, wants := range map[string][]string{
		"labels": {
			`^On the page, the request "01-complete" did not end as written\.$`,
			`^recoverybot: [0-9]+ of [0-9]+ requests did not end as written$`,
		},
		"comments": {"did not end as written"},
		"webhooks": {"did not end as written"},
	} {
		t.Run(part, func(t *testing.T) {
			t.Parallel()
			code, _, errs := demo(t, &env{stories: spread(t)}, "--break", part)
			if code != exitFailed {
				t.Errorf("exit %d, want 1: %s", code, errs)
			}
			for _, want := range wants {
				if !regexp.MustCompile("(?m)" + want).MatchString(errs) {
					t.Errorf("no %s in:\n%s", want, errs)
				}
			}
		})
	}
}
