package policy_test

import (
	"slices"
	"time"

	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/policy"
)

const (
	annID        = 11
	adaID        = 1001
	completeBody = "### PyPI Username\n\nann\n\n### Reason for request\n\nI lost my phone.\n\n" +
		"### Recovery Codes\n\n- [x] I never had recovery codes for this account, or I have lost them\n\n" +
		"### Code of Conduct\n\n- [x] I agree to follow the Code of Conduct of this project\n\n" +
		"### Acknowledgement\n\n- [x] I understand that this may take a significant amount of time\n"
)

func firstDay() time.Time { return time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC) }

// triaged is a complete, open request in triage.
func triaged(r *policy.Rules) policy.Request {
	q := policy.Request{Issue: policy.Issue{
		Repository: 700001, ID: 501, Number: 7, Title: "Account recovery", Body: completeBody,
		Author: policy.Actor{ID: annID, Login: "ann"}, Open: true, Labels: []string{r.Requests.Label},
		CreatedAt: firstDay(), UpdatedAt: firstDay(), Public: true,
	}}
	q.Facts.Same = policy.SameOf(q.Issue, q.Memory)
	q.Facts.Members = map[string][]int64{}
	for _, g := range r.People {
		if g.Team != nil {
			q.Facts.Members[g.Team.String()] = []int64{adaID}
		}
	}
	return decided(r, q, policy.Event{Kind: policy.Opened, Actor: q.Issue.Author}, firstDay())
}

// decided returns the request after a decision, with its labels as decided.
func decided(r *policy.Rules, q policy.Request, ev policy.Event, now time.Time) policy.Request {
	q.Form = r.Form(q.Issue)
	d := r.Decide(q, ev, now)
	q.Memory = d.Memory
	q.Issue.Labels = slices.Clone(q.Issue.Labels)
	for _, e := range d.Effects {
		if l, ok := e.(policy.Labels); ok {
			q.Issue.Labels = append(q.Issue.Labels, l.Add...)
			q.Issue.Labels = slices.DeleteFunc(q.Issue.Labels, func(n string) bool { return slices.Contains(l.Remove, n) })
		}
	}
	return q
}

func commanded(who, comment int64, name string, args ...string) policy.Event {
	return policy.Event{
		Kind: policy.Commanded, Actor: policy.Actor{ID: who, Login: "x"}, Comment: comment,
		Command: parser.Command{Name: name, Args: args},
	}
}
