package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

// ending is how a story ended.
type ending struct {
	issue  bottest.Issue // as a visitor sees it
	desk   bottest.Issue // its issue at the desk
	counts string        // what it took
}

// demoStaff are the people of the stories who are staff.
func demoStaff() []string { return []string{"ada", "hal", "sue"} }

func (w *world) ending(ctx context.Context, s bottest.Story, number int) (ending, error) {
	is, err := w.folk.Issue(ctx, number)
	if err != nil {
		return ending{}, err
	}
	e := ending{issue: is}
	if s.Desk == "" && s.Count == "" {
		return e, nil
	}
	if e.desk, err = w.folk.DeskIssue(ctx, number, "ada"); err != nil {
		return ending{}, err
	}
	public, _ := w.repo.Issue(number)
	desk, _ := w.desk.Issue(e.desk.Number)
	e.counts = fmt.Sprintf("acts of staff: %d\nnotifications of %s: %d\nnotifications of %s from the desk: %d",
		bottest.Acts(demoStaff(), public, desk),
		is.Author, w.fake.NotifiedOf(is.Author, public), is.Author, w.fake.NotifiedOf(is.Author, desk))
	return e, nil
}

// atDesk is the issue at the desk of a request, the zero Issue if there is none.
func (w *world) atDesk(number int) bottest.Issue {
	if w.desk == nil {
		return bottest.Issue{}
	}
	for _, is := range slices.Backward(w.desk.Issues()) {
		if strings.Contains(is.Title, fmt.Sprintf("#%d: ", number)) {
			return is
		}
	}
	return bottest.Issue{}
}

// files are the ends by the names of a story's files that tell them.
func (e ending) files() map[string]string {
	return map[string]string{"want": bottest.Summary(e.issue), "desk": bottest.Summary(e.desk), "counts": e.counts}
}

// differs says where a story ended otherwise than is written; all "" if it did
// not.
func (e ending) differs(s bottest.Story) (where, written, seen string) {
	got := e.files()
	for _, f := range []struct{ name, where, written string }{
		{"want", "", s.Want}, {"desk", "At the desk, ", s.Desk}, {"counts", "Counted, ", s.Count},
	} {
		if f.written != got[f.name] && (f.written != "" || f.name == "want") {
			return cmp.Or(f.where, "On the page, "), f.written, got[f.name]
		}
	}
	return "", "", ""
}

// deskSummary is the issue at the desk as the demo shows it: without the
// evidence that nobody attests, and the mails to paste, which follow a line.
func deskSummary(is bottest.Issue) string {
	text, _, _ := strings.Cut(is.Body, "\n---\n")
	kept := []string{"# " + is.Title, ""}
	left := 0
	for line := range strings.Lines(strings.TrimSpace(text)) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, "| ") && strings.HasSuffix(line, "|  |") {
			left++
			continue
		}
		if left > 0 {
			kept = append(kept, fmt.Sprintf("| … | and %d more, of which there is none |", left))
			left = 0
		}
		kept = append(kept, hang(line))
	}
	return strings.Join(kept, "\n")
}

// hang breaks a line of a table, and sets what is left off.
func hang(line string) string {
	if !strings.HasPrefix(line, "|") {
		return line
	}
	return strings.ReplaceAll(wrap(line, line100-len("  |     ")), "\n", "\n      ")
}
