package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"testing"
)

func TestHarmless(t *testing.T) {
	for _, tt := range []struct{ name, in, want string }{
		{"plain", "a\tb\nñ 中文 \u200c", "a\tb\nñ 中文 \u200c"},
		{"our colours", "\x1b[36mhal\x1b[0m", "\x1b[36mhal\x1b[0m"},
		{"other colours", "\x1b[8mhidden", "?[8mhidden"},
		{"clear the screen", "a\x1b[2J\x1b]0;title\a", "a?[2J?]0;title?"},
		{"write over a line", "denied\rgood", "denied?good"},
		{"one byte that begins a command", "a\x9b2Jb", "a?2Jb"},
		{"C1", "a\u009b2J", "a?2J"},
		{"turned around", "\u202egnp.exe", "?gnp.exe"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var b bytes.Buffer
			if n, err := fmt.Fprint(harmless{&b}, tt.in); n != len(tt.in) || err != nil || b.String() != tt.want {
				t.Errorf("wrote %q (%d, %v), want %q (%d)", b.String(), n, err, tt.want, len(tt.in))
			}
		})
	}
}

func TestHarmlessFails(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	if toPeople(w) != any(w) {
		t.Error("a pipe is no terminal, and got another text")
	}
	if err := errors.Join(r.Close(), w.Close()); err != nil {
		t.Fatal(err)
	}
	if n, err := (harmless{w}).Write([]byte("x")); n != 0 || err == nil {
		t.Errorf("writing to a closed file: %d, %v", n, err)
	}
}
