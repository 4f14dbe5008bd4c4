package leak_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/recoverybot/recoverybot/parser/leak"
)

// specimen is one text of testdata.
type specimen struct {
	kind, name string // kind is "leak", "alike" or "miss"
	text       string
	marked     []string
	spans      [][2]int
}

// read takes the marks out of a text: ⟦ and ⟧ stand around what must be found, and ¦ only keeps the scanners of code
// hosts from taking a made-up secret for a real one.
func (s *specimen) read(marked string) {
	var b strings.Builder
	for _, char := range marked {
		switch char {
		case '⟦':
			s.spans = append(s.spans, [2]int{b.Len(), 0})
		case '⟧':
			last := &s.spans[len(s.spans)-1]
			last[1] = b.Len()
			s.marked = append(s.marked, b.String()[last[0]:last[1]])
		case '¦':
		default:
			b.WriteRune(char)
		}
	}
	s.text = b.String()
}

func specimens(t testing.TB, path string) []specimen {
	t.Helper()
	archive, err := txtar.ParseFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []specimen
	for _, f := range archive.Files {
		kind, name, ok := strings.Cut(f.Name, ": ")
		if !ok || !slices.Contains([]string{"leak", "alike", "miss"}, kind) {
			t.Fatalf("%s: %q: a name begins with leak, alike or miss", path, f.Name)
		}
		s := specimen{kind: kind, name: name}
		s.read(strings.TrimSuffix(string(f.Data), "\n"))
		if (len(s.spans) > 0) == (kind == "alike") {
			t.Fatalf("%s: %s: %d marks", path, f.Name, len(s.spans))
		}
		list = append(list, s)
	}
	return list
}

// counts are what the finds of a class are worth.
type counts struct{ found, missed, wrong, leaks, alikes int }

func (c *counts) judge(t *testing.T, class leak.Class, s specimen) {
	t.Helper()
	var got, want [][2]int
	secret := false
	for _, l := range leak.Scan(s.text) {
		secret = secret || l.Class.Secret()
		if l.Class == class {
			got = append(got, [2]int{l.Start, l.End})
		}
	}
	if s.kind == "miss" {
		if len(got) > 0 {
			t.Errorf("%s: is found now: say leak", s.name)
		}
		return
	}
	want = s.spans
	if s.kind == "alike" {
		c.alikes++
		want = nil
	} else {
		c.leaks++
	}
	for _, g := range got {
		if slices.Contains(want, g) {
			c.found++
		} else {
			c.wrong++
		}
	}
	for _, w := range want {
		if !slices.Contains(got, w) {
			c.missed++
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s: %s (-want +got):\n%s\n%v", s.kind, s.name, diff, leak.Scan(s.text))
	}
	if s.kind == "alike" && secret {
		c.wrong++
		t.Errorf("alike: %s: a secret of another class: %v", s.name, leak.Scan(s.text))
	}
}

// TestClasses reads testdata/CLASS.txtar, and prints how well each class is found.
func TestClasses(t *testing.T) {
	for _, class := range leak.Classes() {
		t.Run(string(class), func(t *testing.T) {
			var c counts
			misses := 0
			for _, s := range specimens(t, filepath.Join("testdata", string(class)+".txtar")) {
				c.judge(t, class, s)
				if s.kind == "miss" {
					misses++
				}
			}
			if c.leaks < 10 || c.alikes < 10 {
				t.Errorf("%d leaks and %d look-alikes: want ten of each", c.leaks, c.alikes)
			}
			t.Logf("precision %.2f, recall %.2f: %d leaks, %d look-alikes, %d known misses", ratio(c.found, c.found+c.wrong),
				ratio(c.found, c.found+c.missed), c.leaks, c.alikes, misses)
		})
	}
}

func ratio(part, whole int) float64 {
	if whole == 0 {
		return 1
	}
	return float64(part) / float64(whole)
}

// TestBodies reads texts as people write them, in which there is no secret.
func TestBodies(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/bodies.txtar")
	if err != nil {
		t.Fatal(err)
	}
	if len(archive.Files) < 60 {
		t.Errorf("%d bodies: want 60", len(archive.Files))
	}
	for _, f := range archive.Files {
		text := strings.TrimSuffix(string(f.Data), "\n")
		for _, l := range leak.Scan(text) {
			if l.Class.Secret() {
				t.Errorf("%s: %v: %q", f.Name, l, text[l.Start:l.End])
			}
		}
	}
}

// TestSamplesAreMarked: what the marks keep apart is no secret for a scanner that reads the files as they are.
func TestSamplesAreMarked(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range leak.Scan(string(b)) {
			if (l.Class == leak.Token || l.Class == leak.GitHubToken) && l.Confidence == leak.Certain {
				line := 1 + strings.Count(string(b[:l.Start]), "\n")
				t.Errorf("%s:%d: put a ¦ into it", path, line)
			}
		}
	}
}
