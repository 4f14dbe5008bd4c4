package bot_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"hash"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// deliveries are the steps of somebody who can make GitHub, or a machine that
// passes for it, send what they want. Each takes the newest delivery of an
// event, or the queue's next one where the bot sleeps, and may say after " -> "
// what the answer must be.
func deliveries() []manner {
	const event, answer = `([a-z_]+)(?: as ([a-z_]+))?`, `(?: -> ([a-z-]+))?\z`
	return []manner{
		{regexp.MustCompile(`\Aforge ` + event + `: (\{.*\})` + answer), func(s *siege, m []string) {
			s.post(parcel{event: m[1], as: m[2], change: func(raw []byte) []byte { return s.merged(raw, m[3]) }, want: m[4]})
		}},
		{regexp.MustCompile(`\Aswap ` + event + `: (.*) => (.*?)` + answer), func(s *siege, m []string) {
			s.post(parcel{event: m[1], as: m[2], change: func(raw []byte) []byte { return s.swapped(raw, m[3], m[4]) }, want: m[5]})
		}},
		{regexp.MustCompile(`\Areplay ` + event + answer), func(s *siege, m []string) {
			s.post(parcel{event: m[1], as: m[2], want: m[3]})
		}},
		{regexp.MustCompile(`\Asend again ` + event + answer), func(s *siege, m []string) {
			s.post(parcel{event: m[1], as: m[2], sameID: true, want: m[3]})
		}},
		{regexp.MustCompile(`\Asend ` + event + ` (unsigned|with sha1 only|with another key|with a cut signature|with two signatures|as a form|without an id)` + answer), func(s *siege, m []string) {
			s.post(parcel{event: m[1], as: m[2], signed: m[3], want: m[4]})
		}},
		{regexp.MustCompile(`\Apost ` + event + `: (.*?)` + answer), func(s *siege, m []string) {
			s.post(parcel{as: m[1], change: func([]byte) []byte { return []byte(s.text(m[3])) }, want: m[4]})
		}},
	}
}

// parcel is a delivery that is made by hand.
type parcel struct {
	event  string // whose newest delivery it is made of; "": of none
	as     string // the event that it says; "": the same
	sameID bool
	signed string                  // "": as GitHub signs
	change func(raw []byte) []byte // nil: nothing
	want   string                  // the answer; "": any that is no failure of ours
}

func (s *siege) post(p parcel) {
	s.Helper()
	d := bottest.Delivery{Event: p.as}
	if p.event != "" {
		d = s.taken(p.event)
	}
	if p.as != "" {
		d.Event = p.as
	}
	if !p.sameID {
		sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", s.name, s.clock.Now().UnixNano()))
		d.GUID = hex.EncodeToString(sum[:16])
	}
	if p.change != nil {
		d.Payload = p.change(d.Payload)
	}
	req := httptest.NewRequestWithContext(s.Context(), http.MethodPost, "/webhook", bytes.NewReader(d.Payload))
	req.Header = s.fake.Headers(d)
	tamper(req.Header, p.signed, d.Payload)
	rec := httptest.NewRecorder()
	s.handler.Load().ServeHTTP(rec, req)
	got := strings.TrimSpace(rec.Body.String())
	got = got[strings.LastIndex(got, " ")+1:]
	if p.want != "" && got != p.want || rec.Code >= 500 {
		s.Errorf("the answer is %d %q, want %q", rec.Code, got, p.want)
	}
	for _, c := range s.canaries {
		if strings.Contains(rec.Body.String(), c) {
			s.Errorf("the answer repeats %q", c)
		}
	}
}

// tamper makes of the headers what no delivery of GitHub has.
func tamper(h http.Header, how string, raw []byte) {
	key := []byte(secret)
	sign := func(by func() hash.Hash, with []byte) string {
		mac := hmac.New(by, with)
		mac.Write(raw)
		return hex.EncodeToString(mac.Sum(nil))
	}
	switch how {
	case "unsigned":
		h.Del("X-Hub-Signature-256")
		h.Del("X-Hub-Signature")
	case "with sha1 only":
		h.Del("X-Hub-Signature-256")
		h.Set("X-Hub-Signature", "sha1="+sign(sha1.New, key))
	case "with another key":
		h.Set("X-Hub-Signature-256", "sha256="+sign(sha256.New, []byte("a secret of somebody else, guessed")))
	case "with a cut signature":
		h.Set("X-Hub-Signature-256", "sha256="+sign(sha256.New, key)[:16])
	case "with two signatures":
		h["X-Hub-Signature-256"] = []string{"sha256=" + strings.Repeat("0", 64), "sha256=" + sign(sha256.New, key)}
	case "as a form":
		h.Set("Content-Type", "application/x-www-form-urlencoded")
	case "without an id":
		h.Del("X-GitHub-Delivery")
	}
}

// taken is the newest delivery of an event; where the bot sleeps, it is taken
// from the queue.
func (s *siege) taken(event string) bottest.Delivery {
	s.Helper()
	var found bottest.Delivery
	s.fake.Rearrange(func(q []bottest.Delivery) []bottest.Delivery {
		for i, d := range slices.Backward(q) {
			if d.Event == event {
				found = d
				return slices.Delete(q, i, i+1)
			}
		}
		return q
	})
	for _, d := range slices.Backward(s.fake.Deliveries()) {
		if found.Event == "" && d.Event == event && !bytes.Contains(d.Payload, ourSender(s.fake.BotID())) {
			found = d
		}
	}
	if found.Event == "" {
		s.Fatalf("there is no delivery of %s", event)
	}
	found.Payload = bytes.Clone(found.Payload)
	return found
}

// ourSender is what a payload has where the bot itself did something.
func ourSender(id int64) []byte {
	return fmt.Appendf(nil, `"sender":{"avatar_url":"https://avatars.githubusercontent.com/u/%d?`, id)
}

var named = regexp.MustCompile(`\$(COMMENT|ISSUE)\(([a-z0-9]+)\)`)

// ids puts in the numbers that an attack cannot know beforehand:
// $COMMENT(ada) is her newest comment, $ISSUE(2) the id of issue #2, $BOT the bot's.
func (s *siege) ids(text string) string {
	s.Helper()
	text = named.ReplaceAllStringFunc(text, func(found string) string {
		m := named.FindStringSubmatch(found)
		if m[1] == "COMMENT" {
			return strconv.FormatInt(s.newest(s.repo, s.current, m[2]), 10)
		}
		is, _ := s.repo.Issue(s.number(m[2]))
		return strconv.FormatInt(is.ID, 10)
	})
	return strings.ReplaceAll(text, "$BOT", strconv.FormatInt(s.fake.BotID(), 10))
}

func (s *siege) swapped(raw []byte, old, now string) []byte {
	s.Helper()
	old, now = s.ids(s.text(old)), s.ids(s.text(now))
	if !bytes.Contains(raw, []byte(old)) {
		s.Fatalf("the payload has no %s", old)
	}
	return bytes.ReplaceAll(raw, []byte(old), []byte(now))
}

// merged applies a merge patch (RFC 7396) to a payload.
func (s *siege) merged(raw []byte, patch string) []byte {
	s.Helper()
	out, err := json.Marshal(merge(s.decoded(raw), s.decoded([]byte(s.ids(patch)))))
	s.must(err)
	return out
}

func (s *siege) decoded(raw []byte) any {
	s.Helper()
	var v any
	d := json.NewDecoder(bytes.NewReader(raw))
	d.UseNumber()
	s.must(d.Decode(&v))
	return v
}

func merge(into, patch any) any {
	changes, ok := patch.(map[string]any)
	if !ok {
		return patch
	}
	fields, ok := into.(map[string]any)
	if !ok {
		fields = map[string]any{}
	}
	for name, value := range changes {
		switch value {
		case nil:
			fields[name] = nil // an attacker's null; RFC 7396 would take it out
		case "(gone)":
			delete(fields, name)
		default:
			fields[name] = merge(fields[name], value)
		}
	}
	return fields
}
