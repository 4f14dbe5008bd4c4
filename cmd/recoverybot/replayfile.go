package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/github"
	"github.com/recoverybot/recoverybot/policy"
)

// maxRecorded is GitHub's own limit of a payload, and room for what its API
// puts around it.
const maxRecorded = 30 << 20

// recorded is a webhook in a file.
type recorded struct {
	name    string
	event   string
	raw     []byte // the payload
	payload recordedPayload
	github.Payload
}

// envelope is what GitHub's API answers for a delivery of the App, or its
// request alone; https://docs.github.com/en/rest/apps/webhooks#get-a-delivery-for-an-app-webhook
type envelope struct {
	Event   string            `json:"event"`
	Request *envelope         `json:"request"`
	Headers map[string]string `json:"headers"`
	Payload json.RawMessage   `json:"payload"`
	Body    json.RawMessage   `json:"body"` // another name for payload
}

// recordedPayload is what replay reads of a payload beside the snapshots that
// the bot would ask GitHub for.
type recordedPayload struct {
	Action string `json:"action"`
	Sender struct {
		ID int64 `json:"id"`
	} `json:"sender"`
	Repository struct {
		ID      int64  `json:"id"`
		Name    string `json:"name"`
		Private bool   `json:"private"`
		Owner   struct {
			Login string `json:"login"`
		} `json:"owner"`
	} `json:"repository"`
	Installation struct {
		ID int64 `json:"id"`
	} `json:"installation"`
}

// readRecorded reads a file. Its error is one line that begins with the name,
// and with the offset in bytes of what can't be read.
func readRecorded(name, event string) (recorded, error) {
	f, err := os.Open(name) //nolint:gosec // the operator's word
	if err != nil {
		return recorded{}, fmt.Errorf("%s: %w", name, err)
	}
	defer func() { _ = f.Close() }() // only read
	src, err := io.ReadAll(io.LimitReader(f, maxRecorded+1))
	if err != nil {
		return recorded{}, fmt.Errorf("%s: %w", name, err)
	}
	if len(src) > maxRecorded {
		return recorded{}, fmt.Errorf("%s:%d: longer than any webhook", name, maxRecorded)
	}
	r, err := unpack(src, event)
	if err != nil {
		return recorded{}, fmt.Errorf("%s:%w", name, err)
	}
	r.name = name
	return r, nil
}

// unpack finds the payload, and which event it is of.
func unpack(src []byte, event string) (recorded, error) {
	var e envelope
	if err := json.Unmarshal(src, &e); err != nil {
		return recorded{}, misread(src, src, err)
	}
	r := recorded{event: e.Event, raw: src}
	if e.Request != nil {
		e = *e.Request
	}
	for _, payload := range [][]byte{e.Payload, e.Body} {
		if len(payload) > 0 {
			r.raw = payload
		}
	}
	head := http.Header{}
	for k, v := range e.Headers {
		head.Set(k, v)
	}
	if said := head.Get("X-GitHub-Event"); said != "" {
		r.event = said
	}
	if err := json.Unmarshal(r.raw, &r.payload); err != nil {
		return recorded{}, misread(src, r.raw, err)
	}
	var err error
	if r.Payload, err = github.ReadPayload(r.raw); err != nil {
		return recorded{}, misread(src, r.raw, err)
	}
	if r.event == "" {
		r.event = event
	}
	switch {
	case r.event != "":
	case r.Comment != nil && r.Issue != nil:
		r.event = "issue_comment"
	case r.Issue != nil:
		r.event = "issues"
	default:
		return recorded{}, errors.New("0: which event it is of can't be told: name it with --event")
	}
	return r, nil
}

// misread tells where part, of src, ends to be what it should. It repeats
// nothing that people wrote.
func misread(src, part []byte, err error) error {
	start := int64(bytes.Index(src, part))
	if e, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Errorf("%d: this is no JSON", start+e.Offset)
	}
	if e, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Errorf("%d: %s must not be a JSON %s", start+e.Offset, e.Field, jsonKind(e.Value))
	}
	if e, ok := errors.AsType[*time.ParseError](err); ok {
		return fmt.Errorf("%d: this is no time", max(0, bytes.Index(src, []byte(e.Value))))
	}
	return errors.New("0: this is no webhook")
}

// jsonKind is the first word of how the JSON package names a value: the rest
// may be the value itself.
func jsonKind(value string) string {
	kind, _, _ := bytes.Cut([]byte(value), []byte(" "))
	return string(kind)
}

// at is when it happened.
func (r recorded) at() time.Time {
	switch {
	case r.Comment != nil && r.payload.Action != "deleted" && !r.Comment.UpdatedAt.IsZero():
		return r.Comment.UpdatedAt
	case r.Issue != nil:
		return r.Issue.UpdatedAt
	}
	return time.Time{}
}

// title says what was recorded, by ids and closed words alone.
func (r recorded) title() string {
	p := r.payload
	s := r.event
	if p.Action != "" {
		s += "." + p.Action
	}
	if r.Issue != nil {
		s += fmt.Sprintf(" on %s/%s#%d", p.Repository.Owner.Login, p.Repository.Name, r.Issue.Number)
	}
	if p.Sender.ID != 0 {
		s += fmt.Sprintf(" by user %d", p.Sender.ID)
	}
	if at := r.at(); !at.IsZero() {
		s += ", " + day(at)
	}
	return s
}

// payloadGitHub answers from payloads. It is only read: nothing drains.
type payloadGitHub struct {
	bot.GitHub // nil: a call that is not below can't happen
	issues     map[int64]policy.Issue
	comments   map[int64]bot.IssueComment
}

// learn keeps the snapshots of a payload; of an issue the newest.
func (g *payloadGitHub) learn(r recorded) {
	if r.Issue == nil {
		return
	}
	i := *r.Issue
	if !i.Open && r.payload.Action == "closed" {
		i.ClosedBy = r.payload.Sender.ID // a payload does not say it of the issue
	}
	if !i.UpdatedAt.Before(g.issues[i.ID].UpdatedAt) {
		g.issues[i.ID] = i
	}
	if r.Comment != nil {
		g.comments[r.Comment.ID] = *r.Comment
	}
}

// Issue returns the newest snapshot.
func (g *payloadGitHub) Issue(_ context.Context, r bot.Ref) (policy.Issue, error) {
	return g.issues[r.Issue], nil
}

// QuietIssues are not known: each issue is looked at.
func (g *payloadGitHub) QuietIssues(context.Context, bot.Ref, string) ([]policy.Issue, error) {
	return nil, nil
}

// Comment returns a comment as its newest payload has it.
func (g *payloadGitHub) Comment(_ context.Context, _ bot.Ref, id int64) (bot.IssueComment, error) {
	return g.comments[id], nil
}

// Members are not known.
func (g *payloadGitHub) Members(context.Context, int64, policy.Team) ([]int64, error) {
	return nil, &bot.Error{Op: "GET team", Class: bot.Transient}
}
