package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"
)

const (
	head = "POST /webhook HTTP/1.1\r\nHost: bot.example\r\nX-GitHub-Event: issues\r\nX-GitHub-Delivery: 72d3162e-cc78-11e3-81ab-4c9367dc0958\r\n" +
		"X-Hub-Signature-256: sha256=0000000000000000000000000000000000000000000000000000000000000000\r\n"
	// What a slow sender has sent before it becomes slow.
	slowHeader = head + "X-Slow: "
	slowBody   = head + "Content-Length: 100000\r\n\r\n{"

	pause    = 500 * time.Millisecond
	cutAfter = 20 * time.Second // a sender that is still served then is one too many
)

// slowSenders open connections on which a byte comes from time to time, and
// wait until each is cut. Meanwhile others are served.
func slowSenders(n int, start string) func(context.Context, *town) (answers, error) {
	return func(ctx context.Context, t *town) (answers, error) {
		ctx, cancel := context.WithTimeout(ctx, cutAfter)
		defer cancel()
		got := make([]string, n)
		var wg sync.WaitGroup
		for i := range n {
			wg.Go(func() { got[i] = t.slowly(ctx, start) })
		}
		<-time.After(pause)
		began := time.Now()
		status, err := t.get(ctx, "/readyz")
		if err != nil || status != http.StatusOK || time.Since(began) > 2*time.Second {
			err = fmt.Errorf("beside slow senders: status %d after %s, %w", status, time.Since(began), err)
		}
		wg.Wait()
		all := answers{}
		for _, answer := range got {
			all[answer]++
		}
		return all, err
	}
}

// slowly is one slow sender; it returns what it was answered.
func (t *town) slowly(ctx context.Context, start string) string {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", t.address)
	if err != nil {
		return "no connection"
	}
	defer func() { _ = conn.Close() }()
	if _, err := io.WriteString(conn, start); err != nil {
		return "cut"
	}
	answer := make(chan string, 1)
	go func() { answer <- read(conn) }()
	for {
		select {
		case a := <-answer:
			return a
		case <-ctx.Done():
			return "served too long"
		case <-time.After(pause):
			_, _ = conn.Write([]byte("a")) // who does not read is cut: the answer tells
		}
	}
}

// read reads an answer; "cut" where the connection ends before one.
func read(conn net.Conn) string {
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return "cut"
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, 200))
	if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode == http.StatusRequestTimeout {
		return "cut"
	}
	return fmt.Sprint(res.StatusCode, " ", strings.TrimSpace(string(text)))
}

// lies send bodies of another length than they say. Who says less is answered
// for what he said; who says more, and ends, is cut.
func lies(n, says int) func(context.Context, *town) (answers, error) {
	return func(ctx context.Context, t *town) (answers, error) {
		size := tooMuch
		if says > 1<<20 {
			size = 1 << 20
		}
		body := bytes.Repeat([]byte("x"), size)
		got := make(chan string)
		var wg sync.WaitGroup
		for first := range senders {
			wg.Go(func() {
				for i := first; i < n; i += senders {
					got <- t.lie(ctx, says, body)
				}
			})
		}
		go func() {
			wg.Wait()
			close(got)
		}()
		all := answers{}
		for answer := range got {
			all[answer]++
		}
		return all, nil
	}
}

func (t *town) lie(ctx context.Context, says int, body []byte) string {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", t.address)
	if err != nil {
		return "no connection"
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(cutAfter)); err != nil {
		return "no deadline"
	}
	go func() {
		_, err := fmt.Fprintf(conn, "%sContent-Length: %d\r\n\r\n", head, says)
		if err == nil {
			_, _ = conn.Write(body) // it is cut while it is written: the answer tells
		}
		if half, ok := conn.(*net.TCPConn); ok {
			_ = half.CloseWrite()
		}
	}()
	return read(conn)
}
