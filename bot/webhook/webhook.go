// Package webhook takes in GitHub's deliveries: it answers only when one is
// stored, or is none of ours.
//
// The order is fixed: size, signature (SHA-256, over the raw bytes, by any of
// the secrets), and only then is anything parsed. A delivery that is kept
// becomes a bot.Delivery: ids, times, digests, the classes of leaks that were
// found in its texts, and no text. What is not
// kept is counted by its Reason, which is also the answer's text; nothing of
// the request is ever repeated, in an answer or in the log.
//
// Only application/json is understood: a webhook that sends a form is told so
// by 400 and "no-json".
package webhook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/parser/leak"
)

const (
	// MinSecret is the length in bytes that a webhook secret has at least.
	MinSecret = 16
	// DefaultMaxBody is how long a delivery may be where Options do not say.
	// GitHub's own limit is 25 MB, for events that we do not ask for.
	DefaultMaxBody = 4 << 20

	// GitHub gives up after 10 s.
	storeTimeout = 8 * time.Second
	retrySeconds = "10"
)

// Intake stores deliveries: a bot.Store does.
type Intake interface {
	// AddDelivery keeps d for good before it returns.
	AddDelivery(ctx context.Context, d bot.Delivery) (bot.Outcome, error)
}

// Repository says which deliveries of a repository matter.
type Repository struct {
	// Installation is our App's there; deliveries of any other are
	// ignored. 0: any.
	Installation int64
	IntakeLabel  string
	Labels       []string // our state labels
	// Desk says that it is a desk of staff: commands count there, and what
	// becomes of the issues that are ours.
	Desk bool
}

// Options say what to take in.
type Options struct {
	// Secrets are the webhook's: two while it is being changed. Each has
	// MinSecret bytes at least.
	Secrets [][]byte
	Intake  Intake
	// Repositories returns the repository of an id, false if it is not
	// served. It is called concurrently.
	Repositories func(id int64) (Repository, bool)
	// Self returns our bot user's id, 0 while it is not known.
	Self func() int64
	// Ignored reports whether what a user writes never counts, though GitHub has
	// it for a person. nil: nobody. It is called concurrently, as Offers is.
	Ignored func(user int64) bool
	// Offers reports whether a text offers to recover an account. nil: none does.
	Offers func(text string) bool
	// Public is what is no leak, such as the address of the registry's support.
	Public  leak.Options
	MaxBody int64 // 0: DefaultMaxBody
	Clock   func() time.Time
	Logger  *slog.Logger // nil: silent
	// OnTeams is called when the members of any team may have changed. nil: nothing.
	OnTeams func()
	// OnRepository is called with what a repository that is served is now:
	// ID, Owner, Name, Installation, Private and State are set. After an
	// error the answer is 503. nil: nothing.
	OnRepository func(context.Context, bot.Repository) error
	// OnInstallation is called when something became of an installation, with
	// the repositories that it is about; none: all that it has. nil: nothing.
	OnInstallation func(ctx context.Context, installation int64, repositories []int64) error
	// Installed is asked where a delivery comes from another installation than
	// Repositories knows: another process may know better, and a repository
	// may have been transferred. nil: it is none of ours.
	Installed func(ctx context.Context, repository, installation int64) (bool, error)
}

// Handler is the webhook's http.Handler. It may be used by many goroutines.
type Handler struct {
	o      Options
	room   *room
	counts map[Reason]*atomic.Int64
	spare  chan *bytes.Buffer
}

// New returns a handler, or says which option is missing or wrong.
func New(o Options) (*Handler, error) {
	if len(o.Secrets) == 0 {
		return nil, errors.New("the webhook has no secret: anybody could write to it")
	}
	for _, s := range o.Secrets {
		if len(s) < MinSecret {
			return nil, fmt.Errorf("a webhook secret has %d bytes, and needs %d", len(s), MinSecret)
		}
	}
	if o.Intake == nil || o.Repositories == nil || o.Self == nil || o.Clock == nil {
		return nil, errors.New("the webhook needs an intake, repositories, a bot user and a clock")
	}
	if o.Ignored == nil {
		o.Ignored = func(int64) bool { return false }
	}
	if o.Offers == nil {
		o.Offers = func(string) bool { return false }
	}
	if o.MaxBody <= 0 {
		o.MaxBody = DefaultMaxBody
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	h := &Handler{o: o, room: newRoom(), counts: map[Reason]*atomic.Int64{}, spare: make(chan *bytes.Buffer, spares)}
	for _, r := range Reasons() {
		h.counts[r] = new(atomic.Int64)
	}
	return h, nil
}

// Counts returns how many requests ended for each reason since the start;
// each of Reasons is there.
func (h *Handler) Counts() map[Reason]int64 {
	counts := make(map[Reason]int64, len(h.counts))
	for r, n := range h.counts {
		counts[r] = n.Load()
	}
	return counts
}

// ServeHTTP takes in one delivery. See Reason for the answers.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reason := h.take(w, r)
	h.counts[reason].Add(1)
	reason.answer(w)
}

// take does the work from the first byte to the store.
func (h *Handler) take(w http.ResponseWriter, r *http.Request) Reason {
	if r.Method != http.MethodPost {
		return BadMethod
	}
	if r.ContentLength > h.o.MaxBody {
		return TooLarge
	}
	claimed, reason := claimedMAC(r.Header)
	if reason != "" {
		return reason
	}
	b := h.borrow()
	defer h.giveBack(b)
	defer b.leave()
	if reason := b.read(w, r, h.o.MaxBody); reason != "" {
		return reason
	}
	if !signedBy(h.o.Secrets, b.buf.Bytes(), claimed) {
		return BadSignature
	}
	return h.Accept(r.Context(), r.Header, b.buf.Bytes())
}

// Accept takes in a delivery of which the caller knows that GitHub sent it, as
// ServeHTTP does once it has verified the signature: neither signature nor
// size is looked at. It counts nothing.
func (h *Handler) Accept(ctx context.Context, head http.Header, raw []byte) Reason {
	d, reason := newDelivery(head, raw)
	if reason != "" {
		return reason
	}
	return h.route(ctx, d)
}

// store keeps a delivery, and only then is it acknowledged.
func (h *Handler) store(ctx context.Context, d bot.Delivery) Reason {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	outcome, err := h.o.Intake.AddDelivery(ctx, d)
	if err != nil {
		h.o.Logger.Error("delivery not stored: GitHub is asked to wait", "event", d.Event, "action", d.Action,
			"repository", d.Ref.Repository, "issue", d.Ref.Number, "error", err)
		return Unavailable
	}
	h.o.Logger.Debug("delivery", "outcome", outcome.String(), "event", d.Event, "action", d.Action,
		"repository", d.Ref.Repository, "issue", d.Ref.Number)
	switch outcome {
	case bot.Seen:
		return Seen
	case bot.Rearmed:
		return Rearmed
	case bot.Foreign:
		return ForeignIssue
	default:
		return Added
	}
}
