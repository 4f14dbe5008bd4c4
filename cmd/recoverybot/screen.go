package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
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
	s.printf("%d requests, filed through signed webhooks with a GitHub that is built in.\nPeople: requesters; hal is a helper, ada is an agent. The bot never changes an account: it says whose turn it is.\n", stories)
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
		who := s.paint("36", fmt.Sprintf("%-12s", strings.TrimSuffix(ev.Actor, "[bot]")))
		if strings.HasSuffix(ev.Actor, "[bot]") {
			who = s.paint("33", fmt.Sprintf("%-12s", "the bot"))
		}
		s.printf("   %s  %s %s\n", ev.At.UTC().Format("02 Jan 15:04"), who, told(is, ev))
	}
	s.seen = len(is.Timeline)
	if reasons != "" {
		s.printf("   %s\n", s.paint("2", "                           because "+reasons))
	}
	return nil
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
		return "writes: " + firstLine(is, ev.Comment)
	case "comment edited":
		return "brings its first comment up to date"
	case "reopened":
		return "reopens the issue"
	}
	return ev.Kind + " " + ev.Assignee
}

func firstLine(is bottest.Issue, comment int64) string {
	for _, c := range is.Comments {
		if c.ID != comment {
			continue
		}
		line, _, _ := strings.Cut(c.Body, "\n")
		for _, r := range c.Reactions {
			line += " [" + r.Content + "]"
		}
		return strings.TrimLeft(line, "# ")
	}
	return "(deleted)"
}

func (s *screen) reasons(ctx context.Context, w *world, is bottest.Issue) (string, error) {
	rows, err := w.app.store.Timeline(ctx, bot.CaseKey{Repository: w.repo.ID(), Issue: is.ID})
	if err != nil {
		return "", err
	}
	var all []string
	for _, r := range rows[min(s.rows, len(rows)):] {
		for _, reason := range r.Reasons {
			all = append(all, reason.String())
		}
	}
	s.rows = len(rows)
	return strings.Join(all, ", "), nil
}

// verdict compares the end of a story with what is written down.
func (s *screen) verdict(st bottest.Story, got bottest.Issue) bool {
	sum := bottest.Summary(got)
	if sum == st.Want {
		s.printf("   %s\n", s.paint("32", "as written: "+strings.ReplaceAll(strings.Join(strings.SplitN(sum, "\n", 3)[:2], ", "), "\n", " ")))
		return true
	}
	fmt.Fprintf(s.e.err, "\n%s did not end as written.\nWritten:\n%s\nSeen:\n%s\n", st.Name, indent(st.Want), indent(sum))
	return false
}

func indent(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }

// example shows the status comment of the first story in full: it is what a
// requester reads.
func (s *screen) example(got bottest.Issue) {
	for _, c := range got.Comments {
		s.printf("\n%s\n\n%s\n", s.paint("1", "   What "+got.Author+" reads:"), indent(c.Body))
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
