package policy

import "time"

// TextName names a text that the bot writes.
type TextName string

// The texts. Status is the living comment, Help another one; all the others
// are posted once, to notify.
const (
	TextStatus     TextName = "status"
	TextHelp       TextName = "help"
	TextIncomplete TextName = "incomplete" // staff had the form checked again: answers are missing
	TextReminder   TextName = "reminder"
	TextExpired    TextName = "expired"
	TextCompleted  TextName = "completed"
	TextDenied     TextName = "denied"
	TextRefused    TextName = "refused"    // a command was not carried out: Refusal says why
	TextUnchecked  TextName = "unchecked"  // a command's author could not be checked for an hour
	TextSuggestion TextName = "suggestion" // no such command: Suggestion may name a near one
)

// Refusal says why a command was not carried out.
type Refusal string

// The refusals.
const (
	RefusedRole   Refusal = "role"     // the author may not use it
	RefusedState  Refusal = "state"    // not possible in this state
	RefusedUsage  Refusal = "usage"    // wrong arguments: Text.Command names the command, for its usage line
	RefusedName   Refusal = "name"     // not an account name: Text.Problems[0] says why
	RefusedReopen Refusal = "reopen"   // too late, or reopened too often
	RefusedClosed Refusal = "by-hand"  // staff closed it: only staff open it again
	RefusedKept   Refusal = "kept"     // staff said otherwise, and that stands
	RefusedTongue Refusal = "language" // a language that is not offered
	RefusedGate   Refusal = "complete" // /complete counts from triage or review only
)

// Refusals returns all of them.
func Refusals() []Refusal {
	return []Refusal{
		RefusedRole, RefusedState, RefusedUsage, RefusedName, RefusedReopen, RefusedClosed, RefusedKept, RefusedTongue, RefusedGate,
	}
}

// Text is a text to write: a name and values of closed types. Nothing that a
// user typed is in it but the validated account name and the author's login.
// Times are in UTC; a zero time means that the event is not planned.
type Text struct {
	Name     TextName      `json:"name"`
	Author   string        `json:"author,omitempty"`   // login of the requester; "" in an answer to a command of staff
	Language string        `json:"language,omitempty"` // a code; "", or one that is not offered: the default
	Registry string        `json:"registry,omitempty"`
	Account  string        `json:"account,omitempty"`
	Kind     Kind          `json:"kind,omitempty"`
	State    State         `json:"state,omitempty"`
	Turn     Turn          `json:"turn,omitempty"`
	Problems []TextProblem `json:"problems,omitempty"`
	Ask      Ask           `json:"ask,omitempty"`
	Told     int64         `json:"told,omitempty"`      // comment of a person to read; linked as #issuecomment-N
	HasCodes bool          `json:"has_codes,omitempty"` // the box "I never had recovery codes" is not ticked
	Flags    []Flag        `json:"flags,omitempty"`
	Public   bool          `json:"public,omitempty"` // everybody can read the issue
	Late     bool          `json:"late,omitempty"`   // staff are past their target
	Created  time.Time     `json:"created,omitzero"`
	Queued   time.Time     `json:"queued,omitzero"`
	Remind   time.Time     `json:"remind,omitzero"` // the next reminder
	Close    time.Time     `json:"close,omitzero"`  // when it closes without an answer
	Reopen   time.Time     `json:"reopen,omitzero"` // the last moment for /reopen; zero: not possible

	// Registries are the words that /registry takes, where a text offers them.
	Registries []string `json:"registries,omitempty"`

	Refusal    Refusal  `json:"refusal,omitempty"`
	Command    string   `json:"command,omitempty"`    // a command of this version, without the slash
	Suggestion string   `json:"suggestion,omitempty"` // likewise
	Commands   []string `json:"commands,omitempty"`   // what the reader may use now: for TextHelp
}

// TextProblem is one thing that the author can mend. Field is the label in
// the form (the operator's words); Code is a code of package parser.
type TextProblem struct {
	Field  string   `json:"field"`
	Code   string   `json:"code"`
	Option string   `json:"option,omitempty"` // the box's label in the form, for "unchecked"
	Points []string `json:"points,omitempty"` // code points, for "non-ascii"
}
