package bot

import "time"

// Job is a delivery to decide on, or an effect to make, as an operator sees
// it: ids, times, enums and classes, and no text.
type Job struct {
	Kind JobKind
	// Name is the delivery's GUID, or the effect's number. No two jobs have
	// the same.
	Name  string
	Ref   Ref
	What  string // event and action, or the effect's key
	State JobState

	Object int64     // what a delivery is about: comment id or issue id; 0 for an effect
	Sender int64     // user id of a delivery's sender; 0 for an effect
	At     time.Time // when it was received, or decided
	Tries  int       // failures that counted
	Waits  int       // times it was put off without counting
	Step   int       // calls of an effect that were made
	Begun  time.Time // when an effect's present call was begun; zero: it was not
	Next   time.Time // when an open one is tried next; zero: at once
	Ended  time.Time // zero: it is open
	Class  string    // class, operation and status of its last error
	// Newer is the number of a later effect that replaces this one, so that
	// making it now would undo what came after; "" where there is none.
	Newer string
}

// JobKind is what a Job is.
type JobKind string

// The kinds of jobs.
const (
	JobDelivery JobKind = "delivery"
	JobWrite    JobKind = "write"
)

// JobState is where a Job is.
type JobState string

// The states of jobs.
const (
	JobOpen       JobState = "open"       // to be done, now or at Next
	JobDone       JobState = "done"       // it was done
	JobDead       JobState = "dead"       // it failed too often and was given up
	JobSuperseded JobState = "superseded" // a newer effect made it needless before it was begun
)

// Verdict is what becomes of the wish to retry a Job.
type Verdict string

// The verdicts. All but VerdictRetried leave the job as it is.
const (
	VerdictRetried    Verdict = "retried"    // it is tried anew, from the first try
	VerdictDone       Verdict = "done"       // it was done
	VerdictSuperseded Verdict = "superseded" // it is needless
	VerdictNewer      Verdict = "newer"      // a later effect has taken its place
	VerdictGone       Verdict = "gone"       // its issue is gone
	VerdictOvertaken  Verdict = "overtaken"  // it closes what is open again, or opens what has ended
)
