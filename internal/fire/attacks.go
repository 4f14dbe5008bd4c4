package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

const (
	senders = 32
	tooMuch = 26_000_000 // bytes; GitHub's own limit is 25 MB
	tooLate = 30 * time.Second
	nearly  = 4<<20 - 64 // bytes: as long as a body may be
)

// attacks lists what is thrown, with what may come of it.
func attacks(o options) []attack {
	one := func(s ...string) []string { return s }
	list := []attack{
		{name: "bad signatures", throw: badSignatures(o.flood), answers: one("401 refused: bad-signature")},
		{name: "bad signatures of 3 MB", throw: badLarge(o.large), answers: one("401 refused: bad-signature", "503 refused: busy")},
		{name: "slow headers", throw: slowSenders(o.slow, slowHeader), answers: one("cut")},
		{name: "slow bodies", throw: slowSenders(o.slow, slowBody), answers: one("cut", "400 refused: cut", "503 refused: busy")},
		{name: "26 MB, and says so", throw: large(o.large, tooMuch), answers: one("413 refused: too-large", "cut")},
		{name: "26 MB in chunks", throw: large(o.large, -1), answers: one("413 refused: too-large", "503 refused: busy", "cut")},
		{name: "26 MB, says 100 bytes", throw: lies(o.large, 100), answers: one("401 refused: bad-signature", "cut")},
		{name: "1 MB, says 3 MB", throw: lies(o.large, 3<<20), answers: one("400 refused: cut", "503 refused: busy", "cut")},
	}
	for _, b := range bombs() {
		list = append(list, attack{
			name: "signed JSON, " + b.name, throw: signed(o.bombs, func(int) []byte { return b.body }),
			answers: one(b.answer),
		})
	}
	return append(list,
		attack{name: "a foreign repository, signed", throw: foreign(o.signed, func(object) {}), answers: one("200 ignored: foreign-repository")},
		attack{name: "a foreign installation, signed", throw: foreign(o.signed, func(all object) {
			all["repository"].(object)["id"], all["installation"].(object)["id"] = repository, 99
		}), answers: one("200 ignored: foreign-installation", "503 refused: unavailable")},
		// The first is real: it is stored, and answered by a reaction and the status comment.
		attack{name: "replays under new GUIDs", throw: replays(o.signed), answers: one("200 seen", "202 added"), rows: 2, writes: 8},
		attack{name: "the bot's own events", throw: own(o.signed), answers: one("200 ignored: own", "200 ignored: bot", "200 ignored: label"), writes: 1},
	)
}

// object is a JSON object.
type object = map[string]any

// guid returns one that was not used before.
func (t *town) guid() string {
	t.guids++
	return fmt.Sprintf("%08x-0000-11f0-8000-000000000000", t.guids)
}

// post sends a delivery, and returns status and text of its answer; "cut" where the connection ended before one.
func (t *town) post(ctx context.Context, client *http.Client, r *http.Request) string {
	res, err := client.Do(r.WithContext(ctx))
	if late, ok := errors.AsType[net.Error](err); ok && late.Timeout() {
		return "none in time"
	}
	if err != nil {
		return "cut"
	}
	text, err := io.ReadAll(io.LimitReader(res.Body, 200))
	if closed := res.Body.Close(); err != nil || closed != nil {
		return "cut"
	}
	return fmt.Sprint(res.StatusCode, " ", strings.TrimSpace(string(text)))
}

// request makes a request of a delivery.
func (t *town) request(d bottest.Delivery, body io.Reader) (*http.Request, error) {
	r, err := http.NewRequest(http.MethodPost, "http://"+t.address+"/webhook", body) //nolint:noctx // post sets it
	if err != nil {
		return nil, fmt.Errorf("making a request: %w", err)
	}
	r.Header = t.fake.Headers(d)
	return r, nil
}

// together sends requests by some senders at the same time, and counts the answers.
func (t *town) together(ctx context.Context, requests chan *http.Request) answers {
	client := &http.Client{Timeout: tooLate, Transport: &http.Transport{MaxIdleConnsPerHost: senders}}
	defer client.CloseIdleConnections()
	all := answers{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range senders {
		wg.Go(func() {
			for r := range requests {
				answer := t.post(ctx, client, r)
				mu.Lock()
				all[answer]++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	return all
}

// throwAll makes requests one after the other, and sends them together.
func throwAll(n int, next func(t *town, i int) (*http.Request, error)) func(context.Context, *town) (answers, error) {
	return func(ctx context.Context, t *town) (answers, error) {
		requests := make(chan *http.Request)
		var failed error
		go func() {
			defer close(requests)
			for i := 0; i < n && ctx.Err() == nil; i++ {
				r, err := next(t, i)
				if failed = err; err != nil {
					return
				}
				requests <- r
			}
		}()
		all := t.together(ctx, requests)
		return all, failed
	}
}

// unsigned has a signature of another body.
func (t *town) unsigned(body io.Reader) (*http.Request, error) {
	return t.request(bottest.Delivery{GUID: t.guid(), Event: "issues", Payload: []byte("another body")}, body)
}

func badSignatures(n int) func(context.Context, *town) (answers, error) {
	body := bytes.Repeat([]byte("x"), 8<<10)
	return throwAll(n, func(t *town, _ int) (*http.Request, error) { return t.unsigned(bytes.NewReader(body)) })
}

func badLarge(n int) func(context.Context, *town) (answers, error) {
	body := bytes.Repeat([]byte("x"), 3<<20)
	return throwAll(n, func(t *town, _ int) (*http.Request, error) { return t.unsigned(bytes.NewReader(body)) })
}

// large sends 26 MB; size -1 does not say so before.
func large(n int, size int64) func(context.Context, *town) (answers, error) {
	body := bytes.Repeat([]byte("x"), tooMuch)
	return throwAll(n, func(t *town, _ int) (*http.Request, error) {
		r, err := t.unsigned(io.NopCloser(bytes.NewReader(body)))
		if err == nil {
			r.ContentLength = size
		}
		return r, err
	})
}

// signed sends bodies with a good signature.
func signed(n int, body func(i int) []byte) func(context.Context, *town) (answers, error) {
	return throwAll(n, func(t *town, i int) (*http.Request, error) {
		b := body(i)
		return t.request(bottest.Delivery{GUID: t.guid(), Event: "issues", Payload: b}, bytes.NewReader(b))
	})
}

// bomb is JSON that costs its reader.
type bomb struct {
	name, answer string
	body         []byte
}

func bombs() []bomb {
	fill := func(before, piece, after string) []byte {
		n := (nearly - len(before) - len(after)) / len(piece)
		return []byte(before + strings.Repeat(piece, n) + after)
	}
	var keys strings.Builder
	for i := 0; keys.Len() < nearly-100; i++ {
		fmt.Fprintf(&keys, `"k%d":0,`, i)
	}
	return []bomb{
		{"deep arrays", "400 refused: too-deep", fill("", "[", "")},
		{"deep objects", "400 refused: too-deep", fill("", `{"a":`, "")},
		{"broad", "400 refused: bad-payload", fill(`{"action":"opened","x":[0`, ",0", "]}")},
		{"a huge string", "400 refused: bad-payload", fill(`{"action":"opened","issue":{"title":"`, "a", `"}}`)},
		{"escapes", "400 refused: bad-payload", fill(`{"action":"opened","issue":{"title":"`, `\u0041`, `"}}`)},
		{"many keys", "400 refused: bad-payload", []byte("{" + keys.String() + `"action":"opened"}`)},
		{"one key again and again", "400 refused: bad-payload", fill(`{"action":"opened"`, `,"a":0`, "}")},
		{"a long number", "400 refused: bad-payload", fill(`{"action":"opened","repository":{"id":`, "9", "}}")},
	}
}

// payload is that of a real delivery, which the fake made.
func (t *town) payload(d bottest.Delivery, change func(object)) ([]byte, error) {
	var all object
	decoder := json.NewDecoder(bytes.NewReader(d.Payload))
	decoder.UseNumber()
	if err := decoder.Decode(&all); err != nil {
		return nil, fmt.Errorf("reading a payload: %w", err)
	}
	change(all)
	return json.Marshal(all)
}

// foreign sends what belongs to somebody else who has a good signature.
func foreign(n int, change func(object)) func(context.Context, *town) (answers, error) {
	return func(ctx context.Context, t *town) (answers, error) {
		// The issue is in no repository that is served: a pass over those must not find it.
		if _, err := t.away.OpenIssue("ann", bottest.Draft{Title: "Account recovery", Body: "x", Labels: []string{label}}); err != nil {
			return nil, err
		}
		d := t.fake.Pending()[0]
		t.fake.Rearrange(func([]bottest.Delivery) []bottest.Delivery { return nil })
		return throwAll(n, func(t *town, i int) (*http.Request, error) {
			body, err := t.payload(d, func(all object) {
				change(all)
				all["issue"].(object)["id"] = 1_000_000 + i
			})
			if err != nil {
				return nil, err
			}
			return t.request(bottest.Delivery{GUID: t.guid(), Event: d.Event, Payload: body}, bytes.NewReader(body))
		})(ctx, t)
	}
}

// begin opens a request with a command, and returns the delivery of that.
func (t *town) begin(ctx context.Context) (bottest.Delivery, error) {
	n, err := t.repo.OpenIssue("bob", bottest.Draft{Title: "Account recovery", Body: "x", Labels: []string{label}})
	if err != nil {
		return bottest.Delivery{}, fmt.Errorf("opening an issue: %w", err)
	}
	if _, err := t.repo.Comment(n, "bob", "/status"); err != nil {
		return bottest.Delivery{}, fmt.Errorf("writing a comment: %w", err)
	}
	all := t.fake.Pending()
	if _, err := t.fake.Deliver(ctx); err != nil {
		return bottest.Delivery{}, err
	}
	return all[len(all)-1], t.calm(ctx)
}

// replays sends a command again and again, each time as if it were another delivery.
func replays(n int) func(context.Context, *town) (answers, error) {
	return func(ctx context.Context, t *town) (answers, error) {
		d, err := t.begin(ctx)
		if err != nil {
			return nil, err
		}
		return throwAll(n, func(t *town, _ int) (*http.Request, error) {
			return t.request(bottest.Delivery{GUID: t.guid(), Event: d.Event, Payload: d.Payload}, bytes.NewReader(d.Payload))
		})(ctx, t)
	}
}

// own sends back what GitHub tells of the bot's own writes.
func own(n int) func(context.Context, *town) (answers, error) {
	return func(ctx context.Context, t *town) (answers, error) {
		if err := t.calm(ctx); err != nil {
			return nil, err
		}
		var mine []bottest.Delivery
		for _, d := range t.fake.Pending() {
			if bytes.Contains(d.Payload, []byte(`"login":"recoverybot[bot]"`)) && strings.HasPrefix(d.Event, "issue") {
				mine = append(mine, d)
			}
		}
		if len(mine) == 0 {
			return nil, fmt.Errorf("the bot has written nothing of which GitHub could tell: replays come first")
		}
		return throwAll(n, func(t *town, i int) (*http.Request, error) {
			d := mine[i%len(mine)]
			body, err := t.payload(d, func(all object) { all["nonce"] = i })
			if err != nil {
				return nil, err
			}
			return t.request(bottest.Delivery{GUID: t.guid(), Event: d.Event, Payload: body}, bytes.NewReader(body))
		})(ctx, t)
	}
}
