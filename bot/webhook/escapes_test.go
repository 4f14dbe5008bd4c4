package webhook

import (
	"bytes"
	"net/http"
	"strings"
	"testing"
)

// escaped is a delivery as long as one may be, with a title of nothing but an escape.
func escaped(escape string) []byte {
	const before, after = `{"action":"opened","issue":{"title":"`, `"}}`
	n := (DefaultMaxBody - len(before) - len(after)) / len(escape)
	return []byte(before + strings.Repeat(escape, n) + after)
}

// TestEscapes: a body of escapes is read once, and not up to its end after each of them, which took minutes.
func TestEscapes(t *testing.T) {
	for _, escape := range []string{`\n`, `\"`, `\\`, `\u0041`} {
		h := http.Header{"X-Github-Event": {"issues"}, "Content-Type": {"application/json"}, "X-Github-Delivery": {"72d3162e"}}
		if _, reason := newDelivery(h, escaped(escape)); reason != "" {
			t.Errorf("%s: %s", escape, reason)
		}
	}
}

// TestQuoted: a string of JSON ends at the first quote that is not escaped.
func TestQuoted(t *testing.T) {
	for in, want := range map[string]int{`"`: 0, `a"`: 1, `\"`: 2, `\""`: 2, `\\"`: 2, `\\\""`: 4, `a\n\"b" "`: 6, `\`: 1, ``: 0, `a\u0041"\"`: 7, `\"\"`: 4} {
		if got := quoted([]byte(in)); got != want {
			t.Errorf("quoted(%s) = %d, want %d", in, got, want)
		}
	}
}

// BenchmarkEscapes is to be compared with a body of the same length without any.
func BenchmarkEscapes(b *testing.B) {
	for name, raw := range map[string][]byte{"plain": bytes.Repeat([]byte("a"), DefaultMaxBody), "escapes": escaped(`\n`)} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(raw)))
			for b.Loop() {
				deep(raw)
			}
		})
	}
}
