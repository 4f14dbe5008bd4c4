package policy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/parser"
)

// Summary returns what staff read of a request at now, as the text of its
// issue at the desk has it. With Facts.Unseen all of it comes from what is
// remembered; without Facts.Secret it has no digest.
func (r *Rules) Summary(q Request, now time.Time) Text {
	return r.move(q, Event{Kind: Tick}, now).staffText(Text{Name: TextDesk})
}

// tellStaff adds what staff read and no requester.
func (m *move) tellStaff(t *Text) {
	t.Desk = m.summary()
	if !m.next.State.Open() {
		return
	}
	t.Steps, t.Snooze = m.next.Steps, m.next.Snooze
	if m.next.Notice != nil {
		t.Notified = m.next.Notice.At
	}
	if m.next.Hold != nil {
		t.Paused = m.next.Hold.Why
	}
}

// summary fills the part of a text that is for staff alone. It depends on
// what is remembered and on the policy, and on no present time: a text at the
// desk changes only with them.
func (m *move) summary() *Summary {
	s := &Summary{
		Issue: m.issueName(m.q.Issue.Number), AuthorID: m.q.Issue.Author.ID,
		Marks: m.next.Marks, GoesTo: m.next.GoesTo, Flags: m.next.Flags, Since: m.next.Since,
		Evidence: m.next.Evidence, Approvals: slices.Clone(m.next.Approvals),
	}
	for i := range s.Approvals {
		s.Approvals[i].Binding = "" // nobody compares it by eye
	}
	s.Objections, s.Leaks = m.objections(), m.next.Leaks
	if m.next.Duplicate != 0 {
		s.Others = []string{m.issueName(m.next.Duplicate)}
	}
	s.Related, s.Denials = m.related(), m.next.Denials
	if !m.next.State.Open() {
		return s
	}
	if p := m.gate().path; p != nil {
		s.Path = p.Name
	}
	s.Lacks, s.Digest = m.lacks(), m.digest()
	s.Next = m.nextCommands(s)
	return s
}

// issueName names an issue of the request's repository as OWNER/NAME#N.
func (m *move) issueName(number int) string { return m.rules.nameOf(m.q.Issue.Repository, number) }

// nameOf names an issue of a repository as OWNER/NAME#N.
func (r *Rules) nameOf(repository int64, number int) string {
	served := r.repository(repository)
	if served == nil {
		return fmt.Sprintf("#%d", number)
	}
	return fmt.Sprintf("%s#%d", served, number)
}

// nextCommands returns the lines that usually come next, to be pasted: none
// where staff wait for somebody else.
func (m *move) nextCommands(s *Summary) []string {
	var next []string
	switch m.next.State {
	case Triage:
		next = m.firstStep()
	case Proof, Review:
		next = m.towardsApproval(s)
	case Ready:
		next = []string{"/complete"}
	case Held:
		next = []string{"/resume"}
	default:
	}
	var fit []string
	for _, line := range next {
		c, _ := parser.ParseCommand(line)
		if info, known := CommandNamed(c.Name); known && info.Works(m.next.State) {
			fit = append(fit, line)
		}
	}
	return fit
}

// firstStep is what follows where nothing was asked for yet.
func (m *move) firstStep() []string {
	if m.next.Account == "" {
		return []string{"/ask account"}
	}
	return []string{"/proof"}
}

// towardsApproval is what follows once proof was asked for.
func (m *move) towardsApproval(s *Summary) []string {
	if m.next.Account == "" || len(m.next.Steps) == 0 && len(m.next.Evidence) == 0 {
		return m.firstStep()
	}
	var next []string
	if m.next.Notice == nil {
		next = append(next, "/notified")
	}
	if s.Digest == "" || !slices.Contains(s.Lacks, LackEvidence) && !slices.Contains(s.Lacks, LackApprovals) {
		return next
	}
	words := append(append([]string{"/approve"}, m.wordsToCome()...), s.Digest)
	return append(next, strings.Join(words, " "))
}

// wordsToCome are the classes that the next approval names: those that the
// steps of proof bring, as far as nothing of their side is attested, and those
// that another person must confirm.
func (m *move) wordsToCome() []string {
	account := []Class{Mailbox, MailboxUnverified, Linked, Session}
	code := []Class{BranchAttested, BranchOwner, BranchDeclared, BranchSeen, NoProject}
	lacks := func(kind StepKind, side []Class) bool {
		asked := slices.ContainsFunc(m.next.Steps, func(s Step) bool { return s.Kind == kind && !s.Cannot })
		return asked && !slices.ContainsFunc(m.next.Evidence, func(e Evidence) bool { return slices.Contains(side, e.Class) })
	}
	var words []string
	if lacks(StepMail, account) {
		words = append(words, string(Mailbox))
	}
	if lacks(StepBranch, code) {
		words = append(words, string(BranchDeclared))
	}
	for _, e := range m.next.Evidence {
		if !e.confirmed() {
			words = append(words, string(e.Class))
		}
	}
	return words
}
