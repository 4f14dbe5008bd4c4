package policy

import "github.com/recoverybot/recoverybot/parser/leak"

// Place is where something was found that should not be there.
type Place string

// The places. Older revisions of an issue or a comment stay visible.
const (
	InTitle   Place = "title"
	InBody    Place = "body"
	InComment Place = "comment"
	InHistory Place = "history" // an older revision, of the comment where there is one
)

// Leaked is a kind of secret or personal data that somebody wrote, and where;
// never what it said.
type Leaked struct {
	Class   leak.Class `json:"class"`
	In      Place      `json:"in"`
	Comment int64      `json:"comment,omitempty"` // comment id; 0: the issue itself
	Novelty Novelty    `json:"novelty,omitempty"` // of an event; what is remembered has none
}

// Novelty says what an edit did, as only who sees both sides of it can tell:
// no value is kept.
type Novelty string

// The novelties. Passes and adoptions see one side alone: to them a class that is
// known at its place is the one that was there.
const (
	NotCompared Novelty = ""      // it was not edited, nobody saw what it was before, or all of it was there
	Fresh       Novelty = "fresh" // the text has one of the class that it had not before the edit
)
