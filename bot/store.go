package bot

import (
	"context"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// Store keeps deliveries, cases and effects. Each method is one transaction,
// none is held open across the network, and all may be called concurrently.
// Times come from the caller: a Store reads no clock.
type Store interface {
	// AddDelivery keeps d, with its case and the case's job, before it
	// returns. A GUID, a digest, or the creation of a comment that is
	// known already is Seen; if it had died it is Rearmed. One from a desk
	// belongs to the case whose issue there it is of, and is Foreign if there
	// is none; it makes nothing of the request's own issue newer. There the
	// issue's number is enough.
	AddDelivery(ctx context.Context, d Delivery) (Outcome, error)
	// Ready names the oldest unit of work at now, or returns ErrNothing.
	// Bot.Step asks it; the job engine has its own order.
	Ready(ctx context.Context, now time.Time) (Unit, error)

	// Begin returns what is to be decided for a case at now: its oldest
	// open delivery (by the object's time, then arrival), or none and a
	// WakeAt that has come. If the oldest is put off until later, or there
	// is nothing, it returns ErrNothing, and the earliest time at which
	// there may be something (zero: not foreseen).
	Begin(ctx context.Context, key CaseKey, now time.Time) (Work, time.Time, error)
	// Commit stores a decision: case, audit rows, effects and the end of
	// its delivery, all or nothing; and each of Decision.Rouse gets a delivery
	// of OthersEvent, unless it has an open one. ErrConflict if the case's
	// version is not Case.Version any more; and where it begins to name an
	// account, or is open again, if another one did so since Others.
	Commit(ctx context.Context, r Result) error
	// Others returns the other cases that have something in common with one:
	// of those that name the account the oldest open one of each other author,
	// and those of the same author, open and ended, the account's and then the
	// newest first. It is not much, whatever there is. Of is not set.
	Others(ctx context.Context, of policy.Same, but CaseKey) (Others, error)
	// Objections counts the other open cases in which a user has an open
	// objection.
	Objections(ctx context.Context, user int64, but CaseKey) (int, error)
	// PutOff lets a delivery wait until a time. A counted failure adds to
	// Tries, any other to Waits, an idle pause to none.
	PutOff(ctx context.Context, delivery int64, p Pause) error
	// Bury ends a delivery that failed too often, for good unless it is
	// delivered again.
	Bury(ctx context.Context, delivery int64, class string, now time.Time) error

	// NextCall returns the next call to make for an installation at now and
	// marks it as begun before it returns: the first open effect of each
	// case by seq (those at the desk are a row of their own), of those the
	// one with the lowest priority number, then the oldest. It costs one write
	// of the installation's budget, and where there is none for its priority it
	// waits. ErrNothing as for Begin.
	NextCall(ctx context.Context, installation int64, now time.Time) (Call, time.Time, error)
	// CallMade records that a call is done: the effect goes on with its next
	// call or, after the last, ends.
	CallMade(ctx context.Context, c Call, m Made) error
	// CallFailed lets the effect wait (Pause), or with Pause.Until zero ends
	// it as dead.
	CallFailed(ctx context.Context, effect int64, p Pause) error
	// HoldWrites lets a whole installation wait until a time.
	HoldWrites(ctx context.Context, installation int64, until time.Time) error
	// Lease takes a part of an installation's budget for reads, or returns how
	// long to wait before there may be as much.
	Lease(ctx context.Context, installation int64, w Wish) (time.Duration, error)
	// Settle takes over what GitHub's answers say of an installation's budget.
	Settle(ctx context.Context, installation int64, b Bill) error

	// Sweep makes sure that there is a job for each case that is due at now
	// or has open deliveries, and for each installation with open effects.
	// It returns how many cases were due, and those that were due at three
	// sweeps in a row.
	Sweep(ctx context.Context, now time.Time) (due int, stuck []CaseKey, err error)

	// Rewake goes once over the open cases that another version of the policy
	// decided last, stores as WakeAt of each what wake returns, and returns of
	// how many that was another time. For a version that it went through with
	// it does nothing.
	Rewake(ctx context.Context, version string, wake func(Case) time.Time) (changed int, err error)
	// Waits returns by kind how long staff took for the turns that they ended
	// at since or later, shortest first.
	Waits(ctx context.Context, since time.Time) (map[policy.Kind][]time.Duration, error)

	// Ended returns the cases that ended at since or later.
	Ended(ctx context.Context, since time.Time) ([]Case, error)
	// Told returns how far the digests of a desk came, zero times at first.
	Told(ctx context.Context, desk int64) (Told, error)
	// Tell remembers t together with what tells it at that desk, all or
	// nothing. What an older digest left there, and no call was begun of, is
	// superseded. ErrConflict if one of that time or a later one was told.
	Tell(ctx context.Context, t Told, effects []policy.Effect) error

	// Repository returns what is known of a repository, ErrNotFound if nothing.
	Repository(ctx context.Context, id int64) (Repository, error)
	// SaveRepository inserts or replaces it. Labels are left as they are.
	// What is open for a desk follows it to its installation.
	SaveRepository(ctx context.Context, r Repository) error
	// DuePasses returns the repositories, desks among them, whose pass is due
	// at now, the longest due first. EndPass, Hurry and FallBehind say when.
	DuePasses(ctx context.Context, now time.Time) ([]int64, error)
	// EndPass stores how a reconcile pass ended. After one that was finished
	// time goes on deciding, where it waited for that.
	EndPass(ctx context.Context, p Pass) error
	// Hurry lets the next pass over each of these repositories be due at once,
	// after a look at the repository itself, and those after it come as often as may be. One that is not known is
	// left alone.
	Hurry(ctx context.Context, ids ...int64) error
	// FallBehind is Hurry, and time alone decides nothing there before that
	// pass is finished: who was down has not read the past.
	FallBehind(ctx context.Context, ids ...int64) error
	// Renew stores what a repository that is known is now: names, installation
	// and visibility where Owner is set, and State. While that is not "active"
	// everything there waits, and the next pass is due in five minutes at the
	// latest. When it is so again, it is as after FallBehind, and the time
	// between is Away for its requests. It returns what was known before;
	// ErrNotFound if nothing.
	Renew(ctx context.Context, r Repository, now time.Time) (was Repository, err error)
	// LabelCreated remembers that a label of ours exists in a repository.
	LabelCreated(ctx context.Context, repository int64, name string) error
	// Adopt stores the operator's choice about old requests.
	Adopt(ctx context.Context, repository int64, a policy.Adoption, now time.Time) error

	// Cases returns cases without their deliveries: all open ones, and the
	// ended ones with the flag "replied after the end".
	Cases(ctx context.Context) ([]Case, error)
	// FindCase returns the case of an issue by its number, the newest one
	// if a number was used twice, ErrNotFound if there is none. Without owner
	// and name the number alone names it, ErrSeveral where it names several.
	FindCase(ctx context.Context, owner, name string, number int) (Case, error)
	// Timeline returns a case's audit rows, oldest first.
	Timeline(ctx context.Context, key CaseKey) ([]AuditRow, error)
	// NewestSeen returns the newest updated_at that is known of an issue, or
	// the time of our last write to it if that is later; the zero time if the
	// issue is not known.
	NewestSeen(ctx context.Context, key CaseKey) (time.Time, error)

	HookStore
	ModeStore
	RetentionStore
}

// Unit is something that Step can do: a case, or (Case is zero) an
// installation's next call.
type Unit struct {
	Case         CaseKey
	Installation int64
}

// Case is a request as the store knows it.
type Case struct {
	Ref        Ref
	AuthorID   int64
	Private    bool
	Memory     policy.Memory
	Version    int64 // for compare-and-set
	NewestSeen time.Time
	LastWrite  time.Time        // when our last call for it was made, by our clock
	Comments   map[string]int64 // our comments' ids by name
	Pending    []policy.Effect  // effects that are not made yet, in order
	Secret     []byte           // its own random key
	// Desk is its issue at the desk: Number 0 where there is none yet, the
	// zero Ref where the repository has no desk.
	Desk Ref
}

// Work is what to decide: a delivery, or a tick.
type Work struct {
	Case       Case
	Delivery   *Delivery // nil: a tick
	Repository Repository
	Away       []policy.Span // when nothing could be done in the repository
	Others     Others        // as they were read for the decision
	Ran        bool          // the delivery's comment was run, or refused, as a command before; or what it tells was forgotten
	Shadow     bool          // nothing of the decision will be made
}

// Result is a decision to store.
type Result struct {
	Case     Case  // Version as read; Ref and NewestSeen are renewed; Memory is the new one
	Delivery int64 // 0: a tick
	Event    policy.Event
	Decision policy.Decision
	// Command is the comment id of a command that ran or was refused; 0: none.
	Command int64
	Others  Others // on which the decision was taken
	Now     time.Time
}

// Pause says when to try again.
type Pause struct {
	Until   time.Time
	Class   string // class, operation and status of the error; never its text
	Counted bool
	Idle    bool // nothing was tried: neither Tries nor Waits count it
	Now     time.Time
}

// Call is one write to GitHub: step Step of an effect.
type Call struct {
	ID      int64 // of the effect
	Ref     Ref
	Effect  policy.Effect
	Step    int
	Begun   bool // it was begun before: look first whether it was made
	Tries   int
	Comment int64     // id of our comment of that name, 0 if there is none
	Reposts int       // how often that comment, or the issue at the desk, was posted anew after it had been deleted
	Desk    Ref       // as Case.Desk
	Shown   bool      // the desk is public: nothing may be written there
	Labels  []string  // of ours that exist in the repository
	At      time.Time // when the effect was decided
}

// Made is the outcome of a call.
type Made struct {
	Now      time.Time
	Last     bool  // the effect has no further call
	Steps    int   // how many steps are done by it; 0 and 1 mean one
	Comment  int64 // id of the comment that was written; 0: none
	Reposted bool  // it was posted anew, the old one being deleted
	Desk     Ref   // the issue at the desk that was made; zero: none
}

// Repository is what is known of a repository that the bot serves.
type Repository struct {
	ID           int64
	Owner        string
	Name         string
	Installation int64
	Private      bool
	State        string    // one of the States
	Looked       time.Time // when Renew was last called; zero: not since Hurry
	Batch        time.Time // when old requests were last adopted
	Mark         time.Time // the reconcile pass has seen everything before
	Started      time.Time // first run of the bot here
	Adoption     policy.Adoption
	Labels       []string // of ours, that exist
	Desk         int64    // id of the repository that is its desk; 0: none
	Passes       Passes   // set by EndPass, Hurry and FallBehind alone
	Held         bool     // open requests are older than the start, and the operator has not chosen: nothing is written
}

// Passes says how far the reconcile passes over a repository came, beside Mark.
type Passes struct {
	Window Window        // of the list that the next one asks for; zero: it begins at Mark
	Due    time.Time     // zero: at once
	Every  time.Duration // the time between the last two; 0: as short as may be
	Behind bool          // the past was not read yet, and time alone decides nothing
}

// Pass is how a reconcile pass ended.
type Pass struct {
	Repository int64
	Mark       time.Time // everything before was seen; zero: the pass was not finished, and Window is as it was
	Passes
	Was time.Time // Due when the pass began: who asked for another one since then gets it
	Now time.Time
}

// Told says how far the digests of a desk came.
type Told struct {
	Desk  int64     // id of the repository; 0: of those without a desk
	At    time.Time // the scheduled time of the last one
	Until time.Time // what ended before was counted
}

// AuditRow is one entry of the audit log.
type AuditRow struct {
	Seq     int64
	At      time.Time
	Actor   int64  // user id; 0: the bot's clock; below 0: somebody who is not staff, the same in all rows of a case
	Action  string // event, and what became of it: "commanded: triage -> asked"
	Reasons []policy.Reason
	Policy  string
	Prev    string // hash of the row before
	Hash    string
}
