// Package policy decides what the bot wants. It is the only place that does.
//
// [Rules] are a policy file, read by [ParseRules]. [Rules.Decide] takes a
// request, an event and a time, and returns what to remember, what to do and
// why. It is pure: it reads no clock, no network and no database, and the same
// values give the same decision. [Rules.Needs] names the facts that must be
// fetched first.
//
// A decision is made in three steps: happen lets the event change the memory,
// by the table of states (table) and the commands (runners); settle brings
// what follows from the new state, which is the next alarm, the label, the
// status comment; and the effects are put in order. Nothing that a user typed
// gets into a [Memory], an [Effect] or a [Reason], but an account name that
// passed the registry's rules and logins that GitHub gave.
//
// # The gate
//
// Staff attest evidence by its [Class], approve, and tell the account's
// addresses. A [Path] says how much of it is enough, and how long the owner may
// object after that notice. No policy can make a path weaker than the fixed
// rule, which is in paths.go and is asked again at work. The gate is worked out
// anew with every event: before it, audit takes away what does not count any
// more, because a comment was edited or deleted, a person left, or the request
// is another one than was approved.
//
// That last is the binding (bind.go). An approval holds an HMAC, by a key of
// its case, of what its author saw: registry, account, author, answers and the
// gate's part of the policy, and of the evidence that it names itself. What
// /approve has to name is the beginning of one without evidence, so that nobody
// approves what they have not read. Evidence of others, and an address that is
// taken out of the form, void nothing.
//
// An [Objection] in the safety time, and /hold, lead to Held, which is
// security's turn. Who caused the hold does not end it; after an objection two
// people must (hold.go). Where a stranger says in a comment that the account is
// theirs, that is a claim: the request waits until staff have looked.
//
// # Leaks
//
// A secret that the requester wrote pauses the request before anything else is
// decided; one in the comment of somebody else is told, and stops nobody
// (leakhold.go). A [Find] says what kind of it, where and by whom, and never what
// it said. [LeakRules] say what else is done: they cannot leave a secret out.
//
// # What else is told
//
// [Summary] is what staff read of a request at their desk, on its issue there,
// and alert tells them what they must not miss (desk.go). Commands that say
// something about an account are refused where everybody can read them.
//
// A [Mailed] event is the news that some mail came in. It hands the turn to
// staff and proves nothing (mail.go). [Forecasts] makes of measured times what
// a requester may expect, and [Rules.Digest] counts all requests for staff.
//
// [Rules.Ahead] and [Rules.Rewake] look ahead: they decide without a look at
// GitHub what time alone brings, when a policy is to be changed or was.
package policy
