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
}
