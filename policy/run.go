package policy

import (
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/recoverybot/recoverybot/internal/yamlfile"
)

// login is GitHub's rule for user names; managed users have a `_`.
var login = regexp.MustCompile(`\A[A-Za-z0-9][A-Za-z0-9_-]{0,38}\z`)

// issueNumber is how people write the number of an issue.
var issueNumber = regexp.MustCompile(`\A#?[1-9][0-9]{0,8}\z`)

// runners carry a command out for somebody who may use it.
func runners() map[string]func(*move) {
	return map[string]func(*move){
		"help":      (*move).runHelp,
		"status":    (*move).runStatus,
		"username":  (*move).runUsername,
		"registry":  (*move).runRegistry,
		"kind":      (*move).runKind,
		"done":      (*move).runDone,
		"solved":    (*move).runWithdraw,
		"withdraw":  (*move).runWithdraw,
		"reopen":    (*move).runReopen,
		"language":  (*move).runLanguage,
		"ask":       (*move).runAsk,
		"mailed":    (*move).runMailed,
		"deny":      (*move).runDeny,
		"redirect":  (*move).runRedirect,
		"duplicate": (*move).runDuplicate,
		"complete":  (*move).runComplete,
		"recheck":   (*move).runRecheck,
		"ignore":    (*move).runIgnore,
		"assign":    (*move).runAssign,
		"unassign":  (*move).runUnassign,
		"snooze":    (*move).runSnooze,
		"undo":      (*move).runUndo,
		"proof":     (*move).runProof,
		"cannot":    (*move).runCannot,
		"notified":  (*move).runNotified,
		"attest":    (*move).runAttest,
		"approve":   (*move).runApprove,
		"unapprove": (*move).runUnapprove,
		"hold":      (*move).runHold,
		"resume":    (*move).runResume,
		"object":    (*move).runObject,
		"why":       (*move).runWhy,
	}
}

// command runs the event's command, if its author may use it.
func (m *move) command() {
	name := m.ev.Command.Name
	info, known := CommandNamed(name)
	insider := m.byAuthor() || m.byStaff()
	switch {
	case name == "object" && m.mayObject():
		m.runObject()
	case !insider && known && name == "help" && m.next.State != None:
		m.do(React{Comment: m.ev.Comment, Content: "eyes"})
		m.because("help-for-stranger")
	case !insider && (!info.Anyone || !info.Works(m.next.State)):
		m.because("stranger-ignored")
	case m.next.State == None && (name != "recheck" || !m.allowed(info)):
		if len(m.reasons) == 0 {
			m.because("no-request")
		}
	case !known:
		m.suggest(name)
	case !m.allowed(info):
		m.refuse(m.notTheirs(info), name)
	case m.sided(info):
		m.refuse(RefusedSelf, name)
	case m.disclosed(info):
		m.refusePublic()
	case !info.Works(m.next.State) && m.next.State != None:
		m.refuse(m.notHere(name), name)
	default:
		m.run(name)
	}
}

// notTheirs says why somebody may not use a command.
func (m *move) notTheirs(c CommandInfo) Refusal {
	if m.byAuthor() && (c.Ability == MayAttest || c.Ability == MayApprove || c.Ability == MayResume) {
		return RefusedSelf
	}
	return RefusedRole
}

// notHere says why a command does nothing in this state.
func (m *move) notHere(name string) Refusal {
	switch {
	case name == "complete" && m.next.State.Open():
		return RefusedGate
	case name == "reopen" && !m.next.State.Open():
		return RefusedClosed
	}
	return RefusedState
}

// allowed is the table of who may do what: by the policy for staff, and the
// requester's own commands for the requester alone.
func (m *move) allowed(c CommandInfo) bool {
	switch {
	case c.Name == "help" || c.Name == "status" || c.Anyone:
		return true
	case m.byAuthor():
		return !c.Staff
	}
	return m.rules.may(m.roles, c.Ability) || c.Or != "" && m.rules.may(m.roles, c.Or)
}

// suggest answers an unknown command, once in the life of a request.
func (m *move) suggest(name string) {
	m.because("unknown-command")
	m.do(React{Comment: m.ev.Comment, Content: "confused"})
	if m.next.Suggested && !m.ev.Desk {
		return
	}
	m.next.Suggested = m.next.Suggested || !m.ev.Desk
	m.notify(Text{Name: TextSuggestion, Suggestion: m.nearest(name)})
}

// nearest returns the command that may be meant, of those that the author of
// the comment may use now; "" if none is near.
func (m *move) nearest(name string) string {
	return yamlfile.Closest(name, m.usable())
}

// usable returns the commands that the event's actor may use now, in the
// order of the table.
func (m *move) usable() []string {
	var names []string
	for _, c := range Commands() {
		if m.allowed(c) && c.Works(m.next.State) {
			names = append(names, c.Name)
		}
	}
	return slices.DeleteFunc(names, func(n string) bool {
		return n == "reopen" && !m.mayReopen() || n == "undo" && !m.mayUndo() || n == "done" && m.next.Turn != Requester ||
			n == "complete" && m.next.State != Ready || n == "cannot" && m.next.Turn != Requester ||
			n == "object" && m.byAuthor() || n == "unapprove" && !m.approvedBy(m.ev.Actor.ID) ||
			n == "registry" && len(m.rules.Registries) < 2 ||
			n == "language" && len(m.rules.Languages) < 2 ||
			n == "why" && m.q.Issue.Public && !m.ev.Desk
	})
}

// refuse answers a command that is not carried out.
func (m *move) refuse(why Refusal, name string) {
	m.because("refused", name, string(why))
	m.do(React{Comment: m.ev.Comment, Content: "confused"})
	m.notify(Text{Name: TextRefused, Refusal: why, Command: name})
}

// accept acknowledges a command that was carried out.
func (m *move) accept(args ...string) {
	if name := m.ev.Command.Name; m.ev.Desk && name != "help" && name != "why" {
		m.wake() // staff act on the request; who only looks at it wakes nobody
	}
	m.accepted = true
	m.because("command", append([]string{m.ev.Command.Name}, args...)...)
	m.do(React{Comment: m.ev.Comment, Content: "+1"})
	m.seen(m.ev.Command.Name)
	m.touch(m.ev.Command.Name)
}

func (m *move) runHelp() {
	m.accept()
	help := Text{Name: TextHelp, Commands: m.usable()}
	switch {
	case m.ev.Desk:
		m.notify(help)
	case !m.flooded():
		m.do(Comment{Name: "help", Text: help})
	}
}

func (m *move) runStatus() {
	m.accept()
	m.restate = !m.flooded()
}

// runUsername says which account it is. What staff say stands whatever the
// form says, until staff say otherwise.
func (m *move) runUsername() {
	if m.byAuthor() && m.next.Said != nil && m.next.Said.Staff {
		m.refuse(RefusedKept, "username")
		return
	}
	said, registry := m.namedAccount()
	if said == nil || m.leftOut() {
		return
	}
	m.accept()
	m.next.Said, m.q.Memory.Said = said, said
	if registry != m.read.registry.Key {
		m.sayRegistry(registry)
	}
	m.read = m.rules.reading(m.q)
	if m.byAuthor() && m.next.Turn == Requester {
		m.answered()
	}
}

// namedAccount reads the name behind /username, and the registry, which the
// address of a profile names. nil: it is none, and the answer says so.
func (m *move) namedAccount() (said *Said, registry string) {
	args, registry := m.ev.Command.Args, m.read.registry.Key
	if len(args) == 0 {
		m.refuse(RefusedUsage, "username")
		return nil, registry
	}
	said = &Said{Against: shortDigest(m.read.answer), Staff: m.byStaff()}
	if len(args) == 1 && strings.EqualFold(args[0], "unknown") {
		return said, registry
	}
	value := strings.Join(args, " ")
	if site := m.rules.site(value); site >= 0 {
		registry = m.rules.Registries[site].Key
	}
	name, problem := m.rules.CheckName(registry, value)
	if problem != nil {
		m.because("refused", "username", problem.Code)
		m.do(React{Comment: m.ev.Comment, Content: "confused"})
		m.notify(Text{Name: TextRefused, Refusal: RefusedName, Command: "username", Problems: []TextProblem{*problem}})
		return nil, registry
	}
	said.Name = name
	return said, registry
}

func (m *move) runDone() {
	if m.next.Turn != Requester {
		m.do(React{Comment: m.ev.Comment, Content: "eyes"})
		m.because("bump")
		return
	}
	m.accept()
	m.answered()
}

func (m *move) runWithdraw() {
	m.accept()
	m.end(Withdrawn)
	m.close("not_planned")
}

func (m *move) close(reason string) {
	if m.q.Issue.Open || m.pending("reopen") {
		m.do(Close{Reason: reason})
	}
}

func (m *move) runReopen() {
	if !m.mayReopen() {
		m.refuse(RefusedReopen, "reopen")
		return
	}
	m.accept()
	m.reopen()
	if !m.q.Issue.Open || m.pending("close") {
		m.do(Reopen{})
	}
}

// runLanguage sets the language of the texts from now on. The status follows.
func (m *move) runLanguage() {
	code := strings.ToLower(strings.Join(m.ev.Command.Args, " "))
	if !slices.Contains(m.rules.Languages, code) {
		m.refuse(RefusedTongue, "language")
		return
	}
	if m.leftOut() {
		return
	}
	m.accept(code)
	m.next.Language = code
}

func (m *move) runAsk() {
	code := Ask(strings.ToLower(strings.Join(m.ev.Command.Args, " ")))
	if code != "" && !slices.Contains(Asks(), code) {
		m.refuse(RefusedUsage, "ask")
		return
	}
	if code == "" && m.ev.Desk {
		m.refuse(RefusedUsage, "ask") // the question stands where the requester cannot read it
		return
	}
	if code == "" {
		m.accept()
	} else {
		m.accept(string(code))
	}
	m.ask(code)
}

// ask gives the requester a question. Where a comment on the issue has told
// them, nothing else does.
func (m *move) ask(code Ask) {
	m.next.State, m.next.Ask, m.next.Told = Asked, code, m.ev.Comment
	m.turn(Requester, m.at)
	if m.ev.Desk {
		m.next.Told = 0
		m.notify(Text{Name: TextAsked})
	}
}

func (m *move) runDeny() {
	args := m.ev.Command.Args
	if len(args) != 1 || !slices.Contains(DenyCodes(), strings.ToLower(args[0])) {
		m.refuse(RefusedUsage, "deny")
		return
	}
	m.accept(strings.ToLower(args[0]))
	m.next.Denials++
	m.finish(Denied, "not_planned", TextDenied)
}

// runRedirect ends a request for which another place is right.
func (m *move) runRedirect() {
	code := strings.ToLower(strings.Join(m.ev.Command.Args, " "))
	if !slices.Contains(redirectWords(), code) {
		m.refuse(RefusedUsage, "redirect")
		return
	}
	m.accept(code)
	m.next.Redirect = code
	m.finish(Elsewhere, "not_planned", TextRedirected)
}

// redirectWords returns the words that /redirect takes.
func redirectWords() []string {
	words := make([]string, 0, len(placeWords()))
	for _, r := range placeWords() {
		words = append(words, string(r))
	}
	return words
}

// runDuplicate ends a request that repeats another one. The other one is a
// number: nothing of it is known here.
func (m *move) runDuplicate() {
	args := m.ev.Command.Args
	if len(args) != 1 || !issueNumber.MatchString(args[0]) {
		m.refuse(RefusedUsage, "duplicate")
		return
	}
	n, err := strconv.Atoi(strings.TrimPrefix(args[0], "#"))
	if err != nil {
		m.refuse(RefusedUsage, "duplicate")
		return
	}
	if n == m.q.Issue.Number {
		m.refuse(RefusedOther, "duplicate")
		return
	}
	m.accept("#" + strconv.Itoa(n))
	m.next.Duplicate = n
	m.finish(Duplicate, "duplicate", TextDuplicate)
}

// runComplete records that an agent has recovered the account: through the
// gate, or, loudly, outside of it.
func (m *move) runComplete() {
	outside := len(m.ev.Command.Args) == 1 && strings.EqualFold(m.ev.Command.Args[0], "outside")
	switch {
	case len(m.ev.Command.Args) > 0 && !outside:
		m.refuse(RefusedUsage, "complete")
		return
	case !outside && !m.opensNow():
		m.refuse(RefusedGate, "complete")
		return
	case outside:
		m.because("completed-outside")
		m.alert(AlertOutside, Security)
	}
	m.accept()
	m.finish(Completed, "completed", TextCompleted)
}

func (m *move) finish(s State, reason string, text TextName) {
	m.end(s)
	m.close(reason)
	m.notify(Text{Name: text})
}

// runRecheck reads the form again, and starts a case where there is none.
func (m *move) runRecheck() {
	if !m.next.State.Open() && !m.q.Issue.Open {
		if m.next.State == Ignored {
			m.refuse(RefusedState, "recheck")
		} else {
			m.because("closed-before-it-began")
		}
		return
	}
	m.accept()
	m.next.Intake = m.q.Issue.HasLabel(m.rules.Requests.Label)
	switch {
	case m.next.State == None || m.next.State == Ignored:
		m.begin()
	case m.read.formUnknown:
		m.unknownForm()
	case !m.read.complete() && m.next.State != Incomplete:
		m.askForm()
		m.notify(Text{Name: TextIncomplete})
	case m.read.complete() && m.next.State == Incomplete:
		m.hand(Triage)
	}
}

func (m *move) runIgnore() {
	m.accept()
	m.end(Ignored)
}

func (m *move) runAssign() {
	who := m.ev.Actor.Login
	if len(m.ev.Command.Args) > 0 {
		who = strings.TrimPrefix(m.ev.Command.Args[0], "@")
	}
	if len(m.ev.Command.Args) > 1 || !login.MatchString(who) {
		m.refuse(RefusedUsage, "assign")
		return
	}
	m.accept()
	if !slices.Contains(m.q.Issue.Assignees, who) {
		m.do(Assign{Add: []string{who}})
	}
}

func (m *move) runUnassign() {
	if len(m.ev.Command.Args) > 0 {
		m.refuse(RefusedUsage, "unassign")
		return
	}
	m.accept()
	if len(m.q.Issue.Assignees) > 0 {
		m.do(Assign{Remove: slices.Clone(m.q.Issue.Assignees)})
	}
}
