package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	godiff "github.com/rogpeppe/go-internal/diff"

	"github.com/recoverybot/recoverybot/bot/bottest"
)

var (
	dates   = regexp.MustCompile(`\b\d{4}-\d\d-\d\d\b|\b\d{1,2}:\d\d\b|\b\d{1,2} (January|February|March|April|May|June|July|August|September|October|November|December)( \d{4})?\b`)
	numbers = regexp.MustCompile(`(issuecomment-)\d+`)
	// The forecast is made of how long things took, and nothing is more different from run to run.
	forecast = regexp.MustCompile(`(?m)\s*\bLately, [^.\n]* within [^.\n]*\.`)
	marked   = regexp.MustCompile(`<!-- recoverybot: (.*?) -->\s*\z`)
)

// plain takes out of a comment of ours what differs from run to run: dates, ids, and the
// forecast.
func plain(text string) string {
	return numbers.ReplaceAllString(dates.ReplaceAllString(forecast.ReplaceAllString(text, ""), "DATE"), "${1}ID")
}

// picture is an issue as people see it, but for dates and ids. Comments of
// ours and of people are apart: which comes first is not the bot's choice.
func picture(is bottest.Issue) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s\nlabels: %s\nassigned: %s\n", is.State, is.StateReason,
		strings.Join(slices.Sorted(slices.Values(is.Labels)), ", "), strings.Join(slices.Sorted(slices.Values(is.Assignees)), ", "))
	for _, ours := range []bool{true, false} {
		for _, c := range is.Comments {
			if c.ByApp != ours {
				continue
			}
			fmt.Fprintf(&b, "%s:%s\n", c.Author, reactions(c))
			for line := range strings.Lines(plain(c.Body)) {
				b.WriteString("    " + strings.TrimRight(line, "\n") + "\n")
			}
		}
	}
	return b.String()
}

func reactions(c bottest.Comment) string {
	var all []string
	for _, r := range c.Reactions {
		all = append(all, " ["+r.Content+"]")
	}
	slices.Sort(all)
	return strings.Join(all, "")
}

// doubled lists the markers that more than one comment of ours has.
func doubled(is bottest.Issue) []string {
	var seen, twice []string
	for _, c := range is.Comments {
		m := marked.FindStringSubmatch(c.Body)
		if !c.ByApp || m == nil {
			continue
		}
		if slices.Contains(seen, m[1]) && !slices.Contains(twice, m[1]) {
			twice = append(twice, m[1])
		}
		seen = append(seen, m[1])
	}
	return twice
}

// deeds lists, sorted, what the bot changed on an issue; edits of its comments are not among
// them, for of two that wait only the second is made.
func deeds(is bottest.Issue, bot string) []string {
	all := []string{}
	for _, e := range is.Timeline {
		if e.Actor == bot && e.Kind != "comment edited" {
			all = append(all, e.String())
		}
	}
	slices.Sort(all)
	return all
}

// diff tells how two texts differ, by line.
func diff(want, got string) string {
	var b strings.Builder
	for line := range strings.Lines(string(godiff.Diff("-", []byte(want+"\n"), "+", []byte(got+"\n")))) {
		if !strings.HasPrefix(line, "---") && !strings.HasPrefix(line, "+++") && (line[0] == '-' || line[0] == '+') {
			b.WriteString("      " + line)
		}
	}
	return b.String()
}
