package policy

import (
	"time"

	"github.com/recoverybot/recoverybot/parser"
)

// EventKind is what happened.
type EventKind string

// The events. What a person did comes from the event; how things are comes
// from the snapshot.
const (
	Opened       EventKind = "opened"     // the issue was opened
	Edited       EventKind = "edited"     // its title or body, or (Comment is set) a comment
	Commented    EventKind = "commented"  // a comment in prose
	Commanded    EventKind = "commanded"  // a comment that is a command, read again and unedited
	ClosedHand   EventKind = "closed"     // somebody pressed Close
	ReopenedHand EventKind = "reopened"   // somebody pressed Reopen
	Labeled      EventKind = "labeled"    // a label was set or taken away
	Gone         EventKind = "gone"       // the issue was deleted, transferred or converted
	Erased       EventKind = "erased"     // our status comment was deleted, or edited by somebody else
	Adopted      EventKind = "adopted"    // the operator took over an old issue
	Unverified   EventKind = "unverified" // for an hour nobody could tell who the author of a command or comment is
	Seen         EventKind = "seen"       // the reconcile pass found the issue changed
	Tick         EventKind = "tick"       // WakeAt has come
	Mailed       EventKind = "mailed"     // a mail about the request came in; who sent it nobody checked
)

// Event is one thing that happened to an issue.
type Event struct {
	Kind    EventKind
	Actor   Actor
	At      time.Time // when it happened, by GitHub's clock; zero: now
	Comment int64     // comment id, where it is about one
	Desk    bool      // that comment stands at the desk, not on the issue
	Command parser.Command
	// Leaks is what was found in the text of the event, and in what an edit
	// replaced, before the delivery was stored. What stands in the title
	// and body now is found when the form is read.
	Leaks []Leaked
	// Offer says that the text of the event offers to recover the account, by
	// somebody who did not file the request.
	Offer bool
}
