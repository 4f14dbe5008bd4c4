package policy

// Priority orders what is written for different requests, lower first. Where
// GitHub allows only so many writes, the later ones leave a part of them to the
// earlier ones. Effects of one request keep their order all the same. The
// numbers are stored: they never change.
type Priority int

// The priorities, the most urgent first.
const (
	LeakAdvice    Priority = iota // what somebody must do about a secret that everybody can read
	CommandAnswer                 // what a person's command brought about: somebody waits for it now
	NewRequest                    // what any other act of a person brought about
	Reminding                     // what the clock brought about, and old requests that were taken over
	DigestNews                    // the digest
)

// Priorities returns all of them, the most urgent first.
func Priorities() []Priority {
	return []Priority{LeakAdvice, CommandAnswer, NewRequest, Reminding, DigestNews}
}

// PriorityOf returns the priority of an effect that was decided on an event. A
// receipt is always the answer to a command.
func PriorityOf(e Effect, on EventKind) Priority {
	t := textOf(e)
	_, receipt := e.(React)
	_, mask := e.(Mask)
	switch {
	case t.Paused == HoldLeak, t.Name == TextLeak, t.Alert == AlertLeak, mask:
		return LeakAdvice
	case t.Name == TextDigest:
		return DigestNews
	case receipt:
		return CommandAnswer
	}
	return PriorityOn(on)
}

// PriorityOn returns the priority of the work on an event.
func PriorityOn(on EventKind) Priority {
	switch on {
	case Commanded, Unverified:
		return CommandAnswer
	case Tick, Adopted:
		return Reminding
	case Opened, Edited, Commented, ClosedHand, ReopenedHand, Labeled, Gone, Erased, Seen, Mailed:
	}
	return NewRequest
}

// textOf returns the text that an effect writes, the zero Text where it writes
// none.
func textOf(e Effect) Text {
	switch e := e.(type) {
	case Comment:
		return e.Text
	case Desk:
		return e.Text
	}
	return Text{}
}
