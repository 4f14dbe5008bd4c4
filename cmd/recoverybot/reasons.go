package main

// meaning says in words what the code of a reason stands for. The codes are
// what is stored, counted and searched for; the words are for people.
func meaning(code string) string {
	words, ok := map[string]string{
		"account-changed":        "the account that is asked for changed",
		"adopted":                "it is older than the bot, and was taken over",
		"answered":               "the requester answered: it is staff's turn",
		"answers-wanted":         "answers are missing: the requester's turn",
		"author-unchecked":       "GitHub did not say who may command: the command did not run",
		"before-start":           "it is older than the start in the policy",
		"bot-ignored":            "another bot wrote: what bots write never counts",
		"bump":                   "the requester wrote again; the place in the queue stays",
		"closed-before-it-began": "it was closed before the bot saw it",
		"alert":                  "staff are told",
		"closed-by-agent":        "it was ready, and an agent closed it: completed",
		"mail-came":              "a mail about it came in, from whom nobody checked",
		"mail-left-out":          "too many mails in a day: this one is left out",
		"not-in-table":           "in this state that changes nothing",
		"proof-void":             "all that was shown and approved counts no more",
		"closed-by-hand":         "somebody closed it by hand: the bot stops its clocks and takes its labels off",
		"closed-by-requester":    "the requester closed it: withdrawn",
		"command":                "a command by somebody who may use it",
		"command-left-out":       "too many commands in a day: this one is left out",
		"completed-by-other":     "somebody else's edit made the form complete",
		"completed-unseen":       "an edit that GitHub did not tell us of made the form complete",
		"delivery-dead":          "the work failed too often and was given up; redeliver it to try again",
		"desk-left-out":          "there is no issue at the desk yet, or too many comments in a day: this one is left out",
		"desk-prose":             "staff wrote among themselves: nothing follows",
		"edited":                 "the requester changed the text",
		"edited-by-other":        "somebody else changed the text",
		"expired":                "no answer for the time that the policy gives",
		"form-unknown":           "the headings are not those of the form",
		"help-for-stranger":      "a stranger asked for help: read, and no more",
		"intake-label-removed":   "the intake label was taken off: no request any more",
		"intake-label-set":       "the intake label was set: a request",
		"issue-gone":             "the issue was deleted, moved or converted",
		"label-restored":         "a label of the bot was missing, and is set again",
		"no-request":             "it is no request of this kind: the bot keeps out",
		"nothing-to-do":          "nothing follows from this here",
		"notification-released":  "a notification that waited is written now",
		"notification-waits":     "too many notifications in a day: this one waits",
		"overtaken":              "something newer happened meanwhile",
		"refused":                "the command does not fit here, and its author is told why",
		"reminder":               "the requester's turn for a while: a reminder",
		"reminder-skipped":       "a reminder came too late to be sent",
		"reopened-by-hand":       "staff opened it again",
		"reopened-by-requester":  "the requester opened it again",
		"replied-after-end":      "a reply after the end: staff see it on top of the queue",
		"reply-left-out":         "too many notifications in a day: this reply is left out",
		"request":                "a new request",
		"rests-on-approval":      "it stands on this approval, bound to what was approved",
		"rests-on-evidence":      "it stands on this evidence, by the word of this person",
		"rests-on-hold":          "it is paused, for this reason",
		"rests-on-new-address":   "the account shall get another address",
		"rests-on-notice":        "all known addresses were told",
		"rests-on-objection":     "somebody says that it is not the owner's",
		"retried-by-operator":    "the operator asked to try again what had failed",
		"snooze-over":            "the request rests no longer: the clocks of this turn begin anew",
		"staff-late":             "past the target of the policy, twice or three times where a number stands",
		"staff-wrote":            "staff wrote: their clock stops",
		"status-deleted":         "the bot's status comment was deleted",
		"stranger-ignored":       "a command of staff by somebody else: nothing happens",
		"too-late-to-reopen":     "the time for reopening is over",
		"unknown-command":        "there is no such command",
	}[code]
	if !ok {
		words, ok = logged()[code]
	}
	if !ok {
		return "(this version has no words for it)"
	}
	return words
}

// logged are the words for what the store adds to the log by itself: on what a
// request stands, and what an operator did.
func logged() map[string]string {
	return map[string]string{
		"chosen-by-operator":   "the operator chose what becomes of old requests",
		"rests-on-approval":    "it stands on this approval, bound to what was approved",
		"rests-on-evidence":    "it stands on this evidence, by the word of this person",
		"rests-on-hold":        "it is paused, for this reason",
		"rests-on-new-address": "the account shall get another address",
		"rests-on-notice":      "all known addresses were told",
		"rests-on-objection":   "somebody says that it is not the owner's",
		"retried-by-operator":  "the operator asked to try again what had failed",
	}
}
