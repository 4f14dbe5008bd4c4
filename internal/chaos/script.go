package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// act is one thing that a person does on an issue.
type act struct {
	Who  string // login
	Do   string // files, edits, comments, closes, reopens, labels, unlabels
	Text string // the body, the comment, the label
}

// String is the act in a line, the first of its text.
func (a act) String() string {
	first, _, _ := strings.Cut(strings.TrimSpace(a.Text), "\n")
	return strings.TrimSpace(a.Who + " " + a.Do + " " + first)
}

// step is what happens before anybody waits for the bot: mostly one act. Of
// several only one may have an effect, so that their order does not matter.
type step []act

// script is everything that people do on one issue.
type script struct {
	Kind   string
	Place  place
	Author string
	Steps  []step
}

// acts counts what is done.
func (s *script) acts() int {
	n := 0
	for _, st := range s.Steps {
		n += len(st)
	}
	return n
}

// place is an issue, by the repository it is in.
type place struct {
	Repository string // owner/name
	Number     int
}

// String is GitHub's short form.
func (p place) String() string { return fmt.Sprintf("%s#%d", p.Repository, p.Number) }

// plan is how much there is to do.
type plan struct {
	seed         uint64
	events       int
	issues       int
	repositories int
}

// scripts makes the scripts of a plan: the same for the same plan. Those of
// one repository are in the order of their numbers, which begin with 1.
func scripts(p plan) []script {
	all := make([]script, 0, p.issues)
	kinds := kinds()
	for i := range p.issues {
		w := &writer{random: rand.New(rand.NewPCG(p.seed, uint64(i))), author: fmt.Sprintf("user-%d", i+1)} //nolint:gosec // chance that can be repeated
		k := kinds[w.random.IntN(len(kinds))]
		k.write(w)
		all = append(all, script{
			Kind: k.name, Author: w.author, Steps: w.cut(share(p.events, p.issues, i)),
			Place: place{Repository: repositoryName(i % p.repositories), Number: i/p.repositories + 1},
		})
	}
	return all
}

// share is the i-th of n parts of a total; they differ by one at most.
func share(total, n, i int) int { return total/n + min(1, max(0, total%n-i)) }

func repositoryName(i int) string { return fmt.Sprintf("octo-registry/support-%d", i+1) }

// kind is a sort of script.
type kind struct {
	name  string
	write func(*writer)
}

func kinds() []kind {
	return []kind{
		{"form", (*writer).form},
		{"asked", (*writer).asked},
		{"withdrawn", (*writer).withdrawn},
		{"labels", (*writer).labels},
		{"hold", (*writer).hold},
		{"proof", (*writer).proof},
	}
}

// writer writes the script of one issue.
type writer struct {
	random *rand.Rand
	author string
	steps  []step
}

// do adds a step of these acts.
func (w *writer) do(acts ...act) { w.steps = append(w.steps, acts) }

// says adds a comment.
func (w *writer) says(who, text string) { w.do(act{who, "comments", text}) }

// answer is what the author says in prose.
func (w *writer) answer() act {
	return act{w.author, "comments", w.one(
		"Here is what you asked for.", "Yes, that was in spring.", "Thank you, I did it now.", "Es ist die alte Adresse.",
	)}
}

// strangers have no role in any request.
func strangers() []string { return []string{"mallory", "oscar"} }

// stranger is prose that changes nothing, so that it may come together with what does.
func (w *writer) stranger() act {
	return act{w.one(strangers()...), "comments", w.one("Same here, any news?", "+1", "I had that last year.")}
}

// impostor is a command that its author may not use. The audit log tells of it.
func (w *writer) impostor() act {
	return act{w.one(strangers()...), "comments", w.one("/complete", "/deny abuse", "/resume")}
}

func (w *writer) one(of ...string) string { return of[w.random.IntN(len(of))] }

// files adds the opening of the issue. Missing is how many answers lack.
func (w *writer) files(missing int) { w.do(act{w.author, "files", w.body(missing)}) }

// body is the form as the author fills it in. The name of the account is one
// that no other author's looks like.
func (w *writer) body(missing int) string {
	name, reason, box := "k"+strings.TrimPrefix(w.author, "user-"), w.one("My phone was stolen.", "I lost my password.", "I have a new phone."), "x"
	if missing > 0 {
		box = " "
	}
	if missing > 1 {
		reason = "_No response_"
	}
	if missing > 2 {
		name = "not a name"
	}
	return fmt.Sprintf(`### PyPI Username

%s

### Reason for request

%s

### Recovery Codes

- [x] I never had recovery codes for this account, or I have lost them

### Code of Conduct

- [x] I agree to follow the Code of Conduct of this project

### Acknowledgement

- [%s] I understand that this may take a significant amount of time
`, name, reason, box)
}

// form: an incomplete request is edited until it is complete.
func (w *writer) form() {
	w.files(3)
	w.do(act{w.author, "edits", w.body(2)})
	w.do(act{w.author, "edits", w.body(1)})
	w.do(w.stranger()) // not with an edit: whoever comes first sees it
	w.do(act{w.author, "edits", w.body(0)})
	w.says("hal", "/assign")
	w.says("ada", "/ask detail")
	w.do(w.answer(), w.stranger())
	w.says("ada", "/redirect "+w.one("bug", "appeal", "deletion"))
}

// asked: staff ask and deny, and the author comes back.
func (w *writer) asked() {
	w.files(w.random.IntN(2))
	w.says("hal", "/ask project")
	w.do(w.answer())
	w.do(w.stranger(), act{"ada", "comments", "/ask mail-us"})
	w.says(w.author, "/done")
	w.says("hal", "/snooze 7d")
	w.do(w.answer())
	w.says("ada", "/deny unprovable")
	w.says(w.author, "/reopen")
}

// withdrawn: the author ends it and comes back, by commands and by hand.
func (w *writer) withdrawn() {
	w.files(0)
	w.says(w.author, "/withdraw")
	w.says(w.author, "/reopen")
	w.do(w.impostor())
	w.do(act{"hal", "comments", "/assign"}, w.stranger())
	w.do(act{w.author, "closes", ""})
	w.do(act{w.author, "reopens", ""})
	w.says("hal", "/unassign")
	w.do(act{"ada", "closes", ""})
	w.do(act{"ada", "reopens", ""})
	w.says(w.author, "/solved")
}

// labels: people take labels off.
func (w *writer) labels() {
	w.files(0)
	w.do(act{"ada", "unlabels", "recovery: triage"})
	w.says("hal", "/ask detail")
	w.do(act{"ada", "unlabels", "recovery: author's turn"})
	w.do(w.answer())
	w.do(act{"hal", "labels", "recovery: ready"})
	w.says("hal", "/ignore")
	w.says("ada", "/recheck")
	w.do(act{"hal", "unlabels", "account-recovery"})
}

// hold: a request is paused and goes on.
func (w *writer) hold() {
	w.files(0)
	w.says("sue", "/hold")
	w.do(w.impostor())
	w.says("hal", "/resume")
	w.says("ada", "/resume")
	w.says(w.author, "/kind lost-password")
	w.says("hal", "/hold")
	w.do(w.stranger(), act{"sue", "comments", "/resume"})
	w.says("ada", "/complete")
	w.says("ada", "/deny "+w.one("unprovable", "abuse"))
}

// proof: staff ask for proof, and the author cannot.
func (w *writer) proof() {
	w.files(0)
	w.says("ada", "/proof example-project notified")
	w.says(w.author, "/done")
	w.says("hal", "/proof other-project")
	w.says(w.author, "/cannot")
	w.says("hal", "/mailed")
	w.do(w.answer(), w.stranger())
	w.says("mallory", "/object")
	w.says("ada", "/redirect self-service")
}

// cut makes the script n acts long: it drops what is too much at the end, and
// adds what people do at any time.
func (w *writer) cut(n int) []step {
	have := 0
	for i, s := range w.steps {
		if have+len(s) > n {
			w.steps = w.steps[:i]
			break
		}
		have += len(s)
	}
	for ; have < n; have++ {
		w.do(w.more())
	}
	return w.steps
}

// more is an act that may come at any time.
func (w *writer) more() act {
	return []act{
		w.answer(), w.stranger(), w.impostor(),
		{w.author, "comments", "/status"},
		{"hal", "comments", "/help"},
		{"hal", "comments", "/ask detail"},
		{"ada", "comments", "/snooze 9d"},
		{w.author, "comments", "/withdraw"},
		{w.author, "comments", "/reopen"},
		{"ada", "comments", "/recheck"},
		{"ada", "closes", ""},
		{"hal", "reopens", ""},
		{w.author, "edits", w.body(w.random.IntN(2))},
	}[w.random.IntN(13)]
}
