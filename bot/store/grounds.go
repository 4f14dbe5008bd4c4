package store

import (
	"slices"
	"strconv"
	"time"

	"github.com/recoverybot/recoverybot/policy"
)

// grounds are what a request rests on, as reasons: evidence, approvals, notice,
// hold and objections, with who said so and by which comment. Ids, times,
// words of closed sets and digests: nothing in it is masked, so that an account
// that is called like a word hides none of it.
func grounds(m policy.Memory) []policy.Reason {
	var all []policy.Reason
	add := func(code string, args ...string) { all = append(all, policy.Reason{Code: code, Args: args}) }
	for _, e := range m.Evidence {
		for _, a := range e.By {
			add("rests-on-evidence", string(e.Class), by(a.User), when(a.At), comment(policy.CommentAt{ID: a.Comment, Desk: a.Desk}))
		}
	}
	for _, a := range m.Approvals {
		args := []string{by(a.User), when(a.At), comment(policy.CommentAt{ID: a.Comment, Desk: a.Desk}), "binding:" + a.Binding}
		for _, c := range a.Classes {
			args = append(args, string(c))
		}
		add("rests-on-approval", args...)
	}
	if n := m.Notice; n != nil {
		add("rests-on-notice", by(n.User), when(n.At), comment(policy.CommentAt{ID: n.Comment}))
	}
	if m.NewAddress {
		add("rests-on-new-address")
	}
	if h := m.Hold; h != nil {
		args := []string{string(h.Why), by(h.By), when(h.At)}
		for _, id := range h.Resumes {
			args = append(args, "resumed-"+by(id))
		}
		add("rests-on-hold", args...)
	}
	for _, o := range m.Objections {
		state := "open"
		if o.Closed {
			state = "closed"
		}
		add("rests-on-objection", state, by(o.By), when(o.At), comment(policy.CommentAt{ID: o.Comment}))
	}
	return all
}

func by(user int64) string { return "by:" + strconv.FormatInt(user, 10) }

func when(t time.Time) string { return "at:" + t.UTC().Format(time.RFC3339) }

// comment names the comment in which somebody said it.
func comment(at policy.CommentAt) string {
	id := strconv.FormatInt(at.ID, 10)
	if at.Desk {
		return "desk:" + id
	}
	return "comment:" + id
}

// resting returns the grounds after a decision, where it changed them, or
// moved the request: each such row tells alone what it stands on.
func resting(before, after policy.Memory) []policy.Reason {
	now := grounds(after)
	same := func(a, b policy.Reason) bool { return a.Code == b.Code && slices.Equal(a.Args, b.Args) }
	if before.State == after.State && slices.EqualFunc(grounds(before), now, same) {
		return nil
	}
	return now
}
