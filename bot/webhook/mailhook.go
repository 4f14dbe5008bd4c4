package webhook

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

const (
	// MinMailSecret is the length in bytes that a secret of the mail hook has
	// at least.
	MinMailSecret = 32

	maxMail = 64 << 10
)

// MailIntake is what the mail hook needs of a bot.Store.
type MailIntake interface {
	Intake
	// FindCase returns the case of an issue by its number; ErrNotFound,
	// ErrSeveral.
	FindCase(ctx context.Context, owner, name string, number int) (bot.Case, error)
}

// MailOptions say how news of mails comes in.
type MailOptions struct {
	// Secrets are the hook's own: two while it is being changed. Each has
	// MinMailSecret bytes at least.
	Secrets [][]byte
	Intake  MailIntake
	Served  func(repository int64) bool // whether a repository is served
	Clock   func() time.Time
	Logger  *slog.Logger // nil: silent
}

// MailHandler is told by a mail system that a mail about a request came in. It
// learns the request's number and nothing else: no text, no address. A mail
// hands the turn to staff; it is never evidence.
type MailHandler struct {
	o      MailOptions
	counts map[Reason]*atomic.Int64
}

// NewMail returns a handler, or says which option is missing or wrong.
func NewMail(o MailOptions) (*MailHandler, error) {
	if len(o.Secrets) == 0 {
		return nil, errors.New("the mail hook has no secret: anybody could write to it")
	}
	for _, s := range o.Secrets {
		if len(s) < MinMailSecret {
			return nil, fmt.Errorf("a secret of the mail hook has %d bytes, and needs %d", len(s), MinMailSecret)
		}
	}
	if o.Intake == nil || o.Served == nil || o.Clock == nil {
		return nil, errors.New("the mail hook needs an intake, repositories and a clock")
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	h := &MailHandler{o: o, counts: map[Reason]*atomic.Int64{}}
	for _, r := range Reasons() {
		h.counts[r] = new(atomic.Int64)
	}
	return h, nil
}

// Counts returns how many requests ended for each reason since the start.
func (h *MailHandler) Counts() map[Reason]int64 {
	counts := make(map[Reason]int64, len(h.counts))
	for r, n := range h.counts {
		counts[r] = n.Load()
	}
	return counts
}

// ServeHTTP takes in the news of one mail. Whether the number is one of ours
// the answer does not tell.
func (h *MailHandler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	reason := h.take(w, r)
	h.counts[reason].Add(1)
	reason.answer(w)
}

// take asks for the secret before anything is read.
func (h *MailHandler) take(w http.ResponseWriter, r *http.Request) Reason {
	switch {
	case r.Method != http.MethodPost:
		return BadMethod
	case !h.authentic(r.Header):
		return BadSecret
	case r.ContentLength > maxMail:
		return TooLarge
	}
	raw, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxMail))
	if err != nil {
		return unread(err)
	}
	about, reason := readMail(raw)
	if reason != "" {
		return reason
	}
	return h.store(r.Context(), about)
}

// authentic compares what is sent with all secrets. Digests are compared, so
// that not even a length can be measured.
func (h *MailHandler) authentic(head http.Header) bool {
	values := head.Values("Authorization")
	if len(values) != 1 {
		return false
	}
	scheme, token, _ := strings.Cut(values[0], " ")
	sent := sha256.Sum256([]byte(strings.TrimSpace(token)))
	known := 0
	for _, s := range h.o.Secrets {
		want := sha256.Sum256(s)
		known |= subtle.ConstantTimeCompare(sent[:], want[:])
	}
	return known == 1 && strings.EqualFold(scheme, "bearer")
}

var (
	mailTag     = regexp.MustCompile(`(?i)\[recovery\s+(?:([a-z0-9-]{1,39})/([a-z0-9._-]{1,100}))?#(\d{1,9})\]`)
	mailRequest = regexp.MustCompile(`(?i)\A(?:([a-z0-9-]{1,39})/([a-z0-9._-]{1,100}))?#(\d{1,9})\z`)
)

// mailed names a request. Owner and name may be missing.
type mailed struct {
	owner, name string
	number      int
}

// readMail keeps the number of a request; everything else is dropped here. A
// subject that names two requests names none.
func readMail(raw []byte) (mailed, Reason) {
	var sent struct {
		Subject string `json:"subject"`
		Request string `json:"request"`
	}
	if err := json.Unmarshal(raw, &sent); err != nil {
		return mailed{}, NoJSON
	}
	var found [][]string
	switch {
	case sent.Request == "":
		found = mailTag.FindAllStringSubmatch(sent.Subject, -1)
	case sent.Subject == "":
		found = mailRequest.FindAllStringSubmatch(sent.Request, -1)
	}
	var about mailed
	for i, m := range found {
		number, err := strconv.Atoi(m[3])
		if err != nil || number == 0 {
			return mailed{}, NoNumber
		}
		one := mailed{strings.ToLower(m[1]), strings.ToLower(m[2]), number}
		if i > 0 && one != about {
			return mailed{}, NoNumber
		}
		about = one
	}
	if about.number == 0 {
		return mailed{}, NoNumber
	}
	return about, ""
}

// store keeps a delivery for the request, if there is one.
func (h *MailHandler) store(ctx context.Context, about mailed) Reason {
	ctx, cancel := context.WithTimeout(ctx, storeTimeout)
	defer cancel()
	c, err := h.o.Intake.FindCase(ctx, about.owner, about.name, about.number)
	switch {
	case errors.Is(err, bot.ErrSeveral):
		h.o.Logger.Warn("a mail names a number that several repositories have: write [recovery OWNER/NAME#N] into the subject", "issue", about.number)
		return Taken
	case errors.Is(err, bot.ErrNotFound):
		return Taken
	case err != nil:
		return h.failed(about, err)
	case c.Memory.State == policy.None || !h.o.Served(c.Ref.Repository):
		return Taken
	}
	if _, err := h.o.Intake.AddDelivery(ctx, h.value(c)); err != nil {
		return h.failed(about, err)
	}
	h.o.Logger.Debug("mail", "repository", c.Ref.Repository, "issue", c.Ref.Number)
	return Taken
}

func (h *MailHandler) failed(about mailed, err error) Reason {
	h.o.Logger.Error("the news of a mail is not stored: the sender is asked to try again", "issue", about.number, "error", err)
	return Unavailable
}

// value is the delivery. Its GUID is the same for a whole minute, so that a
// flood of mails is one. GitHub knows nothing of mails: the issue is as new as
// it was.
func (h *MailHandler) value(c bot.Case) bot.Delivery {
	now := h.o.Clock()
	guid := fmt.Sprintf("mail:%d:%d:%d", c.Ref.Repository, c.Ref.Issue, now.Unix()/60)
	return bot.Delivery{
		GUID: guid, Digest: bot.Digest(guid), Event: "mail", Action: "received", Ref: c.Ref, Private: c.Private,
		AuthorID: c.AuthorID, ObjectID: c.Ref.Issue, ObjectUpdatedAt: c.NewestSeen, ReceivedAt: now,
	}
}
