package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"sync"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// post carries webhooks from the fake to a replica. Those of one issue go one
// after the other, as long as nothing goes wrong with them.
type post struct {
	fake    *bottest.Fake
	address func() string // of a replica
	client  *http.Client
	rate    float64       // of each kind of mishap; 0: all goes well
	again   time.Duration // after which somebody has a failed one sent again; 0: the bot must ask for it
	figures *figures
	ctx     context.Context //nolint:containedctx // the life of the post, not of a call

	mu      sync.Mutex
	random  *rand.Rand
	lanes   map[place][]letter
	under   map[place]int   // people's letters that have not arrived
	waits   map[string]bool // those, by id
	changed chan struct{}   // closed when one has
}

// letter is a webhook, and what will happen to it.
type letter struct {
	bottest.Delivery

	at     place
	person bool
	sender string // login
	fate   fate
}

// fate is a mishap of a webhook.
type fate string

const (
	arrives    fate = ""
	twice      fate = "doubled"    // sent again later, with the same id
	late       fate = "late"       // sent later: others overtake it
	refused    fate = "refused"    // answered with 502, and not forwarded
	unanswered fate = "unanswered" // forwarded, and answered with 502 all the same
	lost       fate = "lost"       // never sent: GitHub does not know of it
)

// upToLate is how late a webhook may be.
const upToLate = 3 * time.Second

func newPost(ctx context.Context, seed uint64) *post {
	return &post{
		ctx: ctx, client: &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 64}},
		random: rand.New(rand.NewPCG(seed, 2)), //nolint:gosec // chance that can be repeated
		lanes:  map[place][]letter{}, under: map[place]int{}, waits: map[string]bool{}, changed: make(chan struct{}),
	}
}

// run collects what the fake queues until ctx is done.
func (p *post) run(ctx context.Context) {
	for ctx.Err() == nil {
		p.collect()
		select {
		case <-ctx.Done():
		case <-time.After(5 * time.Millisecond):
		}
	}
}

// collect takes what the fake has queued.
func (p *post) collect() {
	var taken []bottest.Delivery
	p.mu.Lock()
	defer p.mu.Unlock()
	p.fake.Rearrange(func(queue []bottest.Delivery) []bottest.Delivery {
		taken = queue
		return nil
	})
	for _, d := range taken {
		l := p.read(d)
		if l.person && l.fate != lost && !d.Redelivery {
			p.under[l.at]++
			p.waits[l.GUID] = true
		}
		p.dispatch(l)
	}
}

// read reads whom a webhook is about, and draws its fate.
func (p *post) read(d bottest.Delivery) letter {
	var head struct {
		Repository struct {
			FullName string `json:"full_name"`
		} `json:"repository"`
		Issue  struct{ Number int }         `json:"issue"`
		Sender struct{ Login, Type string } `json:"sender"`
	}
	_ = json.Unmarshal(d.Payload, &head) // what it is about is then nothing
	l := letter{Delivery: d, at: place{head.Repository.FullName, head.Issue.Number}, person: head.Sender.Type != "Bot", sender: head.Sender.Login}
	for _, f := range []fate{twice, late, refused, unanswered, lost} {
		if p.random.Float64() < p.rate && (f != lost || l.mayBeLost() && !d.Redelivery) {
			l.fate = f
			break
		}
	}
	return l
}

// mayBeLost: what a reconcile pass finds again with all that matters, and what people see an
// effect of, so that they wait for it. Of an edit it finds the text, but not that its author did
// something; of a reopening not who did it; and a stranger's command has no effect.
func (l *letter) mayBeLost() bool {
	switch l.Event + "." + l.Action {
	case "issues.edited", "issues.reopened":
		return false
	case "issue_comment.created":
		return !slices.Contains(strangers(), l.sender)
	}
	return true
}

// dispatch sends a letter behind those of its issue, or by itself. The lock is held.
func (p *post) dispatch(l letter) {
	if l.fate != arrives {
		p.figures.count("webhooks", string(l.fate))
	}
	switch l.fate {
	case lost:
		return
	case late:
		go p.later(l, p.upTo(upToLate))
		return
	case refused:
		l.fate = arrives
		p.failed(l, http.StatusBadGateway)
		return
	case twice:
		go p.later(l, p.upTo(upToLate))
	case arrives, unanswered:
	}
	lane := append(p.lanes[l.at], l)
	p.lanes[l.at] = lane
	if len(lane) == 1 {
		go p.work(l.at)
	}
}

func (p *post) upTo(d time.Duration) time.Duration { return time.Duration(p.random.Int64N(int64(d))) }

// work sends what is queued for an issue, and ends.
func (p *post) work(at place) {
	for {
		p.mu.Lock()
		l := p.lanes[at][0]
		p.mu.Unlock()
		p.deliver(l)
		p.mu.Lock()
		p.lanes[at] = p.lanes[at][1:]
		if len(p.lanes[at]) == 0 {
			delete(p.lanes, at)
			p.mu.Unlock()
			return
		}
		p.mu.Unlock()
	}
}

// later sends a letter after a while.
func (p *post) later(l letter, wait time.Duration) {
	select {
	case <-p.ctx.Done():
	case <-time.After(wait):
		p.deliver(l)
	}
}

// deliver sends a letter.
func (p *post) deliver(l letter) {
	status := p.send(l.Delivery)
	came := status >= 200 && status <= 299
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case l.fate == unanswered:
		l.fate = arrives
		p.failed(l, http.StatusBadGateway)
	case came:
		l.Status, l.Failed = status, false
		p.fake.Record(l.Delivery)
	default:
		p.failed(l, status)
	}
	if came { // the bot does not ask again for what it has, although GitHub says that it failed
		p.arrival(l)
	}
}

// arrival ends the wait for a letter. The lock is held.
func (p *post) arrival(l letter) {
	if waits := p.waits[l.GUID]; waits {
		delete(p.waits, l.GUID)
		p.under[l.at]--
		if p.under[l.at] == 0 {
			delete(p.under, l.at)
		}
		close(p.changed)
		p.changed = make(chan struct{})
	}
}

// failed lists an attempt as failed. GitHub sends it again only if it is asked to: by the bot, or
// by somebody who presses a button, as does whoever has no hour to wait. The lock is held.
func (p *post) failed(l letter, status int) {
	if p.ctx.Err() != nil {
		return
	}
	l.Status, l.Failed = status, true
	p.fake.Record(l.Delivery)
	switch {
	case p.again > 0:
		p.figures.count("webhooks", "sent again")
		go p.later(l, p.again)
	case l.Redelivery, status == 0: // the bot asks a second time after an hour, and never for what it stored before it was killed
		p.figures.count("webhooks", "sent again by hand")
		go p.later(l, upToLate)
	}
}

// send returns the status of a replica's answer, 0 without one.
func (p *post) send(d bottest.Delivery) int {
	req, err := http.NewRequestWithContext(p.ctx, http.MethodPost, p.address()+"/webhook", bytes.NewReader(d.Payload))
	if err != nil {
		return 0
	}
	req.Header = p.fake.Headers(d)
	res, err := p.client.Do(req)
	if err != nil {
		p.figures.count("webhooks", "no answer")
		return 0
	}
	_, _ = io.Copy(io.Discard, res.Body) // the status is all that matters
	_ = res.Body.Close()
	p.figures.count("webhooks", res.Status)
	return res.StatusCode
}

// arrived waits until no letter of a person about an issue is under way. False if ctx ends
// before.
func (p *post) arrived(ctx context.Context, at place) bool {
	for {
		p.mu.Lock()
		done, changed := p.under[at] == 0, p.changed
		p.mu.Unlock()
		if done {
			return true
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return false
		}
	}
}
