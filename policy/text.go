package policy

import (
	"time"

	"github.com/recoverybot/recoverybot/parser/leak"
)

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

	// To the requester, where nothing on the issue has told them.
	TextAsked      TextName = "asked"      // staff asked something from the desk, or by mail
	TextProof      TextName = "proof"      // steps of proof are asked for
	TextRedirected TextName = "redirected" // another place fits
	TextDuplicate  TextName = "duplicate"  // another request of theirs is open
	TextLeak       TextName = "leak"       // Leaks were found on the page: what to revoke, and where

	// TextWarning tells the requester not to answer who offers to recover the
	// account.
	TextWarning TextName = "warning"

	// To staff, at the desk. Digest is about all requests.
	TextDesk   TextName = "desk"  // the staff summary: the text of the issue at the desk
	TextAlert  TextName = "alert" // Alert says what
	TextWhy    TextName = "why"   // Why says why the request is where it is
	TextDigest TextName = "digest"
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
	RefusedGate   Refusal = "complete" // /complete counts from ready only; "/complete outside" from everywhere

	RefusedPublic Refusal = "public" // it would tell everybody something about the account: at the desk, or by number
	RefusedDigest Refusal = "digest" // the digest is not that of the request as it is now
	RefusedSelf   Refusal = "self"   // nobody attests, approves or resumes for themselves
	RefusedTwice  Refusal = "twice"  // the same person said it already: another one must
	RefusedHolder Refusal = "holder" // whoever paused it does not resume it
	RefusedUndo   Refusal = "undo"   // nothing of theirs to undo: too late, or something happened since
	RefusedOther  Refusal = "other"  // /duplicate names no other request of the same author and account

	RefusedEvidence Refusal = "evidence" // the account, or the evidence that it needs, is missing
)

// Refusals returns all of them.
func Refusals() []Refusal {
	return []Refusal{
		RefusedRole, RefusedState, RefusedUsage, RefusedName, RefusedReopen, RefusedClosed, RefusedKept, RefusedTongue, RefusedGate,
		RefusedPublic, RefusedDigest, RefusedSelf, RefusedTwice, RefusedHolder, RefusedUndo, RefusedOther, RefusedEvidence,
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
	Remind   time.Time     `json:"remind,omitzero"` // the next reminder; in the status, the first one of the turn
	Close    time.Time     `json:"close,omitzero"`  // when it closes without an answer
	Reopen   time.Time     `json:"reopen,omitzero"` // the last moment for /reopen; zero: not possible

	// Registries are the words that /registry takes, where a text offers them.
	Registries []string `json:"registries,omitempty"`

	Refusal    Refusal  `json:"refusal,omitempty"`
	Command    string   `json:"command,omitempty"`    // a command of this version, without the slash
	Suggestion string   `json:"suggestion,omitempty"` // likewise
	Commands   []string `json:"commands,omitempty"`   // what the reader may use now: for TextHelp

	// What proof, safety time and hold tell.
	Steps    []Step     `json:"steps,omitempty"`
	Mailed   time.Time  `json:"mailed,omitzero"`   // when staff asked by mail: for AskMailed
	Ready    time.Time  `json:"ready,omitzero"`    // when the safety time ends
	Notified time.Time  `json:"notified,omitzero"` // when the account's addresses were told
	Snooze   time.Time  `json:"snooze,omitzero"`   // clocks rest until then
	Away     time.Time  `json:"away,omitzero"`     // staff are away until then
	Forecast Forecast   `json:"forecast,omitzero"` // how long staff took of late
	Redirect string     `json:"redirect,omitempty"`
	Repeats  int        `json:"repeats,omitempty"` // number of the request that this one repeats
	Earlier  int        `json:"earlier,omitempty"` // number of an earlier request for the account, by the same author
	Paused   HoldReason `json:"paused,omitempty"`

	Leaks    []leak.Class `json:"leaks,omitempty"`     // secrets: those that a hold or a TextLeak is about
	ByOthers bool         `json:"by_others,omitempty"` // in TextLeak: somebody else than the requester wrote all of them
	Personal []leak.Class `json:"personal,omitempty"`  // what else stands in the requester's text and should not

	Alert AlertCode `json:"alert,omitempty"`
	To    Role      `json:"to,omitempty"`   // whose team an alert mentions; "": nobody's
	Desk  *Summary  `json:"desk,omitempty"` // for TextDesk, TextAlert and TextWhy

	Digest *DigestNumbers `json:"digest,omitempty"` // for TextDigest
}

// AlertCode says what an alert at the desk is about.
type AlertCode string

// The alerts.
const (
	AlertLate       AlertCode = "late"      // past the target
	AlertObjection  AlertCode = "objection" // somebody objects
	AlertClaim      AlertCode = "claim"     // a stranger says that the account is theirs
	AlertVoid       AlertCode = "void"      // approvals do not count any more
	AlertVeto       AlertCode = "veto"      // one approval may be enough: the veto group may still stop it
	AlertHold       AlertCode = "hold"      // paused
	AlertLabel      AlertCode = "label"     // a label of ours is fought over
	AlertFormChange AlertCode = "form"      // headings that no form has
	AlertOutside    AlertCode = "outside"   // the account was changed without the gate
	AlertReply      AlertCode = "reply"     // a reply after the end
	AlertLeak       AlertCode = "leak"      // somebody wrote a secret
	AlertMasks      AlertCode = "masks"     // the requester writes secrets faster than they are taken out
	AlertCollision  AlertCode = "collision" // two people ask for one account
	AlertProtected  AlertCode = "protected" // the account is one that the policy protects
	AlertObjector   AlertCode = "objector"  // somebody objects to many requests
	AlertOffer      AlertCode = "offer"     // a stranger offers to recover the account: the comment is to be hidden
	AlertTakeover   AlertCode = "takeover"  // a report that the account was taken over
	AlertUrgent     AlertCode = "urgent"    // its kind goes to somebody at once
)

// AlertCodes returns all of them.
func AlertCodes() []AlertCode {
	return []AlertCode{
		AlertLate, AlertObjection, AlertClaim, AlertVoid, AlertVeto, AlertHold, AlertLabel, AlertFormChange, AlertOutside, AlertReply,
		AlertLeak, AlertMasks, AlertCollision, AlertProtected, AlertObjector, AlertOffer, AlertTakeover, AlertUrgent,
	}
}

// Summary is what staff see of a request: all of closed types.
type Summary struct {
	Issue      string     `json:"issue"` // OWNER/NAME#N
	AuthorID   int64      `json:"author_id"`
	Marks      []Kind     `json:"marks,omitempty"`
	GoesTo     Role       `json:"goes_to,omitempty"` // who must see it first
	Flags      []Flag     `json:"flags,omitempty"`
	Since      time.Time  `json:"since,omitzero"`
	Evidence   []Evidence `json:"evidence,omitempty"`
	Approvals  []Approval `json:"approvals,omitempty"`
	Objections int        `json:"objections,omitempty"` // those that are open
	Path       string     `json:"path,omitempty"`       // the path whose evidence is complete
	Lacks      []string   `json:"lacks,omitempty"`      // codes of what is missing before ready
	Digest     string     `json:"digest,omitempty"`     // what /approve names
	Next       []string   `json:"next,omitempty"`       // commands to paste
	Others     []string   `json:"others,omitempty"`     // look-alikes and duplicates, as OWNER/NAME#N
	Leaks      []Find     `json:"leaks,omitempty"`      // secrets and personal data on the page
	Related    []Related  `json:"related,omitempty"`    // requests about the same account or by the same author
	Denials    int        `json:"denials,omitempty"`    // how often this request was denied
}

// TextProblem is one thing that the author can mend. Field is the label in
// the form (the operator's words); Code is a code of package parser.
type TextProblem struct {
	Field  string   `json:"field"`
	Code   string   `json:"code"`
	Option string   `json:"option,omitempty"` // the box's label in the form, for "unchecked"
	Points []string `json:"points,omitempty"` // code points, for "non-ascii"
}
