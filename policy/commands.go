package policy

import (
	"slices"
	"sync"
)

// CommandInfo says who may use a command where. Usage is the line to write; what
// the command is for say the texts, in the template "command-NAME".
type CommandInfo struct {
	Name    string
	Usage   string
	Staff   bool    // a command of staff alone; false: the requester's, and that of staff too where Ability is set
	Or      Ability // an ability that is enough, too; ""
	Ability Ability // what staff must be granted; "" for the requester's own commands, and for help and status
	Anyone  bool    // strangers may use it, too
	In      []State // where it does something; in every other state it is refused
	To      []State // where it may lead to; nil: the state stays
	Stays   []State // of In, those in which it does not lead there
	Answers bool    // in the requester's turn it is an answer, as a comment of theirs

	// Discloses marks a command that may tell something about the account. Where
	// everybody reads the issue only its numbered form is carried out there.
	Discloses bool
}

// Commands returns the commands of this version, the requester's first. The
// requester and every member of staff may use help and status.
func Commands() []CommandInfo {
	open := openStates()
	early := []State{Incomplete, Triage, Asked, Proof, Review} // nothing is approved, and nobody objects
	free := slices.Concat(early, []State{Waiting, Ready})      // nobody from security is asked to look
	proving := []State{Triage, Asked, Proof, Review, Waiting}
	passed := []State{Waiting, Ready, Held}
	form := []State{Incomplete, Triage, Asked, Review, Ignored}
	return []CommandInfo{
		{Name: "help", Usage: "/help", Anyone: true, In: States()},
		{Name: "status", Usage: "/status", In: States()},
		{Name: "username", Usage: "/username NAME", Ability: MaySort, In: open, Answers: true},
		{Name: "registry", Usage: "/registry NAME", Ability: MaySort, In: open, Answers: true},
		{Name: "kind", Usage: "/kind KIND", Ability: MaySort, In: open, Answers: true},
		{Name: "done", Usage: "/done", In: open, Answers: true},
		{Name: "solved", Usage: "/solved", In: open, To: []State{Withdrawn}},
		{Name: "withdraw", Usage: "/withdraw", In: open, To: []State{Withdrawn}},
		{Name: "reopen", Usage: "/reopen", In: []State{Expired, Withdrawn, Denied, Completed}, To: []State{Triage, Held}},
		{Name: "language", Usage: "/language CODE", In: States()},
		{Name: "ask", Usage: "/ask [CODE]", Staff: true, Ability: MaySort, In: early, To: []State{Asked}},
		{Name: "mailed", Usage: "/mailed", Staff: true, Ability: MaySort, In: early, To: []State{Asked}, Stays: []State{Proof}},
		{Name: "deny", Usage: "/deny CODE", Staff: true, Ability: MayDeny, In: open, To: []State{Denied}},
		{Name: "redirect", Usage: "/redirect WORD", Staff: true, Ability: MaySort, In: free, To: []State{Elsewhere}},
		{Name: "duplicate", Usage: "/duplicate #N", Staff: true, Ability: MaySort, In: free, To: []State{Duplicate}},
		{Name: "complete", Usage: "/complete [outside]", Staff: true, Ability: MayComplete, In: open, To: []State{Completed}},
		{Name: "recheck", Usage: "/recheck", Staff: true, Ability: MaySort, In: form, To: []State{Incomplete, Triage, Held}},
		{Name: "ignore", Usage: "/ignore", Staff: true, Ability: MaySort, In: free, To: []State{Ignored}},
		{Name: "snooze", Usage: "/snooze 7d|DATE", Staff: true, Ability: MaySort, In: open},
		{Name: "assign", Usage: "/assign [LOGIN]", Staff: true, Ability: MaySort, In: open},
		{Name: "unassign", Usage: "/unassign", Staff: true, Ability: MaySort, In: open},
		{Name: "proof", Usage: "/proof [PROJECT] [notified]", Ability: MaySort, In: early, To: []State{Proof}, Answers: true},
		{Name: "cannot", Usage: "/cannot", In: []State{Proof}},
		{
			Name: "notified", Usage: "/notified [new-address]", Staff: true, Ability: MaySort,
			In: slices.Concat(proving, []State{Held}), To: passed, Stays: []State{Held},
		},
		{
			Name: "attest", Usage: "/attest WORD", Staff: true, Ability: MayAttest, Or: MayApprove, Discloses: true,
			In: proving, To: slices.Concat(passed, []State{Review}),
		},
		{
			Name: "approve", Usage: "/approve [WORD] [notified] DIGEST", Staff: true, Ability: MayApprove, Discloses: true,
			In: proving, To: slices.Concat(passed, []State{Review}),
		},
		{
			Name: "unapprove", Usage: "/unapprove", Staff: true, Ability: MayApprove,
			In: slices.Concat(proving, []State{Ready, Held}), To: []State{Review}, Stays: []State{Triage, Asked, Proof, Held},
		},
		{Name: "hold", Usage: "/hold [REASON]", Staff: true, Ability: MayHold, In: open, To: []State{Held}},
		{Name: "resume", Usage: "/resume", Staff: true, Ability: MayResume, In: []State{Held}, To: []State{Review}},
		{Name: "object", Usage: "/object", Anyone: true, In: open, To: []State{Held}, Stays: early},
		{Name: "undo", Usage: "/undo", Staff: true, Ability: MaySort, In: States(), To: States()},
		{Name: "why", Usage: "/why", Staff: true, Ability: MaySort, In: States(), Discloses: true},
	}
}

// commandIndex has the commands by name. It is kept, because each text asks for many of them.
var commandIndex = sync.OnceValue(func() map[string]CommandInfo {
	all := map[string]CommandInfo{}
	for _, c := range Commands() {
		all[c.Name] = c
	}
	return all
})

// CommandNamed returns the command with this name, written without the slash.
// Its lists are for reading: every caller gets the same ones.
func CommandNamed(name string) (CommandInfo, bool) {
	c, ok := commandIndex()[name]
	return c, ok
}

// leads returns the rows of the states that the command may lead to.
func (c CommandInfo) leads() []row {
	from := slices.DeleteFunc(slices.Clone(c.In), func(s State) bool { return slices.Contains(c.Stays, s) })
	rows := []row{{in: from, on: Commanded, to: c.To}}
	if c.Name == "recheck" {
		rows = append(rows, row{in: []State{None}, on: Commanded, to: c.To}) // it begins a request
	}
	if c.Answers {
		rows = append(rows, row{in: []State{Incomplete}, on: Commanded, to: []State{Triage}},
			row{in: []State{Asked}, on: Commanded, to: []State{Review}})
	}
	return rows
}

// Works reports whether the command does something in state s.
func (c CommandInfo) Works(s State) bool { return slices.Contains(c.In, s) }
