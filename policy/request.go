package policy

import (
	"slices"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/parser/leak"
)

// Issue is a snapshot of an issue, read from GitHub a moment ago.
type Issue struct {
	Repository int64 // repository id
	ID         int64 // issue id: another one after a transfer
	Number     int
	Title      string
	Body       string
	Author     Actor
	Open       bool
	Reopened   bool  // it is open because somebody opened it again
	ClosedBy   int64 // user id; 0 where the issue is open or GitHub does not say
	Labels     []string
	Assignees  []string // logins
	CreatedAt  time.Time
	UpdatedAt  time.Time
	Public     bool // whether everybody can read the repository
	Locked     bool // only those who may write to the repository can comment
}

// HasLabel reports whether the issue has a label of that name. Like GitHub it
// takes upper and lower case for the same.
func (i Issue) HasLabel(name string) bool { return hasLabel(i.Labels, name) }

func hasLabel(names []string, name string) bool {
	return slices.ContainsFunc(names, func(n string) bool { return strings.EqualFold(n, name) })
}

// Actor is who did something: a numeric id that never changes, and what kind
// of account it is. Login is for texts alone, never for authority.
type Actor struct {
	ID    int64
	Login string
	Bot   bool
}

// Request is all that is known of a request when a decision is made.
type Request struct {
	Issue  Issue
	Form   parser.Form
	Memory Memory
	Facts  Facts
}

// Facts are what Needs named and the shell fetched, and what the shell knows
// of its own writes.
type Facts struct {
	// Members lists the user ids of each team that was read, by
	// Team.String. A team that was needed and could not be read is missing,
	// and then nothing is decided: see Rules.Known.
	Members map[string][]int64
	// Pending are the effects that were decided and not yet made, in order.
	Pending []Effect
	// Newer reports that the snapshot is newer than our last write to the
	// issue, so that a label of ours that it lacks was taken away.
	Newer bool
	// LastWord is who wrote the last comment and when, for an adoption; zero
	// where nobody did.
	LastWord   Actor
	LastWordAt time.Time
	// Objected are the objections in the comments of an old request, for its
	// adoption, oldest first; the same person may be there more than once.
	Objected []Objection
	// Started is when the bot first ran here: the start of a policy that
	// names none.
	Started time.Time
	// Stale reports that no fresh snapshot could be had in time.
	Stale bool
	// Unseen reports that there is no snapshot at all: the Issue has its ids
	// and numbers alone, and what the form says is taken from the Memory.
	// Nothing that is decided so may be made; it is a look ahead.
	Unseen bool
	// Secret is the case's own random key; approvals are bound with it.
	Secret []byte
	// Comments says what became of each comment that Needs named.
	Comments map[CommentAt]Kept
	// Claim reports that the comment of the event says that the account is
	// its author's. It is read only where Needs asks for it.
	Claim bool
	// Away are the times in which nobody could be heard or answered in the
	// repository, oldest first; none of them goes on.
	Away []Span
	// Others are other requests about the same account or by the same author,
	// as far as they are open or ended of late. Same says of what: without
	// it they were not asked for.
	Others []Other
	Same   Same
	// Objections is how many objections the event's actor has open in other
	// requests.
	Objections int
	// Forecast is by kind what is known of staff's times. nil: nothing.
	Forecast map[Kind]Forecast
}

// Span is a time from an instant until another, which is later.
type Span struct{ From, Until time.Time }

// FactSet names what must be fetched before a decision.
type FactSet struct {
	Teams    []Team      // whose members
	LastWord bool        // the author of the issue's last comment by a person
	Comments []CommentAt // what became of them
	Claim    bool        // whether the event's comment claims the account
	Same     Same        // what the Others have in common with the request; zero: they are not needed
	Objector int64       // whose open objections are counted; 0: nobody's
}

// Team is a set of people, read by slug and believed only if its id (and,
// where the policy has one, its organisation's) is the configured one.
type Team struct {
	Org   string
	Slug  string
	ID    int64
	OrgID int64 // 0: not checked
}

// String returns "org/slug".
func (t Team) String() string { return t.Org + "/" + t.Slug }

// Memory is what cannot be read back from GitHub. It is stored as a whole,
// without any text that a user wrote but the validated account name. The zero
// value is an issue that is no request.
type Memory struct {
	State  State     `json:"state,omitempty"`
	Turn   Turn      `json:"turn,omitempty"`
	Since  time.Time `json:"since,omitzero"`  // start of the present turn
	Queued time.Time `json:"queued,omitzero"` // first unanswered hand-over to staff
	WakeAt time.Time `json:"wake_at,omitzero"`
	Ended  time.Time `json:"ended,omitzero"` // when it was closed

	Stage    int       `json:"stage,omitempty"`   // reminders sent or skipped in this turn; in ours, how often staff heard that they are late
	Reminded time.Time `json:"reminded,omitzero"` // when the last one was sent in this turn
	Late     bool      `json:"late,omitempty"`    // past the target in this turn

	Language     string            `json:"language,omitempty"`      // what /language said; "": the default
	Registry     string            `json:"registry,omitempty"`      // key in the policy
	SaidRegistry *Said             `json:"said_registry,omitempty"` // what /registry said, if it still stands
	Account      string            `json:"account,omitempty"`       // validated; "" where none is known
	Said         *Said             `json:"said,omitempty"`          // what /username said, if it still stands
	Kind         Kind              `json:"kind,omitempty"`
	Marks        []Kind            `json:"marks,omitempty"`     // the other kinds that fit, in the policy's order
	SaidKind     *Said             `json:"said_kind,omitempty"` // what /kind said, if it still stands
	GoesTo       Role              `json:"goes_to,omitempty"`   // who must see it first: the first role that its kind or a mark has
	Flags        []Flag            `json:"flags,omitempty"`     // sorted
	Boxes        []string          `json:"boxes,omitempty"`     // hint boxes that are not ticked, by their name in the policy
	Ask          Ask               `json:"ask,omitempty"`
	Told         int64             `json:"told,omitempty"` // the comment in which a person told the requester what is next
	Reopened     int               `json:"reopened,omitempty"`
	Opened       bool              `json:"opened,omitempty"` // the requester opened the issue by hand, and that does not count
	Denials      int               `json:"denials,omitempty"`
	Intake       bool              `json:"intake,omitempty"` // the issue had the intake label when it was last seen
	Quiet        bool              `json:"quiet,omitempty"`  // adopted: nothing is posted before the next event
	Suggested    bool              `json:"suggested,omitempty"`
	Label        string            `json:"label,omitempty"`    // the state label that we last asked for
	Restored     bool              `json:"restored,omitempty"` // a label that was taken away was restored once
	Notices      int               `json:"notices,omitempty"`  // notifications so far: names the next one
	Recent       []time.Time       `json:"recent,omitempty"`   // when the notifications of the last 24 h were decided
	Receipts     []time.Time       `json:"receipts,omitempty"` // when the reactions of the last 24 h were decided
	Held         []Text            `json:"held,omitempty"`     // notifications that wait for the limit of Recent
	Mails        []time.Time       `json:"mails,omitempty"`    // when the mails of the last 24 h came in
	Digests      map[string]string `json:"digests,omitempty"`  // comment name -> digest of the text last written
	Policy       string            `json:"policy,omitempty"`   // version of the policy that decided last
	Gate         string            `json:"gate,omitempty"`     // digest of the gate that the approvals were judged by last

	Snooze        time.Time    `json:"snooze,omitzero"`       // no clock of anybody runs before
	Empty         bool         `json:"empty,omitempty"`       // nothing at all was answered, when the form was last read
	Steps         []Step       `json:"steps,omitempty"`       // of proof
	NewAddress    bool         `json:"new_address,omitempty"` // staff said that the account shall get another address
	Evidence      []Evidence   `json:"evidence,omitempty"`    // in the order of Classes
	Revoked       int          `json:"revoked,omitempty"`     // how often evidence was taken away or changed
	Approvals     []Approval   `json:"approvals,omitempty"`
	NoVeto        bool         `json:"no_veto,omitempty"` // one approval is enough, and nobody else could stop it
	Answers       *Answers     `json:"answers,omitempty"` // what the form said, as digests
	Quorum        time.Time    `json:"quorum,omitzero"`   // when the approvals became enough
	Notice        *Notice      `json:"notice,omitempty"`
	Hold          *Hold        `json:"hold,omitempty"` // why it is on hold, or was when it ended
	Objections    []Objection  `json:"objections,omitempty"`
	Duplicate     int          `json:"duplicate,omitempty"`      // number of the request that this one repeats
	Redirect      string       `json:"redirect,omitempty"`       // where /redirect pointed to: a word of the policy
	Leaks         []Find       `json:"leaks,omitempty"`          // secrets and personal data that were found; sorted
	Advised       []leak.Class `json:"advised,omitempty"`        // of which secrets the page told what to do
	AdvisedOthers []leak.Class `json:"advised_others,omitempty"` // of which that others wrote
	Masks         MaskCount    `json:"masks,omitzero"`           // how often the requester's texts were masked of late
	Undo          *Undo        `json:"undo,omitempty"`
	Returned      time.Time    `json:"returned,omitzero"`     // the time up to which what was lost of Facts.Away was given back
	Forecast      Forecast     `json:"forecast,omitzero"`     // as known when the turn passed to staff
	DeskPosts     int          `json:"desk_posts,omitempty"`  // comments at the desk so far: names the next one
	DeskRecent    []time.Time  `json:"desk_recent,omitempty"` // when those of the last 24 h were decided

	Claimed time.Time             `json:"claimed,omitzero"`  // since when it names its account, for comparing it with others
	Pairs   []string              `json:"pairs,omitempty"`   // digests of the collisions that it was held or marked for
	Earlier int                   `json:"earlier,omitempty"` // number of an earlier request by the author for the account, that was denied
	Touched bool                  `json:"touched,omitempty"` // staff have done something about it
	Alerted map[AlertCode]Alerted `json:"alerted,omitempty"` // alerts of the last 24 h at the desk
}

// Said is what a command said against the form: an account name, a
// registry, a kind. It stands until the form's own answer changes: for a name
// and a registry the account's, for a kind the reason. A kind or a name that staff
// said stands whatever the form says.
type Said struct {
	Name    string `json:"name"`    // "" for /username unknown
	Against string `json:"against"` // digest of the form's answer at that time
	Staff   bool   `json:"staff,omitempty"`
}

// Flag marks what staff should see at a glance.
type Flag string

// The flags of this version.
const (
	FlagFormUnknown     Flag = "form unknown"
	FlagFormIncomplete  Flag = "form not complete"
	FlagRepliedAfterEnd Flag = "replied after the end"
	FlagNameUnknown     Flag = "account name unknown"
	FlagAdopted         Flag = "adopted"
	FlagLabelChanged    Flag = "label changed by hand"
	FlagObjected        Flag = "objection"
	FlagClaimed         Flag = "claimed by somebody else"
	FlagStaffOwn        Flag = "of staff"
	FlagLeak            Flag = "secret posted"
	FlagPersonal        Flag = "personal data"
	FlagStaleSnapshot   Flag = "decided on a stale snapshot"
	FlagCollision       Flag = "asked for by somebody else"
	FlagDenied          Flag = "denied before"
	FlagAgain           Flag = "asked again after a denial"
	FlagOffer           Flag = "recovery offered by a stranger" // the requester was warned
)
