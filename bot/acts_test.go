package bot_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// body is a form as GitHub renders it; an empty name is "_No response_".
func body(name, reason string) string {
	if name == "" {
		name = "_No response_"
	}
	return "### PyPI Username\n\n" + name + "\n\n### Reason for request\n\n" + reason + `

### Recovery Codes

- [x] I never had recovery codes for this account, or I have lost them

### Code of Conduct

- [x] I agree to follow the Code of Conduct of this project

### Acknowledgement

- [x] I understand that this may take a significant amount of time
`
}

// file opens a request by ann, without letting the bot work.
func (w *world) file(text string) int {
	w.Helper()
	n, err := w.repo.OpenIssue("ann", bottest.Draft{Title: "Locked out", Body: text, Labels: []string{w.rules.Requests.Label}})
	w.must(err)
	return n
}

// triage is a complete request by ann that the bot has answered, a minute ago.
// Each but the first is for an account of its own: a second one for the same
// account would be a duplicate.
func (w *world) triage() int {
	w.Helper()
	account := "ann-builds"
	if n := len(w.repo.Issues()); n > 0 {
		account = fmt.Sprintf("ann-builds-%d", n)
	}
	n := w.file(body(account, "I have a new phone."))
	w.settle()
	w.later(time.Minute)
	return n
}

// incomplete is a request by ann that lacks a name, answered a minute ago.
func (w *world) incomplete() int {
	w.Helper()
	n := w.file(body("", "I have a new phone."))
	w.settle()
	w.later(time.Minute)
	return n
}

// say writes a comment and lets the bot work. It returns the comment's id.
func (w *world) say(n int, who, text string) int64 {
	w.Helper()
	id, err := w.repo.Comment(n, who, text)
	w.must(err)
	w.settle()
	return id
}

func (w *world) issue(n int) bottest.Issue {
	w.Helper()
	is, ok := w.repo.Issue(n)
	if !ok {
		w.Fatalf("issue %d is gone", n)
	}
	return is
}

// ours are our comments on an issue.
func (w *world) ours(n int) []bottest.Comment {
	w.Helper()
	var ours []bottest.Comment
	for _, c := range w.issue(n).Comments {
		if c.ByApp {
			ours = append(ours, c)
		}
	}
	return ours
}

// reactions are those on a comment, joined.
func (w *world) reactions(n int, comment int64) string {
	w.Helper()
	var all []string
	for _, c := range w.issue(n).Comments {
		if c.ID == comment {
			for _, r := range c.Reactions {
				all = append(all, r.Content)
			}
		}
	}
	return strings.Join(all, " ")
}

func (w *world) memory(n int) policy.Memory {
	w.Helper()
	owner, name, _ := strings.Cut(w.repo.Name(), "/")
	c, err := w.store.FindCase(w.Context(), owner, name, n)
	w.must(err)
	return c.Memory
}

// state wants a case to be in that state.
func (w *world) state(n int, want policy.State) {
	w.Helper()
	if got := w.memory(n).State; got != want {
		w.Errorf("issue %d: state %q, want %q\n%s", n, got, want, bottest.Summary(w.issue(n)))
	}
}

// wrote are the App's writes after mark that succeeded.
func (w *world) wrote(mark int) []bottest.Call {
	var all []bottest.Call
	for _, c := range w.fake.CallsSince(mark) {
		if c.ByApp && c.Write && c.Status >= 200 && c.Status < 300 {
			all = append(all, c)
		}
	}
	return all
}
