package bot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// AskLimit is how often one failed delivery is asked for; with the last time
// it is given up.
const AskLimit = 3

// How failed deliveries are asked for again.
const (
	hookDays  = 3 * 24 * time.Hour // GitHub keeps no delivery for longer
	askAtOnce = 100                // deliveries asked for in one pass

	backlogPause = time.Minute      // between passes, while more is due than one may ask for
	busyPause    = 5 * time.Minute  // while something failed, and after a start
	calmPause    = time.Hour        // so that a calm day costs 24 calls
	answerWait   = 10 * time.Minute // what was asked for and has not failed again by then was answered
	absentPause  = 24 * time.Hour   // where GitHub does not know of deliveries
)

// Hooks is what GitHub tells of the webhooks that it sent us. No payload is
// read: what counts is that it is sent again.
type Hooks interface {
	// FailedDeliveries lists the attempts to deliver a webhook of the App
	// since a time that failed, newest first. Answered ones may be among them.
	// Missing where GitHub has no such list.
	FailedDeliveries(ctx context.Context, since time.Time) ([]Attempt, error)
	// Redeliver asks GitHub to deliver once more what it tried in an attempt.
	// Missing or Invalid if it keeps it no more.
	Redeliver(ctx context.Context, attempt int64) error
}

// Attempt is one try of GitHub to deliver a webhook.
type Attempt struct {
	ID           int64
	GUID         string // of the delivery: all attempts of it have the same
	At           time.Time
	Event        string
	Action       string
	Repository   int64 // 0: of none
	Installation int64 // 0: of none
	Status       int   // of the receiver's answer; 0: there was none
}

func (a Attempt) answered() bool { return a.Status >= 200 && a.Status < 300 }

// HookStore keeps which deliveries failed, and what was done about them.
type HookStore interface {
	// HookMark returns how far the passes came, zero times before the first.
	HookMark(ctx context.Context) (HookMark, error)
	// SaveHookMark stores it, and forgets failures older than Forget.
	SaveHookMark(ctx context.Context, m HookMark) error
	// NoteFailed remembers deliveries that failed: a new one as it is given,
	// of a known one only Attempt and FailedAt, if they are newer. One that had
	// ended is open again, unless it was given up.
	NoteFailed(ctx context.Context, failed []Redelivery) error
	// Redeliveries returns those that have not ended, the oldest first.
	Redeliveries(ctx context.Context) ([]Redelivery, error)
	// SaveRedelivery stores what was done about one that NoteFailed knows.
	SaveRedelivery(ctx context.Context, r Redelivery) error
}

// HookMark says how far the passes over failed deliveries came.
type HookMark struct {
	Seen   time.Time // everything before has been listed
	Next   time.Time // when to look again
	Forget time.Time // failures before are forgotten
}

// Redelivery is a delivery that failed, and what was done about it.
type Redelivery struct {
	GUID     string
	Attempt  int64 // the newest that failed
	FailedAt time.Time
	Asked    int       // how often we asked for it
	AskedAt  time.Time // the last time
	AskedFor int64     // the attempt that we asked to repeat then
	Ended    bool      // it came, or was given up
	Known    bool      // the inbox has it; only Redeliveries sets it
}

// Redeliver asks GitHub to send again what it could not deliver. It looks
// every hour, more often after a start and while something failed; a call
// between does nothing. The job engine makes one at a time.
func (b *Bot) Redeliver(ctx context.Context) error {
	if may, err := b.may(ctx, writes); !may {
		return err
	}
	m, err := b.Store.HookMark(ctx)
	if err != nil {
		return err
	}
	now := b.Clock()
	first := b.hooks.passes() == 0
	if now.Before(m.Next) && !first {
		return nil
	}
	m.Forget = now.Add(-hookDays - absentPause)
	since, err := b.hooksSince(ctx, m, now)
	if err != nil {
		return err
	}
	attempts, err := b.GitHub.FailedDeliveries(ctx, since)
	b.hooks.passed()
	if err != nil {
		return b.hooksUnread(ctx, m, err)
	}
	failed := failures(attempts, b.wanted)
	if err := b.Store.NoteFailed(ctx, failed); err != nil {
		return err
	}
	m.Seen = now
	pause, err := b.askAgain(ctx, now)
	if b.hooks.passes() <= 2 {
		pause = min(pause, busyPause)
	}
	m.Next = now.Add(pause)
	return errors.Join(err, b.Store.SaveHookMark(ctx, m))
}

// hooksSince returns from when on attempts are listed: the mark, or where the
// bot's life here began.
func (b *Bot) hooksSince(ctx context.Context, m HookMark, now time.Time) (time.Time, error) {
	since := m.Seen
	for _, r := range b.Rules.Repositories {
		if !m.Seen.IsZero() {
			break
		}
		known, err := b.Store.Repository(ctx, r.ID)
		if err != nil {
			return time.Time{}, err
		}
		if since.IsZero() || known.Started.Before(since) {
			since = known.Started
		}
	}
	since = since.Add(-overlap)
	if oldest := now.Add(-hookDays); since.Before(oldest) {
		since = oldest
	}
	return since, nil
}

// hooksUnread puts the next pass off after the list could not be read.
func (b *Bot) hooksUnread(ctx context.Context, m HookMark, err error) error {
	pause := max(busyPause, retryAfter(err))
	if ClassOf(err) == Missing {
		pause = absentPause
		if b.hooks.missing() {
			b.Log.Info("GitHub has no list of failed deliveries here; what they told is read by the next pass")
		}
		err = nil
	}
	m.Next = b.Clock().Add(pause)
	return errors.Join(err, b.Store.SaveHookMark(ctx, m))
}

// wanted reports whether an attempt was to tell us something that is stored.
func (b *Bot) wanted(a Attempt) bool {
	switch a.Event {
	case "issues", "issue_comment", "repository":
		at := b.Installation(a.Repository)
		return at != 0 && (a.Installation == 0 || a.Installation == at)
	case "installation", "installation_repositories":
		return b.installed(a.Installation)
	}
	return false
}

func (b *Bot) installed(id int64) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, at := range b.at {
		if at == id && id != 0 {
			return true
		}
	}
	return false
}

// failures returns the deliveries of which no attempt was answered, each by
// its newest attempt, the oldest first.
func failures(attempts []Attempt, wanted func(Attempt) bool) []Redelivery {
	newest, answered := map[string]Attempt{}, map[string]bool{}
	for _, a := range attempts {
		answered[a.GUID] = answered[a.GUID] || a.answered()
		had, ok := newest[a.GUID]
		if !ok || cmp.Or(a.At.Compare(had.At), cmp.Compare(a.ID, had.ID)) > 0 {
			newest[a.GUID] = a
		}
	}
	var all []Redelivery
	for guid, a := range newest {
		if guid != "" && !answered[guid] && wanted(a) {
			all = append(all, Redelivery{GUID: guid, Attempt: a.ID, FailedAt: a.At})
		}
	}
	slices.SortFunc(all, older)
	return all
}

func older(a, b Redelivery) int {
	return cmp.Or(a.FailedAt.Compare(b.FailedAt), strings.Compare(a.GUID, b.GUID))
}

// askDistance is how long to wait before a delivery is asked for once more.
func askDistance(asked int) time.Duration {
	switch asked {
	case 0:
		return 0
	case 1:
		return time.Hour
	}
	return 12 * time.Hour
}

// fate is what becomes of a failed delivery at a time.
type fate int

const (
	waiting  fate = iota
	due           // to be asked for
	settled       // it came
	hopeless      // it failed too often
)

// judge decides about one failed delivery; of one that waits it returns until
// when. It is settled if the inbox has it, or if it did not fail again.
func (r Redelivery) judge(now time.Time) (fate, time.Time) {
	pending := r.Asked > 0 && r.Attempt == r.AskedFor
	at := r.AskedAt.Add(askDistance(r.Asked))
	if pending {
		at = r.AskedAt.Add(answerWait)
	}
	switch {
	case r.Known:
		return settled, time.Time{}
	case !pending && r.Asked >= AskLimit:
		return hopeless, time.Time{}
	case now.Before(at):
		return waiting, at
	case pending:
		return settled, time.Time{}
	}
	return due, time.Time{}
}

// redeliveryPlan is what to do about the failed deliveries now.
type redeliveryPlan struct {
	ask   []Redelivery // oldest first
	over  []Redelivery // ended: settled, or given up
	lost  int          // how many of those were given up
	pause time.Duration
}

// planRedeliveries decides about all of them. pause is how long nothing is due.
func planRedeliveries(open []Redelivery, now time.Time) redeliveryPlan {
	p := redeliveryPlan{pause: calmPause}
	for _, r := range slices.SortedFunc(slices.Values(open), older) {
		what, until := r.judge(now)
		switch what {
		case waiting:
			p.pause = min(p.pause, max(until.Sub(now), busyPause))
		case due:
			p.ask = append(p.ask, r)
		case hopeless:
			p.lost++
			p.over = append(p.over, r)
		case settled:
			p.over = append(p.over, r)
		}
	}
	switch {
	case len(p.ask) > askAtOnce:
		p.ask, p.pause = p.ask[:askAtOnce], backlogPause
	case len(p.ask) > 0:
		p.pause = min(p.pause, answerWait)
	}
	return p
}

// askAgain does what is due now, and returns how long nothing will be.
func (b *Bot) askAgain(ctx context.Context, now time.Time) (time.Duration, error) {
	open, err := b.Store.Redeliveries(ctx)
	if err != nil {
		return busyPause, err
	}
	p := planRedeliveries(open, now)
	for _, r := range p.over {
		r.Ended = true
		if err := b.Store.SaveRedelivery(ctx, r); err != nil {
			return busyPause, err
		}
	}
	asked, gone, err := b.askFor(ctx, p.ask)
	given := p.lost + gone
	count := []any{"failed", len(open), "redelivered", asked, "given_up", given}
	switch {
	case given > 0:
		b.Log.Warn("failed deliveries were given up; what they told is read by the next pass", count...)
	case asked > 0:
		b.Log.Info("failed deliveries are asked for again", count...)
	}
	if err != nil {
		return max(busyPause, retryAfter(err)), err
	}
	return p.pause, nil
}

// askFor asks for deliveries until GitHub does not want any more. It counts
// those that were asked for, and those that GitHub has forgotten.
func (b *Bot) askFor(ctx context.Context, due []Redelivery) (asked, gone int, err error) {
	for _, r := range due {
		if may, err := b.may(ctx, writes); !may { // the switch may have been thrown since the last one
			return asked, gone, err
		}
		err := b.GitHub.Redeliver(ctx, r.Attempt)
		switch ClassOf(err) {
		case "":
			asked++
			r.Asked, r.AskedAt, r.AskedFor = r.Asked+1, b.Clock(), r.Attempt
		case Missing, GoneAway, Invalid:
			gone++
			r.Asked, r.Ended = AskLimit, true
		case Transient, Broken:
			failed := fmt.Errorf("asking for a delivery: %w", err)
			if retryAfter(err) > 0 {
				return asked, gone, failed
			}
			// It may be this one that GitHub fails at: the next pass begins with others.
			r.Asked, r.AskedAt, r.AskedFor = r.Asked+1, b.Clock(), r.Attempt
			return asked, gone, errors.Join(failed, b.Store.SaveRedelivery(ctx, r))
		case Forbidden:
			return asked, gone, fmt.Errorf("asking for a delivery: %w", err)
		}
		if err := b.Store.SaveRedelivery(ctx, r); err != nil {
			return asked, gone, err
		}
	}
	return asked, gone, nil
}

// hookPasses is what one process remembers of its passes.
type hookPasses struct {
	count  atomic.Int64
	absent atomic.Bool
}

func (h *hookPasses) passes() int64 { return h.count.Load() }

func (h *hookPasses) passed() { h.count.Add(1) }

// missing notes that GitHub has no list, and reports whether that is new.
func (h *hookPasses) missing() bool { return !h.absent.Swap(true) }
