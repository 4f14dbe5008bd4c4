package bottest

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // GitHub sends this signature too; a receiver must not be content with it
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"time"
)

// Delivery is one webhook: queued, or one attempt to send it.
type Delivery struct {
	GUID          string
	Event, Action string
	Payload       []byte
	At            time.Time // when it happened
	Status        int       // the receiver's answer; 0: none
	Failed        bool      // not answered with 2xx; GitHub doesn't try again by itself

	ID           int64     // of the attempt, rising; 0: not sent yet
	Redelivery   bool      // it is sent once more with the same GUID
	SentAt       time.Time // of the attempt
	Installation int64     // 0: none
	Repository   int64     // 0: none
	Issue        int       // the number; 0: it is not about an issue
}

// ErrNoWebhook is returned by [Fake.Deliver] while there is no address to deliver to.
var ErrNoWebhook = errors.New("delivering webhooks: no webhook address is set")

// SetWebhook sets the receiver's address, for a server that starts after the fake.
func (f *Fake) SetWebhook(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.webhookURL = address
	f.nudge()
}

// hook is what a webhook tells: who did what where.
type hook struct {
	repo          *repo
	by            actor
	event, action string
}

// send queues a webhook with the payload and the keys that all of them have.
func (f *Fake) send(h hook, payload object) {
	r := h.repo
	if in := f.installation(r.installation); in == nil || !in.suspended.IsZero() {
		return // the App is not there, or has no access to webhooks either
	}
	d := Delivery{Event: h.event, Action: h.action, Installation: r.installation, Repository: r.id}
	if is, ok := payload["issue"].(object); ok {
		d.Issue, _ = is["number"].(int)
	}
	if is, ok := payload["issue"].(object); ok && h.event == "issues" && is["pull_request"] != nil {
		return // what happens to a pull request is told by the event of that name, which the App doesn't get; its comments are issue_comment
	}
	all := object{
		"action": h.action, "repository": repoJSON(r), "sender": userJSON(h.by.user),
		"installation": object{"id": r.installation, "node_id": nodeID("IntegrationInstallation", r.installation)},
	}
	if r.owner.kind == "Organization" {
		all["organization"] = orgJSON(r.owner)
	}
	maps.Copy(all, payload)
	d.Payload = payloadOf(all)
	f.enqueue(d)
}

func payloadOf(o object) []byte {
	raw, err := json.Marshal(o)
	if err != nil { // objects of strings and numbers always marshal
		return []byte("{}")
	}
	return raw
}

func (f *Fake) enqueue(d Delivery) string {
	if d.GUID == "" {
		f.guids++
		sum := sha256.Sum256(fmt.Appendf(nil, "%s delivery %d", f.opts.Seed, f.guids))
		d.GUID = fmt.Sprintf("%x-%x-%x-%x-%x", sum[0:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
	}
	d.At, d.Status, d.Failed, d.ID, d.SentAt = f.now(), 0, false, 0, time.Time{}
	f.enqueued++
	f.enqueueAll(queued{Delivery: d, seq: f.enqueued})
	f.nudge()
	return d.GUID
}

// nudge wakes Run.
func (f *Fake) nudge() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// Send queues any event with any payload, signed like the others, and returns its delivery id.
func (f *Fake) Send(event string, payload []byte) string {
	var head struct{ Action string }
	_ = json.Unmarshal(payload, &head) // a payload that is no JSON is sent as it is: that is what this is for
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.enqueue(Delivery{Event: event, Action: head.Action, Payload: bytes.Clone(payload)})
}

// Redeliver queues a delivery that was sent once more, with the same delivery id, as GitHub's button does. It tells whether there is one.
func (f *Fake) Redeliver(guid string) bool { return f.again(guid, guid) != "" }

// Replay queues the same event and payload with a new delivery id, and returns that id; empty where guid is unknown.
func (f *Fake) Replay(guid string) string { return f.again(guid, "") }

func (f *Fake) again(guid, as string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	i := slices.IndexFunc(f.deliveries, func(d Delivery) bool { return d.GUID == guid })
	if i < 0 || f.deliveries[i].Payload == nil {
		return ""
	}
	d := f.deliveries[i]
	d.GUID, d.Redelivery = as, as != ""
	return f.enqueue(d)
}

// Deliveries returns what was sent, oldest first; a redelivery is an entry of its own.
func (f *Fake) Deliveries() []Delivery {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.deliveries)
}

// Record lists an attempt that the caller made by itself, of a delivery that it took from the queue by [Fake.Rearrange]: Status and Failed say
// what came of it. The App finds it among its deliveries, and may ask for it again.
func (f *Fake) Record(d Delivery) { f.record(d) }

// Pending returns what is queued, next one first.
func (f *Fake) Pending() []Delivery {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.waiting()
}

func (f *Fake) waiting() []Delivery {
	var all []Delivery
	for _, d := range f.queue {
		all = append(all, d.Delivery)
	}
	return all
}

// Rearrange replaces the queue by what change makes of it: dropped, doubled, in another order. It must not call the fake.
func (f *Fake) Rearrange(change func([]Delivery) []Delivery) {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := change(f.waiting())
	f.queue = nil
	for _, d := range all {
		f.enqueued++
		f.queue = append(f.queue, queued{Delivery: d, seq: f.enqueued})
	}
	f.nudge()
}

// post sends one delivery and notes the answer in it.
func (f *Fake) post(ctx context.Context, address string, d *Delivery) {
	d.Failed = true
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(d.Payload))
	if err != nil {
		return
	}
	req.Header = f.Headers(*d)
	res, err := f.opts.Client.Do(req)
	if err != nil {
		return
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<20)) // GitHub keeps the answer for its page only
	_ = res.Body.Close()
	d.Status, d.Failed = res.StatusCode, res.StatusCode < 200 || res.StatusCode > 299
}

// Headers are the headers of a delivery, signed with the webhook secret.
func (f *Fake) Headers(d Delivery) http.Header {
	h := http.Header{}
	h.Set("Content-Type", "application/json")
	h.Set("User-Agent", "GitHub-Hookshot/044aadd")
	h.Set("X-GitHub-Event", d.Event)
	h.Set("X-GitHub-Delivery", d.GUID)
	h.Set("X-GitHub-Hook-ID", "292430182")
	h.Set("X-GitHub-Hook-Installation-Target-ID", strconv.FormatInt(f.opts.AppID, 10))
	h.Set("X-GitHub-Hook-Installation-Target-Type", "integration")
	if f.opts.WebhookSecret != "" {
		h.Set("X-Hub-Signature", "sha1="+f.signature(sha1.New, d.Payload))
		h.Set("X-Hub-Signature-256", "sha256="+f.signature(sha256.New, d.Payload))
	}
	return h
}

func (f *Fake) signature(by func() hash.Hash, payload []byte) string {
	mac := hmac.New(by, []byte(f.opts.WebhookSecret))
	mac.Write(payload)
	return hex.EncodeToString(mac.Sum(nil))
}
