package main

// meaning says in words what the code of a reason stands for. The codes are
// what is stored, counted and searched for; the words are for people.
func meaning(code string) string {
	for _, all := range []map[string]string{courseWords(), disputeWords(), commentWords(), gateWords(), loggedWords()} {
		if words, ok := all[code]; ok {
			return words
		}
	}
	return "(this version has no words for it)"
}

// courseWords are about how a request begins, goes on and ends.
func courseWords() map[string]string {
	return map[string]string{
		"account-changed":        "the account that is asked for changed",
		"adopted":                "it is older than the bot, and was taken over",
		"alert":                  "staff are told",
		"answers-wanted":         "answers are missing: the requester's turn",
		"before-start":           "it is older than the start in the policy",
		"closed-before-it-began": "it was closed before the bot saw it",
		"closed-by-agent":        "it was ready, and an agent closed it: completed",
		"closed-by-hand":         "somebody closed it by hand: the bot stops its clocks and takes its labels off",
		"closed-by-requester":    "the requester closed it: withdrawn",
		"completed-by-other":     "somebody else's edit made the form complete",
		"completed-unseen":       "an edit that GitHub did not tell us of made the form complete",
		"expired":                "no answer for the time that the policy gives",
		"form-unknown":           "the headings are not those of the form",
		"intake-label-removed":   "the intake label was taken off: no request any more",
		"intake-label-set":       "the intake label was set: a request",
		"time-given-back":        "the time was given back in which the bot could not work there",
		"issue-gone":             "the issue was deleted, moved or converted",
		"kept-long-enough":       "it ended long ago: what is known of its author is forgotten",
		"erased-by-operator":     "the operator erased its author",
		"label-restored":         "a label of the bot was missing, and is set again",
		"no-request":             "it is no request of this kind: the bot keeps out",
		"not-in-table":           "in this state that changes nothing",
		"nothing-to-do":          "nothing follows from this here",
		"overtaken":              "something newer happened meanwhile",
		"reminder":               "the requester's turn for a while: a reminder",
		"reminder-skipped":       "a reminder came too late to be sent",
		"reopened-by-hand":       "staff opened it again",
		"reopened-by-requester":  "the requester opened it again",
		"request":                "a new request",
		"security-silent":        "twice past security's target, and nobody looked: the operator is told",
		"snooze-over":            "the request rests no longer: the clocks of this turn begin anew",
		"staff-late":             "past the target of the policy, twice or three times where a number stands",
		"status-deleted":         "the bot's status comment was deleted",
		"too-late-to-reopen":     "the time for reopening is over",
	}
}

// commentWords are about what people write, and what the bot answers.
func commentWords() map[string]string {
	return map[string]string{
		"answered":              "the requester answered: it is staff's turn",
		"author-unchecked":      "GitHub did not say who may command: the command did not run",
		"bot-ignored":           "another bot wrote: what bots write never counts",
		"bump":                  "the requester wrote again; the place in the queue stays",
		"command":               "a command by somebody who may use it",
		"command-left-out":      "too many commands in a day: this one is left out",
		"desk-left-out":         "no issue at the desk yet, or too much in a day: this comment is left out",
		"desk-prose":            "staff wrote among themselves: nothing follows",
		"edited":                "the requester changed the text",
		"edited-by-other":       "somebody else changed the text",
		"help-for-stranger":     "a stranger asked for help: read, and no more",
		"leak":                  "a secret or an address was found, of this kind, in this place",
		"leak-advice":           "the page says what to do about these secrets",
		"mail-came":             "a mail about it came in, from whom nobody checked",
		"mail-left-out":         "too many mails in a day: this one is left out",
		"offer":                 "a stranger offers to recover it: the requester is warned, staff are told",
		"offer-again":           "one more such offer: the requester was warned already",
		"masks":                 "the bot takes what was found out of this text",
		"masks-enough":          "too many secrets in a day: no more are taken out, and staff are told",
		"notification-released": "a notification that waited is written now",
		"notification-waits":    "too many notifications in a day: this one waits",
		"refused":               "the command does not fit here, and its author is told why",
		"replied-after-end":     "a reply after the end: staff see it on top of the queue",
		"reply-left-out":        "too many notifications in a day: this reply is left out",
		"staff-wrote":           "staff wrote: their clock stops",
		"stranger-ignored":      "a command of staff by somebody else: nothing happens",
		"unknown-command":       "there is no such command",
	}
}

// gateWords are about proof, approval, the time since the notice and a hold.
func gateWords() map[string]string {
	return map[string]string{
		"approvals-void":      "approvals count no more, for this reason",
		"attested":            "staff attest this evidence",
		"back-to-review":      "what it stood on is not enough any more: staff look again",
		"claim":               "somebody else writes that the account is theirs: staff must look",
		"claim-open":          "not ready while staff have not looked at what somebody else claims",
		"completed-outside":   "the account was changed without the gate; security are told",
		"confirmed":           "a second person attests the same",
		"evidence-void":       "evidence was taken back, or its comment or its person counts no more",
		"new-address":         "the account shall get another address",
		"notice-void":         "the notice told of something else, and counts no more",
		"notified":            "all known addresses are told: the time begins",
		"notified-before":     "they were told before: the time goes on from then",
		"objected-before":     "the same person objected before: it counts once",
		"objection":           "somebody says that it is not the owner's",
		"paused":              "it is paused, for this reason: security's turn",
		"proof-void":          "all that was shown and approved counts no more",
		"ready":               "evidence, approvals and time are there: an agent may act",
		"resume-wants-second": "a second person must resume it, too",
		"resumed":             "it goes on: staff look again",
		"steps-done":          "no step of proof is open: staff's turn",
		"waiting":             "approved; the time since the notice is not over",
	}
}

// loggedWords are about what the loop and the store add to the log by
// themselves: on what a request stands, and what an operator did.
func loggedWords() map[string]string {
	return map[string]string{
		"chosen-by-operator":   "the operator chose what becomes of old requests",
		"delivery-dead":        "the work failed too often and was given up; redeliver it to try again",
		"rests-on-approval":    "it stands on this approval, bound to what was approved",
		"rests-on-evidence":    "it stands on this evidence, by the word of this person",
		"rests-on-hold":        "it is paused, for this reason",
		"rests-on-new-address": "the account shall get another address",
		"rests-on-notice":      "all known addresses were told",
		"rests-on-objection":   "somebody says that it is not the owner's",
		"retried-by-operator":  "the operator asked to try again what had failed",
	}
}

// disputeWords are about other requests for the account, or by the author.
func disputeWords() map[string]string {
	return map[string]string{
		"asked-again":        "one more request after a denial: staff look before the requester may offer proof",
		"collision":          "somebody else has an open request for the account",
		"denied-before":      "an earlier request of the requester for the account was denied",
		"duplicate-of":       "the requester has an older open request for the account: that one",
		"objected-elsewhere": "somebody objected to another request of its author for the account",
		"objects-to-many":    "its author has two more: this one pauses nothing, and staff must look",
		"protected":          "the policy protects the account: security are told",
	}
}
