package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// What the deliveries are about.
const (
	secret     = "the secret of a measurement"
	repository = 700001
	owner      = "octo-registry"
	name       = "support"
	label      = "account-recovery"

	recent = 1000 // comments and edits are of one of so many newest issues
)

// The values of a template that each delivery replaces, by others as long.
const (
	issueMark   = 9_111_111_111
	numberMark  = 91_111_112
	commentMark = 9_222_222_222
	timeMark    = "2026-03-02T09:00:00Z"
)

// load makes deliveries: the same ones for each server.
type load struct {
	installation int64
	templates    []template
	macs         [][sha256.Size]byte
	scratch      []byte
}

// template is a payload with the places of what changes.
type template struct {
	event   string
	raw     []byte
	issue   []int
	number  []int
	comment []int
	at      []int
}

// newLoad takes the payloads from the fake GitHub, which writes them as GitHub does.
func newLoad() (*load, error) {
	at := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	f := bottest.New(bottest.Options{Clock: func() time.Time { return at }, AppID: 1, Slug: "recoverybot", WebhookSecret: secret})
	f.AddOrganization(owner, 4001)
	r := f.AddRepository(bottest.RepositoryOptions{Owner: owner, Name: name, ID: repository, Labels: []string{label}})
	number, err := r.OpenIssue("jbber", bottest.Draft{Title: "Account recovery: jbber", Body: form()})
	if err != nil {
		return nil, fmt.Errorf("opening an issue: %w", err)
	}
	id, err := r.Comment(number, "jbber", "I have added the line to the description of my repository now: see there. Is there anything else that you need?")
	if err != nil {
		return nil, fmt.Errorf("writing a comment: %w", err)
	}
	if err := r.EditComment(id, "jbber", "I have added the line, see there."); err != nil {
		return nil, fmt.Errorf("editing a comment: %w", err)
	}
	if err := r.EditIssue(number, "jbber", form()+"\n"); err != nil {
		return nil, fmt.Errorf("editing an issue: %w", err)
	}
	l := &load{installation: r.Installation()}
	for _, d := range f.Pending() {
		t, err := newTemplate(d)
		if err != nil {
			return nil, err
		}
		l.templates = append(l.templates, t)
	}
	if len(l.templates) != 4 {
		return nil, fmt.Errorf("the fake sent %d deliveries, want 4", len(l.templates))
	}
	return l, nil
}

// form is a filled issue form of the usual length.
func form() string {
	story := strings.Repeat("I got a new phone and the old one was wiped before I could move the authenticator over. ", 6)
	return "### PyPI Username\n\njbber\n\n### Reason for request\n\n" + story +
		"\n\n### Recovery Codes\n\n- [x] I never had recovery codes for this account, or I have lost them\n\n" +
		"### Code of Conduct\n\n- [x] I agree to follow the Code of Conduct of this project\n\n" +
		"### Acknowledgement\n\n- [x] I understand that this may take a significant amount of time\n"
}

func newTemplate(d bottest.Delivery) (template, error) {
	decoder := json.NewDecoder(bytes.NewReader(d.Payload))
	decoder.UseNumber()
	var all map[string]any
	if err := decoder.Decode(&all); err != nil {
		return template{}, fmt.Errorf("reading a payload of the fake: %w", err)
	}
	if issue, ok := all["issue"].(map[string]any); ok {
		issue["id"], issue["number"], issue["updated_at"] = issueMark, numberMark, timeMark
	}
	if comment, ok := all["comment"].(map[string]any); ok {
		comment["id"], comment["updated_at"] = commentMark, timeMark
	}
	raw, err := json.Marshal(all)
	if err != nil {
		return template{}, fmt.Errorf("writing a payload: %w", err)
	}
	return template{
		event: d.Event, raw: raw, issue: places(raw, fmt.Sprint(issueMark)), number: places(raw, fmt.Sprint(numberMark)),
		comment: places(raw, fmt.Sprint(commentMark)), at: places(raw, timeMark),
	}, nil
}

// places are the offsets of mark.
func places(raw []byte, mark string) []int {
	var all []int
	for from := 0; ; {
		i := bytes.Index(raw[from:], []byte(mark))
		if i < 0 {
			return all
		}
		all = append(all, from+i)
		from += i + len(mark)
	}
}

// mean is the length of a payload in bytes.
func (l *load) mean() int {
	opened, others := len(l.templates[0].raw), 0
	for _, t := range l.templates[1:] {
		others += len(t.raw)
	}
	return (opened + 2*others/3) / 3
}

// body makes the n-th delivery in buf. One third opens issues; the others are
// of one of the newest.
func (l *load) body(n int, buf []byte) ([]byte, template) {
	issue, t := n/3, l.templates[0]
	if n%3 != 0 {
		// Any fixed mixture will do: neighbours are of different issues.
		issue -= min(issue, n*7919%recent)
		t = l.templates[1+(n/3+n%3)%(len(l.templates)-1)]
	}
	buf = append(buf[:0], t.raw...)
	fill := func(places []int, text string) {
		for _, i := range places {
			copy(buf[i:], text)
		}
	}
	fill(t.issue, fmt.Sprint(9_300_000_000+issue))
	fill(t.number, fmt.Sprint(10_000_000+issue))
	fill(t.comment, fmt.Sprint(9_400_000_000+n))
	fill(t.at, time.Date(2026, 3, 2, 9, 0, n, 0, time.UTC).Format(time.RFC3339))
	return buf, t
}

// sign makes the signatures of the deliveries before n, so that the senders
// spend no time on them.
func (l *load) sign(n int) {
	for i := len(l.macs); i < n; i++ {
		l.scratch, _ = l.body(i, l.scratch)
		mac := hmac.New(sha256.New, []byte(secret))
		mac.Write(l.scratch)
		l.macs = append(l.macs, [sha256.Size]byte(mac.Sum(nil)))
	}
}

// request is the n-th delivery as it is sent. body and out are used again.
func (l *load) request(n int, body, out []byte) (newBody, request []byte) {
	body, t := l.body(n, body)
	out = fmt.Appendf(out[:0], "POST /webhook HTTP/1.1\r\nHost: bot.example\r\nUser-Agent: GitHub-Hookshot/0123456\r\nAccept: */*\r\n"+
		"Content-Type: application/json\r\nX-GitHub-Event: %s\r\nX-GitHub-Delivery: %08x-0000-11f0-8000-%012x\r\n"+
		"X-GitHub-Hook-ID: 1\r\nX-GitHub-Hook-Installation-Target-ID: 1\r\nX-GitHub-Hook-Installation-Target-Type: integration\r\n"+
		"X-Hub-Signature: sha1=0000000000000000000000000000000000000000\r\nX-Hub-Signature-256: sha256=%s\r\nContent-Length: %d\r\n\r\n",
		t.event, n, n, hex.EncodeToString(l.macs[n][:]), len(body))
	return body, append(out, body...)
}
