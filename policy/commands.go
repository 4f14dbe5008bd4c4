package policy

import "slices"

// CommandInfo says what a command is for, and who may use it where. Usage and
// Meaning are shown to people: Usage is the line to write, Meaning continues
// it in a short sentence.
type CommandInfo struct {
	Name    string
	Usage   string
	Meaning string
	Staff   bool    // a command of staff alone; false: the requester's, and that of staff too where Ability is set
	Ability Ability // what staff must be granted; "" for the requester's own commands, and for help and status
	In      []State // where it does something; in every other state it is refused
}

// Commands returns the commands of this version, the requester's first. The
// requester and every member of staff may use help and status.
func Commands() []CommandInfo {
	open := []State{Incomplete, Triage, Asked, Review}
	return []CommandInfo{
		{Name: "help", Usage: "/help", Meaning: "shows what you can write here.", In: States()},
		{Name: "status", Usage: "/status", Meaning: "brings our status comment up to date.", In: States()},
		{
			Name: "username", Usage: "/username NAME", In: open,
			Meaning: "tells us the account name. You do not know it? Write `unknown` in place of NAME.",
		},
		{
			Name: "registry", Usage: "/registry NAME", Ability: MaySort, In: open,
			Meaning: "tells which site the account is on.",
		},
		{
			Name: "kind", Usage: "/kind KIND", Ability: MaySort, In: open,
			Meaning: "tells what the problem is.",
		},
		{Name: "done", Usage: "/done", Meaning: "tells us that you did what we asked.", In: open},
		{Name: "solved", Usage: "/solved", Meaning: "closes the request, because you can sign in again.", In: open},
		{Name: "withdraw", Usage: "/withdraw", Meaning: "closes the request, because you do not want it any more.", In: open},
		{
			Name: "reopen", Usage: "/reopen", Meaning: "opens the request again.",
			In: []State{Expired, Withdrawn, Denied, Completed},
		},
		{
			Name: "ask", Usage: "/ask [CODE]", Staff: true, Ability: MaySort, In: open,
			Meaning: "asks the requester. CODE is account, registry, mail-us, mail-lost, project, detail or still-needed. Without CODE, write your question below.",
		},
		{
			Name: "deny", Usage: "/deny CODE", Staff: true, Ability: MayDeny, In: open,
			Meaning: "closes as denied. CODE is unprovable, wrong-account, objection-upheld or abuse. The public text does not show it.",
		},
		{
			Name: "complete", Usage: "/complete", Staff: true, Ability: MayComplete, In: []State{Triage, Review},
			Meaning: "records that the account was recovered, and closes.",
		},
		{Name: "recheck", Usage: "/recheck", Meaning: "reads the form again.", Staff: true, Ability: MaySort, In: open},
		{Name: "ignore", Usage: "/ignore", Meaning: "takes the issue out of the recovery list.", Staff: true, Ability: MaySort, In: open},
		{
			Name: "assign", Usage: "/assign [LOGIN]", Staff: true, Ability: MaySort, In: open,
			Meaning: "assigns you, or the person LOGIN.",
		},
		{Name: "unassign", Usage: "/unassign", Meaning: "takes all assignees away.", Staff: true, Ability: MaySort, In: open},
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
