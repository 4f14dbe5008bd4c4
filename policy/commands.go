package policy

import "slices"

// CommandInfo says who may use a command where. Usage is the line to write; what
// the command is for say the texts, in the template "command-NAME".
type CommandInfo struct {
	Name    string
	Usage   string
	Staff   bool    // a command of staff alone; false: the requester's, and that of staff too where Ability is set
	Ability Ability // what staff must be granted; "" for the requester's own commands, and for help and status
	In      []State // where it does something; in every other state it is refused
}

// Commands returns the commands of this version, the requester's first. The
// requester and every member of staff may use help and status.
func Commands() []CommandInfo {
	open := openStates()
	early := []State{Incomplete, Triage, Asked, Proof, Review} // nothing is approved, and nobody objects
	form := []State{Incomplete, Triage, Asked, Review}
	return []CommandInfo{
		{Name: "help", Usage: "/help", In: States()},
		{Name: "status", Usage: "/status", In: States()},
		{Name: "username", Usage: "/username NAME", In: open},
		{Name: "registry", Usage: "/registry NAME", Ability: MaySort, In: open},
		{Name: "kind", Usage: "/kind KIND", Ability: MaySort, In: open},
		{Name: "done", Usage: "/done", In: open},
		{Name: "solved", Usage: "/solved", In: open},
		{Name: "withdraw", Usage: "/withdraw", In: open},
		{Name: "reopen", Usage: "/reopen", In: []State{Expired, Withdrawn, Denied, Completed}},
		{Name: "language", Usage: "/language CODE", In: States()},
		{Name: "ask", Usage: "/ask [CODE]", Staff: true, Ability: MaySort, In: early},
		{Name: "deny", Usage: "/deny CODE", Staff: true, Ability: MayDeny, In: open},
		{Name: "complete", Usage: "/complete", Staff: true, Ability: MayComplete, In: []State{Triage, Review}},
		{Name: "recheck", Usage: "/recheck", Staff: true, Ability: MaySort, In: append(form, Ignored)},
		{Name: "ignore", Usage: "/ignore", Staff: true, Ability: MaySort, In: open},
		{Name: "assign", Usage: "/assign [LOGIN]", Staff: true, Ability: MaySort, In: open},
		{Name: "unassign", Usage: "/unassign", Staff: true, Ability: MaySort, In: open},
	}
}

// CommandNamed returns the command with this name, written without the slash.
func CommandNamed(name string) (CommandInfo, bool) {
	all := Commands()
	i := slices.IndexFunc(all, func(c CommandInfo) bool { return c.Name == name })
	if i < 0 {
		return CommandInfo{}, false
	}
	return all[i], true
}

// Works reports whether the command does something in state s.
func (c CommandInfo) Works(s State) bool { return slices.Contains(c.In, s) }
