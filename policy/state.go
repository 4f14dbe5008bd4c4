package policy

import "slices"

// State is where a request stands. The zero value means that the issue is
// not (or not yet) a request.
type State string

// The states of this version. The first eight are open, the others closed.
const (
	None       State = ""
	Incomplete State = "incomplete" // an answer is missing, invalid or ambiguous
	Triage     State = "triage"     // staff must look
	Asked      State = "asked"      // staff asked something
	Proof      State = "proof"      // steps of proof are open
	Review     State = "review"     // answers or proof are in, staff must review
	Waiting    State = "waiting"    // approved; the time since the notice is not over
	Ready      State = "ready"      // all gates passed: an agent may act
	Held       State = "hold"       // an objection, a collision, a leak or a takeover report
	Completed  State = "completed"  // an agent says that the account was recovered
	Denied     State = "denied"
	Withdrawn  State = "withdrawn" // by the requester
	Expired    State = "expired"   // nobody answered
	Closed     State = "closed"    // by hand, or the issue is gone
	Ignored    State = "ignored"   // staff took it out of the queue
	Elsewhere  State = "elsewhere" // staff pointed to the place that fits
	Duplicate  State = "duplicate" // of another request
)

// States returns every state but None, open ones first.
func States() []State {
	return append(openStates(), endedStates()...)
}

func openStates() []State {
	return []State{Incomplete, Triage, Asked, Proof, Review, Waiting, Ready, Held}
}

func endedStates() []State {
	return []State{Completed, Denied, Elsewhere, Duplicate, Withdrawn, Expired, Closed, Ignored}
}

// Open reports whether somebody still has to act on a request in s, or a time
// runs.
func (s State) Open() bool { return slices.Contains(openStates(), s) }

// Ended reports whether s is the end of a request. None is neither open nor
// ended.
func (s State) Ended() bool { return s != None && !s.Open() }

// Turn says who must act.
type Turn string

// Whose turn it is. Nobody has the turn of a request that ended.
const (
	Nobody     Turn = ""
	Requester  Turn = "requester"
	Staff      Turn = "staff"
	OnSecurity Turn = "security" // security's turn: a request on hold
	OnClock    Turn = "clock"    // nobody's act is missing: a time runs
)

// ours reports whether it is the turn of staff, of whatever role.
func (t Turn) ours() bool { return t == Staff || t == OnSecurity }

// entry returns whose turn it is when a request comes into s.
func (s State) entry() Turn {
	switch s {
	case Incomplete, Asked, Proof:
		return Requester
	case Triage, Review, Ready:
		return Staff
	case Waiting:
		return OnClock
	case Held:
		return OnSecurity
	default:
		return Nobody
	}
}

// Kind is what a request is about, one of the words that the policy lists,
// for instance "lost-2fa". The zero value is not used: what nothing fits is
// KindOther.
type Kind string

// The kinds that the bot itself knows; a policy may add words to each.
const (
	KindCompromised     Kind = "compromised"
	KindFrozenAppeal    Kind = "frozen-appeal"
	KindTestRegistry    Kind = "test-registry"
	KindThirdParty      Kind = "third-party"
	KindForgottenName   Kind = "forgotten-name"
	KindLost2FA         Kind = "lost-2fa"
	KindTOTPMismatch    Kind = "totp-mismatch"
	KindLostEmail       Kind = "lost-email"
	KindUnverifiedEmail Kind = "unverified-email"
	KindTypoEmail       Kind = "typo-email"
	KindLostPassword    Kind = "lost-password"
	KindLostCodes       Kind = "lost-codes"
	KindOther           Kind = "other"
)

// Kinds returns every kind in the order in which they lead where several fit.
func Kinds() []Kind {
	return []Kind{
		KindCompromised, KindFrozenAppeal, KindTestRegistry, KindThirdParty, KindForgottenName,
		KindLost2FA, KindTOTPMismatch, KindLostEmail, KindUnverifiedEmail, KindTypoEmail,
		KindLostPassword, KindLostCodes, KindOther,
	}
}

// Ask is a canned question of staff. The zero value is a question in the
// member's own words, which stand in their comment.
type Ask string

// The canned questions. None of them tells anything about an account.
const (
	AskAccount     Ask = "account"
	AskRegistry    Ask = "registry"
	AskMailUs      Ask = "mail-us"
	AskMailLost    Ask = "mail-lost"
	AskProject     Ask = "project"
	AskDetail      Ask = "detail"
	AskStillNeeded Ask = "still-needed"
	AskMailed      Ask = "mailed" // staff wrote a mail: the answer goes there
)

// Asks returns the canned questions that /ask takes. AskMailed is none: it
// comes with /mailed.
func Asks() []Ask {
	return []Ask{AskAccount, AskRegistry, AskMailUs, AskMailLost, AskProject, AskDetail, AskStillNeeded}
}

// DenyCodes returns the reasons that /deny takes. The public text is the same
// for each of them; the code stands in the audit log alone.
func DenyCodes() []string {
	return []string{"unprovable", "wrong-account", "objection-upheld", "abuse"}
}
