package policy

import (
	"cmp"
	"time"

	"github.com/robfig/cron/v3"

	"github.com/recoverybot/recoverybot/parser"
)

// Rules are a policy file, checked and complete: every default is filled in.
// They are never changed after ParseRules, so they may be shared between
// goroutines.
type Rules struct {
	// Version is the first 12 hex digits of the SHA-256 of the canonical
	// form: files that differ in layout alone have the same version.
	Version      string
	Repositories []Repository
	People       map[Role]Group
	May          map[Ability][]Role
	Registries   []Registry // the first is the default
	Requests     Requests
	Kinds        []KindRule // in order: the first that fits leads
	Negations    Negations
	Bystanders   Bystanders `json:",omitzero"`
	Ignored      Group      `json:",omitzero"` // accounts of people that never count; it has no team
	Labels       map[State]Label
	Clocks       Clocks
	Calendar     Calendar
	Leaks        LeakRules
	Start        Start
	Paths        []Path            `json:",omitempty"` // in order: the first whose evidence is complete counts
	Protected    []string          `json:",omitempty"` // accounts for which no small team decides
	Redirects    map[string]string `json:",omitempty"` // where /redirect points to, by its word: a link or a mail address
	Languages    []string          // codes of the texts' languages; the first is the default
	Retention    Retention         `json:"-"` // it changes no decision, and so no version
	// Texts has, by language, a digest of the operator's own texts; nil: none.
	Texts map[string]string `json:",omitempty"`

	own      map[string]trees // by language: the operator's own texts
	texts    map[string]*textSet
	words    wordIndex
	offers   wordIndex
	unpinned []Unpinned
	rows     []row
	run      map[string]func(*move)
}

// Repository is one repository that the bot serves.
type Repository struct {
	ID    int64 // 0: unpinned
	Owner string
	Name  string
	Desk  *Repository `json:",omitempty"` // private, of staff; nil: none
}

// String returns OWNER/NAME.
func (r Repository) String() string { return r.Owner + "/" + r.Name }

// Role is what a member of staff may be.
type Role string

// The roles. One person may have several.
const (
	Helpers  Role = "helpers"
	Agents   Role = "agents"
	Security Role = "security"
)

// Group is the people who have a role: a team, single users, or both.
type Group struct {
	Team   *Team    // nil: no team; one whose ID is 0 is unpinned, and gives nobody the role
	Users  []int64  // user ids
	Logins []string // unpinned users: they are never compared with anybody
}

// Ability is a set of commands that the policy grants together.
type Ability string

// The abilities of this version.
const (
	MaySort     Ability = "sort" // ask, kind, registry, assign, unassign, recheck, ignore
	MayDeny     Ability = "deny"
	MayAttest   Ability = "attest"
	MayApprove  Ability = "approve"
	MayComplete Ability = "complete"
	MayHold     Ability = "hold"
	MayResume   Ability = "resume"
)

// Registry is a package registry whose accounts are asked for.
type Registry struct {
	Key   string // as in the policy
	Name  string // as people call it: "PyPI"
	URL   string // its site, without a slash at the end
	Mail  string // the address of support; "" if there is none
	Links Links
	Names parser.NameRules
	Words []string // what people write when they mean it

	Preset string // the built-in preset under it
	// Offers are what accounts there have, of Offers(). Texts speak of nothing else.
	Offers []string
}

// What accounts of a registry may have: the words of the key offers.
const (
	Offer2FA        = "2fa"
	OfferCodes      = "recovery-codes"
	OfferTokens     = "tokens"
	OfferPublishers = "trusted-publishers"
)

// Offers returns everything that accounts of a registry may have.
func Offers() []string { return []string{Offer2FA, OfferCodes, OfferTokens, OfferPublishers} }

// Links are pages of a registry that texts point to. Each may be "".
type Links struct {
	SignIn   string // the page to log in
	Codes    string // the page to log in with a recovery code, or its help
	Password string // the page that mails a link for a new password
	Help     string // the help about accounts
}

// Requests says what a request looks like.
type Requests struct {
	Label       string       // the intake label
	Generations []Generation // of the form, oldest first; never empty
	Account     string       // label of the question for the account name
	Reason      string       // label of the question for the reason
	Boxes       []Box
}

// Generation is the form as it was in a span of time: an issue form, or the
// Markdown template that stood in its place before.
type Generation struct {
	File     string                   // of an issue form, else ""
	Markdown []parser.MarkdownSection `json:",omitempty"` // of a Markdown template, else nil
	From     time.Time                // zero: since ever
	To       time.Time                // zero: still in force
	Template *parser.Template

	apart []string // where the form and the policy differ about boxes
}

// markdownName is what a Markdown template is called; it has no name itself.
const markdownName = "Markdown template"

// name is how a generation is called in messages.
func (g *Generation) name() string { return cmp.Or(g.File, markdownName) }

// Box is a confirmation of the form, and what it means that it is not ticked.
type Box struct {
	Label    string // of the question
	Required bool   // false: a hint, and no obstacle
}

// KindRule is a kind with the words that mean it.
type KindRule struct {
	Kind  Kind
	Words []string // phrases in lower case, their words parted by one space

	GoesTo Role // the people who are told at once; "" for nobody in particular
}

// Label is a label of ours in a repository.
type Label struct {
	Name        string
	Color       string // six hex digits
	Description string
}

// Clocks are the times that the bot keeps.
type Clocks struct {
	Sweep  cron.Schedule
	Remind []time.Duration // after the start of the requester's turn, rising
	Close  time.Duration   // likewise; 0 never happens
	Empty  time.Duration   // likewise, where nothing at all was answered
	Reopen time.Duration   // after the end

	Staff    Target
	Security Target        // of what is on hold, and of what goes to security
	Digest   cron.Schedule `json:",omitempty"` // when staff are told how all requests stand; nil: never
}

// Target is how long one of us may take, and who hears of it if it is passed.
type Target struct {
	Workdays int  // 0: no target
	Escalate Role `json:",omitempty"` // "": nobody in particular
}

// Start says which issues are the bot's.
type Start struct {
	From time.Time // issues opened before are left alone until adopted; zero: since the first run
	Old  Adoption  // the zero value: the operator has not chosen
}

// Adoption is the operator's choice about requests that are older than the
// start: "new" leaves them alone, "all" takes them over, "oldest" takes over
// PerDay of them a day.
type Adoption struct {
	Choice string
	PerDay int
}
