package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/recoverybot/recoverybot/bot"
	"github.com/recoverybot/recoverybot/bot/bottest"
	"github.com/recoverybot/recoverybot/policy"
)

// screen shows the demo to a person.
type screen struct {
	e     *env
	quiet bool
	seen  int // entries of the timeline that were shown
	desk  int // entries of the desk's timeline that were shown
	rows  int // rows of the audit log that were shown

	summaryShown bool // that of a request at the desk
	attacks      bool // the stories are attacks now
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
Who is who: ada is an agent of the registry's staff, hal a helper, and sue from security; the others
ask, or pass by. The desk is a private repository, where staff see all and requesters nothing.
[eyes], [+1] and [confused] are the bot's reactions to a comment: read; done; refused. "because" is
what "explain" says.
The bot never changes an account. It checks, says whose turn it is, and keeps the queue.
`, stories)
}

func (s *screen) story(n int, st bottest.Story) {
	s.seen, s.desk, s.rows = 0, 0, 0
	if st.Why != "" && !s.attacks {
		s.attacks = true
		s.printf("\n%s\n", s.paint("1;4", "Attacks that fail"))
	}
	s.printf("\n%s\n", s.paint("1", fmt.Sprintf("%d. %s", n, st.Title)))
}

// step shows what is new on the issue and at the desk, and why.
func (s *screen) step(ctx context.Context, w *world, number int) error {
	is, ok := w.repo.Issue(number)
	if !ok || s.quiet {
		return nil
	}
	reasons, err := s.reasons(ctx, w, is)
	if err != nil {
		return err
	}
	desk := w.atDesk(number)
	lines := append(news(is, is.Timeline[s.seen:]), deskNews(desk, desk.Timeline[s.desk:])...)
	s.seen, s.desk = len(is.Timeline), len(desk.Timeline)
	slices.SortStableFunc(lines, peopleFirst)
	for _, l := range lines {
		colour := "36"
		if l.who == theBot {
			colour = "33"
		}
		s.printf("%s\n", hung(fmt.Sprintf("   %s  %s ", l.at.UTC().Format("02 Jan 15:04"), s.paint(colour, fmt.Sprintf("%-8s", l.who))), l.text))
	}
	for _, r := range reasons {
		if strings.HasPrefix(r.Code, "rests-on-") || r.Code == "alert" {
			continue // a page of ids, and what was shown a moment ago
		}
		s.printf("%s\n", s.paint("2", hung(strings.Repeat(" ", margin-9)+"because  ", r.String()+": "+meaning(r.Code))))
	}
	s.deskText(desk)
	return nil
}

// mail shows that news of a mail come.
func (s *screen) mail(at time.Time, subject string) {
	s.printf("   %s  %s tells the mail hook of a mail: %q\n", at.UTC().Format("02 Jan 15:04"), s.paint("36", "(mail)  "), subject)
}

// deskText shows once what staff read at the desk, where something is
// approved.
func (s *screen) deskText(desk bottest.Issue) {
	approves := func(c bottest.Comment) bool { return !c.ByApp && strings.HasPrefix(c.Body, "/approve ") }
	if s.summaryShown || !slices.ContainsFunc(desk.Comments, approves) {
		return
	}
	s.summaryShown = true
	s.printf("\n%s\n\n%s\n\n", s.paint("1", "   What staff read at the desk at this time:"), indent(wrap(deskSummary(desk), line100)))
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
func (s *screen) verdict(st bottest.Story, got ending) bool {
	if where, written, seen := got.differs(st); where != "" {
		fmt.Fprintf(s.e.err, "\n%sthe request %q did not end as written.\nWritten:\n%s\nSeen:\n%s\n", where, st.Name, indent(written), indent(seen))
		return false
	}
	if st.Count != "" {
		s.printf("   %s\n", s.paint("32", "Counted: "+strings.ReplaceAll(got.counts, "\n", "; ")))
	}
	if st.Why != "" {
		s.printf("%s\n", strings.ReplaceAll(indent(" "+wrap("Why it fails: "+strings.ReplaceAll(st.Why, "\n", " "), line100)), "\n", "\n "))
	}
	s.printf("   %s\n", s.paint("32", "Ended as written: "+strings.Join(strings.SplitN(bottest.Summary(got.issue), "\n", 3)[:2], "; ")))
	return true
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
