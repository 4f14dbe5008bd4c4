package webhook

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/recoverybot/recoverybot/bot"
)

func opened(t testing.TB) []byte {
	t.Helper()
	p := usual()
	p["action"] = "opened"
	return encode(t, p)
}

func TestNew(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Options)
		want   string
	}{
		"all there":          {func(*Options) {}, ""},
		"no secret":          {func(o *Options) { o.Secrets = nil }, "no secret"},
		"an empty secret":    {func(o *Options) { o.Secrets = [][]byte{{}} }, "has 0 bytes"},
		"a short one of two": {func(o *Options) { o.Secrets = append(o.Secrets, []byte("fifteen letters")) }, "has 15 bytes"},
		"just long enough":   {func(o *Options) { o.Secrets = [][]byte{[]byte("sixteen letters.")} }, ""},
		"nowhere to store":   {func(o *Options) { o.Intake = nil }, "needs an intake"},
		"no clock":           {func(o *Options) { o.Clock = nil }, "a clock"},
		"serves nothing":     {func(o *Options) { o.Repositories = nil }, "repositories"},
		"knows not itself":   {func(o *Options) { o.Self = nil }, "bot user"},
	} {
		t.Run(name, func(t *testing.T) {
			o := testOptions(&intake{})
			c.change(&o)
			_, err := New(o)
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
		})
	}
}

// The example of GitHub's documentation of webhook secrets.
func TestPublishedSignature(t *testing.T) {
	h := http.Header{"X-Hub-Signature-256": {"sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"}}
	claimed, reason := claimedMAC(h)
	if reason != "" || !signedBy([][]byte{[]byte(secret)}, []byte("Hello, World!"), claimed) {
		t.Errorf("refused: %s", reason)
	}
	if signedBy([][]byte{[]byte(secret)}, []byte("Hello, World?"), claimed) {
		t.Error("another text passed")
	}
}

func TestRequests(t *testing.T) {
	deeper := func(n int) []byte {
		return []byte(`{"a":"[[[\"","b":` + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + "}")
	}
	head := func(key, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(key, value) }
	}
	for name, c := range map[string]struct {
		raw    []byte // nil: an opened issue
		change func(*http.Request)
		status int
		line   string
	}{
		"good":                   {nil, nil, 202, "added"},
		"charset":                {nil, head("Content-Type", "application/json; charset=utf-8"), 202, "added"},
		"GET":                    {nil, func(r *http.Request) { r.Method = http.MethodGet }, 405, "refused: bad-method"},
		"PUT":                    {nil, func(r *http.Request) { r.Method = http.MethodPut }, 405, "refused: bad-method"},
		"unsigned":               {nil, func(r *http.Request) { r.Header.Del("X-Hub-Signature-256") }, 401, "refused: unsigned"},
		"SHA-1 alone":            {nil, sha1Only, 401, "refused: unsigned"},
		"empty signature":        {nil, head("X-Hub-Signature-256", ""), 401, "refused: bad-signature"},
		"no hex":                 {nil, head("X-Hub-Signature-256", "sha256=xyz"), 401, "refused: bad-signature"},
		"half a signature":       {nil, head("X-Hub-Signature-256", sign(secret, opened(t))[:39]), 401, "refused: bad-signature"},
		"no prefix":              {nil, head("X-Hub-Signature-256", sign(secret, opened(t))[7:]), 401, "refused: bad-signature"},
		"two signatures":         {nil, func(r *http.Request) { r.Header.Add("X-Hub-Signature-256", "x") }, 401, "refused: bad-signature"},
		"by an empty secret":     {nil, head("X-Hub-Signature-256", sign("", opened(t))), 401, "refused: bad-signature"},
		"no GUID":                {nil, head("X-GitHub-Delivery", ""), 400, "refused: no-delivery"},
		"GUID of 128":            {nil, head("X-GitHub-Delivery", strings.Repeat("g", 128)), 202, "added"},
		"GUID of 129":            {nil, head("X-GitHub-Delivery", strings.Repeat("g", 129)), 400, "refused: no-delivery"},
		"GUID with a space":      {nil, head("X-GitHub-Delivery", "a b"), 400, "refused: no-delivery"},
		"GUID in another script": {nil, head("X-GitHub-Delivery", "ä"), 400, "refused: no-delivery"},
		"a form":                 {[]byte("payload=%7B%7D"), head("Content-Type", "application/x-www-form-urlencoded"), 400, "refused: no-json"},
		"no content type":        {nil, head("Content-Type", ""), 400, "refused: no-json"},
		"empty":                  {[]byte(""), nil, 400, "refused: no-json"},
		"no JSON":                {[]byte("Hello, World!"), nil, 400, "refused: no-json"},
		"half of it":             {[]byte(`{"action":`), nil, 400, "refused: no-json"},
		"a syntax error, later":  {[]byte(`{"repository":{"id":"7"},}`), nil, 400, "refused: no-json"},
		"unknown, and no JSON":   {[]byte(`{`), head("X-GitHub-Event", "star"), 400, "refused: no-json"},
		"no object":              {[]byte(`[]`), nil, 400, "refused: bad-payload"},
		"null":                   {[]byte(`null`), nil, 400, "refused: bad-payload"},
		"mistyped":               {[]byte(`{"repository":{"id":"7"}}`), nil, 400, "refused: bad-payload"},
		"not a whole number":     {[]byte(`{"repository":{"id":7.5}}`), nil, 400, "refused: bad-payload"},
		"too large a number":     {[]byte(`{"repository":{"id":9223372036854775808}}`), nil, 400, "refused: bad-payload"},
		"64 deep":                {deeper(64), nil, 400, "refused: bad-payload"},
		"65 deep":                {deeper(65), nil, 400, "refused: too-deep"},
		"a bomb":                 {deeper(1 << 20), nil, 400, "refused: too-deep"},
		"cut":                    {nil, func(r *http.Request) { r.Body = io.NopCloser(errorReader{strings.NewReader("{")}) }, 400, "refused: cut"},
	} {
		t.Run(name, func(t *testing.T) {
			h, in := newHandler(t)
			raw := c.raw
			if raw == nil {
				raw = opened(t)
			}
			r := request("issues", raw)
			if c.change != nil {
				c.change(r)
			}
			status, line := send(h, r)
			if status != c.status || line != c.line {
				t.Errorf("got %d %s, want %d %s", status, line, c.status, c.line)
			}
			if (len(in.got) == 1) != (status == 202) {
				t.Errorf("stored %v", in.got)
			}
		})
	}
}

func sha1Only(r *http.Request) {
	r.Header.Del("X-Hub-Signature-256")
	r.Header.Set("X-Hub-Signature", "sha1=03d5ecd9a7c1f2f2e3a0d1e6a4b1bf2f4fd0f3a1")
}

// Each bit of body and signature counts.
func TestBitFlips(t *testing.T) {
	raw := opened(t)
	good := sign(secret, raw)
	h, in := newHandler(t)
	for i := range len(raw) * 8 {
		flipped := bytes.Clone(raw)
		flipped[i/8] ^= 1 << (i % 8)
		r := request("issues", flipped)
		r.Header.Set("X-Hub-Signature-256", good)
		if _, line := send(h, r); line != "refused: bad-signature" {
			t.Fatalf("bit %d of the body: %s", i, line)
		}
	}
	for i := range len(good) * 8 {
		flipped := []byte(good)
		flipped[i/8] ^= 1 << (i % 8)
		if bytes.EqualFold(flipped[7:], []byte(good[7:])) && flipped[6] == '=' && bytes.HasPrefix(flipped, []byte("sha256")) {
			continue // the same number in capitals
		}
		r := request("issues", raw)
		r.Header.Set("X-Hub-Signature-256", string(flipped))
		if status, line := send(h, r); status != 401 {
			t.Fatalf("bit %d of the signature: %s", i, line)
		}
	}
	if len(in.got) != 0 {
		t.Errorf("stored %v", in.got)
	}
}

// While the secret is changed, both are good, and then the old one is not.
func TestRotation(t *testing.T) {
	const next = "another secret, and longer"
	raw := opened(t)
	for name, c := range map[string]struct {
		secrets []string
		by      string
		want    int
	}{
		"old, before": {[]string{secret}, secret, 202}, "new, before": {[]string{secret}, next, 401},
		"old, while": {[]string{next, secret}, secret, 202}, "new, while": {[]string{next, secret}, next, 202},
		"old, after": {[]string{next}, secret, 401}, "new, after": {[]string{next}, next, 202},
	} {
		h, _ := newHandler(t, func(o *Options) {
			o.Secrets = nil
			for _, s := range c.secrets {
				o.Secrets = append(o.Secrets, []byte(s))
			}
		})
		r := request("issues", raw)
		r.Header.Set("X-Hub-Signature-256", sign(c.by, raw))
		if got, line := send(h, r); got != c.want {
			t.Errorf("%s: got %d %s, want %d", name, got, line, c.want)
		}
	}
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		outcome bot.Outcome
		err     error
		status  int
		line    string
	}{
		{bot.Added, nil, 202, "added"},
		{bot.Rearmed, nil, 202, "re-armed"},
		{bot.Seen, nil, 200, "seen"},
		{bot.Added, errors.New("the disk is full"), 503, "refused: unavailable"},
	} {
		h, in := newHandler(t)
		in.outcome, in.err = c.outcome, c.err
		if status, line := send(h, request("issues", opened(t))); status != c.status || line != c.line {
			t.Errorf("got %d %s, want %d %s", status, line, c.status, c.line)
		}
	}
}

func TestReasons(t *testing.T) {
	h, _ := newHandler(t)
	send(h, request("issues", opened(t)))
	send(h, request("ping", []byte("{}")))
	want := map[Reason]int64{Added: 1, Ping: 1}
	listed := []int{200, 202, 400, 401, 405, 413, 503}
	for _, r := range Reasons() {
		want[r] += 0
		found := false
		for _, s := range listed {
			found = found || r.Status() == s
		}
		if !found {
			t.Errorf("%s: status %d is not one of %v", r, r.Status(), listed)
		}
	}
	if d := cmp.Diff(want, h.Counts()); d != "" {
		t.Errorf("counts (-want +got):\n%s", d)
	}
	if got := Reason("new").Status(); got != 500 {
		t.Errorf("a reason that is not listed: %d", got)
	}
}

func FuzzPayload(f *testing.F) {
	p := withComment(usual())
	p["action"] = "created"
	f.Add("issue_comment", encode(f, p))
	f.Add("issues", opened(f))
	f.Add("repository", []byte(`{"repository":{"id":7,"full_name":"/"},"installation":{"id":5}}`))
	f.Add("ping", []byte(`{"a":"\`))
	h, _ := newHandler(f)
	f.Fuzz(func(t *testing.T, event string, raw []byte) {
		r := request("issues", raw)
		r.Header.Set("X-GitHub-Event", event)
		switch status, line := send(h, r); status {
		case 200, 202, 400:
		default:
			t.Errorf("%d %s", status, line)
		}
	})
}

// FuzzReading compares what is read of a payload with what encoding/json reads
// of it, and its depth with a simpler count.
func FuzzReading(f *testing.F) {
	p := withComment(usual())
	p["action"] = "created"
	for _, s := range []string{
		string(encode(f, p)), string(opened(f)), `{"a":"\`, `{"issue":{"id":1,"ID":2,"user":null}}`, `{"action":1,"action":"a"}`,
		"{\"action\":\"\xff\\ud800\"}", `{"issue":{"updated_at":"2026-03-02T12:00:00+24:00"}}`, `{"issue":{"number":1e3,"pull_request": null }}`,
		`[`, `nul`, ` {} x`, `{"issue":[]}`, strings.Repeat("[", 65), strings.Repeat(`{"\\":`, 64), `["\"[[[",{}]`, `{"Repository":{"Full_Name":"a/b"}}`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		got := delivery{event: issuesEvent}
		reason := got.decode(raw)
		var want payload
		err := json.Unmarshal(raw, &want)
		_, syntax := errors.AsType[*json.SyntaxError](err)
		wanted := Reason("")
		switch {
		case syntax:
			wanted = NoJSON
		case err != nil:
			wanted = BadPayload
		}
		if reason != wanted {
			t.Errorf("got %q, want %q for %q (%v)", reason, wanted, raw, err)
		}
		if d := cmp.Diff(want, got.payload, cmp.AllowUnexported(payload{})); d != "" && reason == "" {
			t.Errorf("%q (-want +got):\n%s", raw, d)
		}
		if got, want := deep(raw), deepest(raw) > maxDepth; got != want {
			t.Errorf("deep: got %v, want %v for %q", got, want, raw)
		}
	})
}

// deepest counts byte by byte.
func deepest(raw []byte) int {
	depth, most, quoted := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
			most = max(most, depth)
		case c == '}' || c == ']':
			depth--
		}
	}
	return most
}

func BenchmarkServeHTTP(b *testing.B) {
	p := withComment(usual())
	p["action"] = "created"
	p["padding"] = strings.Repeat(`{"url":"https://api.github.com/repos/octo/help"}`, 250) // GitHub's are about 12 KiB
	raw := encode(b, p)
	h, in := newHandler(b)
	signature := sign(secret, raw)
	b.SetBytes(int64(len(raw)))
	b.ReportAllocs()
	for b.Loop() {
		r := request("issue_comment", nil)
		r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
		r.Header.Set("X-Hub-Signature-256", signature)
		if status, line := send(h, r); status != 202 {
			b.Fatal(line)
		}
		in.got = in.got[:0]
	}
}

func TestServerTimesOut(t *testing.T) {
	s := NewServer("127.0.0.1:0", http.NotFoundHandler())
	for name, d := range map[string]time.Duration{
		"header": s.ReadHeaderTimeout, "read": s.ReadTimeout, "write": s.WriteTimeout, "idle": s.IdleTimeout,
	} {
		if d <= 0 || d > time.Minute {
			t.Errorf("%s: no time-out: %v", name, d)
		}
	}
	if s.MaxHeaderBytes != 16<<10 || s.Addr != "127.0.0.1:0" {
		t.Errorf("header %d, address %s", s.MaxHeaderBytes, s.Addr)
	}
}
