package bot_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/internal/sample"
	"github.com/recoverybot/recoverybot/policy"
)

var update = flag.Bool("update", false, "write what the calm run did into testdata/laws")

// odd are the steps that only these stories have: "max deletes the status",
// "max unlabels the state".
var odd = regexp.MustCompile(`\A[a-z]+ (deletes the status|unlabels the state)\z`)

// caseDigest is the DIGEST that an approval names. It is under the case's
// random key, which differs between runs.
var caseDigest = regexp.MustCompile(`\b[0-9a-f]{8}\b`)

// law is a story with the number of the writes that it takes.
type law struct {
	bottest.Story

	path   string
	writes string
}

func laws(t *testing.T) []law {
	t.Helper()
	paths, err := filepath.Glob("testdata/laws/*.txtar")
	if err != nil || len(paths) == 0 {
		t.Fatalf("no stories: %v", err)
	}
	var all []law
	for _, path := range paths {
		a, err := txtar.ParseFile(path)
		if err != nil {
			t.Fatal(err)
		}
		l, err := parseLaw(a)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		l.path = path
		l.Name = strings.TrimSuffix(filepath.Base(path), ".txtar")
		all = append(all, l)
	}
	return all
}

// parseLaw reads the odd steps, and leaves the others to bottest.
func parseLaw(a *txtar.Archive) (law, error) {
	var kept []string
	odds := map[int]bottest.StoryStep{}
	steps := -1 // the title is no step
	for line := range strings.Lines(string(a.Comment)) {
		line = strings.TrimSpace(line)
		if line == "" {
			continue
		}
		if odd.MatchString(line) {
			who, do, _ := strings.Cut(line, " ")
			odds[steps] = bottest.StoryStep{Line: line, Who: who, Do: do}
		} else {
			kept = append(kept, line)
		}
		steps++
	}
	var l law
	var err error
	b := *a
	b.Comment = []byte(strings.Join(kept, "\n") + "\n")
	if l.Story, err = bottest.ParseStory(txtar.Format(&b)); err != nil {
		return law{}, err
	}
	for i := range steps {
		if s, ok := odds[i]; ok {
			l.Steps = slices.Insert(l.Steps, i, s)
		}
	}
	for _, f := range a.Files {
		if f.Name == "writes" {
			l.writes = strings.TrimSpace(string(f.Data))
		}
	}
	return l, nil
}

// step lets one step of a story happen.
func (w *world) step(number int, step bottest.StoryStep) int {
	w.Helper()
	if step.Wait > 0 {
		w.pass(step.Wait)
		return number
	}
	w.clock.set(w.clock.Now().Add(time.Minute))
	if odd.MatchString(step.Line) {
		w.oddly(number, step)
	} else {
		n, err := w.folk.Act(w.Context(), number, step)
		w.must(err)
		number = n
	}
	w.settle()
	return number
}

func (w *world) oddly(n int, s bottest.StoryStep) {
	w.Helper()
	switch s.Do {
	case "deletes the status":
		w.must(w.repo.DeleteComment(w.status(n).ID, s.Who))
	case "unlabels the state":
		w.must(w.repo.Unlabel(n, s.Who, w.memory(n).Label))
	}
}

// status is our living comment.
func (w *world) status(n int) bottest.Comment {
	w.Helper()
	for _, c := range w.ours(n) {
		if strings.HasSuffix(c.Body, "<!-- recoverybot: status -->") {
			return c
		}
	}
	w.Fatalf("issue %d has no status comment", n)
	return bottest.Comment{}
}

// end is everything that may be compared after a story: what a visitor sees,
// to the letter, the number of writes of each kind that succeeded, and what
// the bot remembers.
type end struct {
	Issue    bottest.Issue
	Desk     bottest.Issue // zero: none
	Writes   string
	Memory   policy.Memory
	Timeline []string
}

func (w *world) end(n int) end {
	w.Helper()
	e := end{Issue: w.issue(n), Writes: count(w.wrote(0)), Memory: w.memory(n)}
	e.Issue.ID = 0
	var ids []string
	if w.desk != nil {
		e.Desk = w.deskIssue(n)
		e.Desk.ID, e.Desk.Timeline = 0, nil
		same := func(text string) string {
			text = strings.ReplaceAll(text, fmt.Sprintf("/%d -->", w.issue(n).ID), "/[id] -->")
			return caseDigest.ReplaceAllString(text, "[digest]")
		}
		e.Desk.Body = same(e.Desk.Body)
		rewritten(e.Desk.Revisions, same)
		for i := range e.Desk.Comments {
			e.Desk.Comments[i].ID = 0
			e.Desk.Comments[i].Body = caseDigest.ReplaceAllString(e.Desk.Comments[i].Body, "DIGEST")
		}
	}
	for i := range e.Issue.Comments {
		c := &e.Issue.Comments[i]
		ids = append(ids, fmt.Sprint(c.ID), fmt.Sprintf("[comment %d]", i+1))
		c.ID = 0
	}
	// Ids differ between runs: each token takes one.
	r := strings.NewReplacer(ids...)
	for i := range e.Issue.Comments {
		c := &e.Issue.Comments[i]
		c.Body = r.Replace(c.Body)
		rewritten(c.Revisions, r.Replace)
	}
	for _, step := range e.Issue.Timeline {
		e.Timeline = append(e.Timeline, step.String())
	}
	e.Issue.Timeline = nil
	e.Memory.Told = 0
	delete(e.Memory.Digests, "status") // of Told too
	delete(e.Memory.Digests, "desk")   // of ids of comments too
	withoutAnswers(&e.Memory)
	return e
}

func rewritten(texts []string, by func(string) string) {
	for i, s := range texts {
		texts[i] = by(s)
	}
}

// withoutAnswers takes out what is under the case's random key, and the ids of
// comments: both differ between runs.
func withoutAnswers(m *policy.Memory) {
	if m.Answers != nil {
		m.Answers = &policy.Answers{Leaks: m.Answers.Leaks}
	}
	for i := range m.Approvals {
		m.Approvals[i].Binding, m.Approvals[i].Comment = "", 0
	}
	for _, e := range m.Evidence {
		for i := range e.By {
			e.By[i].Comment = 0
		}
	}
	if m.Notice != nil {
		m.Notice.Comment = 0
	}
	if m.Undo != nil && m.Undo.Before != nil {
		withoutAnswers(m.Undo.Before)
	}
}

// count is a line for each kind of call.
func count(calls []bottest.Call) string {
	kinds := map[string]int{}
	for _, c := range calls {
		kinds[c.Kind]++
	}
	var lines []string
	for kind, n := range kinds {
		lines = append(lines, fmt.Sprintf("%s %d", kind, n))
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// run plays a story in which each step is killed at its call number at, if it
// has so many, and returns the end and the calls of each step. The first step
// begins with the start of the process.
func run(t *testing.T, l law, at int, s side) (ends []end, calls [][]string) {
	t.Helper()
	return runIn(t, l, setup{killer: &killer{at: at, side: s}})
}

func runIn(t *testing.T, l law, s setup) (ends []end, calls [][]string) {
	t.Helper()
	k := s.killer
	at, side := k.at, k.side
	s.desk = l.Desk != ""
	w := newWorld(t, s)
	number := 0
	for _, step := range l.Steps {
		number = w.step(number, step)
		ends = append(ends, w.end(number))
		calls = append(calls, k.arm(at, side))
	}
	return ends, calls
}

// TestCrashAnywhere is the seventh law: whenever the process is killed, the
// next one ends in the same place, with nothing lost and nothing doubled.
//
// The process is killed at every call of every step of the stories, once in a
// step. Each step must end as in the calm run, so that the next kill finds
// what it would find without the one before. What follows a call up to the
// next one leaves the process only where a webhook is answered; so killing
// after a call is tried for these alone, and before a call for all (with the
// race detector, for every fourth).
func TestCrashAnywhere(t *testing.T) {
	befores := kills{distance: sample.Sizes{Plain: 6, Race: 24, All: 1}}
	afters := befores
	for _, l := range laws(t) {
		t.Run(l.Name, func(t *testing.T) {
			calm, calls := run(t, l, 0, before)
			if *update {
				writeLaw(t, l, calm[len(calm)-1])
				return
			}
			compareWritten(t, l, calm[len(calm)-1])
			for side, points := range map[side][]int{before: befores.of(t, calls), after: afters.of(t, answers(calls))} {
				for _, at := range points {
					t.Run(fmt.Sprintf("%s-%d", side, at), func(t *testing.T) {
						t.Parallel()
						got, _ := run(t, l, at, side)
						for i, step := range l.Steps {
							if diff := cmp.Diff(calm[i], got[i]); diff != "" && at <= len(calls[i]) {
								t.Fatalf("%q, killed %s %s (-calm +killed):\n%s", step.Line, side, calls[i][at-1], diff)
							}
						}
						compareWritten(t, l, got[len(got)-1])
					})
				}
			}
		})
	}
}

// answers are the calls of each step up to the last one of all that answers a
// webhook. The others have no name: what follows them is the next one.
func answers(calls [][]string) [][]string {
	const answer = "AddDelivery"
	last := 0
	for _, names := range calls {
		for i, name := range names {
			if name == answer {
				last = max(last, i+1)
			}
		}
	}
	var all [][]string
	for _, names := range calls {
		kept := make([]string, min(last, len(names)))
		for i := range kept {
			if names[i] == answer {
				kept[i] = answer
			}
		}
		all = append(all, kept)
	}
	return all
}

// TestCrashAndLoss: a webhook that died with the process, and is never sent
// again, is made good by the reconcile pass of the next one. A deleted status
// alone is not noticed before it is written the next time, so that it comes
// back in another place.
func TestCrashAndLoss(t *testing.T) {
	for _, l := range laws(t) {
		_, calls := run(t, l, 0, before)
		points := map[int]bool{}
		for _, names := range calls {
			if i := slices.Index(names, "AddDelivery"); i >= 0 {
				points[i+1] = true
			}
		}
		for at := range points {
			t.Run(fmt.Sprintf("%s/%d", l.Name, at), func(t *testing.T) {
				ends, _ := runIn(t, l, setup{killer: &killer{at: at, side: before}, lost: true})
				got := lines(bottest.Summary(ends[len(ends)-1].Issue))
				if diff := cmp.Diff(lines(l.Want), got); diff != "" {
					t.Errorf("end, in any order (-written +seen):\n%s", diff)
				}
			})
		}
	}
}

func lines(s string) []string { return slices.Sorted(strings.SplitSeq(s, "\n")) }

// compareWritten compares with the story: two runs may be wrong in the same way.
func compareWritten(t *testing.T, l law, got end) {
	t.Helper()
	if diff := cmp.Diff(l.Want, bottest.Summary(got.Issue)); diff != "" {
		t.Errorf("end (-written +seen):\n%s", diff)
	}
	if l.Desk != "" {
		if diff := cmp.Diff(l.Desk, bottest.Summary(got.Desk)); diff != "" {
			t.Errorf("desk (-written +seen):\n%s", diff)
		}
	}
	if diff := cmp.Diff(l.writes, got.Writes); diff != "" {
		t.Errorf("writes (-written +seen):\n%s", diff)
	}
}

func writeLaw(t *testing.T, l law, got end) {
	t.Helper()
	a, err := txtar.ParseFile(l.path)
	if err != nil {
		t.Fatal(err)
	}
	a.Files = slices.DeleteFunc(a.Files, func(f txtar.File) bool { return f.Name == "want" || f.Name == "desk" || f.Name == "writes" })
	a.Files = append(a.Files, txtar.File{Name: "want", Data: []byte(bottest.Summary(got.Issue) + "\n")})
	if l.Desk != "" {
		a.Files = append(a.Files, txtar.File{Name: "desk", Data: []byte(bottest.Summary(got.Desk) + "\n")})
	}
	a.Files = append(a.Files,
		txtar.File{Name: "writes", Data: []byte(got.Writes + "\n")})
	if err := os.WriteFile(l.path, txtar.Format(a), 0o600); err != nil {
		t.Fatal(err)
	}
}
