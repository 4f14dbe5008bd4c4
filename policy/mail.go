package policy

import (
	"slices"
	"time"
)

// mailLimit caps the mails that count in a day: anybody can send one.
const mailLimit = 10

// runMailed records that staff wrote a mail. The answer to it comes by mail,
// too: nobody but staff will see it.
func (m *move) runMailed() {
	if len(m.ev.Command.Args) > 0 {
		m.refuse(RefusedUsage, "mailed")
		return
	}
	m.accept()
	if m.next.State != Proof {
		m.ask(AskMailed)
		return
	}
	m.openMail()
	m.turn(Requester, m.at)
	m.next.Told = m.ev.Comment
	if m.ev.Desk {
		m.next.Told = 0
		m.notify(Text{Name: TextProof})
	}
}

// openMail asks for the answer to a mail, or asks anew.
func (m *move) openMail() {
	step := Step{Kind: StepMail, Since: m.at}
	if i := m.mailStep(); i >= 0 {
		m.next.Steps[i] = step
		return
	}
	m.next.Steps = append(m.next.Steps, step)
}

func (m *move) mailStep() int {
	return slices.IndexFunc(m.next.Steps, func(s Step) bool { return s.Kind == StepMail })
}

// mailed is a mail that came in, from nobody knows whom. It is no evidence and
// no answer: staff are told that there is something to read.
func (m *move) mailed() {
	m.next.Mails = slices.DeleteFunc(m.next.Mails, func(t time.Time) bool { return !t.Add(noticeWindow).After(m.now) })
	if len(m.next.Mails) >= mailLimit {
		m.because("mail-left-out")
		return
	}
	m.next.Mails = append(m.next.Mails, m.now)
	m.because("mail-came")
	step := m.mailStep()
	open := step >= 0 && m.next.Steps[step].Done.IsZero()
	if m.next.Turn == Requester && (m.next.State == Asked && m.next.Ask == AskMailed || m.next.State == Proof && open) {
		m.answered()
	}
}
