package webhook

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// endless gives bytes and counts them.
type endless struct{ given int }

func (e *endless) Read(p []byte) (int, error) {
	e.given += len(p)
	return len(p), nil
}

func TestTooLarge(t *testing.T) {
	const mib = 1 << 20
	for name, c := range map[string]struct {
		length int64 // as the header tells
		most   int   // bytes that may be read
	}{
		"26 MB, and says so": {26_000_000, 0},
		"one byte too long":  {4*mib + 1, 0},
		"does not say":       {-1, 4*mib + 64<<10},
	} {
		t.Run(name, func(t *testing.T) {
			src := &endless{}
			r := request("issues", nil)
			r.Body, r.ContentLength = io.NopCloser(src), c.length
			h, _ := newHandler(t)
			if status, line := send(h, r); status != 413 || line != "refused: too-large" {
				t.Errorf("got %d %s", status, line)
			}
			if src.given > c.most {
				t.Errorf("%d bytes were read, want %d at most", src.given, c.most)
			}
		})
	}
}

func TestLargestAndLimit(t *testing.T) {
	for size, want := range map[int]int{smallBody - 1: 202, smallBody: 202, smallBody + 1: 202, 1 << 20: 202, 1<<20 + 1: 413} {
		raw := opened(t)
		raw = append(raw, bytes.Repeat([]byte(" "), size-len(raw))...)
		for _, length := range []int64{int64(size), -1} {
			h, _ := newHandler(t, func(o *Options) { o.MaxBody = 1 << 20 })
			r := request("issues", raw)
			r.ContentLength = length
			if got, line := send(h, r); got != want {
				t.Errorf("%d bytes: got %d %s, want %d", size, got, line, want)
			}
		}
	}
}

// hold sends requests that stop after a part of their body, and returns a
// function that ends them.
func hold(h http.Handler, n, part int) (end func()) {
	var pipes []*io.PipeWriter
	for range n {
		out, in := io.Pipe()
		pipes = append(pipes, in)
		r := request("issues", nil)
		r.Body, r.ContentLength = out, -1
		go h.ServeHTTP(httptest.NewRecorder(), r)
		if _, err := in.Write(make([]byte, part)); err != nil {
			panic(err)
		}
	}
	return func() {
		for _, p := range pipes {
			p.CloseWithError(errors.New("gone"))
		}
	}
}

// Slow senders of large bodies fill the few large places; small deliveries
// still come through. Who fills all places gets the rest refused, not kept.
func TestRoomIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h, _ := newHandler(t)
		endLarge := hold(h, fewLarge, smallBody+1)
		large := append(opened(t), bytes.Repeat([]byte(" "), smallBody)...)
		if _, line := send(h, request("issues", large)); line != "refused: busy" {
			t.Errorf("one large body too many: %s", line)
		}
		if _, line := send(h, request("issues", opened(t))); line != "added" {
			t.Errorf("a small body beside the large ones: %s", line)
		}
		endSmall := hold(h, manySmall-fewLarge, 1)
		start := time.Now()
		w := httptest.NewRecorder()
		h.ServeHTTP(w, request("issues", opened(t)))
		if w.Code != 503 || w.Header().Get("Retry-After") == "" || time.Since(start) != patience {
			t.Errorf("no place free: %d after %v, Retry-After %q", w.Code, time.Since(start), w.Header().Get("Retry-After"))
		}
		endLarge()
		endSmall()
		synctest.Wait()
		if _, line := send(h, request("issues", large)); line != "added" {
			t.Errorf("after they had gone: %s", line)
		}
	})
}

// What a flood of bad signatures allocates is its headers, not its bodies; a
// large body, which is not kept for the next, is allocated once.
func TestFloodAllocatesNoBodies(t *testing.T) {
	for size, most := range map[int]int{100 << 10: 25 << 10, 3 << 20: 3<<20 + 64<<10} {
		const flood = 300
		h, _ := newHandler(t)
		raw := make([]byte, size)
		r := request("issues", raw)
		r.Header.Set("X-Hub-Signature-256", sign("another secret", raw))
		w := httptest.NewRecorder()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		for range flood {
			r.Body = io.NopCloser(bytes.NewReader(raw))
			if reason := h.take(w, r); reason != BadSignature {
				t.Fatal(reason)
			}
		}
		runtime.ReadMemStats(&after)
		if each := (after.TotalAlloc - before.TotalAlloc) / flood; each > uint64(most) {
			t.Errorf("%d bytes were allocated for each request of %d, want %d at most", each, size, most)
		}
	}
}

// A client that stops in the middle is cut off by the server's time-out.
func TestSlowWriterIsCut(t *testing.T) {
	h, _ := newHandler(t)
	const start = "POST /webhook HTTP/1.1\r\nHost: x\r\n"
	for name, c := range map[string]struct{ sent, want string }{
		"in the header": {start, ""},
		"in the body":   {start + "Content-Length: 100\r\nX-Hub-Signature-256: " + sign(secret, nil) + "\r\n\r\n{", "refused: cut"},
	} {
		t.Run(name, func(t *testing.T) {
			s := NewServer("127.0.0.1:0", NewMux(h, func(context.Context) error { return nil }))
			s.ReadTimeout, s.ReadHeaderTimeout = 50*time.Millisecond, 50*time.Millisecond
			l, err := net.Listen("tcp", s.Addr)
			if err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() { done <- s.Serve(l) }()
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.WriteString(conn, c.sent); err != nil {
				t.Fatal(err)
			}
			answer, err := io.ReadAll(bufio.NewReader(conn)) // ends when the server closes
			if errors.Is(err, syscall.ECONNRESET) {          // what came after the cut was not read: it is cut all the same
				err = nil
			}
			if err != nil || !strings.Contains(string(answer), c.want) || strings.HasPrefix(string(answer), "HTTP/1.1 2") {
				t.Errorf("answer %q, %v", answer, err)
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
			<-done
		})
	}
}

func TestMux(t *testing.T) {
	h, _ := newHandler(t)
	var ready error
	mux := NewMux(h, func(context.Context) error { return ready })
	for _, c := range []struct {
		what  string
		ready error
		want  string
	}{
		{"GET /healthz", nil, "200 ok"},
		{"GET /healthz", errors.New("canary"), "200 ok"},
		{"GET /readyz", nil, "200 ok"},
		{"GET /readyz", errors.New("canary"), "503 not ready"},
		{"GET /webhook", nil, "405 refused: bad-method"},
		{"POST /webhook", nil, "401 refused: unsigned"},
		{"GET /", nil, "404 404 page not found"},
	} {
		ready = c.ready
		method, path, _ := strings.Cut(c.what, " ")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, httptest.NewRequest(method, path, nil))
		if got := fmt.Sprintf("%d %s", w.Code, strings.TrimSpace(w.Body.String())); got != c.want {
			t.Errorf("%s: got %q, want %q", c.what, got, c.want)
		}
		if allow := w.Header().Get("Allow"); (w.Code == 405) != (allow == "POST") {
			t.Errorf("%s: Allow is %q", c.what, allow)
		}
	}
}
