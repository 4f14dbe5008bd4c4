package webhook

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	jsonv1 "github.com/go-json-experiment/json/v1"
)

const (
	maxDepth = 64
	maxGUID  = 128
)

// delivery is an authentic delivery, read but not judged.
type delivery struct {
	guid, event, digest string
	payload             payload
}

// payload is what is read of GitHub's payloads; the rest is not decoded. A
// part that is missing is nil.
type payload struct {
	Action       string      `json:"action"`
	Repository   *repository `json:"repository"`
	Installation *identified `json:"installation"`
	// Of installation and installation_repositories.
	Repositories []identified `json:"repositories"`
	Added        []identified `json:"repositories_added"`
	Removed      []identified `json:"repositories_removed"`
	Sender       *account     `json:"sender"`
	Issue        *issue       `json:"issue"`
	Comment      *comment     `json:"comment"`
	Changes      *changes     `json:"changes"` // of an edit
	Label        *struct {
		Name string `json:"name"`
	} `json:"label"`
}

type identified struct {
	ID int64 `json:"id"`
}

type account struct {
	ID    int64  `json:"id"`
	Login string `json:"login"`
	Type  string `json:"type"`
}

type repository struct {
	ID        int64  `json:"id"`
	FullName  string `json:"full_name"`
	Private   bool   `json:"private"`
	Archived  bool   `json:"archived"`
	HasIssues *bool  `json:"has_issues"` // nil: not said
}

type issue struct {
	ID          int64          `json:"id"`
	Number      int            `json:"number"`
	User        *account       `json:"user"`
	Title       string         `json:"title"`
	Body        string         `json:"body"`
	CreatedAt   time.Time      `json:"created_at"`
	UpdatedAt   time.Time      `json:"updated_at"`
	PullRequest jsontext.Value `json:"pull_request"`
}

type comment struct {
	ID        int64     `json:"id"`
	User      *account  `json:"user"`
	Body      string    `json:"body"`
	UpdatedAt time.Time `json:"updated_at"`
}

// newDelivery reads a body whose signature was verified.
func newDelivery(h http.Header, raw []byte) (delivery, Reason) {
	d := delivery{guid: h.Get("X-GitHub-Delivery"), event: h.Get("X-GitHub-Event")}
	media, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	switch {
	case err != nil || media != "application/json":
		return delivery{}, NoJSON
	case !sane(d.guid):
		return delivery{}, NoDelivery
	case deep(raw):
		return delivery{}, TooDeep
	}
	if reason := d.decode(raw); reason != "" {
		return delivery{}, reason
	}
	sum := sha256.New()
	sum.Write([]byte(d.event + "\n"))
	sum.Write(raw)
	d.digest = hex.EncodeToString(sum.Sum(nil))
	return d, ""
}

func (d *delivery) decode(raw []byte) Reason {
	if !known(d.event) {
		if !jsonv1.Valid(raw) {
			return NoJSON
		}
		return UnknownEvent
	}
	// It reads what encoding/json reads, as that does, in a third of the time,
	// for it does not look first whether all is JSON.
	err := json.Unmarshal(raw, &d.payload, jsonv1.DefaultOptionsV1(), jsonv1.ReportErrorsWithLegacySemantics(false))
	switch {
	case err == nil:
		return ""
	case !jsonv1.Valid(raw):
		return NoJSON
	}
	return BadPayload
}

// sane reports whether a GUID can be one: it is no part of what is signed.
func sane(guid string) bool {
	return guid != "" && len(guid) <= maxGUID && !strings.ContainsFunc(guid, func(r rune) bool { return r <= ' ' || r > '~' })
}

// deep reports whether JSON is nested deeper than maxDepth, in one pass and
// without a stack.
func deep(raw []byte) bool {
	depth := 0
	for i := 0; i < len(raw); i++ {
		switch raw[i] {
		case '"':
			i += 1 + quoted(raw[i+1:])
		case '{', '[':
			if depth++; depth > maxDepth {
				return true
			}
		case '}', ']':
			depth--
		}
	}
	return false
}

// quoted returns how long the string is that raw begins with, up to the quote
// that ends it. Most of a payload is strings, and most have no backslash.
func quoted(raw []byte) int {
	n, end := 0, -1
	for {
		if end < n { // a quote is looked for once, not again after each escape before it
			i := bytes.IndexByte(raw[n:], '"')
			if i < 0 {
				return len(raw)
			}
			end = n + i
		}
		escape := bytes.IndexByte(raw[n:end], '\\')
		if escape < 0 {
			return end
		}
		n = min(n+escape+2, len(raw))
	}
}

func (i *issue) pull() bool {
	return len(i.PullRequest) > 0 && !bytes.Equal(i.PullRequest, []byte("null"))
}

// id is 0 where there is nobody, as for an account that was deleted.
func (a *account) id() int64 {
	if a == nil {
		return 0
	}
	return a.ID
}

func (a *account) bot() bool { return a != nil && a.Type == "Bot" }
