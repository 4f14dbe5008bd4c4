package policy_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/recoverybot/recoverybot/parser"
	"github.com/recoverybot/recoverybot/policy"
)

const (
	oddAuthor = 11
	oddAgent  = 1001
	oddBody   = "### PyPI Username\n\nann\n\n### Reason for request\n\nI lost my phone.\n\n" +
		"### Recovery Codes\n\n- [x] I never had recovery codes for this account, or I have lost them\n\n" +
		"### Code of Conduct\n\n- [x] I agree to follow the Code of Conduct of this project\n\n" +
		"### Acknowledgement\n\n- [x] I understand that this may take a significant amount of time\n"
)

func oddStart() time.Time { return time.Date(2026, 12, 3, 10, 0, 0, 0, time.UTC) }

// oddRules are those of the example policy, and more lines of it.
func oddRules(t *testing.T, more ...string) *policy.Rules {
	t.Helper()
	const dir = "../.github"
	src, err := os.ReadFile(dir + "/recovery.yml")
	if err != nil {
		t.Fatal(err)
	}
	r, err := policy.ParseRules([]byte(string(src)+strings.Join(more, "\n")), os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// oddRequest is a complete, open request in triage.
func oddRequest(t *testing.T, r *policy.Rules) policy.Request {
	t.Helper()
	q := policy.Request{Issue: policy.Issue{
		Repository: 700001, ID: 501, Number: 7, Title: "Account recovery", Body: oddBody,
		Author: policy.Actor{ID: oddAuthor, Login: "ann"}, Open: true, Labels: []string{r.Requests.Label},
		CreatedAt: oddStart(), UpdatedAt: oddStart(), Public: true,
	}}
	q.Facts.Members = map[string][]int64{}
	for _, g := range r.People {
		if g.Team != nil {
			q.Facts.Members[g.Team.String()] = []int64{oddAgent}
		}
	}
	return oddDecide(r, q, policy.Event{Kind: policy.Opened, Actor: q.Issue.Author}, oddStart())
}

// oddDecide returns the request after a decision, with its labels as decided.
func oddDecide(r *policy.Rules, q policy.Request, ev policy.Event, now time.Time) policy.Request {
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

func oddCommand(who, comment int64, name string, args ...string) policy.Event {
	return policy.Event{
		Kind: policy.Commanded, Actor: policy.Actor{ID: who, Login: "x"}, Comment: comment,
		Command: parser.Command{Name: name, Args: args},
	}
}
