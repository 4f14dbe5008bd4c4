package webhook

import (
	"io"
	"net/http"
	"slices"
)

// Reason is what became of a request, one word of a closed set. It is the
// answer's text and the name of its counter.
type Reason string

// What became of a delivery that was taken in.
const (
	Added   Reason = "added"    // stored
	Seen    Reason = "seen"     // stored before
	Rearmed Reason = "re-armed" // had died, and is tried anew
	// Teams means that the members of a team may have changed: OnTeams was called.
	Teams Reason = "teams"
	// RepositoryChanged means that OnRepository was called.
	RepositoryChanged Reason = "repository"
)

// What became of the news of a mail.
const (
	Taken     Reason = "taken"      // it named a number; whether of a request of ours is not told
	BadSecret Reason = "bad-secret" // no secret, or none of the hook's
	NoNumber  Reason = "no-number"  // no request is named, or more than one
)

// Why an authentic delivery was ignored.
const (
	Ping                Reason = "ping"
	Installation        Reason = "installation"         // the App was installed or changed somewhere
	UnknownEvent        Reason = "unknown-event"        // also: none is named
	UnknownAction       Reason = "unknown-action"       // of a known event
	ForeignRepository   Reason = "foreign-repository"   // not served here
	ForeignInstallation Reason = "foreign-installation" // not the repository's, or none
	PullRequest         Reason = "pull-request"
	Own                 Reason = "own"              // our App did it
	Bot                 Reason = "bot"              // another bot wrote a comment, or edited one without a secret
	IgnoredAccount      Reason = "ignored-account"  // a comment of an account that the policy ignores
	OthersComment       Reason = "others-comment"   // a comment was deleted that is not ours and held no secret
	Label               Reason = "label"            // a label that means nothing to us
	LabelAtOpening      Reason = "label-at-opening" // set with the issue: the opening tells it
	Desk                Reason = "desk"             // nothing that counts at a desk
	ForeignIssue        Reason = "foreign-issue"    // at a desk, of no request
)

// Why a request was refused.
const (
	BadMethod    Reason = "bad-method"
	TooLarge     Reason = "too-large"
	Unsigned     Reason = "unsigned"      // no X-Hub-Signature-256
	BadSignature Reason = "bad-signature" // by none of the secrets
	Cut          Reason = "cut"           // the body did not come in time, or not whole
	NoJSON       Reason = "no-json"       // the App must send application/json
	TooDeep      Reason = "too-deep"
	NoDelivery   Reason = "no-delivery" // no X-GitHub-Delivery, or a strange one
	BadPayload   Reason = "bad-payload" // a field that is needed is missing or mistyped
	Busy         Reason = "busy"
	Unavailable  Reason = "unavailable" // it could not be stored
)

type kind struct {
	reason Reason
	status int
	verb   string
}

// kinds lists each reason, in the order in which they are met.
func kinds() []kind {
	const ignored, refused = "ignored: ", "refused: "
	return []kind{
		{Added, http.StatusAccepted, ""},
		{Rearmed, http.StatusAccepted, ""},
		{Seen, http.StatusOK, ""},
		{Teams, http.StatusOK, "noted: "},
		{RepositoryChanged, http.StatusOK, "noted: "},
		{Taken, http.StatusAccepted, ""},
		{Ping, http.StatusOK, ignored},
		{Installation, http.StatusOK, "noted: "},
		{UnknownEvent, http.StatusOK, ignored},
		{UnknownAction, http.StatusOK, ignored},
		{ForeignRepository, http.StatusOK, ignored},
		{ForeignInstallation, http.StatusOK, ignored},
		{PullRequest, http.StatusOK, ignored},
		{Own, http.StatusOK, ignored},
		{Bot, http.StatusOK, ignored},
		{IgnoredAccount, http.StatusOK, ignored},
		{OthersComment, http.StatusOK, ignored},
		{Label, http.StatusOK, ignored},
		{LabelAtOpening, http.StatusOK, ignored},
		{Desk, http.StatusOK, ignored},
		{ForeignIssue, http.StatusOK, ignored},
		{BadMethod, http.StatusMethodNotAllowed, refused},
		{TooLarge, http.StatusRequestEntityTooLarge, refused},
		{Unsigned, http.StatusUnauthorized, refused},
		{BadSignature, http.StatusUnauthorized, refused},
		{BadSecret, http.StatusUnauthorized, refused},
		{NoNumber, http.StatusBadRequest, refused},
		{Cut, http.StatusBadRequest, refused},
		{NoJSON, http.StatusBadRequest, refused},
		{TooDeep, http.StatusBadRequest, refused},
		{NoDelivery, http.StatusBadRequest, refused},
		{BadPayload, http.StatusBadRequest, refused},
		{Busy, http.StatusServiceUnavailable, refused},
		{Unavailable, http.StatusServiceUnavailable, refused},
	}
}

// Reasons returns every reason.
func Reasons() []Reason {
	var all []Reason
	for _, k := range kinds() {
		all = append(all, k.reason)
	}
	return all
}

func (r Reason) kind() kind {
	all := kinds()
	i := slices.IndexFunc(all, func(k kind) bool { return k.reason == r })
	if i < 0 {
		return kind{r, http.StatusInternalServerError, ""}
	}
	return all[i]
}

// answer writes the answer with this reason.
func (r Reason) answer(w http.ResponseWriter) {
	k := r.kind()
	head := w.Header()
	switch k.status {
	case http.StatusMethodNotAllowed:
		head.Set("Allow", http.MethodPost)
	case http.StatusServiceUnavailable:
		head.Set("Retry-After", retrySeconds)
	}
	head.Set("Content-Type", "text/plain; charset=utf-8")
	head.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(k.status)
	_, _ = io.WriteString(w, k.verb+string(r)+"\n")
}

// Status returns the HTTP status of an answer with this reason; 500 for one
// that is not in Reasons.
func (r Reason) Status() int { return r.kind().status }

// Line returns the answer's text, one line.
func (r Reason) Line() string { return r.kind().verb + string(r) }
