package bot

import (
	"errors"
	"fmt"
	"time"
)

// Class says what an error from GitHub means for the work at hand.
type Class string

// The classes.
const (
	Transient Class = "transient" // 5xx, network, time-out, rate limit: try again, uncounted
	Missing   Class = "missing"   // 404: not there, or not to be seen
	GoneAway  Class = "gone"      // 410, or 301 to another repository: deleted, transferred, converted
	Forbidden Class = "forbidden" // 401, or 403 that is no rate limit
	Invalid   Class = "invalid"   // 422 and any other 4xx: the same request fails again
	Broken    Class = "broken"    // an answer that breaks GitHub's contract
)

// Error is a failed call to GitHub, without anything of the answer's body, so
// that it can be stored and logged.
type Error struct {
	Op         string // what was called: "GET issue"
	Class      Class
	Status     int           // HTTP status; 0 if there was no answer
	RetryAfter time.Duration // how long GitHub asks to wait; 0 if it does not say
	Limit      Limit         // which rate limit refused it; "": none
	// Cause says why there was no answer, in words of ours, where that is the
	// operator's to mend: a certificate, a proxy. "" elsewhere.
	Cause string
}

// Limit is a rate limit of GitHub's, as it refused a call.
type Limit string

// The limits. For LimitUnsaid RetryAfter is the shortest time that GitHub's
// documentation allows, and each refusal in a row asks for more.
const (
	LimitPrimary   Limit = "primary"   // the requests of an hour are used up
	LimitSecondary Limit = "secondary" // too much at once
	LimitUnsaid    Limit = "unsaid"    // one that says no time
)

// Error tells operation, class and status.
func (e *Error) Error() string {
	if e.Cause != "" {
		return fmt.Sprintf("%s: %s: no answer: %s", e.Op, e.Class, e.Cause)
	}
	if e.Status == 0 {
		return fmt.Sprintf("%s: %s: no answer", e.Op, e.Class)
	}
	return fmt.Sprintf("%s: %s: status %d", e.Op, e.Class, e.Status)
}

// ClassOf returns the class of err: that of an Error in its chain, Transient
// for any other error (our database, a cancelled context), "" for nil.
func ClassOf(err error) Class {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Class
	}
	return Transient
}

// ErrOther means that a name of the policy leads to another repository than
// its id says. It does not pass by itself.
var ErrOther = errors.New("it is another repository")

// ErrPublicDesk means that everybody could read what the bot writes for staff.
// It does not pass by itself.
var ErrPublicDesk = errors.New("the desk is a public repository")

// ErrServedDesk means that a desk is a repository where people ask for help,
// too. It does not pass by itself.
var ErrServedDesk = errors.New("the desk is one of the repositories that are served")

// ErrUnchanged means that a list is what it was when it was read last.
var ErrUnchanged = errors.New("nothing has changed")

// Errors of a Store.
var (
	// ErrNothing means that there is nothing to do.
	ErrNothing = errors.New("nothing to do")
	// ErrConflict means that somebody else changed the case since it was
	// read: read it again and decide anew.
	ErrConflict = errors.New("the case was changed meanwhile")
	// ErrNotFound means that there is no such row.
	ErrNotFound = errors.New("not found")
	// ErrSeveral means that a name fits several rows.
	ErrSeveral = errors.New("several repositories have it")
)

// retryAfter returns how long GitHub asks to wait, 0 where it does not say.
func retryAfter(err error) time.Duration {
	if e, ok := errors.AsType[*Error](err); ok {
		return e.RetryAfter
	}
	return 0
}
