package policy

import "slices"

// runProof asks for steps of proof, or, by the requester, names the project in
// whose repository they can make a branch.
func (m *move) runProof() {
	w, ok := proofWords(m.ev.Command.Args, func(w *words, arg string) bool {
		if w.project != "" || !projectName.MatchString(arg) {
			return false
		}
		w.project = arg
		return true
	})
	switch {
	case !ok || len(w.classes) > 0:
		m.refuse(RefusedUsage, "proof")
	case m.byAuthor():
		m.offerProof(w)
	case w.notified && m.overtaken():
		m.refuse(RefusedDigest, "proof")
	default:
		m.askProof(w)
	}
}

// askProof is /proof by staff.
func (m *move) askProof(w words) {
	m.accept()
	if w.newAddress {
		m.addressChanges()
	}
	steps := []Step{{Kind: StepMail, Since: m.at}}
	if w.project != "" {
		steps = append(steps, Step{Kind: StepBranch, Project: w.project, Since: m.at})
	}
	for i, s := range steps {
		if old := m.step(s.Kind); old != nil && !old.Done.IsZero() && old.Project == s.Project {
			steps[i] = *old // what was done stays done
		}
	}
	m.next.Steps = steps
	m.next.State, m.next.Ask, m.next.Told = Proof, "", m.ev.Comment
	m.turn(Requester, m.at)
	if w.notified {
		m.notice()
	}
	if m.ev.Desk {
		m.next.Told = 0
		m.notify(Text{Name: TextProof})
	}
}

// offerProof is /proof by the requester: it answers, and asks nobody.
func (m *move) offerProof(w words) {
	if w.project == "" || w.notified || w.newAddress {
		m.refuse(RefusedUsage, "proof")
		return
	}
	if m.flagged(FlagAgain) && !m.touched() {
		m.refuse(RefusedState, "proof") // staff look at it first
		return
	}
	if m.leftOut() {
		return
	}
	m.accept()
	switch s := m.step(StepBranch); {
	case s == nil:
		m.next.Steps = append(m.next.Steps, Step{Kind: StepBranch, Project: w.project, Since: m.at})
	case s.Done.IsZero():
		*s = Step{Kind: StepBranch, Project: w.project, Since: m.at}
	}
	if m.next.Turn == Requester {
		m.answered()
	}
}

// step returns the step of a kind, nil if there is none.
func (m *move) step(k StepKind) *Step {
	i := slices.IndexFunc(m.next.Steps, func(s Step) bool { return s.Kind == k })
	if i < 0 {
		return nil
	}
	return &m.next.Steps[i]
}

func (s Step) open() bool { return s.Done.IsZero() && !s.Cannot }

// stepsDone marks the step to which a class belongs, and hands the proof to
// staff when no step is open any more. Everybody reads which steps are done:
// all classes of one side look the same there, and so does that there is no
// project.
func (m *move) stepsDone(c Class) {
	kind := StepBranch
	switch c {
	case Mailbox, MailboxUnverified, Linked, Session:
		kind = StepMail
	case CoOwner:
		return
	case BranchAttested, BranchOwner, BranchDeclared, BranchSeen, NoProject:
	}
	if s := m.step(kind); s != nil && s.Done.IsZero() {
		s.Done, s.Cannot = m.at, false
	}
	if m.next.State == Proof && !slices.ContainsFunc(m.next.Steps, Step.open) {
		m.hand(Review)
		m.because("steps-done")
	}
}

// runCannot says that the requester cannot do the steps that are open. Staff
// say what is next.
func (m *move) runCannot() {
	if len(m.ev.Command.Args) > 0 {
		m.refuse(RefusedUsage, "cannot")
		return
	}
	if m.next.Turn != Requester {
		m.do(React{Comment: m.ev.Comment, Content: "eyes"})
		m.because("bump")
		return
	}
	m.accept()
	for i, s := range m.next.Steps {
		m.next.Steps[i].Cannot = s.Cannot || s.open()
	}
	m.answered()
}

// runNotified records that all known addresses of the account were told.
func (m *move) runNotified() {
	w, ok := proofWords(m.ev.Command.Args, noOther)
	if !ok || w.notified || len(w.classes) > 0 {
		m.refuse(RefusedUsage, "notified")
		return
	}
	if m.overtaken() {
		m.refuse(RefusedDigest, "notified")
		return
	}
	m.accept()
	m.proved = true
	if w.newAddress {
		m.addressChanges()
	}
	m.notice()
}

// notice keeps the first notice: no later one makes the time longer, and none
// makes it shorter. One of another change of address does not count.
func (m *move) notice() {
	if n := m.next.Notice; n != nil && n.NewAddress == m.newAddress() {
		m.because("notified-before")
		return
	}
	m.next.Notice = &Notice{At: m.audible(m.at), User: m.ev.Actor.ID, Comment: m.ev.Comment, NewAddress: m.newAddress()}
	m.because("notified")
	traits := m.traits()
	for _, p := range m.rules.Paths {
		if p.Approvals == 1 && len(traits) == 0 {
			m.tellVeto(p.Veto)
		}
	}
}

// addressChanges notes that the account shall get another address.
func (m *move) addressChanges() {
	if !m.next.NewAddress {
		m.next.NewAddress = true
		m.because("new-address")
	}
}

// renotice takes a notice back that told of something else: the account's
// owner must hear of a new address, and have the whole time.
func (m *move) renotice() {
	if n := m.next.Notice; n != nil && n.NewAddress != m.newAddress() {
		m.next.Notice = nil
		m.because("notice-void")
		m.alert(AlertVoid, Agents)
	}
}
