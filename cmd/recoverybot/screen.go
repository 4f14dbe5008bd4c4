package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// screen shows the demo to a person.
type screen struct {
	e     *env
	quiet bool
	seen  int // entries of the timeline that were shown
	rows  int // rows of the audit log that were shown
}

// paint colours a text on a terminal.
func (s *screen) paint(code, text string) string {
	if !s.e.colour {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

func (s *screen) printf(format string, args ...any) {
	if !s.quiet {
		fmt.Fprintf(s.e.out, format, args...)
	}
}

func (s *screen) intro(stories int) {
	s.printf(`%d requests come in by signed webhooks, from a GitHub that is built in.
Who is who: hal is a helper and ada an agent of the registry's staff; the others ask, or pass by.
[eyes] and [+1] are the bot's reactions to a comment: read; done. "because" is what "explain" says.
The bot never changes an account. It checks, says whose turn it is, and keeps the queue.
`, stories)
}

func (s *screen) story(n int, st bottest.Story) {
	s.seen, s.rows = 0, 0
	s.printf("\n%s\n", s.paint("1", fmt.Sprintf("%d. %s", n, st.Title)))
}

// step shows what is new on the issue, and why.
func (s *screen) step(ctx context.Context, w *world, number int) error {
	is, ok := w.repo.Issue(number)
	if !ok || s.quiet {
		return nil
	}
	reasons, err := s.reasons(ctx, w, is)
	if err != nil {
		return err
	}
	for _, ev := range is.Timeline[s.seen:] {
		who, colour := ev.Actor, "36"
		if strings.HasSuffix(who, "[bot]") {
			who, colour = "the bot", "33"
		}
		s.printf("   %s  %s %s\n", ev.At.UTC().Format("02 Jan 15:04"), s.paint(colour, fmt.Sprintf("%-8s", who)), shorten(told(is, ev), told100))
	}
	s.seen = len(is.Timeline)
	for _, r := range reasons {
		s.printf("   %s\n", s.paint("2", shorten("              because  "+r.String()+": "+meaning(r.Code), line100)))
	}
	return nil
}

// The rest of a line of 100 columns after the margin, and after date and name.
const (
	line100 = 97
	told100 = line100 - 23
)

// shorten cuts a text that is longer than limit characters.
func shorten(text string, limit int) string {
	r := []rune(text)
	if len(r) <= limit {
		return text
	}
	return strings.TrimRight(string(r[:limit-1]), " ") + "…"
}

// told is one event in words.
func told(is bottest.Issue, ev bottest.Event) string {
	switch ev.Kind {
	case "opened":
		return fmt.Sprintf("files %q", is.Title)
	case "labeled":
		return "+ label " + ev.Label
	case "unlabeled":
		return "- label " + ev.Label
	case "closed":
		return "closes the issue (" + ev.Reason + ")"
	case "edited":
		return "edits the request"
	case "commented":
		return firstLine(is, ev.Comment)
	case "comment edited":
		return "brings its first comment up to date"
	case "reopened":
		return "reopens the issue"
	case "assigned":
		return "assigns " + ev.Assignee
	}
	return ev.Kind + " " + ev.Assignee
}

// firstLine is what a comment begins with, and the reactions to it.
func firstLine(is bottest.Issue, comment int64) string {
	for _, c := range is.Comments {
		if c.ID != comment {
			continue
		}
		line, _, _ := strings.Cut(c.Body, "\n")
		reactions := ""
		for _, r := range c.Reactions {
			reactions += " [" + r.Content + "]"
		}
		return "writes: " + shorten(strings.TrimLeft(line, "# "), told100-len("writes: ")-len(reactions)) + reactions
	}
	return "writes a comment, which is deleted by now"
}

// reasons are why the bot did what it did since the last call.
func (s *screen) reasons(ctx context.Context, w *world, is bottest.Issue) ([]policy.Reason, error) {
	rows, err := w.app.store.Timeline(ctx, bot.CaseKey{Repository: w.repo.ID(), Issue: is.ID})
	if err != nil {
		return nil, err
	}
	var all []policy.Reason
	for _, r := range rows[min(s.rows, len(rows)):] {
		all = append(all, r.Reasons...)
	}
	s.rows = len(rows)
	return all, nil
}

// verdict compares the end of a story with what is written down.
func (s *screen) verdict(st bottest.Story, got bottest.Issue, desk string) bool {
	sum := bottest.Summary(got)
	if sum == st.Want && desk == st.Desk {
		s.printf("   %s\n", s.paint("32", "Ended as written: "+strings.Join(strings.SplitN(sum, "\n", 3)[:2], "; ")))
		return true
	}
	if desk != st.Desk {
		fmt.Fprintf(s.e.err, "\nAt the desk the request %q did not end as written.\nWritten:\n%s\nSeen:\n%s\n", st.Name, indent(st.Desk), indent(desk))
		return false
	}
	fmt.Fprintf(s.e.err, "\nThe request %q did not end as written.\nWritten:\n%s\nSeen:\n%s\n", st.Name, indent(st.Want), indent(sum))
	return false
}

func indent(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }

// wrap breaks the lines of a text between words; what a line begins with is
// kept.
func wrap(text string, width int) string {
	var out []string
	for line := range strings.SplitSeq(text, "\n") {
		for len([]rune(line)) > width {
			cut := strings.LastIndex(string([]rune(line)[:width+1]), " ")
			if cut <= 0 {
				break
			}
			out = append(out, line[:cut])
			line = line[cut+1:]
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// example shows the status comment of the first story in full: it is what a
// requester reads.
func (s *screen) example(got bottest.Issue) {
	for _, c := range got.Comments {
		s.printf("\n%s\n\n%s\n", s.paint("1", "   What "+got.Author+" reads:"), indent(wrap(c.Body, line100)))
		return
	}
}

// summary counts what the bot asked of GitHub.
func (s *screen) summary(w *world, stories, failed int) {
	kinds := map[string]int{}
	total, writes := 0, 0
	for _, c := range w.fake.Calls() {
		if !c.ByApp {
			continue
		}
		kinds[c.Kind]++
		total++
		if c.Write {
			writes++
		}
	}
	s.printf("\n%s\n%d of %d requests ended as written.\n%d API calls, of which %d writes:\n",
		s.paint("1", "Summary"), stories-failed, stories, total, writes)
	for _, k := range slices.Sorted(maps.Keys(kinds)) {
		s.printf("  %4d  %s\n", kinds[k], k)
	}
}
