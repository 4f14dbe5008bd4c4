package policy

// People returns where a memory has ids of people: of staff who attested,
// approved, held or told, of those who objected, and of who may undo. A change
// through a pointer changes the memory. An id may be 0, or below 0 for
// somebody who was erased.
func (m *Memory) People() []*int64 {
	var all []*int64
	for i := range m.Evidence {
		for j := range m.Evidence[i].By {
			all = append(all, &m.Evidence[i].By[j].User)
		}
	}
	for i := range m.Approvals {
		all = append(all, &m.Approvals[i].User)
	}
	if m.Notice != nil {
		all = append(all, &m.Notice.User)
	}
	if h := m.Hold; h != nil {
		all = append(all, &h.By)
		for _, ids := range [][]int64{h.Resumes, h.Approvers} {
			for i := range ids {
				all = append(all, &ids[i])
			}
		}
	}
	for i := range m.Objections {
		all = append(all, &m.Objections[i].By)
	}
	if u := m.Undo; u != nil {
		all = append(all, &u.User)
		if u.Before != nil {
			all = append(all, u.Before.People()...)
		}
	}
	return all
}
