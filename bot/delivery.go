package bot

import (
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// CaseKey names a request for good: names and numbers change, these do not.
type CaseKey struct {
	Repository int64 // repository id
	Issue      int64 // issue id
}

// Ref is how to reach an issue, or (Number 0) a repository, by the API. Owner
// and Name are only for URLs and people.
type Ref struct {
	CaseKey
	Installation int64
	Owner        string
	Name         string
	Number       int
}

// Delivery is what is kept of a webhook delivery, or of something that the
// reconcile pass found: who did what to which object, and no text.
type Delivery struct {
	ID              int64 // given by the store
	GUID            string
	Digest          string // SHA-256 of event and body, hex
	Event           string // "issues", "issue_comment", "reconcile", "adopt", "mail", "others"
	Action          string // "opened", "created", …
	Ref             Ref
	Private         bool  // of the repository
	AuthorID        int64 // of the issue; 0 if the payload does not say
	ObjectID        int64 // comment id for issue_comment, else the issue id
	ObjectUpdatedAt time.Time
	SenderID        int64
	SenderBot       bool
	CommentSHA256   string // of the comment's text, hex
	Command         bool   // whether the comment parses as a command
	// Offer says that the comment offers to recover an account, and that the
	// issue's author did not write it.
	Offer bool
	// Leaks is what its texts, those of both sides of an edit, hold that should
	// not be public: classes and places alone.
	Leaks []policy.Leaked
	// Desk says that it comes from a desk: Ref is of the issue there until it
	// is stored, and of the request after that.
	Desk       bool
	ReceivedAt time.Time
	Tries      int // failures that counted
	Waits      int // times it was put off without counting
}

// Outcome is what became of a delivery that was handed to the store.
type Outcome int

// The outcomes of AddDelivery.
const (
	Added   Outcome = iota // it is stored
	Seen                   // it was stored before
	Rearmed                // it had died before, and is tried anew
	Foreign                // it is of an issue at a desk that is no request's: nothing is stored
)

// String returns the outcome in lower case.
func (o Outcome) String() string {
	switch o {
	case Added:
		return "added"
	case Seen:
		return "seen"
	case Rearmed:
		return "re-armed"
	case Foreign:
		return "foreign"
	}
	return "unknown"
}
