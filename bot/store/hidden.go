package store

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/policy"
)

// hiddenID stands for a person in the rows of a case: below 0, the same in all
// of them, another one for another person or in another case. Without the
// case's key nobody can tell who it was. No id of GitHub is below 0.
func hiddenID(secret []byte, user int64) int64 {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte("person\x00" + strconv.FormatInt(user, 10)))
	return -int64(binary.BigEndian.Uint64(h.Sum(nil))>>2) - 1 // 62 bits
}

// actor is who did a step, as the log tells it: staff and bots by their ids, for
// they answer for what they did. Everybody else is hidden. Who closes, opens
// or labels what another person wrote has rights in the repository.
func (t step) actor() int64 {
	ev := t.result.Event
	insider := false
	switch ev.Kind {
	case policy.ClosedHand, policy.ReopenedHand, policy.Labeled:
		insider = ev.Actor.ID != t.after.AuthorID
	default:
	}
	if ev.Actor.ID == 0 || ev.Actor.Bot || t.result.Decision.ByStaff || insider {
		return ev.Actor.ID
	}
	return hiddenID(t.after.Secret, ev.Actor.ID)
}

// discreet are memories as the log tells of them: who objected, and whom a
// hold goes back to, is hidden, and so is the author. An objection by mail
// has the id of the member of staff who passed it on.
func discreet(m policy.Memory, secret []byte, author int64) policy.Memory {
	hidden := map[int64]bool{author: author != 0}
	for _, o := range m.Objections {
		hidden[o.By] = hidden[o.By] || !o.Mail
	}
	hide := func(id int64) int64 {
		if id <= 0 || !hidden[id] {
			return id
		}
		return hiddenID(secret, id)
	}
	m.Objections = append([]policy.Objection(nil), m.Objections...)
	for i := range m.Objections {
		if !m.Objections[i].Mail {
			m.Objections[i].By = hide(m.Objections[i].By)
		}
	}
	if m.Hold != nil {
		hold := *m.Hold
		hold.By = hide(hold.By)
		m.Hold = &hold
	}
	return m
}

// reveal puts the ids of those whom a case still knows into its rows: its
// author, and who objected.
func reveal(rows []bot.AuditRow, c *caseRow) error {
	if len(c.Secret) == 0 {
		return nil
	}
	m, err := c.recall()
	if err != nil {
		return err
	}
	known := map[int64]int64{}
	for _, id := range append(objectors(m), c.AuthorID) {
		if id > 0 {
			known[hiddenID(c.Secret, id)] = id
		}
	}
	for i := range rows {
		if id, ok := known[rows[i].Actor]; ok {
			rows[i].Actor = id
		}
		for _, r := range rows[i].Reasons {
			for n, arg := range r.Args {
				rest, ok := strings.CutPrefix(arg, "by:")
				if id, err := strconv.ParseInt(rest, 10, 64); ok && err == nil && known[id] != 0 {
					r.Args[n] = by(known[id])
				}
			}
		}
	}
	return nil
}

func objectors(m policy.Memory) []int64 {
	all := make([]int64, 0, len(m.Objections))
	for _, o := range m.Objections {
		all = append(all, o.By)
	}
	return all
}
