package policy

import (
	"strconv"
	"time"

	"github.com/recoverybot/recoverybot/parser/leak"
)

// Class is a kind of evidence that an account is the requester's, by the word
// that /attest and /approve take. Classes returns them in the order in which
// the staff summary numbers them.
type Class string

// The classes. None of them is proof by itself: see Path.
const (
	Mailbox           Class = "mailbox"            // an answer from the account's verified address
	MailboxUnverified Class = "mailbox-unverified" // an answer from an address that was never verified, or lost that
	Linked            Class = "linked"             // the author's GitHub id is the account's linked one
	Session           Class = "session"            // a recovery code, a session or the password, used at the registry
	BranchAttested    Class = "branch-attested"    // a branch by the author in a repository that the registry attests
	BranchOwner       Class = "branch-owner"       // that, and the author owns the repository
	BranchDeclared    Class = "branch-declared"    // a branch by the author in a repository that a project only declares
	CoOwner           Class = "co-owner"           // a co-owner whom the registry lists confirms
	BranchSeen        Class = "branch-seen"        // a branch whose author nobody can tell
	NoProject         Class = "none"               // there is no usable project: no evidence, but what a path may ask for
)

// Classes returns every class. Their places, counted from 1, are what
// "/attest N" and "/approve N" name in public.
func Classes() []Class {
	return []Class{
		Mailbox, MailboxUnverified, Linked, Session, BranchAttested, BranchOwner, BranchDeclared, CoOwner, BranchSeen, NoProject,
	}
}

// Evidence is what one or more members of staff attested.
type Evidence struct {
	Class Class    `json:"class"`
	By    []Attest `json:"by"` // the first attested it, the others confirmed it; nobody stands here twice
}

// Attest is one person's word for evidence.
type Attest struct {
	User    int64     `json:"user"`
	At      time.Time `json:"at"`
	Comment int64     `json:"comment"`
	Desk    bool      `json:"desk,omitempty"` // written at the desk
}

// Approval is one person's /approve. It is of what Binding digests, and void
// as soon as that is something else.
type Approval struct {
	User    int64     `json:"user"`
	At      time.Time `json:"at"`
	Comment int64     `json:"comment"`
	Desk    bool      `json:"desk,omitempty"` // written at the desk
	Classes []Class   `json:"classes,omitempty"`
	Roles   []Role    `json:"roles,omitempty"` // of the person, when the teams were last read
	Binding string    `json:"binding"`
}

// Notice records that all known addresses of the account were told.
type Notice struct {
	At      time.Time `json:"at"`
	User    int64     `json:"user"`
	Comment int64     `json:"comment"`

	// NewAddress tells that they heard of another address.
	NewAddress bool `json:"new_address,omitempty"`
}

// Step is one step of proof that the requester was asked for.
type Step struct {
	Kind    StepKind  `json:"kind"`
	Project string    `json:"project,omitempty"` // a valid project name, for a branch
	Since   time.Time `json:"since"`
	Done    time.Time `json:"done,omitzero"`
	Cannot  bool      `json:"cannot,omitempty"` // the requester says that they cannot do it
}

// StepKind is what a Step asks for.
type StepKind string

// The steps of proof.
const (
	StepMail   StepKind = "mail"   // answer the mail that staff sent to the account's address
	StepBranch StepKind = "branch" // make a branch in the repository of a project
)

// Hold says why a request is paused, by whom, and who wants it to go on.
type Hold struct {
	Why     HoldReason `json:"why"`
	By      int64      `json:"by"`
	At      time.Time  `json:"at"`
	Resumes []int64    `json:"resumes,omitempty"` // who wrote /resume so far

	// Approvers are those whose approval somebody of the veto group stopped
	// where one would be enough. They cannot resume it, whatever becomes of
	// their approval.
	Approvers []int64 `json:"approvers,omitempty"`

	// Leaks are the kinds of secrets that were found since it began.
	Leaks []leak.Class `json:"leaks,omitempty"`
}

// HoldReason is why a request is paused.
type HoldReason string

// The reasons of a hold. After an objection or a collision two people must
// resume it.
const (
	HoldStaff     HoldReason = "staff"
	HoldObjection HoldReason = "objection"
	HoldCollision HoldReason = "collision"
	HoldLeak      HoldReason = "leak"
	HoldTakeover  HoldReason = "takeover"
)

// Objection is one person's word that the request is not the owner's.
type Objection struct {
	By      int64     `json:"by"` // for an objection by mail, the member of staff who passed it on
	At      time.Time `json:"at"`
	Comment int64     `json:"comment"`
	Mail    bool      `json:"mail,omitempty"`
	Closed  bool      `json:"closed,omitempty"` // staff resumed the request after it
	Many    bool      `json:"many,omitempty"`   // its author has others that are open: staff look, and nothing is paused

	// Registry and Account are what was asked for then: it counts in each
	// request of the author for that. "": it is not known, or was no account.
	Registry string `json:"registry,omitempty"`
	Account  string `json:"account,omitempty"`
}

// Undo is what /undo brings back: the memory before the last command of one
// person, for ten minutes, if nothing else happened since.
type Undo struct {
	User    int64     `json:"user"`
	At      time.Time `json:"at"`
	Command string    `json:"command"`
	Before  *Memory   `json:"before"` // without an Undo of its own
}

// Trait is what a path may exclude or ask for.
type Trait string

// The traits of a request.
const (
	TraitNewAddress Trait = "new-address"       // the account shall get another address
	TraitFlagged    Trait = "flagged"           // an objection, a claim, or a kind that goes to security
	TraitProtected  Trait = "protected"         // the policy names the account
	TraitStaffOwn   Trait = "staff"             // the author is staff
	TraitNoProject  Trait = "no-usable-project" // NoProject is attested and confirmed
)

// Path is one way to ready: the evidence, approvals and time that it asks for.
// Of the policy's paths the first whose evidence is complete counts.
type Path struct {
	Name      string
	Evidence  [][]Class // one of each list
	NotFor    []Trait
	OnlyFor   []Trait
	Approvals int           // different people
	ByRole    map[Role]int  // of them with a role; nil: any of From
	From      []Role        // whose approvals count: the roles of ByRole, or those of may.approve
	Veto      Role          // for Approvals 1: who is told and may stop it; "": nobody
	Wait      time.Duration // since the notice
}

// Kept is what became of a comment that approved or attested something.
type Kept string

// What may have become of it.
const (
	CommentKept   Kept = "kept"
	CommentGone   Kept = "gone"
	CommentEdited Kept = "edited"
)

// CommentAt names a comment to be read again: on the issue, or at the desk.
type CommentAt struct {
	ID   int64
	Desk bool
}

// MarshalText returns the id, and "desk:" before it for one at the desk.
func (c CommentAt) MarshalText() ([]byte, error) {
	id := strconv.FormatInt(c.ID, 10)
	if c.Desk {
		id = "desk:" + id
	}
	return []byte(id), nil
}

// Forecast is how long staff took of late, for one kind: half of the answers
// came within P50, nine of ten within P90. The zero value: too few are known.
type Forecast struct {
	P50 time.Duration `json:"p50,omitempty"`
	P90 time.Duration `json:"p90,omitempty"`
}
