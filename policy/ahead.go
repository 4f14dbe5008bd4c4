package policy

import (
	"slices"
	"time"
)

// Ahead looks what time alone would bring to a request at now, without its
// issue: the decision of a Tick on an issue that nobody has touched since m was
// remembered. Of issue it reads the ids, the number, the author and whether
// everybody can read it. Nothing of what it decides may be made; the status is
// not written anew, as much of what it tells stands in the issue alone.
func (r *Rules) Ahead(m Memory, issue Issue, now time.Time) Decision {
	return r.Decide(r.untouched(m, issue), Event{Kind: Tick}, now)
}

// Rewake returns when to wake for a request by these rules: for the one pass
// over all requests after the policy has changed. Nothing is decided. Where
// approvals do not count any more, that is now.
func (r *Rules) Rewake(m Memory, issue Issue, now time.Time) time.Time {
	if m.State == None {
		return time.Time{}
	}
	mv := r.move(r.untouched(m, issue), Event{Kind: Tick}, now)
	mv.reroute()
	mv.alarm()
	return mv.next.WakeAt
}

// untouched is a request whose issue is as it was when m was remembered.
func (r *Rules) untouched(m Memory, issue Issue) Request {
	issue.Open = m.State.Open()
	issue.Labels = nil
	if m.Label != "" {
		issue.Labels = append(issue.Labels, m.Label)
	}
	if m.Intake {
		issue.Labels = append(issue.Labels, r.Requests.Label)
	}
	return Request{Issue: issue, Memory: m, Facts: Facts{Unseen: true}}
}

// recalled is what the form said when m was remembered, as far as time alone
// depends on it.
func (r *Rules) recalled(m Memory) reading {
	rd := reading{
		account: m.Account, registry: r.registry(m.Registry), saidHolds: m.Said != nil, registrySaid: m.SaidRegistry != nil,
		nameUnknown: slices.Contains(m.Flags, FlagNameUnknown), boxes: m.Boxes, empty: m.Empty,
		formUnknown: slices.Contains(m.Flags, FlagFormUnknown), formComplete: true,
	}
	if m.State == Incomplete || slices.Contains(m.Flags, FlagFormIncomplete) {
		rd.problems = []TextProblem{{Field: r.Requests.Account}} // what it is stands in the form alone
	}
	return rd
}

// reroute asks the policy again whom the request concerns.
func (m *move) reroute() {
	m.next.GoesTo = m.rules.goesTo(append([]Kind{m.next.Kind}, m.next.Marks...))
}

// gateDigest tells two gates apart.
func (r *Rules) gateDigest() string { return shortDigest(string(r.gateSection())) }

// Voids reports whether approvals were judged by another gate: with the next
// decision by these rules they do not count any more.
func (r *Rules) Voids(m Memory) bool {
	return m.State.Open() && len(m.Approvals) > 0 && m.Gate != r.gateDigest()
}

// gated keeps by which gate the approvals were judged.
func (m *move) gated() {
	switch {
	case m.q.Facts.Unseen || m.q.Facts.Stale:
	case len(m.next.Approvals) == 0:
		m.next.Gate = ""
	default:
		m.next.Gate = m.rules.gateDigest()
	}
}
