// Package policy decides what the bot wants: a request, an event and a time
// become a decision.
package policy
