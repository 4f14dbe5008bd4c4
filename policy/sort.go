package policy

import (
	"slices"
	"strings"
)

// sort says what the request is about. The kinds that the text names are in
// the policy's order: the first leads, the others are marks. What /kind said
// leads before them. A kind that goes to somebody is not lost by an edit or by
// the requester's word: only staff take it off.
func (m *move) sort() {
	said := m.next.SaidKind
	if said != nil && !said.Staff && said.Against != shortDigest(m.read.reason) {
		said, m.next.SaidKind = nil, nil
	}
	var kinds []Kind
	for _, rule := range m.rules.Kinds {
		k := rule.Kind
		named := slices.Contains(m.read.kinds, k)
		if rule.GoesTo != "" {
			named = named && (said == nil || !said.Staff) || k == m.next.Kind || slices.Contains(m.next.Marks, k)
		}
		if named && k != KindOther {
			kinds = append(kinds, k)
		}
	}
	switch {
	case said != nil:
		m.next.Kind = Kind(said.Name)
	case len(kinds) > 0:
		m.next.Kind = kinds[0]
	default:
		m.next.Kind = KindOther
	}
	m.next.Marks = slices.DeleteFunc(kinds, func(k Kind) bool { return k == m.next.Kind })
	if len(m.next.Marks) == 0 {
		m.next.Marks = nil
	}
	m.next.GoesTo = m.rules.goesTo(append([]Kind{m.next.Kind}, m.next.Marks...))
}

// goesTo returns the first role that one of the kinds goes to.
func (r *Rules) goesTo(kinds []Kind) Role {
	for _, k := range kinds {
		for _, rule := range r.Kinds {
			if rule.Kind == k && rule.GoesTo != "" {
				return rule.GoesTo
			}
		}
	}
	return ""
}

// kinds returns the kinds of the policy in its order, and other.
func (r *Rules) kinds() []Kind {
	var kinds []Kind
	for _, rule := range r.Kinds {
		if rule.Kind != KindOther {
			kinds = append(kinds, rule.Kind)
		}
	}
	return append(kinds, KindOther)
}

// kindsAt returns the kinds that can happen where accounts have what the
// registry offers.
func (r *Rules) kindsAt(reg Registry) []Kind {
	needs := map[Kind]string{KindLost2FA: Offer2FA, KindTOTPMismatch: Offer2FA, KindLostCodes: OfferCodes}
	return slices.DeleteFunc(r.kinds(), func(k Kind) bool {
		need, ok := needs[k]
		return ok && !slices.Contains(reg.Offers, need)
	})
}

// runKind corrects the kind. What staff said stands over the requester's
// word, but a kind that goes to somebody is taken from anyone: it is a mark.
func (m *move) runKind() {
	kind := Kind(strings.ToLower(strings.Join(m.ev.Command.Args, " ")))
	if !slices.Contains(m.rules.kinds(), kind) {
		m.refuse(RefusedUsage, "kind")
		return
	}
	said := m.next.SaidKind
	urgent := m.rules.goesTo([]Kind{kind}) != ""
	switch {
	case m.leftOut():
		return
	case m.byStaff():
		m.next.Kind, m.next.Marks = kind, nil
		m.next.GoesTo = m.rules.goesTo([]Kind{kind}) // a request that ends now is not sorted again
		m.next.SaidKind = &Said{Name: string(kind), Staff: true}
	case said == nil || !said.Staff:
		m.next.SaidKind = &Said{Name: string(kind), Against: shortDigest(m.read.reason)}
	case urgent:
		m.next.Marks = append(slices.Clone(m.next.Marks), kind)
	default:
		m.refuse(RefusedKept, "kind")
		return
	}
	m.accept(string(kind))
	if m.byAuthor() && m.next.Turn == Requester {
		m.answered()
	}
}

// leftOut reports that the requester has written more commands today than are
// carried out: each of them may change the status, and all requests share one
// writer.
func (m *move) leftOut() bool {
	if !m.byAuthor() || !m.flooded() {
		return false
	}
	m.because("command-left-out", m.ev.Command.Name)
	return true
}
