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
package policy
